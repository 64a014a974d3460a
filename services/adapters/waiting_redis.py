"""Who waits to be told, on Redis, as voice puts people on it. Meets `kernel.ports.waiting.WaitingList`; `notices_redis` takes them off."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from redis.asyncio import Redis

from services import wire
from services.adapters.guarded import Guarded
from services.adapters.redis_link import script, text, told
from services.adapters.replicated import ReplicatedScript
from services.kernel.order import milliseconds
from services.kernel.outage import Acceptance
from services.kernel.waiting import Notice, Waiter, person_of
from services.kit.settings import Settings

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Notice).decode


def end_keys(waiter: Waiter) -> tuple[str, ...]:
    """The keys of lua/waiting_end.lua."""
    in_area, of_person = wire.waiting_in(waiter.group), wire.waiting_of(waiter.person)
    return wire.WAITING, wire.WAITING_UNTIL, wire.WAITING_AREAS, in_area, of_person, wire.notices_due(waiter.platform), wire.WAITING_ASKED


class RedisWaitingList:
    """For one event loop, over a link of its own."""

    def __init__(self, link: Redis, guarded: Guarded, settings: Settings) -> None:
        self._link, self._guarded, self._settings = link, guarded, settings
        self._add = ReplicatedScript(link, "waiting_add", settings.journal_wait_replicas, settings.journal_wait_ms)
        self._ask = ReplicatedScript(link, "waiting_ask", settings.journal_wait_replicas, settings.journal_wait_ms)
        self._confirm = ReplicatedScript(link, "waiting_confirm", settings.journal_wait_replicas, settings.journal_wait_ms)
        self._end = link.register_script(script("waiting_end"))

    async def add(self, waiter: Waiter) -> Acceptance:
        """Meets `WaitingList.add`: one atomic script."""
        settings, lives_ms = self._settings, milliseconds(waiter.expires) - milliseconds(waiter.since)
        keys = end_keys(waiter)
        most = (settings.waiting_area_max, settings.waiting_max, settings.waiting_person_max)
        arguments = (waiter.id, _encode(Notice(waiter)), milliseconds(waiter.expires), waiter.group, *most, lives_ms)

        async def add() -> Any:
            with told():
                return await self._add(keys, arguments)

        return Acceptance(text(await self._guarded.ask(add)))

    async def ask(self, notice: Notice) -> Acceptance:
        """Meets `WaitingList.ask`: one atomic script."""
        settings, waiter = self._settings, notice.waiter
        now, until = milliseconds(waiter.since), milliseconds(notice.worth_until or waiter.expires)
        day = f"{waiter.since.astimezone(UTC):%Y-%m-%d}"
        keys = (*end_keys(waiter), wire.waiting_asks(waiter.person, day), wire.waiting_asks(wire.EVERYBODY, day))
        most = (settings.waiting_asks_per_day, settings.waiting_asks_line_max, settings.waiting_asked_max, settings.waiting_max, settings.waiting_person_max)
        arguments = (waiter.id, _encode(notice), until, now, *most, milliseconds(waiter.expires) - now, settings.waiting_asks_all_per_day)

        async def ask() -> Any:
            with told():
                return await self._ask(keys, arguments)

        return Acceptance(text(await self._guarded.ask(ask)))

    async def confirm(self, platform: str, address: str, now: datetime) -> Sequence[Waiter]:
        """Meets `WaitingList.confirm`."""

        async def confirm() -> list[Waiter]:
            confirmed = []
            with told():
                for waiter in await self._of(platform, address):
                    waits = waiter.now_confirmed(now)
                    lives_ms = milliseconds(waits.expires) - milliseconds(now)
                    arguments = (waits.id, _encode(Notice(waits)), milliseconds(waits.expires), waits.group, self._settings.waiting_area_max, lives_ms)
                    if not waiter.confirmed and await self._confirm(end_keys(waits), arguments):
                        confirmed.append(waits)
            return confirmed

        return await self._guarded.ask(confirm)

    async def forget(self, platform: str, address: str) -> int:
        """Meets `WaitingList.forget`."""

        async def forget() -> int:
            with told():
                return sum([await self._end(end_keys(waiter), (waiter.id, waiter.group)) for waiter in await self._of(platform, address)])

        return await self._guarded.ask(forget)

    async def _of(self, platform: str, address: str) -> list[Waiter]:
        ids: Any = await self._link.smembers(wire.waiting_of(person_of(platform, address)))
        found: Any = await self._link.hmget(wire.WAITING, sorted(ids)) if ids else ()
        return [_decode(one).waiter for one in found if one is not None]

    async def close(self) -> None:
        """Let the link go."""
        await self._link.aclose()
