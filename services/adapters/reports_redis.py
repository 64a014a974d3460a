"""What people reported, on Redis: a bounded stream a kind, so that no flood of outages pushes out a hazard; and one more for askers whom nobody names, as
anybody can be any number of those. Meets `kernel.ports.reports.Reports`.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import product
from typing import Any

import msgspec
from redis.asyncio import Redis

from services import wire
from services.adapters.guarded import Guarded
from services.adapters.redis_link import text, told
from services.adapters.replicated import ReplicatedScript
from services.kernel.order import milliseconds
from services.kernel.outage import Acceptance
from services.kernel.ports.clock import Clock
from services.kernel.reports import Kind, Look, Report, sameness
from services.kit.settings import Settings

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Report).decode
_decode_look = msgspec.json.Decoder(Look).decode


class RedisReports:
    """For one event loop, over a link of its own."""

    def __init__(self, link: Redis, guarded: Guarded, clock: Clock, settings: Settings) -> None:
        self._link, self._guarded, self._clock, self._settings = link, guarded, clock, settings
        self._full: dict[Kind, int] = {}
        """Of each kind, the minute in which no more of unnamed askers are taken: that is known here, and not asked again for each of a flood."""
        self._take = ReplicatedScript(link, "report_take", settings.journal_wait_replicas, settings.journal_wait_ms)

    async def take(self, report: Report) -> Acceptance:
        """Meets `Reports.take`: one atomic script."""
        settings, now_ms = self._settings, milliseconds(self._clock.now())
        same, minute = sameness(report), now_ms // 60_000
        if not report.asker and self._full.get(report.kind) == minute:
            return Acceptance.REJECTED
        keys = (
            wire.reports(report.kind, named=bool(report.asker)),
            wire.report_said(blake2b(same.encode(), digest_size=16).hexdigest()),
            wire.reports_minute(report.kind, report.asker or "unnamed", minute),
            wire.reports_minute(report.kind, "", minute),
        )
        asker_max = settings.reports_asker_per_minute if report.asker else settings.reports_unnamed_per_minute
        window_ms = int(settings.reports_again_s * 1_000) if same else 0
        keep_ms = settings.reports_keep_days * 86_400_000
        arguments = (window_ms, asker_max, settings.reports_per_minute, settings.reports_kept, keep_ms, _encode(report), now_ms)

        async def take() -> Any:
            with told():
                return await self._take(keys, arguments)

        taken = Acceptance(text(await self._guarded.ask(take)))
        if not report.asker and taken is Acceptance.REJECTED:
            self._full[report.kind] = minute
        return taken

    async def newest(self, since: datetime, limit: int) -> Sequence[Report]:
        """Meets `Reports.newest`."""
        found: list[Report] = []
        with told():
            for kind, named in product(Kind, (True, False)):
                rows: Any = await self._link.xrevrange(wire.reports(kind, named=named), min=max(0, milliseconds(since)), count=limit)
                found += [_decode(fields[b"r"]) for _, fields in rows]
        return sorted((report for report in found if report.at >= since), key=lambda report: report.at, reverse=True)[:limit]

    async def look(self, look: Look) -> None:
        """Meets `Reports.look`."""
        with told():
            await self._link.xadd(wire.REPORTS_LOOKS, {"l": _encode(look)}, maxlen=self._settings.reports_looks_kept, approximate=False)

    async def looks(self, limit: int) -> Sequence[Look]:
        """Meets `Reports.looks`."""
        with told():
            rows: Any = await self._link.xrevrange(wire.REPORTS_LOOKS, count=limit)
        return [_decode_look(fields[b"l"]) for _, fields in rows]

    async def close(self) -> None:
        """Let the link go."""
        await self._link.aclose()
