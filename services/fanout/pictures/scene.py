"""What a picture says: the same facts as the post that it goes with, in the post's language (I6), and its alt text."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from msgspec import Struct

from services.kernel import forms
from services.kernel.areas import AreaName, name_of
from services.kernel.ids import EVERYWHERE, AreaId
from services.kernel.messages import Wording
from services.kernel.planning.posts import Facts, Kind, Post
from services.kernel.views import Count

ALT_MAX = 1_000
"""X's limit (docs.x.com, "Create Media metadata"); Mastodon takes 1,500, Bluesky 2,000, the others more."""
NAME_MAX = 100
"""A longer name of an area is cut, so that no fact is."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Pictures are passed on for days: their times are told as one would years apart, with day and year."""
_ALT_REST = 80
"""More than the words around the places take."""
_ALT = forms.characters(ALT_MAX)


class Shade(StrEnum):
    """How an area is marked: each has a colour and a pattern of its own."""

    FEW = "few"
    HUNDREDS = "hundreds"
    THOUSANDS = "thousands"
    MOST = "most"
    PLANNED = "planned"
    RESTORED = "restored"


_BOUNDS = ((100, Shade.FEW), (1_000, Shade.HUNDREDS), (10_000, Shade.THOUSANDS))
"""Up to how many customers, that number left out."""


class Marked(Struct, frozen=True):
    """One area that the post tells of."""

    area: AreaId
    shade: Shade
    labels: tuple[str, ...]
    """What is written on it, in lines."""


class Scene(Struct, frozen=True):
    """All words of one picture, and what they are said of."""

    title: str
    lines: tuple[str, ...]
    marked: tuple[Marked, ...]
    legend: tuple[tuple[Shade, str], ...]
    untold: str
    """What the areas that aren't marked are."""
    circles: str
    """What the circles are, where there are any."""
    foot: tuple[str, ...]
    alt: tuple[str, ...]
    """Sentences; the last is true only where there are circles."""

    def alt_text(self, *, circles: bool) -> str:
        """What a screen reader says in place of the picture."""
        return _ALT.fitted(self.alt if circles else self.alt[:-1])


def scene_of(post: Post, names: Mapping[AreaId, AreaName], wording: Wording, as_of: datetime, now: datetime) -> Scene:
    """The picture of `post`, whose facts were known at `as_of`; an estimate is past or future as of `now`."""
    return _overview(post.facts, names, wording, as_of) if post.area == EVERYWHERE else _of_area(post, names, wording, as_of, now)


def shade_of(kind: Kind, customers: Count) -> Shade:
    """How an area is marked that a post of `kind` tells so many customers of."""
    if kind in (Kind.RESTORED, Kind.PLANNED):
        return Shade.RESTORED if kind is Kind.RESTORED else Shade.PLANNED
    return next((shade for bound, shade in _BOUNDS if customers.customers < bound), Shade.MOST)


def _of_area(post: Post, names: Mapping[AreaId, AreaName], wording: Wording, as_of: datetime, now: datetime) -> Scene:
    facts, area = post.facts, _called(names, post.area, wording)
    shade = shade_of(post.kind, facts.customers)
    told = {"area": area, "customers": wording.customers(facts.customers), "peak": wording.customers(facts.peak), "when": _when(as_of, wording)}
    told |= {"shape": _shape(post, now), "starts": wording.at(facts.starts, _LONG_AGO) if facts.starts else ""}
    more = []
    if facts.estimate is not None or post.kind not in (Kind.PLANNED, Kind.RESTORED):
        shape = "none" if facts.estimate is None else "passed" if facts.estimate <= now else "some" if facts.unestimated else "all"
        more = [wording.say("picture-estimated", shape=shape, when=_when(facts.estimate, wording) if facts.estimate else "")]
    return Scene(
        title=area,
        lines=(wording.say("picture-told", **told), *more),
        marked=(Marked(post.area, shade, (area,)),),
        legend=((shade, _named(shade, wording)),),
        untold=wording.say("picture-untold"),
        circles=wording.say("picture-circles"),
        foot=_foot(as_of, wording),
        alt=(wording.say("picture-alt", **told), *more, wording.say("picture-alt-circles")),
    )


def _shape(post: Post, now: datetime) -> str:
    if post.kind is Kind.PLANNED:
        return "ahead" if post.facts.starts is not None and post.facts.starts > now else "begun"
    return {Kind.RESTORED: "restored", Kind.HALF_RESTORED: "half"}.get(post.kind, "out")


def _overview(facts: Facts, names: Mapping[AreaId, AreaName], wording: Wording, as_of: datetime) -> Scene:
    marked, told = [], []
    for place in facts.places:
        area, customers = _called(names, place.area, wording), wording.customers(place.customers)
        marked.append(Marked(place.area, shade_of(Kind.DIGEST, place.customers), (area, wording.say("picture-count", customers=customers))))
        told.append(wording.say("picture-place", area=area, customers=customers))
    shades = {one.shade for one in marked}
    number, customers = wording.number(facts.outages), wording.customers(facts.customers)
    total = wording.say("picture-overview", outages=facts.outages, number=number, customers=customers)
    return Scene(
        title=wording.say("picture-overview-title"),
        lines=(total,),
        marked=tuple(marked),
        legend=tuple((shade, _named(shade, wording)) for shade in Shade if shade in shades),
        untold=wording.say("picture-untold"),
        circles="",
        foot=_foot(as_of, wording),
        alt=(*_overview_alt(told, total, wording, as_of), ""),
    )


def _overview_alt(told: list[str], total: str, wording: Wording, as_of: datetime) -> list[str]:
    """As many of the places as fit beside the rest, the hardest hit first."""
    head = wording.say("picture-alt-overview", total=total, when=_when(as_of, wording))
    while sum(len(place) + 4 for place in told) > ALT_MAX - _ALT_REST - len(head):
        told = told[:-1]
    return [head, *([wording.say("picture-alt-places", places=wording.list(told))] if told else [])]


def _named(shade: Shade, wording: Wording) -> str:
    return wording.say("picture-shade", shade=shade, hundred=wording.number(100), thousand=wording.number(1_000), most=wording.number(10_000))


def _foot(as_of: datetime, wording: Wording) -> tuple[str, ...]:
    return wording.say("picture-as-of", when=_when(as_of, wording)), wording.say("picture-by")


def _when(moment: datetime, wording: Wording) -> str:
    return wording.when(moment, _LONG_AGO)


def _called(names: Mapping[AreaId, AreaName], area: AreaId, wording: Wording) -> str:
    return _ALT.shortened(name_of(names, area).called(wording.lang), NAME_MAX)
