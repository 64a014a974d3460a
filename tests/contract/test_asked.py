"""Counts of what people ask: on Redis and in memory; in SQL; and from a voice process to the report."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio

from services.adapters.asked_memory import MemoryAsked
from services.adapters.asked_redis import RedisAskedCounts, RedisAskedStore
from services.adapters.asked_sql import SqlAskedArchive
from services.cli.questions.command import html
from services.cli.questions.report import report
from services.kernel.asked import Batch, Phrase, Tallied
from services.kernel.messages import Lang
from services.kernel.ports.asked import AskedCounts, AskedStore
from services.kernel.ports.failures import Unavailable
from services.kit.settings import Settings
from services.voice.asked import Tally
from services.voice.conversation.turn import Outcome, Platform, Reply, Turn
from services.voice.understanding.question import Intent
from tests.contract.ledgers import empty_ledger
from tests.voice_service import AREAS, NOW, Hand, Voice

HOUR = datetime(2018, 9, 21, 21, tzinfo=UTC)
OUT, LATER = Tallied(HOUR, "alexa", "en", "outage_status", "answered"), Tallied(HOUR + timedelta(hours=4), "sms", "fr", "unknown", "unmatched")
SAID = Phrase("fr", "sms", "y a t il | une • #")


class Both:
    def __init__(self, write: Callable[[Batch], Awaitable[None]] | None, reader: AskedCounts, url: str = "", settings: Settings | None = None) -> None:
        self._write, self.reader, self._url, self._settings = write, reader, url, settings

    def add(self, batch: Batch) -> None:
        async def add() -> None:
            if self._write is not None:
                await self._write(batch)
            else:
                async with redis.asyncio.from_url(self._url) as link:
                    assert self._settings is not None
                    await RedisAskedStore(link, Hand(NOW), self._settings).add(batch)

        asyncio.run(add())


@pytest.fixture(params=["memory", "redis"])
def stores(request: pytest.FixtureRequest) -> Iterator[Both]:
    if request.param == "memory":
        memory = MemoryAsked(phrases_max=3)
        yield Both(memory.add, memory)
        return
    url = request.getfixturevalue("redis_url")
    with redis.Redis.from_url(url) as link:
        yield Both(None, RedisAskedCounts(link, Hand(NOW + timedelta(hours=9))), url, Settings(_env_file=None, asked_phrases_max=3))


def test_a_batch_is_added_once_however_often_it_is_handed_in(stores: Both) -> None:
    batch = Batch("one", {OUT: 3, LATER: 1}, {SAID: 2})
    stores.add(batch)
    stores.add(batch)
    stores.add(Batch("two", {OUT: 1}, {SAID: 1}))
    assert stores.reader.counts(HOUR) == {OUT: 4, LATER: 1}
    assert stores.reader.counts(HOUR + timedelta(hours=1)) == {LATER: 1}
    assert stores.reader.phrases(HOUR) == {SAID: 3}


def test_no_more_phrases_are_kept_than_may_be_and_known_ones_go_on_counting(stores: Both) -> None:
    stores.add(Batch("one", {}, {Phrase("en", "web", f"word{number}"): 1 for number in range(9)}))
    kept = stores.reader.phrases(HOUR)
    assert len(kept) == 3
    stores.add(Batch("two", {}, dict.fromkeys(kept, 1)))
    assert set(stores.reader.phrases(HOUR).values()) == {2}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_archive_keeps_the_larger_total_and_is_safe_twice(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> None:
    archive = SqlAskedArchive(empty_ledger(request, kind, tmp_path), 1.0)
    archive.write({OUT: 5, LATER: 1})
    archive.write({OUT: 4, LATER: 2})  # Redis lost some of it
    archive.write({})
    assert archive.read(HOUR) == {OUT: 5, LATER: 2}
    assert archive.read(HOUR + timedelta(hours=1)) == {LATER: 2}
    archive.close()
    missing = SqlAskedArchive(f"sqlite:///{tmp_path / 'none.sqlite3'}", 1.0)
    with pytest.raises(Unavailable):
        missing.read(HOUR)
    missing.close()


def talked(store: AskedStore, voice: Voice, lang: Lang, *lines: str) -> Tally:
    """Say `lines` in one conversation, counted by the tally that is given back."""
    tally = Tally(store, voice.conversation._understanding.words, voice.clock, voice.settings)
    voice.conversation._counts = tally
    for line in lines:
        asyncio.run(voice.conversation.answer(Turn(platform=Platform.SMS, lang=lang, words=line, asker="+16135550100")))
    return tally


def test_turns_are_counted_and_what_is_not_understood_is_kept_redacted() -> None:
    memory, voice = MemoryAsked(), Voice()
    voice.publish(AREAS)
    tally = talked(memory, voice, "en", "is the power out in orleans", "frobnicate my gazebo 613-555-0100 in orleans", "sing Hélène a song")
    asyncio.run(tally.hand_in())
    counted = {(tallied.intent, tallied.what): count for tallied, count in memory.counts(HOUR).items()}
    assert counted[("outage_status", "answered")] == 1
    assert sum(count for (_, what), count in counted.items() if what in ("unmatched", "unsure")) == 2
    assert counted[("unknown", "lost")] == 1
    kept = " / ".join(phrase.words for phrase in memory.phrases(HOUR))
    assert not {"frobnicate", "gazebo", "helene", "613", "0100", "orleans"} & set(kept.split())
    assert "[place]" in kept


def test_what_cannot_be_handed_in_waits_and_is_the_same_batch_the_next_time() -> None:
    memory, voice = MemoryAsked(), Voice()
    voice.publish(AREAS)
    tally = talked(memory, voice, "fr", "panne à orléans?")
    memory.down = True
    with pytest.raises(Unavailable):
        asyncio.run(tally.hand_in())
    first = tally._pending
    voice.conversation.ended(Platform.SMS, "fr", "+16135550100")
    memory.down = False
    asyncio.run(tally.hand_in())
    assert (first is not None, tally._pending) == (True, None)
    asyncio.run(tally.hand_in())
    assert {tallied.what: count for tallied, count in memory.counts(HOUR).items()} == {"answered": 1, "hung_up": 1}


def test_no_asker_fills_the_days_phrases_and_those_whom_nobody_names_leave_half() -> None:
    memory, voice = MemoryAsked(), Voice(asked_phrases_max=8, asked_phrases_asker_max=2)
    tally = Tally(memory, voice.conversation._understanding.words, voice.clock, voice.settings)
    reply = Reply("", Intent.UNKNOWN, outcome=Outcome.UNMATCHED)

    def kept(platform: Platform, **who: str) -> int:
        for number in range(9):
            tally.turn(Turn(platform=platform, lang="en", **who), reply, "out " * (number + 1))  # type: ignore[arg-type]
        asyncio.run(tally.hand_in())
        return sum(memory.phrases(HOUR).values())

    assert kept(Platform.WEB, address="203.0.114.7") == 2
    assert kept(Platform.ASK) == 6
    assert kept(Platform.SMS, asker="+16135550100") == 8, "others still have their share"
    voice.clock.moment += timedelta(days=1)
    assert kept(Platform.WEB, address="203.0.114.7") == 10, "each day anew"


@pytest.mark.parametrize(
    ("lang", "title", "gave_up"), [("en", "What people ask", "said nothing more:"), ("fr", "Ce que les gens demandent", "plus rien dit :")]
)
def test_the_page_says_what_was_asked_and_escapes_what_was_said(lang: Lang, title: str, gave_up: str) -> None:
    counts: dict[Tallied, int] = {OUT: 1_500, LATER: 2, Tallied(HOUR, "phone", "en", "account_balance", "silent"): 7}
    found = report(counts, {Phrase("en", "web", "<script>•"): 3}, HOUR, HOUR + timedelta(days=1), 30)
    page = html(found, Settings(_env_file=None), lang)
    assert (title in page, gave_up in page, "<script>" in page) == (True, True, False)
    assert found.turns == 1_502
    assert [line.intent for line in found.asked][:2] == ["outage_status", "unknown"]
    assert [(line.intent, line.gave_up) for line in found.giving_up] == [("account_balance", 7)]
    assert ("1,502" if lang == "en" else "1\u00a0502") in page


def test_every_intent_and_ending_has_words_of_its_own() -> None:
    voice: Any = Voice().wordings
    for lang in voice:
        said = {voice[lang].say("questions-intent", intent=intent) for intent in Intent}
        assert len(said) == len(Intent)
