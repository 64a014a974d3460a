"""The largest storm we have, replayed as fast as the tree takes it: does anything fall behind, and how much memory does it all need?

`python -m loadtests.bench.replay [RUNS]`. Needs the recorded storms (see tests/storms.py); says so and ends well where they are absent.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

from loadtests.bench.figures import row
from tests.storms import SHARED
from tests.tree import ROOT, Tree, running_tree

STORM = SHARED / "pge-psps-2019-10.ndjson.xz"
BEHIND = ("surgecast_journal_oldest_unprocessed_seconds", "surgecast_due_oldest_seconds")


def watch(tree: Tree, stop: threading.Event, seen: dict[str, float]) -> None:
    """Note the largest lag and memory until `stop`."""
    while not stop.wait(0.5):
        seen["rss_mb"] = max(seen.get("rss_mb", 0), tree.rss_mb())
        try:
            text = tree.get("/metrics").text
        except httpx.HTTPError:
            seen["unanswered"] = seen.get("unanswered", 0) + 1
            continue
        for name, labels, value in re.findall(r"^(surgecast_\w+?)(\{[^}]*\})? ([\d.e+-]+)$", text, re.MULTILINE):
            if name in BEHIND and "social" not in labels:
                seen["behind_s"] = max(seen.get("behind_s", 0), float(value))


def run_once(folder: Path) -> dict[str, float]:
    """One fresh tree, one replay."""
    with running_tree(folder) as tree:
        seen: dict[str, float] = {}
        stop = threading.Event()
        watcher = threading.Thread(target=watch, args=(tree, stop, seen))
        watcher.start()
        started = time.monotonic()
        argv = [sys.executable, "-m", "services", "replay", str(STORM), "--speed", "max", "--url", tree.url, "--key", tree.key]
        done = subprocess.run(argv, cwd=ROOT, env={**os.environ, "SURGECAST_DATA": str(tree.data)}, capture_output=True, text=True, check=False)
        seen["replay_s"] = time.monotonic() - started
        stop.set()
        watcher.join()
        if done.returncode:
            raise SystemExit(done.stdout[-3000:] + done.stderr[-3000:])
        reached = [float(found) for found in re.findall(r"^ (?:\S.*?) {2,}([\d.]+) s\s*$", done.stdout, re.MULTILINE)]
        seen["reached_s"] = max(reached)
        print(done.stdout[-1500:], flush=True)
        return seen


def main(runs: int) -> None:
    """`runs` replays, each into a fresh tree; then the medians."""
    if not STORM.exists():
        print("not measured: the recorded storms are not here (set SURGECAST_SHARED)")
        return
    results = []
    for number in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            results.append(run_once(Path(folder)))
        print(f"run {number + 1} of {runs}: {results[-1]}", flush=True)
    for name, unit, asked in (
        ("reached_s", "s after the last acknowledgement until every output has the last position", "2"),
        ("behind_s", "s the relay and workers were behind at most", "5"),
        ("rss_mb", "MB resident in the whole tree at most (shared pages counted for each process)", "900"),
        ("replay_s", "s for 420 pictures", ""),
    ):
        print(row(name, [result.get(name, 0.0) for result in results], unit, asked))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
