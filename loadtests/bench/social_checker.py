"""What followers were told of a storm, held against the storm itself and against what the service had room for. Shares no code with the planner.

A message is *top priority* where an area has at least as many customers out as the policy calls an emergency, and no post about the area has come since its
outages began (a first report), or where any of its outages is of a cause of safety, with the customers that the policy asks for, and nobody was warned of it.
Its *cause* is the moment at which the source said so. It is *told* once every language has it: by a post about the area, or, a first report, by an overview
that names it; a warning must say that it is one. An area's outages end when the source says that the last is restored; begun again within half an hour, they
are the same.
"""

import math
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

import yaml

from loadtests.bench.social_reading import LANGS, Reader, Reading
from services.cli.plan.storms import Step
from services.kernel.board import placed
from services.kernel.events import OutageEvent, Status
from services.kernel.ids import AreaId, OutageKey
from tests.simulators.x_api import Asked
from tests.simulators.x_tiers import Budget

WITHIN_S = 60.0
"""Asked of a top-priority message, as long as there is budget."""
_FLAP_S = 1_800.0
_MASKED = 4
"""Customers that a smaller number counts as."""


class Rules(NamedTuple):
    """What the policy says of top priority."""

    emergency_customers_min: int
    safety_customers_min: int
    safety_causes: frozenset[str]

    @classmethod
    def of(cls, policy: Path) -> "Rules":
        """As they stand in the policy's file."""
        file = yaml.safe_load(policy.read_text(encoding="utf-8"))
        return cls(file["emergency_customers_min"], file["safety"]["customers_min"], frozenset(file["safety"]["causes"]))


class Top(NamedTuple):
    """One top-priority message."""

    area: AreaId
    why: str
    """first_report or safety."""
    cause: float
    end: float
    """When the last language had it, or when it was no longer news."""
    told: bool
    budget_s: float
    """For how long at a stretch there was room for it, from `cause` to `end`."""


@dataclass
class Verdict:
    """What came of one storm on one tier."""

    posts: int = 0
    messages: int = 0
    """Posts in one language: what one follower reads."""
    refused: int = 0
    """Requests over a limit, or unpaid."""
    over: int = 0
    """Posts that were taken though a limit was used up: by the checker's own count."""
    repeated: int = 0
    """Requests with a text that was there."""
    duplicates: int = 0
    """Texts that are out more than once."""
    dollars: float = 0.0
    overtaken: int = 0
    """Messages that told nothing of top priority, while something of it had waited for more than a minute."""
    updates: int = 0
    covered: int = 0
    """Updates of areas that a message named after them."""
    told: list[Top] = field(default_factory=list)
    untold: list[Top] = field(default_factory=list)

    @property
    def late(self) -> list[Top]:
        """Told, with more than a minute of budget gone by."""
        return [top for top in self.told if top.budget_s > WITHIN_S]

    @property
    def lost(self) -> list[Top]:
        """Never told, with more than a minute of budget gone by."""
        return [top for top in self.untold if top.budget_s > WITHIN_S]

    @property
    def waits(self) -> list[float]:
        """Seconds from cause to out."""
        return [top.end - top.cause for top in self.told]

    @property
    def wrong(self) -> list[str]:
        """What is not as it must be."""
        counted = {
            "requests over a limit": self.refused,
            "posts over a limit": self.over,
            "texts out twice": self.duplicates,
            "top-priority messages lost": len(self.lost),
            f"top-priority messages later than {WITHIN_S:g} s of budget": len(self.late),
            "messages before top-priority ones that waited": self.overtaken,
        }
        return [f"{number} {what}" for what, number in counted.items() if number]

    def rows(self) -> Iterator[str]:
        """In words."""
        limited = f"{self.refused} refused for a limit, {self.over} over one; {self.duplicates} out twice, {self.repeated} repeated"
        yield f"{self.posts:,} posts, {self.messages:,} a language; ${self.dollars:,.2f}; {limited}"
        waits = f"p50 {median(self.waits):.0f} s, most {max(self.waits):,.0f} s" if self.told else "-"
        budget = f"with budget at most {max((top.budget_s for top in self.told), default=0):.0f} s"
        yield f"top priority: {len(self.told)} told, {waits} from cause to out, {budget}, {len(self.late)} later than asked"
        lost = f"{len(self.lost)} of them though there was budget"
        yield f"              {len(self.untold)} never told, {lost}; {self.overtaken} other messages before one that waited"
        if self.messages:
            yield f"updates: {self.updates:,}, {self.updates / self.messages:,.1f} a message; of areas that messages named {self.covered / self.messages:,.1f}"


@dataclass
class _Area:
    """How one area stands."""

    outages: dict[OutageKey, OutageEvent] = field(default_factory=dict)
    """Unplanned, and open or missing from the picture."""
    out: int = 0
    hazards: int = 0
    ended_at: float = -math.inf
    told: dict[str, set[str]] = field(default_factory=lambda: {"first_report": set(), "safety": set()})
    """Languages that have it."""
    since: dict[str, float] = field(default_factory=dict)
    """What is to be told, and since when."""
    updates: int = 0


def check(steps: Sequence[Step], record: Sequence[Asked], limits: Iterable[Budget], rules: Rules, until: float) -> Verdict:
    """Hold `record` against `steps`, up to the moment `until`."""
    checker = _Checker(rules, record, until)
    reader = Reader(named for step in steps for named in step.names.items())
    posts = deque(asked for asked in record if asked.status == 201)
    for step in steps:
        while posts and posts[0].at <= step.at.timestamp():
            checker.heard(posts[0].at, reader.read(posts.popleft().text))
        checker.happened(step)
    for asked in posts:
        checker.heard(asked.at, reader.read(asked.text))
    return checker.verdict(limits)


class _Checker:
    def __init__(self, rules: Rules, record: Sequence[Asked], until: float) -> None:
        self._rules, self._record, self._until = rules, record, until
        self._areas: dict[AreaId, _Area] = {}
        self._known: dict[OutageKey, tuple[AreaId, ...]] = {}
        self._drained = _Drained(record, until)
        self._verdict = Verdict()

    def happened(self, step: Step) -> None:
        """What the source said at one moment."""
        at, touched = step.at.timestamp(), set[AreaId]()
        for key, event in step.changes:
            for area in self._known.pop(key, ()):
                self._areas[area].outages.pop(key, None)
                touched.add(area)
            areas = placed(event.areas)
            if event.status in (Status.ACTIVE, Status.CLEARING) and not event.planned:
                self._known[key] = areas
                for area in areas:
                    self._areas.setdefault(area, _Area()).outages[key] = event
            for area in areas:
                self._areas.setdefault(area, _Area()).updates += 1
            touched.update(areas)
        self._verdict.updates += len(step.changes)
        for area in touched:
            self._stands(area, at)

    def _stands(self, name: AreaId, at: float) -> None:
        area = self._areas[name]
        was_over = not math.isinf(area.ended_at)
        if not area.outages:
            area.ended_at = area.ended_at if was_over else at
        elif was_over:
            if at - area.ended_at > _FLAP_S:
                area.told = {why: set() for why in area.told}
            area.ended_at = -math.inf
        active = [event for event in area.outages.values() if event.status is Status.ACTIVE]
        area.out = sum(max(event.customers_affected or 0, _MASKED if event.customers_affected is not None else 0) for event in active)
        area.hazards = sum(event.cause in self._rules.safety_causes for event in active)
        self._look(name, at)

    def _look(self, name: AreaId, at: float) -> None:
        """Open what is to be told from now on, and close what was told, or is no longer news."""
        area = self._areas[name]
        is_news = {
            "first_report": area.out >= self._rules.emergency_customers_min,
            "safety": area.hazards > 0 and area.out >= self._rules.safety_customers_min,
        }
        for why, holds in is_news.items():
            told = area.told[why].issuperset(LANGS)
            if why in area.since and (told or not holds):
                self._close(name, why, at, told)
            elif holds and not told:
                area.since.setdefault(why, at)

    def _close(self, name: AreaId, why: str, at: float, told: bool) -> None:
        since = self._areas[name].since.pop(why)
        top = Top(name, why, since, at, told, self._drained.longest_room(since, at))
        (self._verdict.told if told else self._verdict.untold).append(top)

    def heard(self, at: float, reading: Reading) -> None:
        """A post that is out."""
        about = reading.listed if reading.area is None else {reading.area}
        if reading.lang == LANGS[0]:
            self._verdict.messages += 1
            waited = any(at - since > WITHIN_S for area in self._areas.values() for since in area.since.values())
            self._verdict.overtaken += waited and not any(name in self._areas and self._areas[name].since for name in about)
        for name in about:
            area = self._areas.setdefault(name, _Area())
            if reading.lang == LANGS[0]:
                self._verdict.covered += area.updates
                area.updates = 0
            if reading.back:
                for told in area.told.values():
                    told.discard(reading.lang)
            elif not reading.planned:
                area.told["first_report"].add(reading.lang)
                if reading.safety:
                    area.told["safety"].add(reading.lang)
            self._look(name, at)

    def verdict(self, limits: Iterable[Budget]) -> Verdict:
        """At the end."""
        for name, area in self._areas.items():
            for why in list(area.since):
                self._close(name, why, self._until, False)
        verdict, statuses = self._verdict, Counter(asked.status for asked in self._record)
        out = [asked for asked in self._record if asked.status == 201]
        verdict.posts, verdict.refused, verdict.repeated = len(out), statuses[429] + statuses[402], statuses[403]
        verdict.over = sum(_over([asked.at for asked in out], budget) for budget in limits)
        verdict.duplicates = sum(times - 1 for times in Counter(asked.text for asked in out).values())
        verdict.dollars = sum(asked.dollars for asked in out)
        return verdict


class _Drained:
    """When there was no room for a message."""

    def __init__(self, record: Sequence[Asked], until: float) -> None:
        follows = [*(asked.at for asked in record[1:]), until]
        spans = [(asked.at, min(asked.room_again_at, end)) for asked, end in zip(record, follows, strict=False)]
        self._spans = [(begin, end) for begin, end in spans if end > begin]
        self._begins = [begin for begin, _ in self._spans]

    def longest_room(self, begin: float, end: float) -> float:
        """The longest stretch of that time in which there was some."""
        longest, since = 0.0, begin
        for drained, again in self._spans[max(bisect_right(self._begins, begin) - 1, 0) :]:
            if drained >= end:
                break
            longest, since = max(longest, drained - since), max(since, again)
        return max(longest, end - since)


def _over(times: Sequence[float], budget: Budget) -> int:
    """Posts beyond a limit whose windows begin with the first post in each."""
    over, ends_at, count = 0, -math.inf, 0
    for at in times:
        if at >= ends_at:
            ends_at, count = at + budget.window_s, 0
        count += 1
        over += count > budget.limit
    return over


def moment(at: float) -> str:
    """For people."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"
