"""The status page and the areas' pages: complete HTML, readable without a script."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from msgspec import Struct

from services.fanout.site.estimates import has_passed
from services.fanout.site.features import note_in
from services.fanout.site.sheet import AS_OF, POSITION, SAID, SILENT_HTML, Sheet, rfc3339
from services.fanout.site.words import area_name, figure
from services.kernel.board import Open
from services.kernel.events import Cause, OutageEvent
from services.kernel.ids import AreaId, OutageKey
from services.kernel.messages import LANGS, Wording
from services.kernel.views import AreaBrief, Count, OutageBrief, Totals

BAR_STEPS = 20
"""Lengths that a bar of the status page can have: classes `s1` to `s20` of the style sheet (its policy allows no inline style)."""
_SHARE = "\x00w\x00"


class PageLimits(Struct, frozen=True):
    """How much the pages tell, and from when on they say that they are old."""

    rows_max: int
    links_max: int
    stale_after_s: float
    threshold: int
    outage_line: str
    question_max: int


class Estimate(Struct, frozen=True):
    """When power is expected back, for a page. `state` is none, ahead or passed."""

    state: str
    iso: str = ""
    words: str = ""
    without: int = 0


class Row(Struct, frozen=True):
    """An area's line of the status page, rendered when the area changes."""

    area: AreaId
    name: str
    customers: int
    html: str
    link: str


class _Card(Struct, frozen=True):
    """One outage on its area's page, as long as neither the outage changes nor its estimate passes."""

    event: OutageEvent
    passed: bool
    html: str


CARDS_MAX = 20_000
"""Outages whose cards are kept: beyond that all are made anew, which costs time only."""
TIMES_MAX = 20_000
"""Moments whose words are kept: the estimates of a storm are few, and rounded."""


class Pages:
    """The pages of one language. An outage's card is rendered when the outage changes, however often its area's page is."""

    def __init__(self, wording: Wording, limits: PageLimits) -> None:
        self._wording, self._limits = wording, limits
        env = Environment(
            loader=PackageLoader("services.fanout.site"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
        )
        env.filters["number"] = wording.number
        env.filters["segment"] = lambda text: quote(text, safe="")
        other = next(lang for lang in LANGS if lang != wording.lang)
        env.globals.update(say=_sayer(wording), lang=wording.lang, other=other, limits=limits, line=limits.outage_line)
        env.globals.update(position=POSITION, as_of=AS_OF, said=SAID, silent=SILENT_HTML)
        self._index, self._area = (env.get_template(f"{name}.html") for name in ("index", "area"))
        parts: Any = env.get_template("parts.html").module  # macros, compiled once: what is rendered most must not pay for a template's start each time
        self._row, self._outage = parts.row, parts.outage
        self._cards: dict[OutageKey, _Card] = {}
        self._times: dict[datetime, str] = {}

    def forget(self) -> None:
        """Days may have changed: word every outage anew."""
        self._cards.clear()
        self._times.clear()

    def row(self, brief: AreaBrief, now: datetime) -> Row:
        """The line of `brief` on the status page."""
        name = area_name(self._wording, brief.area, brief.named)
        html = self._row(
            brief=brief,
            name=name,
            figure=figure(self._wording, brief.customers),
            estimate=self._estimate(brief.latest_estimate, now, brief.unestimated),
            facts=self._facts(brief),
            share=_SHARE,
        )
        link = Markup('<li><a href="/{}/areas/{}">{}</a></li>').format(self._wording.lang, quote(brief.area, safe=""), name)
        return Row(brief.area, name, brief.customers.customers, str(html), str(link))

    def index(self, totals: Totals, rows: Iterable[Row], areas: int) -> Sheet:
        """The status page: `rows` are the lines of all areas with an outage, those with the most customers first."""
        rows = list(rows)
        told, linked = rows[: self._limits.rows_max], rows[self._limits.rows_max :]
        most = max((row.customers for row in told), default=0)
        linked, unlisted = linked[: self._limits.links_max], len(linked[self._limits.links_max :])
        html = self._index.render(
            page="",
            totals=totals,
            figure=figure(self._wording, totals.customers),
            areas=areas,
            rows="".join(row.html.replace(_SHARE, _step(row.customers, most)) for row in told),
            links="".join(row.link for row in sorted(linked, key=lambda row: row.name)),
            linked=len(linked),
            unlisted=unlisted,
        )
        return Sheet(html.encode())

    def area(self, brief: AreaBrief, open_outages: Sequence[Open], now: datetime) -> Sheet:
        """The page of one area; `open_outages` are those of `brief.largest`, in that order."""
        html = self._area.render(
            page=f"areas/{quote(brief.area, safe='')}",
            brief=brief,
            name=area_name(self._wording, brief.area, brief.named),
            customers=self._wording.customers(brief.customers),
            shown=len(brief.largest),
            cards="".join(self._card(outage, row, now) for outage, row in zip(brief.largest, open_outages, strict=True)),
        )
        return Sheet(html.encode())

    def _card(self, outage: OutageBrief, row: Open, now: datetime) -> str:
        passed = outage.estimated_restoration is not None and has_passed(outage.estimated_restoration, now)
        known = self._cards.get(outage.key)
        if known is None or known.event is not row.event or known.passed != passed:
            if len(self._cards) >= CARDS_MAX:
                self._cards.clear()
            known = self._cards[outage.key] = _Card(row.event, passed, str(self._outage(self._told(outage, row, now))))
        return known.html

    def _told(self, outage: OutageBrief, row: Open, now: datetime) -> dict[str, Any]:
        wording = self._wording
        counted = outage.customers is not None
        return {
            "customers": wording.customers(Count(outage.customers or 0, outage.masked)) if counted else wording.say("page-customers-unknown"),
            "planned": outage.planned,
            "since": outage.started_at and {"iso": rfc3339(outage.started_at), "words": self._when(outage.started_at, now)},
            "estimate": self._estimate(outage.estimated_restoration, now),
            "cause": wording.say("page-cause-unknown") if outage.cause is Cause.UNKNOWN else wording.say("cause", cause=outage.cause.value),
            "crew": wording.say("crew", crew=outage.crew.value) if outage.crew else None,
            "note": note_in(row.event.note, wording.lang),
        }

    def _estimate(self, estimate: datetime | None, now: datetime, without: int = 0) -> Estimate:
        if estimate is None:
            return Estimate("none")
        state = "passed" if has_passed(estimate, now) else "ahead"
        return Estimate(state, rfc3339(estimate), self._when(estimate, now), without)

    def _when(self, moment: datetime, now: datetime) -> str:
        """`moment` in words that hold for the rest of the day: `forget` is called when it is over."""
        words = self._times.get(moment)
        if words is None:
            if len(self._times) >= TIMES_MAX:
                self._times.clear()
            words = self._times[moment] = self._wording.when(moment, now)
        return words

    def _facts(self, brief: AreaBrief) -> list[str]:
        say, number = self._wording.say, self._wording.number
        facts = [say("page-outages", count=brief.outages, number=number(brief.outages))]
        if brief.planned:
            whole = brief.planned == brief.outages
            facts.append(say("page-all-planned") if whole else say("page-some-planned", count=brief.planned, number=number(brief.planned)))
        if brief.cause is not Cause.UNKNOWN and brief.planned < brief.outages:
            facts.append(say("cause", cause=brief.cause.value))
        if brief.crew:
            facts.append(say("crew", crew=brief.crew.value))
        return facts


def _sayer(wording: Wording) -> Callable[..., str]:
    """`wording.say` for templates: what takes no arguments, most of a page, is worded and escaped once."""
    constant = cache(lambda message: escape(wording.say(message)))
    return lambda message, **args: wording.say(message, **args) if args else constant(message)


def _step(customers: int, most: int) -> str:
    return f"s{math.ceil(BAR_STEPS * customers / most)}" if most else "s0"
