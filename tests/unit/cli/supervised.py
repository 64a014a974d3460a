"""A small supervisor over tiny children, as a program: `python supervised.py FOLDER`. Each child writes its pid to FOLDER/<name>.pid."""

import asyncio
import itertools
import signal
import sys
from pathlib import Path

import uvicorn

from services.cli.up.part import Part
from services.cli.up.supervisor import Supervisor
from services.kit.settings import Settings

CHILD = """
import os, pathlib, signal, sys, time
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
def end(*_):
    with (folder / "ended").open("a") as log:
        log.write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if name == "stubborn" else end)
partial = folder / (name + ".partial")
partial.write_text(str(os.getpid()))
partial.rename(folder / (name + ".pid"))
while True:
    (folder / (name + ".beat")).touch()
    time.sleep(0.05)
"""


def part(folder: Path, name: str, *, foundation: bool = False) -> Part:
    async def ready(_port: int) -> str:
        return "" if (folder / f"{name}.pid").exists() else "no pid yet"

    async def alive(_port: int) -> bool:
        beat = folder / f"{name}.beat"
        beats = beat.exists() and name != "mute"
        beat.unlink(missing_ok=True)
        if beats:
            (folder / f"{name}.seen").touch()
        return beats

    return Part(name, lambda _port: (sys.executable, "-c", CHILD, str(folder), name), ready, alive, foundation=foundation)


def supervisor(folder: Path, names: tuple[str, ...], settings: Settings) -> Supervisor:
    """The first of `names` is the foundation."""
    ports = itertools.count(20_000)
    return Supervisor([part(folder, name, foundation=name == names[0]) for name in names], settings, folder, lambda: next(ports))


async def main(folder: Path) -> None:
    tree, end = supervisor(folder, ("ground", "one", "two"), Settings()), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    await tree.start_foundation()
    tree.start_others()
    await end.wait()
    await tree.stop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvicorn.Config(main).get_loop_factory()) as runner:  # the loop that `up` uses
        runner.run(main(Path(sys.argv[1])))
