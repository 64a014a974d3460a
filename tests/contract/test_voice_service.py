"""The voice service as it is composed, on a real Redis: from a publication to an answer, and with Redis gone."""

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec

from services.adapters.redis_link import sync_link
from services.adapters.views_redis import RedisViews
from services.kernel.answers import area_answers, overall_answers
from services.kernel.messages import wordings
from services.kernel.views import Count, Position, Stamp, Totals, View
from services.kit.clock import SystemClock
from services.kit.prompt import Posted
from services.kit.settings import Settings
from services.voice.main import build
from tests.asgi import lifespan
from tests.voice_service import AREAS


async def asked(settings: Settings, position: str, timeout_s: float = 5) -> str:
    """Start the service, ask until the answer reflects `position`, stop it; the answer."""
    service = build(settings)
    async with lifespan(service), httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://voice") as client:
        async with asyncio.timeout(timeout_s):
            while True:
                response = await client.post("/voice/v1/ask", json={"text": "is the power out in Vancouver?", "locale": "en-CA"})
                if response.json()["position"] == position:
                    return str(response.json()["answer"])
                await asyncio.sleep(0.02)


def publish(settings: Settings, position: str) -> None:
    voices, now = wordings(settings.utility, settings.timezone, settings.outage_line, spoken=True).values(), SystemClock().now()
    views = [View(area, area_answers(voices, area, now)) for area in AREAS]
    stamp = Stamp(Position(position), now - timedelta(seconds=1))
    assert RedisViews(sync_link(settings)).publish(views, overall_answers(voices, Totals(8, Count(2_000), 0), []), stamp, whole=True)


def test_what_a_worker_published_is_answered_and_still_is_when_redis_is_gone(redis_url: str, tmp_path: Path) -> None:
    settings = Settings(journal_url=redis_url, data=tmp_path)
    publish(settings, "5-1")
    answer = asyncio.run(asked(settings, "5-1"))
    assert answer.startswith("There are 2 power outages in Vancouver.")
    gone = Settings(journal_url="redis://127.0.0.1:1/0", data=tmp_path, redis_timeout_s=0.2)
    assert asyncio.run(asked(gone, "5-1")) == answer


def test_the_composed_service_answers_in_the_turn_in_which_it_reads(redis_url: str, tmp_path: Path) -> None:
    settings = Settings(journal_url=redis_url, data=tmp_path)
    publish(settings, "5-1")

    async def both() -> None:
        service, question = build(settings), {"text": "is the power out in Vancouver?", "locale": "en-CA"}
        async with lifespan(service), httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://voice") as client:
            answer = service.prompt(Posted("/voice/v1/ask", [], msgspec.json.encode(question), "127.0.0.1"))
            assert answer is not None
            assert bytes(answer.body) == (await client.post("/voice/v1/ask", json=question)).content

    asyncio.run(both())
