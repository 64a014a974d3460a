"""The one origin: whose a request is."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from services.cli.up.front import Origin
from services.cli.up.part import Health
from services.cli.up.readers import Readers
from services.kit.guard import Guard
from services.kit.refusal import BUSY, Refusal
from services.kit.settings import Settings


def guarded(public: ASGIApp, pressure: Callable[[bool], Refusal | None] = lambda _bulk: None) -> Guard:
    return Guard(public, "public", Settings(_env_file=None), pressure)


async def well() -> Health:
    return Health(True, {})


@pytest.mark.parametrize(("path", "refused"), [("/en/", True), ("*", True), ("/ingest/v1/events", False), ("/healthz", False), ("/metrics", False)])
def test_what_the_public_side_can_not_take_is_refused_and_the_rest_is_let_through(path: str, refused: bool) -> None:
    async def served(*_message: object) -> None:
        raise AssertionError

    async def story() -> list[Refusal | None]:
        heard: list[Refusal | None] = []
        origin = Origin(guarded(served, lambda _bulk: BUSY), {"ingest": served}, well, Readers())
        assert origin.ask({"type": "http", "path": path, "method": "GET", "headers": []}, heard.append) is None
        return heard

    assert asyncio.run(story()) == [BUSY if refused else None]


@pytest.mark.parametrize(("path", "whose"), [("/ingest/v1/events", "ingest"), ("/en/", "public"), ("/", "public"), ("*", "public"), ("", "public")])
def test_a_request_is_given_to_whom_its_path_belongs_even_when_it_names_no_path(path: str, whose: str) -> None:
    asked: list[str] = []

    def who(name: str):
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            asked.append(name)

        return answer

    async def unused(*_message) -> None:
        raise AssertionError

    origin = Origin(guarded(who("public")), {"ingest": who("ingest")}, well, Readers())
    asyncio.run(origin({"type": "http", "method": "GET", "path": path, "headers": []}, unused, unused))
    assert asked == [whose]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_its_own_addresses_are_only_read(path: str) -> None:
    async def unready() -> Health:
        return Health(False, {"voice": "not started yet"})

    async def public(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async def ask(method: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(Origin(guarded(public), {}, unready, Readers())), base_url="http://origin") as client:
            return await client.request(method, path)

    assert [asyncio.run(ask(method)).status_code for method in ("GET", "HEAD")] == [503 if path == "/readyz" else 200] * 2
    refused = asyncio.run(ask("POST"))
    assert (refused.status_code, refused.headers["allow"], refused.json()["status"]) == (405, "GET, HEAD", 405)


def test_it_is_ready_while_a_part_is_missing_that_another_stands_in_for_and_names_it() -> None:
    async def health() -> Health:
        return Health(True, {"ingest-2": "not started yet"})

    async def public(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(Origin(guarded(public), {}, health, Readers())), base_url="http://origin") as client:
            return await client.get("/readyz")

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.json()) == (200, {"service": "origin", "ready": True, "reasons": {"ingest-2": "not started yet"}})


PROXIED = [(b"x-forwarded-for", b"127.0.0.1")]


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", [], 200),
        ("::1", [], 200),
        ("::ffff:127.0.0.1", [], 200),
        ("127.0.0.1", PROXIED, 403),
        ("203.0.114.7", [], 403),
        ("203.0.114.7", PROXIED, 403),
        ("192.168.1.5", [], 403),
        ("10.1.2.3", [], 200),
        ("10.1.2.3", PROXIED, 403),
        ("10.1.2.3 told", PROXIED, 200),
        ("", [], 403),
    ],
)
def test_the_metrics_are_for_this_machine_and_for_whom_the_settings_name(client: str, headers: list[tuple[bytes, bytes]], status: int) -> None:
    async def unused(*_message: object) -> None:
        raise AssertionError

    async def story() -> list[int]:
        told: list[int] = []

        async def send(message: Any) -> None:
            told.append(message.get("status", 0))

        settings = Settings(_env_file=None, metrics_readers="10.0.0.0/8, 198.51.100.4")
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/metrics",
            "headers": headers,
            "client": (client.split()[0], 0 if "told" in client else 1) if client else None,
        }
        await Origin(guarded(unused), {}, well, Readers(settings.metrics_readers))(scope, unused, send)
        return told

    assert asyncio.run(story())[0] == status


def test_a_network_that_is_none_is_named_at_the_start() -> None:
    with pytest.raises(ValueError, match="metrics_readers"):
        Settings(_env_file=None, metrics_readers="everybody")
