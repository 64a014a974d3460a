"""The disk fills up under the journal and the site: ingest says so before it is too late, nothing acknowledged is lost, and all recovers with room (I1, I9)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.agreement import settled
from tests.tree import ROOT, Tree, load, running_tree, wait_until

MIB = 1024 * 1024
DISK_MIB, RESERVE_MIB = 96, 24


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "none", str(folder)], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"a small disk can't be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Sender:
    """Sends single events, and remembers what was acknowledged."""

    def __init__(self, tree: Tree) -> None:
        self._client, self.number = httpx.Client(base_url=tree.url, headers={"Authorization": f"Bearer {tree.key}"}, timeout=15), 0
        self.positions: dict[str, str] = {}

    def send(self) -> httpx.Response:
        event = {"event_id": f"e{self.number}", "outage_id": f"o{self.number}", "occurred_at": "2026-01-01T12:00:00Z", "status": "active"}
        answer = self._client.post("/ingest/v1/events", json=event | {"customers_affected": 20, "areas": ["K2G"]})
        if answer.status_code == 202:
            self.positions[f"e{self.number}"] = answer.json()["position"]
            self.number += 1
        else:
            assert answer.status_code in (502, 503), answer.text
            assert answer.json()["detail"]
        return answer

    def until(self, status: int, name: str = "") -> dict[str, Any]:
        """Send until it is answered so."""

        def answered() -> dict[str, Any] | None:
            answer = self.send()
            return answer.json() if answer.status_code == status and name in answer.json().get("type", "") else None

        return dict(wait_until(answered, 60, f"{status} {name}"))


def fill(folder: Path, leave_mib: float) -> Path:
    """Something else takes the room, but for so much."""
    other = folder / "other"
    with other.open("wb") as file:
        for size in (MIB, 4096):
            while _free(folder) > leave_mib * MIB + size:
                file.write(b"x" * size)
                file.flush()
    return other


def _free(folder: Path) -> int:
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize


def kept(tree: Tree) -> dict[str, str]:
    env = {**os.environ, "SURGECAST_DATA": str(tree.data)}
    said = subprocess.run([sys.executable, "-m", "services", "export"], cwd=ROOT, env=env, capture_output=True, check=True, timeout=60)
    return {row["event_id"]: row["position"] for row in map(json.loads, said.stdout.splitlines())}


def test_a_disk_that_fills_up_loses_nothing_and_is_told_in_time(small_disk: Path) -> None:
    with running_tree(small_disk, SURGECAST_INGEST_DISK_MIN_MIB=str(RESERVE_MIB), SURGECAST_HEARTBEAT_S="1") as tree:
        sender = Sender(tree)
        sender.until(202)
        other = fill(small_disk, RESERVE_MIB - 4)
        refusal = sender.until(503, "disk-full")
        assert "SURGECAST_INGEST_DISK_MIN_MIB" in refusal["detail"]
        settled(tree, sender.positions[f"e{sender.number - 1}"])  # the reserve is what outputs live on meanwhile
        other.unlink()
        sender.until(202)

        other = fill(small_disk, 0)
        sender.until(503)
        wait_until(lambda: not tree.is_ready(), 30, "Redis can't write what the heartbeats are")
        assert load(tree.get("/feeds/v1/en/summary.json"))["outages"] > 0, "the public side is served from what is there"
        other.unlink()
        sender.until(202)
        wait_until(tree.is_ready, 30, "the tree is ready again")
        settled(tree, sender.positions[f"e{sender.number - 1}"], timeout_s=60)
        assert kept(tree) == sender.positions
        assert load(tree.get("/feeds/v1/en/summary.json"))["outages"] == len(sender.positions)
