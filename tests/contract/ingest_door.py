"""The ingest service over either journal, spoken to as a sender does. For the test modules of this folder."""

import asyncio
import json
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from services.adapters.chains_memory import MemoryChains
from services.adapters.chains_redis import RedisChains
from services.adapters.journal_memory import MemoryJournal
from services.adapters.journal_redis import RedisJournal
from services.adapters.keys_memory import MemoryKeys
from services.adapters.quotas_memory import MemoryQuotas
from services.adapters.redis_link import async_link, sync_link
from services.adapters.tail_redis import RedisTail
from services.ingest.api import application
from services.ingest.formats import FORMATS
from services.kernel.ids import SourceName
from services.kernel.keys import SCOPES
from services.kernel.ports.alerts import AlertChains
from services.kernel.ports.journal import ColdStart, Entry, Journal, JournalTail
from services.kernel.views import ORIGIN
from services.kit.settings import Settings

NOW = datetime(2024, 11, 20, 12, 0, tzinfo=UTC)
T = TypeVar("T")


class StillClock:
    """Always the same time, unless told another."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


class Door:
    """One ingest service, its journal, and a client with a key for source `demo`."""

    def __init__(self, runner: asyncio.Runner, journal: Journal, tail: JournalTail, settings: Settings, chains: AlertChains, **more: Any) -> None:
        self.runner, self.journal, self.tail, self.keys, self.clock = runner, journal, tail, MemoryKeys(), StillClock()
        self.quotas = MemoryQuotas(self.clock)
        app = application(journal, self.keys, self.clock, settings, FORMATS, chains, quotas=self.quotas, **more)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://ingest", headers={"Authorization": self.key("demo")})

    def key(self, source: str, *scopes: str) -> str:
        """The header of a sender with a new key for `source`."""
        return "Bearer " + self.keys.create(SourceName(source), scopes or SCOPES)

    def run(self, work: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await work

        return self.runner.run(awaited())

    def sending(self, path: str, body: Any, kind: str | None = "application/json", **headers: str) -> Awaitable[httpx.Response]:
        """A request under way: strings and bytes go as they are, anything else as JSON."""
        content = body if isinstance(body, str | bytes) or hasattr(body, "__aiter__") else json.dumps(body)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, content=content, headers={**({"Content-Type": kind} if kind else {}), **names})

    def events(self, body: Any, kind: str | None = "application/json", **headers: str) -> httpx.Response:
        return self.run(self.sending("/ingest/v1/events", body, kind, **headers))

    def picture(self, records: Any, at: str = "2024-11-20T11:00:00Z", format_name: str = "geojson", more: str = "") -> httpx.Response:
        body = records if isinstance(records, str | bytes | dict) else {"type": "FeatureCollection", "features": records}
        return self.run(self.sending(f"/ingest/v1/snapshots/{format_name}?observed_at={at}{more}", body))

    def alert(self, body: str | bytes, kind: str | None = "application/cap+xml", **headers: str) -> httpx.Response:
        return self.run(self.sending("/ingest/v1/alerts", body, kind, **headers))

    def entries(self) -> list[Entry]:
        return self.tail.since(ORIGIN, 100_000)

    def open(self) -> dict[str, Any]:
        """Outage id -> status, of all that are active or clearing."""
        cold: ColdStart = self.tail.cold()
        return {key.partition(":")[2]: event.status.value for key, event in cold.open}


@contextmanager
def door_over(kind: str, url: str = "", **settings: Any) -> Iterator[Door]:
    """A door over the journal in memory, or the one on the Redis at `url`."""
    told = Settings(_env_file=None, journal_url=url or "redis://unused", **{"http_ready_fresh_s": 0.0, **settings})
    with asyncio.Runner() as runner:
        if kind == "memory":
            journal = MemoryJournal()
            yield Door(runner, journal, journal, told, MemoryChains())
            return
        link, tail_link = async_link(told), sync_link(told)
        try:
            yield Door(runner, RedisJournal(link, told.heard_events_max), RedisTail(tail_link), told, RedisChains(link, told.alert_chains_max))
        finally:
            runner.run(link.aclose())
            tail_link.close()


def assert_problem(answer: Any, status: int, *words: str) -> dict[str, Any]:
    """The answer is a problem of RFC 9457 and says all of `words`."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    for word in words:
        assert word in problem["detail"], problem
    return problem


def event(number: int = 1, **change: Any) -> dict[str, Any]:
    """A good event, as a sender writes it."""
    good = {"event_id": f"e{number}", "outage_id": f"o{number}", "occurred_at": "2024-11-20T10:00:00Z", "status": "active", "customers_affected": 7}
    return {**good, **change}


def feature(outage_id: str, customers: Any = 12, **change: Any) -> dict[str, Any]:
    """A good record of a geojson picture."""
    properties = {"outage_id": outage_id, "customers_affected": customers, "areas": ["K2G"], **change}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [-75.7, 45.3]}}
