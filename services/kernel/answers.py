"""What voice says of one area, or of all together, in one language: rendered when it changes, true for the days ahead (I5).

An answer is a short schedule of texts. Each text holds from a moment on: when an estimate passes, or midnight turns
'tomorrow' into a bare time, the reader goes on to the next one by the clock, even if whoever renders is dead by then.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.kernel.areas import AreaName
from services.kernel.events import Cause, Crew
from services.kernel.ids import UNPLACED
from services.kernel.messages import Wording
from services.kernel.sources import Source, silence, stale_sources
from services.kernel.views import Answers, AreaBrief, Count, Spoken, Totals

STATUS, RESTORATION, CAUSE, COUNTS = "outage_status", "outage_restoration", "outage_cause", "outage_counts"
ANSWERS = (STATUS, RESTORATION, CAUSE, COUNTS)
"""The intents that have an answer for each area, as the contract spells them."""

STALE_SOURCES = "stale_sources"
"""Among the answers for all areas together: what goes after any answer while a source is silent for too long. No intent."""

MIDNIGHTS = 2
"""How many midnights ahead the texts hold: they are rendered again at the first."""
ROUND_FROM = 1_000
"""Larger numbers are rounded to three figures for the ear."""

Texts = Mapping[str, tuple[Spoken, ...]]


def area_answers(wordings: Iterable[Wording], brief: AreaBrief, now: datetime) -> Answers:
    """Everything that can be said of one area, in each language."""
    return {wording.lang: _area(wording, brief, now) for wording in wordings}


def overall_answers(wordings: Iterable[Wording], totals: Totals, hardest_hit: Sequence[AreaName]) -> Answers:
    """Everything that can be said of all areas together; `hardest_hit` has the names of up to a few areas, worst first."""
    return {wording.lang: _overall(wording, totals, [area.called(wording.lang) for area in hardest_hit]) for wording in wordings}


def silence_answers(wordings: Iterable[Wording], sources: Sequence[Source], now: datetime) -> Answers:
    """What goes after any answer, under `STALE_SOURCES`: '' until a source turns stale, be whoever renders dead by then."""
    return {wording.lang: {STALE_SOURCES: _silence(wording, sources, now)} for wording in wordings}


def _silence(wording: Wording, sources: Sequence[Source], now: datetime) -> tuple[Spoken, ...]:
    ahead = {source.stale_at for source in sources} | {_midnight(now, wording.zone, days) for days in range(1, MIDNIGHTS + 1)}
    return _schedule(lambda at: silence(wording, stale_sources(sources, at), at), [now, *sorted(moment for moment in ahead if moment > now)])


def spoken_at(texts: Sequence[Spoken], now: datetime) -> str:
    """The text that is true at `now`."""
    for spoken in reversed(texts):
        if spoken.since is None or spoken.since <= now:
            return spoken.text
    return texts[0].text


def render_again_at(now: datetime, zone: ZoneInfo) -> datetime:
    """When an answer that names a time is due again: the next midnight, so that it stays true for `MIDNIGHTS` of them."""
    return _midnight(now, zone, 1)


def _area(wording: Wording, brief: AreaBrief, now: datetime) -> Texts:
    area = wording.say("voice-area-unnamed") if brief.area == UNPLACED else brief.named.called(wording.lang)
    if not brief.outages:
        none = (Spoken(wording.say("voice-none", area=area)),)
        return dict.fromkeys(ANSWERS, none)
    moments = _turns(brief, now, wording.zone)
    found = _found(wording, brief, area)
    crew = wording.say("voice-crew", crew=brief.crew or Crew.PENDING)

    def status(at: datetime) -> str:
        return _sentences(found, wording.say("voice-estimate", **estimate(wording, brief, at)))

    def restoration(at: datetime) -> str:
        return _sentences(wording.say("voice-restoration", area=area, **estimate(wording, brief, at)), crew)

    return {
        STATUS: _schedule(status, moments),
        RESTORATION: _schedule(restoration, moments),
        CAUSE: (Spoken(_cause(wording, brief, area)),),
        COUNTS: (Spoken(_counts(wording, brief, area)),),
    }


def _overall(wording: Wording, totals: Totals, hardest_hit: Sequence[str]) -> Texts:
    if not totals.outages:
        return dict.fromkeys(ANSWERS, (Spoken(wording.say("voice-all-none")),))
    people = _people(wording, totals.customers)
    found = wording.say("voice-all-found", count=totals.outages, outages=wording.number(totals.outages), counted=_counted(totals.customers), **people)
    hardest = wording.say("voice-all-hardest", areas=wording.list(hardest_hit)) if hardest_hit and totals.outages > 1 else ""
    told = (Spoken(_sentences(found, hardest)),)
    return {
        STATUS: told,
        RESTORATION: (Spoken(wording.say("voice-all-restoration")),),
        CAUSE: (Spoken(wording.say("voice-all-cause")),),
        COUNTS: told,
    }


def _found(wording: Wording, brief: AreaBrief, area: str) -> str:
    kind = _kind(brief)
    found = wording.say("voice-found", kind=kind, area=area, outages=wording.number(brief.outages), planned=wording.number(brief.planned))
    if not brief.customers.customers:
        return found
    several = "many" if brief.outages > 1 else kind
    return _sentences(found, wording.say("voice-affected", kind=several, **_people(wording, brief.customers)))


def _kind(brief: AreaBrief) -> str:
    if brief.outages == 1:
        return "one_planned" if brief.planned else "one"
    if not brief.planned:
        return "many"
    return "many_planned" if brief.planned == brief.outages else "many_mixed"


def estimate(wording: Wording, brief: AreaBrief, at: datetime) -> dict[str, str]:
    """Which sentence about the estimate is true at `at`, and its time."""
    earliest, latest = brief.earliest_estimate, brief.latest_estimate
    if earliest is None or latest is None:
        return {"estimate": "none", "when": "", "at": ""}
    if latest <= at:
        shape = "passed"
    elif earliest <= at or brief.unestimated:
        shape = "some"
    else:
        shape = "all" if brief.outages > 1 else "one"
    return {"estimate": shape, "when": wording.when(latest, at), "at": wording.at(latest, at)}


def _cause(wording: Wording, brief: AreaBrief, area: str) -> str:
    cause = Cause.PLANNED if brief.cause is Cause.UNKNOWN and brief.planned == brief.outages else brief.cause
    if cause in (Cause.UNKNOWN, Cause.OTHER):
        return wording.say("voice-cause", known=cause, area=area, cause="")
    return wording.say("voice-cause", known="one" if brief.outages == 1 else "many", area=area, cause=wording.say("cause", cause=cause))


def _counts(wording: Wording, brief: AreaBrief, area: str) -> str:
    people = _people(wording, brief.customers)
    return wording.say("voice-counts", area=area, count=brief.outages, outages=wording.number(brief.outages), counted=_counted(brief.customers), **people)


def _people(wording: Wording, count: Count) -> dict[str, Any]:
    """A number of customers for the ear: the words, and the number that a verb agrees with."""
    return {"customers": wording.customers(rounded(count)), "plural": 2 if count.masked else count.customers}


def _counted(count: Count) -> str:
    return "yes" if count.customers else "no"


def rounded(count: Count) -> Count:
    """`count` as it is said aloud: from `ROUND_FROM` on to three figures, and then 'about' unless that is the number itself."""
    if count.customers < ROUND_FROM:
        return count
    figures = 10 ** (len(str(count.customers)) - 3)
    near = (count.customers + figures // 2) // figures * figures
    return Count(near, count.masked or near != count.customers)


def _sentences(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _schedule(text_at: Callable[[datetime], str], moments: Sequence[datetime]) -> tuple[Spoken, ...]:
    """The texts at `moments`, the first from the first; one that says the same as the one before is left out."""
    texts = [Spoken(text_at(moments[0]))]
    for moment in moments[1:]:
        text = text_at(moment)
        if text != texts[-1].text:
            texts.append(Spoken(text, moment))
    return tuple(texts)


def _turns(brief: AreaBrief, now: datetime, zone: ZoneInfo) -> list[datetime]:
    """`now`, and the moments ahead at which what is said of `brief` changes by itself."""
    estimates = {brief.earliest_estimate, brief.latest_estimate} - {None}
    if not estimates:
        return [now]
    ahead = {_midnight(now, zone, days) for days in range(1, MIDNIGHTS + 1)} | estimates
    return [now, *sorted(moment for moment in ahead if moment is not None and moment > now)]


def _midnight(now: datetime, zone: ZoneInfo, days: int) -> datetime:
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=days), time(), zone)
