"""Writes that count only once the replicas have them, so that no failover takes back what was acknowledged.

Redis acknowledges a write when the master has it; a master that is replaced a moment later takes it along. `WAIT` (redis.io/commands/wait) tells how many
replicas have it too. Fewer than all of them is not enough: the one that is promoted may be the one that lacks it.
"""

from collections.abc import Sequence
from typing import Any

import redis
from redis.asyncio import Redis

from services import wire
from services.adapters.redis_link import script
from services.kernel.ports.failures import Unavailable


class ReplicatedScript:
    """A Lua script whose effects are on so many replicas when it returns. Raises `Unavailable` where they aren't: run it again, as it must be safe to."""

    def __init__(self, link: Redis, name: str, replicas: int = 0, wait_ms: int = 0) -> None:
        """Of `replicas`, 0 waits for none; others are waited for `wait_ms` at most."""
        self._link, self._script, self._replicas, self._wait_ms = link, link.register_script(script(name)), replicas, wait_ms

    async def __call__(self, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> Any:
        """What the script answers."""
        if not self._replicas:
            return await self._script(keys, arguments)
        try:
            return await self._waited(keys, arguments)
        except redis.exceptions.NoScriptError:  # a server that was restarted, or promoted
            await self._link.script_load(self._script.script)
            return await self._waited(keys, arguments)

    async def _waited(self, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> Any:
        async with self._link.pipeline(transaction=False) as steps:  # one connection: WAIT is about the writes of its own
            steps.evalsha(self._script.sha, len(keys), *keys, *arguments)
            steps.incr(wire.FENCE)  # a repeat writes nothing, and what it repeats may have reached no replica yet: then neither has this
            steps.execute_command("WAIT", self._replicas, self._wait_ms)
            answer, fence, reached = await steps.execute(raise_on_error=False)
        for said in (answer, fence, reached):
            if isinstance(said, Exception):
                raise said
        if reached < self._replicas:
            raise Unavailable(f"{reached} of {self._replicas} replicas have it after {self._wait_ms} ms")
        return answer
