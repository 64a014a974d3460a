"""Who is let in at the front door, and what the others are told."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from services.adapters.keys_memory import MemoryKeys
from services.ingest.auth import Doorkeeper
from services.kernel.keys import SCOPES, Scope
from services.kernel.ports.keys import Rights
from services.kit.http import Problem
from services.kit.metrics import AUTH_FAILURES
from tests.contract.ingest_door import Door, door_over, event, feature
from tests.examples import examples


def _failures(reason: str) -> float:
    return AUTH_FAILURES.labels(reason)._value.get()


def _refused(door: Door, answer: httpx.Response, status: int, name: str, reason: str, before: float) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:surgecast:problem:{name}"), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert _failures(reason) == before + 1
    assert door.entries() == []
    return answer.json()


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        ("", "missing"),
        ("Basic c2djOnNnYw==", "missing"),
        ("Bearer", "missing"),
        ("Bearer sgc_", "malformed"),
        ("Bearer " + "x" * 5_000, "malformed"),
        ("Bearer eyJhbGciOiJub25lIn0.e30.", "malformed"),
        ("Bearer sgc_00000000_" + "0" * 64, "unknown"),
    ],
)
def test_a_sender_without_a_good_key_is_told_so_and_the_key_is_not_repeated(authorization: str, reason: str) -> None:
    with door_over("memory") as door:
        before = _failures(reason)
        problem = _refused(door, door.events(event(), Authorization=authorization), 401, "unauthorized", reason, before)
    assert authorization.partition(" ")[2][:20] not in str(problem) or not authorization.partition(" ")[2]


def test_an_expired_key_is_told_that_it_expired_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with door_over("memory") as door:
        door.keys._clock = door.clock
        ends = door.clock.now() + timedelta(hours=1)
        key = door.keys.create("oms", Rights(scopes=frozenset(SCOPES), expires_at=ends))  # type: ignore[arg-type]
        door.clock.time = ends - timedelta(microseconds=1)
        assert door.events(event(), Authorization=f"Bearer {key}").status_code == 202
        door.clock.time = ends
        before = _failures("expired")
        answer = door.events(event(2), Authorization=f"Bearer {key}")
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:surgecast:problem:key-expired")
        assert _failures("expired") == before + 1
        key_id = key.split("_")[1]
        assert "expired at 2024-11-20T13:00:00Z" in answer.json()["detail"]
        assert f"surgecast keys rotate {key_id}" in answer.json()["detail"]
        assert len(door.entries()) == 1
        door.clock.time = ends - timedelta(minutes=1)
        successor = door.keys.rotate(key_id, timedelta(hours=24), ends + timedelta(days=1))
        assert successor is not None
        door.clock.time = ends
        assert successor.split("_")[1] in door.events(event(2), Authorization=f"Bearer {key}").json()["detail"], "it names the one to use"
        assert door.events(event(2), Authorization=f"Bearer {successor}").status_code == 202
        assert "".join(capsys.readouterr()).find(key) == -1


def test_a_key_sends_only_what_it_may() -> None:
    with door_over("memory") as door:
        header = "Bearer " + door.keys.create("oms", Rights(scopes=frozenset({"snapshots"}), formats=frozenset({"kubra", "pge"})))  # type: ignore[arg-type]
        before = _failures("scope")
        problem = _refused(door, door.events(event(), Authorization=header), 403, "scope", "scope", before)
        assert "may not send events" in problem["detail"]
        before = _failures("format")
        picture = door.run(door.sending("/ingest/v1/snapshots/geojson", {"type": "FeatureCollection", "features": [feature("o1")]}, Authorization=header))
        assert "in kubra, pge only" in _refused(door, picture, 403, "format", "format", before)["detail"]


@given(st.binary(max_size=200) | st.builds(lambda tail: b"Bearer sgc_" + tail, st.binary(max_size=90)))
@settings(max_examples=examples(25), deadline=None)
def test_whatever_stands_in_the_header_is_refused_and_breaks_nothing(header: bytes) -> None:
    request = Request({"type": "http", "headers": [(b"authorization", header)]})
    keys = MemoryKeys()
    with pytest.raises(Problem) as refused:
        asyncio.run(Doorkeeper(keys, None, keys._clock, 1).holder(request, Scope.EVENTS))
    assert refused.value.status == 401
