"""kill -9 of one part in the middle of a storm: nothing acknowledged is lost, and every output converges (I1, I4).

Each part once here, on the storm that the repository carries; SURGECAST_KILLS sets how often each is tried (`make chaos-each`: 5).
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.agreement import settled
from tests.tree import ROOT, Tree, load, running_tree, wait_until

DEMO = ROOT / "loadtests" / "storms" / "demo.ndjson"
KILLS = int(os.environ.get("SURGECAST_KILLS", "1"))
BATCHES = 60
SEND_FOR_S = 4.0


def pids_of(tree: Tree, part: str) -> list[int]:
    """The processes of one part."""
    if part == "redis":
        return tree.pids("valkey") or tree.pids("redis-server")
    return tree.pids("services", part)


def newest_of(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The newest event of each outage, told by sequence and time (independently of the product)."""
    newest: dict[str, dict[str, Any]] = {}
    for event in events:
        known = newest.get(event["outage_id"])
        if known is None or (event.get("sequence", 0), event["occurred_at"]) >= (known.get("sequence", 0), known["occurred_at"]):
            newest[event["outage_id"]] = event
    return newest


def send(tree: Tree, events: list[dict[str, Any]], kill: Any) -> str:
    """Send each batch until it is acknowledged, never again after; kill one part half-way. Returns the last position."""
    size, position = -(-len(events) // BATCHES), ""
    with httpx.Client(base_url=tree.url, headers={"Authorization": f"Bearer {tree.key}"}, timeout=15) as client:
        for number, start in enumerate(range(0, len(events), size)):
            if number == BATCHES // 2:
                kill()
            deadline = time.monotonic() + 60
            while True:
                try:
                    answer = client.post("/ingest/v1/events", json={"events": events[start : start + size]})
                    if answer.status_code == 202:
                        position = answer.json()["position"]
                        break
                    assert answer.status_code in (429, 502, 503), answer.text
                except httpx.TransportError:
                    pass
                assert time.monotonic() < deadline, "ingest did not come back within 60 s"
                time.sleep(0.1)
            time.sleep(SEND_FOR_S / BATCHES)
    return position


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    with running_tree(tmp_path_factory.mktemp("killed")) as running:
        yield running


def storm(name: str) -> list[dict[str, Any]]:
    """The demo storm, as one of its own."""
    events = [json.loads(line) for line in DEMO.read_text().splitlines()]
    return [event | {"outage_id": f"{name}:{event['outage_id']}", "event_id": f"{name}:{event['event_id']}"} for event in events]


@pytest.mark.parametrize("attempt", range(KILLS))
@pytest.mark.parametrize("part", ["redis", "relay", "worker", "ingest"])
def test_nothing_acknowledged_is_lost_when_a_part_is_killed(tree: Tree, part: str, attempt: int) -> None:
    """kill -9 half-way through the storm; afterwards the map is the fold of what was acknowledged, and all outputs agree."""
    events = storm(f"{part}-{attempt}")
    killed = pids_of(tree, part)
    assert killed, f"no process of {part} found"

    def kill() -> None:
        for pid in pids_of(tree, part):
            os.kill(pid, signal.SIGKILL)

    before = load(tree.get("/feeds/v1/en/summary.json"))["outages"]
    position = send(tree, events, kill)
    settled(tree, position, timeout_s=60)
    wait_until(tree.is_ready, 30, "the tree is ready again")
    assert not set(pids_of(tree, part)) & set(killed), "the killed process is still there"
    shown = {feature["properties"]["outage_id"] for feature in load(tree.get("/feeds/v1/en/outages.geojson"))["features"]}
    want = {outage_id for outage_id, event in newest_of(events).items() if event["status"] == "active"}
    assert {outage_id for outage_id in shown if outage_id.startswith(f"{part}-{attempt}:")} == want
    assert load(tree.get("/feeds/v1/en/summary.json"))["outages"] == len(shown) == before + len(want)
