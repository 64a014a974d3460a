"""Puts the ingest service together: the journal and the keys in Redis, and the front door before them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from services.adapters.journal_redis import RedisJournal
from services.adapters.keys_redis import RedisKeyCheck
from services.adapters.redis_link import async_link
from services.ingest.api import application
from services.ingest.formats import FORMATS
from services.kit.clock import SystemClock
from services.kit.http import Observed
from services.kit.settings import Settings


def build(settings: Settings) -> ASGIApp:
    """The ingest service, ready to be run by an ASGI server in one event loop."""
    redis = async_link(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await redis.aclose()

    journal = RedisJournal(redis, settings.heard_events_max)
    return Observed(
        application(journal, RedisKeyCheck(redis, settings.key_cache_s, settings.key_cache_max), SystemClock(), settings, FORMATS, lifespan=lifespan), "ingest"
    )
