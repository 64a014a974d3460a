"""`surgecast up`: comes up whole, goes down whole, keeps what it has, and says plainly why it can't."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from tests.tree import PATIENCE, ROOT, TRUST, Tree, descendants, free_port, load, replay, running_tree, wait_until

DEMO = ROOT / "loadtests" / "storms" / "demo.ndjson"
ENDS_WITHIN_S = 15


def _up(data: Path, port: int, *command: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PORT": str(port), "SURGECAST_DATA": str(data)}
    argv = command or (sys.executable, "-m", "services", "up")
    return subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def _ready(tree: Tree) -> None:
    wait_until(tree.is_ready, 60, "the tree is ready")


@pytest.fixture(scope="module")
def watchful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """One tree for all that is done to a tree without ending it. Two processes take events in; what hangs is found soon."""
    environment = {"SURGECAST_UP_ALIVE_EVERY_S": "0.5", "SURGECAST_UP_HUNG_S": "4", "SURGECAST_KEY_CACHE_S": "0", "SURGECAST_UP_INGEST_PROCESSES": "2"}
    with running_tree(tmp_path_factory.mktemp("watchful"), **environment) as tree:
        yield tree


def _all_serve(tree: Tree) -> bool:
    return bool(tree.get("/readyz").json()["reasons"] == {})


def _restarts(tree: Tree, part: str) -> int:
    found = re.search(rf'surgecast_process_restarts_total{{service="{part}"}} (\d+)', tree.get("/metrics").text)
    return int(found[1]) if found else 0


def _all_gone(pids: dict[int, list[str]]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] for pid in pids)


def _refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_data_folder_is_private_and_one_tree_alone_runs_on_it(watchful: Tree, tmp_path: Path) -> None:
    assert watchful.data.stat().st_mode & 0o777 == 0o700
    assert (watchful.data / "demo.key").stat().st_mode & 0o777 == 0o600
    second = _up(watchful.data, free_port())
    _, said = second.communicate(timeout=120)
    assert second.returncode == 1
    assert f"already runs on {watchful.data} (process {watchful.process.pid})" in said
    third = _up(tmp_path / "other", int(watchful.url.rsplit(":", 1)[1]))
    _, said = third.communicate(timeout=120)
    assert third.returncode == 1
    assert "can't be used" in said
    assert "Traceback" not in said


def test_the_origin_tells_the_health_and_the_numbers_of_the_whole_tree(watchful: Tree) -> None:
    wait_until(lambda: _all_serve(watchful), 30, "all parts serve")
    assert load(watchful.get("/healthz")) == {"service": "origin", "status": "alive"}
    assert load(watchful.get("/readyz")) == {"service": "origin", "ready": True, "reasons": {}}
    assert replay(watchful, DEMO).returncode == 0
    assert watchful.ask("How many customers are without power?")["intent"] == "outage_counts"

    def numbers() -> bool:
        text = watchful.get("/metrics").text
        wanted = (
            "surgecast_ingest_events_total{",
            "surgecast_turns_total{",
            "surgecast_tasks_total{",
            "surgecast_relay_folded_entries_total ",
            "surgecast_rendered_documents_total{",
        )
        return all(name in text for name in wanted)

    wait_until(numbers, 20, "each part's numbers are there")


def test_a_killed_part_is_named_by_readyz_and_started_again(watchful: Tree) -> None:
    (voice,) = watchful.serving("voice")
    before = _restarts(watchful, "voice")
    os.kill(voice, signal.SIGKILL)
    wait_until(lambda: "voice" in watchful.get("/readyz").json()["reasons"], 5, "readyz names voice")
    _ready(watchful)
    assert voice not in watchful.serving("voice")
    assert _restarts(watchful, "voice") == before + 1


def test_where_one_ingest_is_killed_the_next_request_is_taken_by_the_other(watchful: Tree) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {watchful.key}"}, timeout=30) as sender:

        def send(event_id: str) -> int:
            event = {"event_id": event_id, "outage_id": "o", "occurred_at": "2024-11-20T10:00:00Z", "status": "active"}
            return sender.post(f"{watchful.url}/ingest/v1/events", json=event).status_code

        wait_until(lambda: _all_serve(watchful), 30, "both serve")
        assert send("before") == 202
        missed = []
        for number, killed in enumerate(watchful.pids("services", "ingest")):
            os.kill(killed, signal.SIGKILL)
            health = wait_until(lambda: (found := watchful.get("/readyz")).json()["reasons"] and found, 5, "readyz names it")
            assert send(f"without-{number}") == 202
            assert health.status_code == 200
            missed += list(health.json()["reasons"])
            wait_until(lambda: _all_serve(watchful), 30, "both serve again")
        assert sorted(missed) == ["ingest", "ingest-2"]
        assert all(_restarts(watchful, name) for name in missed)


@pytest.mark.parametrize("words", [("services", "ingest"), ("services", "worker", "site"), ("-server 127.0.0.1",)], ids=["ingest", "worker", "redis"])
def test_a_hung_part_is_killed_and_started_again(watchful: Tree, words: tuple[str, ...]) -> None:
    wait_until(lambda: _all_serve(watchful), 30, "all parts serve")
    hung, before = min(watchful.pids(*words)), watchful.log().count("up.hung")
    time.sleep(2)  # four times the interval: it is seen to be alive
    os.kill(hung, signal.SIGSTOP)
    wait_until(lambda: hung not in watchful.pids(*words) and watchful.pids(*words), 20, "another process has its place")
    _ready(watchful)
    assert watchful.log().count("up.hung") > before


def test_senders_need_no_new_key_when_redis_has_lost_its_data(watchful: Tree) -> None:
    config = (watchful.data / "redis" / "redis.conf").read_text()
    assert "\nmaxmemory 1024mb\n" in config
    port, password = (re.search(rf"^{name} (\S+)", config, re.MULTILINE)[1] for name in ("port", "requirepass"))  # type: ignore[index]
    with redis.Redis(port=int(port), password=password) as link:
        link.flushall()

    def taken() -> bool:
        event = {"event_id": "e", "outage_id": "o", "occurred_at": "2024-11-20T10:00:00Z", "status": "active"}
        return (
            httpx.post(
                f"{watchful.url}/ingest/v1/events", json=event, headers={"Authorization": f"Bearer {watchful.key}"}, timeout=30, verify=TRUST
            ).status_code
            == 202
        )

    wait_until(taken, 15, "the key is good again")


def test_the_storm_is_still_there_and_nothing_is_left_however_the_tree_ended(tmp_path: Path) -> None:
    """Its supervisor killed, then ended by SIGTERM, then by Ctrl-C: what comes next finds lock, ports and data free, and shows what was shown."""
    port, data = free_port(), tmp_path / "data"
    process = _up(data, port)
    tree = Tree(process, f"http://127.0.0.1:{port}", data)  # type: ignore[arg-type]
    _ready_or_killed(tree)
    _replayed(tree)
    before, key, below = _shown(tree), tree.key, descendants(process.pid)
    assert before["outages"] > 0
    assert len(below) >= 7, below
    process.send_signal(signal.SIGKILL if sys.platform == "linux" else signal.SIGTERM)  # the signal at a parent's death is Linux's
    process.wait(ENDS_WITHIN_S * PATIENCE)
    wait_until(lambda: _all_gone(below), ENDS_WITHIN_S, f"all of {below} are gone")
    assert _refuses(port), "the port is still served"
    for number in (signal.SIGTERM, signal.SIGINT):
        with _made_up(tmp_path, number) as tree:
            assert (_shown(tree), tree.key) == (before, key)
            assert "0 accepted" in _replayed(tree)


def _replayed(tree: Tree) -> str:
    done = replay(tree, DEMO)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _shown(tree: Tree) -> dict[str, Any]:
    summary = load(tree.get("/feeds/v1/en/summary.json"))
    return {name: summary[name] for name in ("position", "outages", "customers_affected", "areas")}


def _ready_or_killed(tree: Tree) -> None:
    def ready() -> bool:
        try:
            return tree.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_until(ready, 60, "the tree is ready")
    except BaseException:
        tree.process.terminate()
        raise


@contextmanager
def _made_up(folder: Path, number: signal.Signals) -> Iterator[Tree]:
    """`make up` on the data in `folder`, ready; then it ends by the signal, in time and with all that it started."""
    (folder / ".learnt").touch()  # the environment is there: this one
    port, data = free_port(), folder / "data"
    process = _up(data, port, "make", "up", f"VENV={folder}", f"BIN={Path(sys.executable).parent}", "--assume-old", f"{folder}/.learnt")
    tree = Tree(process, f"http://127.0.0.1:{port}", data)  # type: ignore[arg-type]
    _ready_or_killed(tree)
    try:
        yield tree
    except BaseException:
        process.terminate()
        raise
    below = descendants(process.pid)
    started = time.monotonic()
    if number is signal.SIGINT:
        os.killpg(process.pid, number)  # a terminal sends it to all in the foreground
    else:
        process.send_signal(number)
    process.wait(ENDS_WITHIN_S * PATIENCE)
    wait_until(lambda: _all_gone(below), ENDS_WITHIN_S - (time.monotonic() - started) / PATIENCE, f"all of {below} are gone")
    assert _refuses(port)
