"""The voice service, put together: settings in, an ASGI application out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from services.adapters.mirror import Mirror
from services.adapters.redis_link import async_link
from services.adapters.tariff_file import ONTARIO, tariff
from services.adapters.views_redis import RedisViewFeed
from services.kernel.messages import wordings
from services.kit.clock import SystemClock
from services.kit.guard import Guard
from services.kit.http import Observed
from services.kit.settings import Settings
from services.voice.api import voice_app
from services.voice.conversation.answerer import Answerer
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.lines import Lines
from services.voice.conversation.outages import OutageAnswers
from services.voice.conversation.rates import RateAnswers
from services.voice.understanding.patterns import PatternUnderstanding


def build(settings: Settings) -> ASGIApp:
    """Run by any ASGI server, as many processes as wanted: each has its own mirror."""
    clock = SystemClock()
    feed = RedisViewFeed(async_link(settings))
    mirror = Mirror(feed, clock, settings, settings.data / "voice" / "mirror.json")
    understanding = PatternUnderstanding(settings.voice_confident)
    conversation = Conversation(
        mirror,
        understanding,
        _answerers(settings),
        wordings(settings.utility, settings.timezone, settings.outage_line, spoken=True),
        clock,
        settings.stale_after_s,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await mirror.start()
        yield
        await mirror.stop()
        await feed.close()

    return Guard(Observed(voice_app(mirror, conversation, settings, lifespan), "voice"), "voice", settings)


def _answerers(settings: Settings) -> list[Answerer]:
    """Who answers what. Raises `TariffError` for a tariff that can't be used."""
    return [OutageAnswers(), Lines(), RateAnswers(tariff(settings.tariff or ONTARIO), settings.tariff_plan)]
