"""What people ask, as counts: of turns by how they ended, and of signs that somebody had enough. No person is in it."""

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterable, Mapping, Set
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from re import compile as pattern

from msgspec import Struct

HIDDEN = "•"
"""Stands in a kept phrase for words that we don't know: a name, an address, whatever it was is not kept."""
NUMBER = "#"
_DIGIT = pattern(r"\d")
_NEVER = datetime.min.replace(tzinfo=UTC)


class Sign(StrEnum):
    """Signs that somebody gives up, each counted under the intent that it came after."""

    SAME_AGAIN = "same_again"
    """The same question so often within minutes that the answer can't have helped."""
    LOST = "lost"
    """Not understood twice in a row."""
    HUNG_UP = "hung_up"
    """They ended it themselves, right after an answer."""
    SILENT = "silent"
    """They were asked something and said nothing more."""


class Tallied(Struct, frozen=True, order=True):
    """What is counted together: one hour's turns that came by one platform in one language, were of one intent and ended in one way."""

    hour: datetime
    """Its start, UTC."""
    platform: str
    lang: str
    intent: str
    what: str
    """How the turns ended, or a `Sign`."""


class Phrase(Struct, frozen=True, order=True):
    """Words that were not understood, without what could name anybody."""

    lang: str
    platform: str
    words: str


class Batch(Struct, frozen=True):
    """Counts that are to be added, once, however often they are handed in."""

    id: str
    counts: Mapping[Tallied, int]
    phrases: Mapping[Phrase, int]


class Patience(Struct, frozen=True):
    """When is enough."""

    window: timedelta = timedelta(minutes=10)
    same_again: int = 3
    hung_up_within: timedelta = timedelta(seconds=3)
    sessions_max: int = 10_000
    """Conversations that are kept in mind; of more, those silent longest are forgotten."""


class _Talk:
    """One conversation, as far as its signs go."""

    __slots__ = ("asked", "last", "last_at", "lost")

    def __init__(self) -> None:
        self.asked: deque[tuple[datetime, str]] = deque(maxlen=8)
        self.lost = 0
        self.last = ""
        self.last_at = _NEVER


class Watch:
    """Sees the signs in conversations that go on at the same time. Its keys are told by nobody and kept by nobody else."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._talks: OrderedDict[Hashable, _Talk] = OrderedDict()

    def turn(self, key: Hashable, intent: str, *, understood: bool, now: datetime) -> list[Sign]:
        """The signs that this turn is; each is told once, when it comes to that."""
        talk = self._talk(key)
        signs = []
        talk.lost = 0 if understood else talk.lost + 1
        if talk.lost == 2:
            signs.append(Sign.LOST)
        if understood:
            talk.asked.append((now, intent))
            if len(talk.asked) >= self._patience.same_again and self._times(talk, intent, now) == self._patience.same_again:
                signs.append(Sign.SAME_AGAIN)
        talk.last, talk.last_at = intent, now
        return signs

    def ended(self, key: Hashable, now: datetime, *, silent: bool) -> tuple[str, Sign] | None:
        """The sign that this end is, and the intent that it came after; None for one that ended as conversations do."""
        talk = self._talks.pop(key, None)
        if talk is None:
            return None
        if silent:
            return talk.last, Sign.SILENT
        return (talk.last, Sign.HUNG_UP) if now - talk.last_at <= self._patience.hung_up_within else None

    def _times(self, talk: _Talk, intent: str, now: datetime) -> int:
        """How often `intent` was asked for within the window."""
        times, since = 0, now - self._patience.window
        for at, before in talk.asked:
            if before == intent and at > since:
                times += 1
        return times

    def _talk(self, key: Hashable) -> _Talk:
        talk = self._talks.get(key)
        if talk is None:
            talk = self._talks[key] = _Talk()
        else:
            self._talks.move_to_end(key)
        if len(self._talks) > self._patience.sessions_max:
            self._talks.popitem(last=False)
        return talk


def hour_of(moment: datetime) -> datetime:
    """The start of its hour, UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def redacted(words: Iterable[str], known: Set[str], chars_max: int) -> str:
    """Folded `words` without what could name anybody: only words that questions are known to be made of are kept, and no digit is."""
    kept: list[str] = []
    for word in words:
        shown = NUMBER if _DIGIT.search(word) else word if word in known else HIDDEN
        if shown not in (HIDDEN, NUMBER) or not kept or kept[-1] != shown:
            kept.append(shown)
    return " ".join(kept)[:chars_max].rstrip()
