"""What the counts come to. Pure."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from services.kernel.asked import Phrase, Sign, Tallied

SIGNS = frozenset(Sign)
NOT_UNDERSTOOD = frozenset({"unmatched", "unsure"})
UNREAD = "shed"
"""How turns ended that were refused: whether they would have been understood, nobody knows."""


class Line(Struct, frozen=True):
    """One thing that people ask for, and how that went."""

    intent: str
    turns: int
    share: float
    """Of all turns, 0 to 1."""
    endings: Mapping[str, int]
    """How those turns ended."""
    signs: Mapping[str, int]
    """Signs of giving up right after it."""

    @property
    def gave_up(self) -> int:
        """How often somebody had enough after it."""
        return sum(self.signs.values())


class Report(Struct, frozen=True):
    """What people asked since a moment."""

    since: datetime
    until: datetime
    turns: int
    understood: float
    """Share of the turns that were read, 0 to 1; 0 where there were none."""
    platforms: Mapping[str, int]
    langs: Mapping[str, int]
    asked: tuple[Line, ...]
    """Most asked first."""
    unmatched: tuple[tuple[Phrase, int], ...]
    """Most often said first."""

    @property
    def giving_up(self) -> tuple[Line, ...]:
        """Where people give up: most of them first."""
        return tuple(sorted((line for line in self.asked if line.gave_up), key=lambda line: (-line.gave_up, line.intent)))


def report(counts: Mapping[Tallied, int], phrases: Mapping[Phrase, int], since: datetime, until: datetime, most: int) -> Report:
    """The counts added up; at most `most` phrases."""
    endings: dict[str, Counter[str]] = {}
    signs: dict[str, Counter[str]] = {}
    platforms: Counter[str] = Counter()
    langs: Counter[str] = Counter()
    for tallied, count in counts.items():
        into = signs if tallied.what in SIGNS else endings
        into.setdefault(tallied.intent, Counter())[tallied.what] += count
        if into is endings:
            platforms[tallied.platform] += count
            langs[tallied.lang] += count
    turns = platforms.total()
    lines = [
        Line(intent, total, total / turns if turns else 0.0, dict(endings.get(intent, {})), dict(signs.get(intent, {})))
        for intent in endings.keys() | signs.keys()
        for total in (endings.get(intent, Counter()).total(),)
    ]
    missed = sum(count for ended in endings.values() for what, count in ended.items() if what in NOT_UNDERSTOOD)
    read = turns - sum(ended[UNREAD] for ended in endings.values())
    said = sorted(phrases.items(), key=lambda item: (-item[1], item[0]))[:most]
    return Report(
        since,
        until,
        turns,
        (read - missed) / read if read else 0.0,
        dict(platforms.most_common()),
        dict(langs.most_common()),
        tuple(sorted(lines, key=lambda line: (-line.turns, line.intent))),
        tuple(said),
    )
