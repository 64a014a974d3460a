"""The whole product as a process tree, started as a user starts it and watched from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN_S = 30
HTTP_TIMEOUT_S = 30
TRUST = httpx.create_ssl_context()
"""For `verify=`, where requests are made one by one: without it each reads all the world's certificates anew, 40 ms of a core that the product could have."""
PATIENCE = 5
"""So many times longer than on two idle cores a state may take to come: where tests run, the machine may do much else."""


def wait_until(holds: Callable[[], Any], timeout_s: float, what: str, else_tell: Callable[[], str] = str) -> Any:
    """Wait for a state, not for a moment: poll until `holds()` is true, and return it. The only sleep of the slow suites.

    `timeout_s` is for two idle cores. `else_tell` says how things stand where it never came.
    """
    began = time.monotonic()
    while True:
        if value := holds():
            return value
        waited = time.monotonic() - began
        if waited > timeout_s * PATIENCE:
            raise AssertionError(f"not within {timeout_s * PATIENCE} s: {what}. {else_tell()}")
        time.sleep(min(0.05 + waited / 20, 0.3))  # looking costs what is looked at some of its time


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def descendants(pid: int) -> dict[int, list[str]]:
    """Every live process below `pid`, with its command line."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(entry.name)] = int(fields[1])
    found: dict[int, list[str]] = {}
    frontier = {pid}
    while frontier:
        frontier = {child for child, parent in parents.items() if parent in frontier}
        for child in frontier:
            try:
                found[child] = (Path("/proc") / str(child) / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
    return found


@dataclass
class Tree:
    """A running `surgecast up`."""

    process: subprocess.Popen[bytes]
    url: str
    data: Path

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=HTTP_TIMEOUT_S, follow_redirects=True, verify=TRUST)

    def ask(self, text: str, locale: str = "en-CA", **members: Any) -> dict[str, Any]:
        answer = httpx.post(self.url + "/voice/v1/ask", json={"text": text, "locale": locale, **members}, timeout=HTTP_TIMEOUT_S, verify=TRUST)
        answer.raise_for_status()
        return dict(answer.json())

    @property
    def key(self) -> str:
        return (self.data / "demo.key").read_text().strip()

    def is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"up ended with {self.process.returncode}: {self.log()[-3000:]}")
        try:
            return self.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def state(self) -> str:
        """What each part says of itself, and the end of the log."""
        try:
            ready = self.get("/readyz").text
        except httpx.TransportError as error:
            ready = repr(error)
        return f"{ready}\n{self.log()[-2000:]}"

    def log(self) -> str:
        return (self.data.parent / "up.log").read_text(errors="replace")

    def pids(self, *words: str) -> list[int]:
        """The processes whose command line has all of `words`."""
        return [pid for pid, argv in descendants(self.process.pid).items() if all(any(word in part for part in argv) for word in words)]

    def serving(self, service: str) -> list[int]:
        """The processes of one service. Not by a word of the command line: that of voice's worker has `voice` in it, too."""
        found = descendants(self.process.pid).items()
        return [pid for pid, argv in found if ("services.cli.serving", service) in pairwise(argv)]

    def rss_mb(self) -> float:
        """Resident memory of the tree, pages shared between processes counted each time."""
        total = 0
        for pid in [self.process.pid, *descendants(self.process.pid)]:
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            total += next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)
        return total / 1024

    def position(self, path: str) -> str | None:
        try:
            return self.get(path).headers.get("x-surgecast-position")
        except httpx.TransportError:
            return None


@contextmanager
def running_tree(folder: Path, **environment: str) -> Iterator[Tree]:
    """`surgecast up` on a free port with its data in `folder`; ends it with SIGTERM, and checks that nothing is left."""
    port, data = free_port(), folder / "data"
    env = {**os.environ, "PORT": str(port), "SURGECAST_DATA": str(data), **environment}
    with (folder / "up.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", "services", "up"], cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
    tree = Tree(process, f"http://127.0.0.1:{port}", data)
    try:
        wait_until(tree.is_ready, READY_WITHIN_S, "the tree is ready", tree.state)
        yield tree
    finally:
        parts = descendants(process.pid)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(15 * PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(f"up did not end within {15 * PATIENCE} s of SIGTERM") from None
        finally:
            left = [pid for pid, argv in parts.items() if _same(pid, argv)]
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        assert not left, f"orphans: {[parts[pid] for pid in left]}"


def _same(pid: int, argv: list[str]) -> bool:
    try:
        state = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" and (Path("/proc") / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0") == argv
    except OSError:
        return False


def replay(tree: Tree, file: Path, *options: str, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
    """`surgecast replay` of `file` into `tree`, as fast as it takes it."""
    argv = [sys.executable, "-m", "services", "replay", str(file), "--speed", "max", "--url", tree.url, "--key", tree.key, *options]
    return subprocess.run(argv, cwd=ROOT, env={**os.environ, "SURGECAST_DATA": str(tree.data)}, capture_output=True, text=True, timeout=timeout_s, check=False)


def load(response: httpx.Response) -> Any:
    response.raise_for_status()
    return json.loads(response.content)
