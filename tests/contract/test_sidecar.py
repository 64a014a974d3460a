"""The health of processes that aren't HTTP services has the same shape as that of those that are."""

from collections.abc import Iterator

import httpx
import pytest

from services.kit import sidecar

REASONS: dict[str, str] = {}
HUNG: dict[str, str] = {}


@pytest.fixture
def origin() -> Iterator[str]:
    REASONS.clear()
    HUNG.clear()
    server = sidecar.serve("relay", "127.0.0.1", 0, lambda: REASONS, lambda: HUNG)
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_it_is_alive_and_ready_when_nothing_is_wrong(origin: str) -> None:
    assert httpx.get(f"{origin}/healthz").json() == {"service": "relay", "status": "alive"}
    ready = httpx.get(f"{origin}/readyz?x=1")
    assert (ready.status_code, ready.json()) == (200, {"service": "relay", "ready": True, "reasons": {}})


def test_it_is_not_ready_and_says_why_when_something_is_wrong(origin: str) -> None:
    REASONS["loop"] = "last turned 7 s ago"
    ready = httpx.get(f"{origin}/readyz")
    assert (ready.status_code, ready.json()) == (503, {"service": "relay", "ready": False, "reasons": {"loop": "last turned 7 s ago"}})
    assert httpx.get(f"{origin}/healthz").status_code == 200


def test_it_is_not_alive_when_its_loop_hangs(origin: str) -> None:
    HUNG["loop"] = "last turned 7 s ago"
    health = httpx.get(f"{origin}/healthz")
    assert (health.status_code, health.json()) == (503, {"service": "relay", "status": "hung", "reasons": {"loop": "last turned 7 s ago"}})


def test_metrics_are_served_and_other_paths_are_not(origin: str) -> None:
    assert "surgecast_doorbells_total" in httpx.get(f"{origin}/metrics").text
    assert httpx.get(f"{origin}/etc/passwd").status_code == 404
    assert httpx.post(f"{origin}/metrics").status_code == 501


def test_a_loop_is_ready_only_while_it_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [0.0]
    monkeypatch.setattr(sidecar.time, "monotonic", lambda: seconds[0])
    pulse = sidecar.Pulse("loop", 5)
    assert pulse.reasons()
    pulse.beat()
    seconds[0] = 5
    assert not pulse.reasons()
    seconds[0] = 5.1
    assert pulse.reasons() == pulse.hung() == {"loop": "last turned 5 s ago"}
    pulse.beat()
    assert not pulse.reasons()
    pulse.stop()
    assert pulse.reasons()
    seconds[0] = 99
    assert not pulse.hung(), "what waits for Redis does not hang"
