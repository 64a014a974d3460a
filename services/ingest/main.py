"""Puts the ingest service together: the journal and the keys in Redis, and the front door before them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from services.adapters.areas_redis import RedisAreas
from services.adapters.chains_redis import RedisChains
from services.adapters.disk import room_mib
from services.adapters.fold_redis import RedisFold
from services.adapters.journal_grouped import GroupedJournal
from services.adapters.journal_redis import RedisJournal
from services.adapters.key_check_redis import RedisKeyCheck
from services.adapters.quotas_redis import RedisQuotas
from services.adapters.redis_link import async_link, sync_link
from services.ingest.api import application
from services.ingest.areas.places import Places
from services.ingest.formats import formats
from services.ingest.pressure import Pressure
from services.kernel.ports.clock import Clock
from services.kernel.ports.tokens import TokenCheck
from services.kit.clock import SystemClock
from services.kit.guard import Guard
from services.kit.settings import Settings


def build(settings: Settings) -> Guard:
    """The ingest service, ready to be run by an ASGI server in one event loop. Raises MappingError for an operator's table that can't be used."""
    known = formats(settings.ingest_mappings, settings.timezone)
    redis, watching_redis = async_link(settings), sync_link(settings.model_copy(update={"redis_timeout_s": settings.ingest_silent_s}), retries=0)
    lookups = async_link(settings, connections_max=settings.redis_lookups_max)  # what anybody can cause, who has no key: apart from the journal
    clock, fold = SystemClock(), RedisFold(watching_redis)
    areas_redis = sync_link(settings)
    places = Places(RedisAreas(areas_redis), settings)
    single = RedisJournal(redis, settings.heard_events_max, settings.journal_wait_replicas, settings.journal_wait_ms, settings.area_names_max)
    journal, reachable = GroupedJournal(single, settings.ingest_group_max_events), RedisJournal(lookups, settings.heard_events_max).tip
    pressure = Pressure(lambda: fold.backlog(clock.now()), settings, lambda: journal.answered_at, partial(room_mib, settings.journal_folder))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        watching = [asyncio.create_task(pressure.watch()), asyncio.create_task(places.watch())]
        yield
        for task in watching:
            task.cancel()
        watching_redis.close()
        areas_redis.close()
        await redis.aclose()
        await lookups.aclose()

    keys = RedisKeyCheck(lookups, settings.key_cache_s, settings.key_cache_max, clock, settings.key_unknown_cache_s, settings.key_used_every_s)
    chains = RedisChains(redis, settings.alert_chains_max, settings.journal_wait_replicas, settings.journal_wait_ms)
    tokens, quotas = _tokens(settings, clock), RedisQuotas(redis, clock)
    return application(journal, keys, clock, settings, known, chains, pressure, tokens, quotas, places, reachable, lifespan=lifespan)


def _tokens(settings: Settings, clock: Clock) -> TokenCheck | None:
    """What takes the tokens of the issuer that the settings name."""
    if not settings.oidc_issuer:
        return None
    from services.adapters.oidc_build import oidc_tokens  # cryptography is slow to load, and large

    return oidc_tokens(settings, clock)
