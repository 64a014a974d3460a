"""The one origin: whose a request is."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from services.cli.up.front import Origin


@pytest.mark.parametrize(("path", "whose"), [("/ingest/v1/events", "ingest"), ("/en/", "public"), ("/", "public"), ("*", "public"), ("", "public")])
def test_a_request_is_given_to_whom_its_path_belongs_even_when_it_names_no_path(path: str, whose: str) -> None:
    asked: list[str] = []

    def who(name: str):
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            asked.append(name)

        return answer

    async def unready() -> Mapping[str, str]:
        return {}

    async def unused(*_message) -> None:
        raise AssertionError

    origin = Origin(who("public"), {"ingest": who("ingest")}, unready)
    asyncio.run(origin({"type": "http", "path": path}, unused, unused))
    assert asked == [whose]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_its_own_addresses_are_only_read(path: str) -> None:
    async def unready() -> Mapping[str, str]:
        return {"voice": "not started yet"}

    async def public(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async def ask(method: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(Origin(public, {}, unready)), base_url="http://origin") as client:
            return await client.request(method, path)

    assert [asyncio.run(ask(method)).status_code for method in ("GET", "HEAD")] == [503 if path == "/readyz" else 200] * 2
    refused = asyncio.run(ask("POST"))
    assert (refused.status_code, refused.headers["allow"], refused.json()["status"]) == (405, "GET, HEAD", 405)
