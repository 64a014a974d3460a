"""Every turn counted, in memory, and handed in by the way: what people ask, what isn't understood, and where they give up."""

import asyncio
import uuid
from collections import Counter
from datetime import datetime, timedelta

from services.kernel.asked import Batch, Patience, Phrase, Tallied, Watch, hour_of, redacted
from services.kernel.messages import Lang
from services.kernel.ports.asked import AskedStore
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kit import metrics
from services.kit.logs import log
from services.kit.settings import Settings
from services.voice.conversation.turn import Outcome, Platform, Reply, Turn
from services.voice.shares import Shares
from services.voice.understanding.question import PLACE, Intent, Words

_NOT_UNDERSTOOD = (Outcome.UNMATCHED, Outcome.UNSURE)
NO_LANGUAGE = "unknown"
"""Of turns that were refused unread."""
_UNNAMED = "unnamed"
"""Whose phrases those are that nobody in particular said: together they have half of the day's."""
_DAY_MINUTES = 1_440
_STOP_S = 1.0
"""Longest that a process that ends waits for its counts to be taken."""


class Tally:
    """Meets `Counts`; one a process. Counting waits for nothing; while the store is away the counts wait here, and are as many as there are kinds of them."""

    def __init__(self, store: AskedStore, words: Words, clock: Clock, settings: Settings) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._known = words.common | {PLACE}
        kept, most = settings.voice_askers_kept, settings.asked_phrases_asker_max
        self._named, self._unnamed = (Shares(day / _DAY_MINUTES, day, kept, clock) for day in (most, max(1, settings.asked_phrases_max // 2)))
        self._watch = Watch(Patience(sessions_max=settings.asked_sessions_max))
        self._counts: Counter[Tallied] = Counter()
        self._phrases: Counter[Phrase] = Counter()
        self._pending: Batch | None = None
        self._task: asyncio.Task[None] | None = None
        self._hour, self._next_hour = clock.now(), clock.now()

    def start(self) -> None:
        """Hand in by the way from now on; belongs to the service's lifespan, as `stop` does."""
        self._task = asyncio.create_task(self._follow(), name="asked")

    async def stop(self) -> None:
        """Hand in what there is, if that takes no longer than a moment."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=_STOP_S)
        try:
            async with asyncio.timeout(_STOP_S):
                await self.hand_in()
        except (TimeoutError, Unavailable) as error:
            log.warning("asked.lost", turns=sum(self._counts.values()), reason=str(error))

    def turn(self, turn: Turn, reply: Reply, missed: str) -> None:
        """Meets `Counts.turn`."""
        now = self._clock.now()
        hour = self._hour_of(now)
        self._counts[Tallied(hour, turn.platform, turn.lang, reply.intent, reply.outcome)] += 1
        understood = reply.outcome not in _NOT_UNDERSTOOD
        if missed:
            words = redacted(missed.split(), self._known, self._settings.asked_phrase_max_chars).replace(PLACE, "[place]")
            self._keep(Phrase(turn.lang, turn.platform, words), turn)
        if key := turn.session or turn.asker:
            for sign in self._watch.turn((turn.platform, key), reply.intent, understood=understood, now=now):
                metrics.GAVE_UP.labels(sign).inc()
                self._counts[Tallied(hour, turn.platform, turn.lang, reply.intent, sign)] += 1

    def shed(self, platform: str, count: int) -> None:
        """Meets `Shed`: counted with the next batch."""
        metrics.TURNS.labels(platform, NO_LANGUAGE, Intent.UNKNOWN, Outcome.SHED).inc(count)
        self._counts[Tallied(hour_of(self._clock.now()), platform, NO_LANGUAGE, Intent.UNKNOWN, Outcome.SHED)] += count

    def ended(self, platform: Platform, lang: Lang, session: str, *, silent: bool) -> None:
        """Meets `Counts.ended`."""
        now = self._clock.now()
        if found := self._watch.ended((platform, session), now, silent=silent):
            intent, sign = found
            metrics.GAVE_UP.labels(sign).inc()
            self._counts[Tallied(hour_of(now), platform, lang, intent, sign)] += 1

    async def hand_in(self) -> None:
        """Give the store what was counted. Raises `Unavailable`: the same batch is handed in again, for it may have been taken."""
        if self._pending is None and (self._counts or self._phrases):
            self._pending = Batch(uuid.uuid4().hex, dict(self._counts), dict(self._phrases))
            self._counts.clear()
            self._phrases.clear()
        if self._pending is not None:
            await self._store.add(self._pending)
            self._pending = None

    def _hour_of(self, now: datetime) -> datetime:
        """The hour that `now` is in: found once an hour, not once a turn."""
        if not self._hour <= now < self._next_hour:
            self._hour = hour_of(now)
            self._next_hour = self._hour + timedelta(hours=1)
        return self._hour

    def _keep(self, phrase: Phrase, turn: Turn) -> None:
        """Keep `phrase`, unless there are too many, or too many of this asker's: no one of them fills the day's."""
        asker = turn.asker or turn.address or turn.session
        over = self._named.wait_s(f"{turn.platform}:{asker}") if asker else self._unnamed.wait_s(_UNNAMED)
        if not over and (phrase in self._phrases or len(self._phrases) < self._settings.asked_phrases_max):
            self._phrases[phrase] += 1
        else:
            metrics.ASKED_DROPPED.inc()

    async def _follow(self) -> None:
        away = False
        while True:
            await asyncio.sleep(self._settings.asked_flush_s)
            try:
                await self.hand_in()
                away = False
            except Unavailable as error:
                if not away:
                    log.warning("asked.delayed", reason=str(error))
                away = True
            except Exception as error:  # questions are answered whatever becomes of their counts
                log.error("asked.failed", exc_info=error)
