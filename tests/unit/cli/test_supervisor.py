"""The supervisor over tiny children: it restarts, it stops in order, and it leaves nothing behind, however it ends itself."""

import asyncio
import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from services.cli.up import supervisor as supervisor_module
from services.cli.up.supervisor import StartFailed
from services.kernel.ports.failures import Unavailable
from services.kit.settings import Settings

PROGRAM = Path(__file__).with_name("supervised.py")
WITHIN_S = 20.0
QUICK = Settings(up_restart_s=0.02, up_restart_max_s=0.05, up_stop_s=0.5, up_stop_redis_s=0.5)


def _program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("supervised", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


supervised = _program()


def _pid(folder: Path, name: str) -> int:
    path = folder / f"{name}.pid"
    return int(path.read_text()) if path.exists() else 0


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return b"\nState:\tZ" not in Path(f"/proc/{pid}/status").read_bytes() if Path("/proc").exists() else True


def _until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < give_up, "did not come about in time"
        time.sleep(0.02)


async def _until_async(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not holds():  # noqa: ASYNC110 - other processes set no event
            await asyncio.sleep(0.02)


def test_what_dies_is_started_again_and_counted(tmp_path: Path) -> None:
    async def story() -> None:
        tree = supervised.supervisor(tmp_path, ("ground", "one"), QUICK)
        await tree.start_foundation()
        tree.start_others()
        await tree.wait_ready()
        before = _pid(tmp_path, "one")
        os.kill(before, signal.SIGKILL)
        await _until_async(lambda: _pid(tmp_path, "one") != before)
        assert tree.children["one"].restarts == 1
        assert tree.children["ground"].restarts == 0
        await tree.stop()
        assert not _alive(_pid(tmp_path, "one"))

    asyncio.run(story())


def test_what_hangs_is_killed_and_started_again_and_what_never_answered_is_left(tmp_path: Path) -> None:
    watchful = QUICK.model_copy(update={"up_alive_every_s": 0.2, "up_hung_s": 0.5})

    async def story() -> None:
        tree = supervised.supervisor(tmp_path, ("ground", "one", "mute"), watchful)
        await tree.start_foundation()
        tree.start_others()
        await tree.wait_ready()
        await _until_async((tmp_path / "one.seen").exists)
        before = _pid(tmp_path, "one")
        os.kill(before, signal.SIGSTOP)
        await _until_async(lambda: _pid(tmp_path, "one") != before)
        assert not _alive(before)
        assert {name: child.restarts for name, child in tree.children.items()} == {"ground": 0, "one": 1, "mute": 0}
        await tree.stop()

    asyncio.run(story())


def test_housekeeping_goes_on_when_a_chore_finds_redis_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "HOUSEKEEPING_S", 0.01)
    done: list[int] = []

    def chore() -> None:
        done.append(1)
        raise Unavailable("away")

    async def story() -> None:
        tree = supervised.supervisor(tmp_path, ("ground",), QUICK)
        tree.chores.append(chore)
        await tree.start_foundation()
        await _until_async(lambda: len(done) > 2)
        await tree.stop()

    asyncio.run(story())


def test_the_others_wait_for_the_foundation_when_they_start_again(tmp_path: Path) -> None:
    async def story() -> None:
        tree = supervised.supervisor(tmp_path, ("ground", "one"), QUICK)
        await tree.start_foundation()
        tree.start_others()
        await tree.wait_ready()
        first = _pid(tmp_path, "one")
        ground = _pid(tmp_path, "ground")
        (tmp_path / "ground.pid").unlink()  # the foundation doesn't serve any more
        os.kill(first, signal.SIGKILL)
        await _until_async(lambda: tree.children["one"].restarts == 1)
        await asyncio.sleep(0.3)
        assert _pid(tmp_path, "one") == first, "it started before its foundation served"
        (tmp_path / "ground.pid").write_text(str(ground))
        await _until_async(lambda: _pid(tmp_path, "one") != first)
        await tree.stop()

    asyncio.run(story())


def test_the_foundation_ends_last(tmp_path: Path) -> None:
    async def story() -> None:
        tree = supervised.supervisor(tmp_path, ("ground", "one", "two"), QUICK)
        await tree.start_foundation()
        tree.start_others()
        await tree.wait_ready()
        await tree.stop()

    asyncio.run(story())
    ended = (tmp_path / "ended").read_text().split()
    assert sorted(ended) == ["ground", "one", "two"]
    assert ended[-1] == "ground"


def test_a_part_that_ignores_the_signal_is_killed_when_its_time_is_up(tmp_path: Path) -> None:
    async def story() -> float:
        tree = supervised.supervisor(tmp_path, ("ground", "stubborn"), QUICK)
        await tree.start_foundation()
        tree.start_others()
        await tree.wait_ready()
        started = time.monotonic()
        await tree.stop()
        return time.monotonic() - started

    took_s = asyncio.run(story())
    assert 0.5 <= took_s < 5
    assert not _alive(_pid(tmp_path, "stubborn"))


def test_a_part_that_never_serves_is_named_with_its_reason(tmp_path: Path) -> None:
    async def story() -> None:
        tree = supervised.supervisor(tmp_path, ("ground", "one"), Settings(up_start_timeout_s=0.3, up_stop_s=0.5))
        await tree.start_foundation()
        try:
            await tree.wait_ready()
        finally:
            await tree.stop()

    with pytest.raises(StartFailed, match="one: not started yet"):
        asyncio.run(story())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["asked to end", "killed"])
@pytest.mark.skipif(sys.platform != "linux", reason="the signal at a parent's death is Linux's")
def test_nothing_is_left_behind_when_the_supervisor_is(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, str(PROGRAM), str(tmp_path)])
    try:
        names = ("ground", "one", "two")
        _until(lambda: all(_pid(tmp_path, name) for name in names))
        process.send_signal(number)
        process.wait(WITHIN_S)
        _until(lambda: not any(_alive(_pid(tmp_path, name)) for name in names))
    finally:
        process.kill()
