"""`surgecast replay` and `demo` against a running tree."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.tree import ROOT, load, replay, running_tree, wait_until

DEMO = ROOT / "loadtests" / "storms" / "demo.ndjson"


def test_a_replay_goes_on_when_ingest_is_killed_under_it(tmp_path: Path) -> None:
    """Nothing is sent twice in effect: accepted and duplicate make up the whole."""
    with running_tree(tmp_path) as tree:
        argv = [sys.executable, "-m", "services", "replay", str(DEMO), "--speed", "2000", "--url", tree.url]
        process = subprocess.Popen(
            argv, cwd=ROOT, env={**os.environ, "SURGECAST_DATA": str(tree.data)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        wait_until(lambda: tree.get("/feeds/v1/en/summary.json").json()["outages"] > 20, 60, "the storm is under way")
        for pid in tree.pids("services", "ingest"):
            os.kill(pid, signal.SIGKILL)
        said, errors = process.communicate(timeout=120)
        assert process.returncode == 0, said + errors
        assert "tried again" in said
        assert "0 stale, 0 rejected" in said
        events = len(DEMO.read_text().splitlines())
        accepted, duplicate = (int(part.split()[0].replace(",", "")) for part in said.split("Events: ")[1].split(", ")[:2])
        assert accepted + duplicate == events


def test_the_demo_begins_now_and_another_one_is_another_storm(tmp_path: Path) -> None:
    with running_tree(tmp_path) as tree:
        env = {**os.environ, "SURGECAST_DATA": str(tree.data)}
        argv = [sys.executable, "-m", "services", "demo", "--speed", "max", "--url", tree.url]
        first = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert first.returncode == 0, first.stdout + first.stderr
        after_one = load(tree.get("/feeds/v1/fr/summary.json"))
        assert after_one["outages"] > 0
        second = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert second.returncode == 0, second.stdout + second.stderr
        after_two = load(tree.get("/feeds/v1/fr/summary.json"))
        assert after_two["outages"] == 2 * after_one["outages"], (after_one["position"], after_two["position"], first.stdout, second.stdout)


def test_what_is_wrong_is_said_plainly(tmp_path: Path) -> None:
    with running_tree(tmp_path) as tree:
        wrong_key = replay(tree, DEMO, "--key", "sgc_wrong")
        assert (wrong_key.returncode, "Traceback" in wrong_key.stderr) == (1, False)
        assert "--key" in wrong_key.stderr
        wrong_format = replay(tree, DEMO, "--format", "nosuch")
        assert wrong_format.returncode == 1
        assert "line 1" in wrong_format.stderr
        assert replay(tree, tmp_path / "missing.ndjson").returncode == 2
        assert replay(tree, DEMO, "--speed", "0").returncode == 1
