"""Keeps a tree of processes alive: the foundation first, then the rest; what dies is started again; the end comes in reverse order."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from services.cli.up.child import NOT_STARTED, Child
from services.cli.up.part import Health, Part
from services.kernel.ports.failures import Unavailable
from services.kit.logs import log
from services.kit.settings import Settings

POLL_S = 0.1
"""How often a part that starts is asked whether it serves."""
HOUSEKEEPING_S = 5.0


class StartFailed(Exception):
    """A part did not come up in time; the text names it and its log."""


class Supervisor:
    """Starts, watches and stops `parts`, which are given in the order in which they start."""

    def __init__(self, parts: Sequence[Part], settings: Settings, logs: Path, free_port: Callable[[], int]) -> None:
        self._settings = settings
        self.children = {part.name: Child(part, settings, logs, free_port) for part in parts}
        self._foundation = [child for child in self.children.values() if child.part.foundation]
        self._others = [child for child in self.children.values() if not child.part.foundation]
        self.chores: list[Callable[[], None]] = []
        """Done every few seconds, in a thread, while the foundation may be down."""
        self._tasks: list[asyncio.Task[None]] = []
        self._ending = asyncio.Event()

    async def start_foundation(self) -> None:
        """Start what the others need, and return once it serves. Raises `StartFailed`."""
        self._tasks.append(asyncio.create_task(self._housekeeping()))
        for child in self._foundation:
            self._tasks.append(asyncio.create_task(child.run(_at_once)))
            await self.wait_ready([child])

    def start_others(self) -> None:
        """Start all other parts, in order; each waits for the foundation again whenever it is started again."""
        self._tasks += [asyncio.create_task(child.run(self._foundation_serves)) for child in self._others]

    async def wait_ready(self, children: Sequence[Child] | None = None) -> None:
        """Return once `children` (all by default) serve. Raises `StartFailed` where that takes longer than the setting allows."""
        try:
            async with asyncio.timeout(self._settings.up_start_timeout_s):
                while await self._any_unready(children or list(self.children.values())):  # noqa: ASYNC110 - other processes set no event
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            reasons = "; ".join(f"{name}: {why}" for name, why in (await self.unready()).items())
            raise StartFailed(f"Not everything came up within {self._settings.up_start_timeout_s:.0f} s. {reasons}. The logs say why.") from None

    async def unready(self) -> dict[str, str]:
        """Each part that does not serve, and why."""
        reasons = await asyncio.gather(*(child.unready() for child in self.children.values()))
        return {name: why for name, why in zip(self.children, reasons, strict=True) if why}

    async def health(self) -> Health:
        """Whether the tree serves, and who in it does not."""
        reasons = await self.unready()
        serving = {child.part.serves for name, child in self.children.items() if name not in reasons}
        return Health(all(child.part.serves in serving for child in self.children.values()), reasons)

    def ports(self, service: str) -> list[int]:
        """Where the processes of `service` listen, or will once they have started."""
        return [child.port for child in self.children.values() if child.part.serves == service and child.runs]

    async def stop(self) -> None:
        """End everything: the others in reverse order of their start, then the foundation, so that what they still write is kept."""
        self._ending.set()
        await self._stop_all(reversed_children=self._others[::-1], grace_s=self._settings.up_stop_s)
        await self._stop_all(reversed_children=self._foundation[::-1], grace_s=self._settings.up_stop_redis_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for child in self.children.values():  # one that was between two lives when it was told to stop
            await child.stop(0)

    async def _stop_all(self, reversed_children: Sequence[Child], grace_s: float) -> None:
        """Signals go out in this order; the waiting is in parallel, so that one slow part costs its own grace only."""
        await asyncio.gather(*(child.stop(grace_s) for child in reversed_children))

    async def _any_unready(self, children: Sequence[Child]) -> bool:
        for child in children:
            if await child.unready():
                return True
        return False

    async def _foundation_serves(self) -> None:
        while not self._ending.is_set() and await self._any_unready(self._foundation):  # noqa: ASYNC110 - nor here
            await asyncio.sleep(POLL_S)

    async def _housekeeping(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            for child in self.children.values():
                await asyncio.to_thread(child.log.rotate)
            for chore in self.chores:
                try:
                    await asyncio.to_thread(chore)
                except (Unavailable, OSError) as error:
                    log.info("up.chore_put_off", reason=str(error))


async def _at_once() -> None:
    """The foundation waits for nothing."""


__all__ = ["NOT_STARTED", "StartFailed", "Supervisor"]
