"""`surgecast replay` and `demo` against a running tree."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tree import ROOT, Tree, load, replay, running_tree, wait_until

DEMO = ROOT / "loadtests" / "storms" / "demo.ndjson"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    with running_tree(tmp_path_factory.mktemp("replay")) as running:
        yield running


def outages(tree: Tree) -> int:
    return int(load(tree.get("/feeds/v1/fr/summary.json"))["outages"])


def test_a_replay_goes_on_when_ingest_is_killed_under_it(tree: Tree) -> None:
    """Nothing is sent twice in effect: accepted and duplicate make up the whole."""
    argv = [sys.executable, "-m", "services", "replay", str(DEMO), "--speed", "2000", "--url", tree.url]
    process = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, "SURGECAST_DATA": str(tree.data)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: outages(tree) > 20, 60, "the storm is under way")
    for pid in tree.pids("services", "ingest"):
        os.kill(pid, signal.SIGKILL)
    said, errors = process.communicate(timeout=300)
    assert process.returncode == 0, said + errors
    assert "tried again" in said
    assert "0 stale, 0 rejected" in said
    events = len(DEMO.read_text().splitlines())
    accepted, duplicate = (int(part.split()[0].replace(",", "")) for part in said.split("Events: ")[1].split(", ")[:2])
    assert accepted + duplicate == events


def test_the_demo_begins_now_and_another_one_is_another_storm(tree: Tree) -> None:
    argv = [sys.executable, "-m", "services", "demo", "--speed", "max", "--url", tree.url]
    after = [outages(tree)]
    for _ in range(2):
        done = subprocess.run(argv, cwd=ROOT, env={**os.environ, "SURGECAST_DATA": str(tree.data)}, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        after.append(outages(tree))
    assert after[2] - after[1] == after[1] - after[0] > 0


def test_what_is_wrong_is_said_plainly(tree: Tree, tmp_path: Path) -> None:
    wrong_key = replay(tree, DEMO, "--key", "sgc_wrong")
    assert (wrong_key.returncode, "Traceback" in wrong_key.stderr) == (1, False)
    assert "--key" in wrong_key.stderr
    wrong_format = replay(tree, DEMO, "--format", "nosuch")
    assert wrong_format.returncode == 1
    assert "line 1" in wrong_format.stderr
    assert replay(tree, tmp_path / "missing.ndjson").returncode == 2
    assert replay(tree, DEMO, "--speed", "0").returncode == 1
