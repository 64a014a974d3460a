"""Posts to show: every kind, in each case that has words of its own, with made-up facts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from services.fanout.social_text import turn_of
from services.kernel.areas import AreaName
from services.kernel.events import Cause
from services.kernel.ids import EVERYWHERE, UNPLACED, AreaId
from services.kernel.planning.posts import Facts, Kind, Place, Post, Said, Tone, tone_of
from services.kernel.views import Count

NOW = datetime(2026, 1, 15, 21, 4, tzinfo=UTC)
TURNS = 12
"""After so many posts about an area all wordings have had their turn."""
_HERE, _FAR, _POND = AreaId("cove"), AreaId("far"), AreaId("pond")
NAMES = {
    _HERE: AreaName("Birch Cove", "Anse-aux-Bouleaux"),
    _POND: AreaName("Mill Pond", "Étang-du-Moulin"),
    _FAR: AreaName(
        "Lower Birch Cove, Old Ferry Landing and all of the islands between the lighthouse and Mill Pond",
        "L'Anse-aux-Bouleaux-d'en-Bas, le Vieux-Débarcadère et toutes les îles du phare à l'Étang-du-Moulin",
    ),
}
_ETR = NOW + timedelta(hours=3)
_USUAL = Facts(
    outages=12,
    customers=Count(1_250),
    estimate=_ETR,
    cause=Cause.WEATHER,
    peak=Count(3_100),
    starts=_ETR,
    places=(Place(_HERE, Count(900)), Place(_POND, Count(350))),
)
_LONG = msgspec.structs.replace(
    _USUAL,
    outages=4_321,
    customers=Count(1_250_000, masked=True),
    estimate=_ETR + timedelta(days=400),
    peak=Count(2_345_678, masked=True),
    starts=_ETR + timedelta(days=400),
    cause=Cause.VEGETATION,
    unestimated=3,
    places=tuple(Place(area, Count(456_789, masked=True)) for area in NAMES),
)


_CHANGED: dict[Kind, dict[str, Any]] = {
    Kind.SAFETY: {"cause": Cause.SAFETY},
    Kind.MISSED: {"estimate": NOW - timedelta(minutes=34)},
    Kind.PLANNED: {"starts": NOW + timedelta(hours=16), "estimate": NOW + timedelta(hours=20)},
}


class Sample(Struct, frozen=True):
    """One post, and what it is an example of."""

    case: str
    post: Post
    name: AreaName


def samples(kind: Kind) -> Iterator[Sample]:
    """Of `kind`: the usual case in every tone that it may have, then the other cases."""
    for case, area, facts in _cases(kind):
        for tone in Tone if case == "usual" else (Tone.PLAIN,):
            for turn in range(TURNS):
                post = Post(f"{area}:{kind}", area, kind, "", facts, Said("", "", kind, NOW, 0), tone=tone)
                first = msgspec.structs.replace(post.said, turn=turn - turn_of(post) % TURNS)
                if tone_of(post) is tone:
                    yield Sample(case, msgspec.structs.replace(post, said=first), NAMES.get(area, AreaName("")))


def _cases(kind: Kind) -> Iterator[tuple[str, AreaId, Facts]]:
    area = EVERYWHERE if kind is Kind.DIGEST else _HERE
    usual = msgspec.structs.replace(_USUAL, **_CHANGED.get(kind, {}))
    yield "usual", area, usual
    if kind not in (Kind.RESTORED, Kind.DIGEST, Kind.PLANNED, Kind.MISSED):
        yield "some", area, msgspec.structs.replace(usual, unestimated=2)
        yield "none", area, msgspec.structs.replace(usual, estimate=None)
    if kind is Kind.PLANNED:
        yield "begun", area, msgspec.structs.replace(usual, starts=NOW - timedelta(hours=1))
    if kind is not Kind.DIGEST:
        yield "unplaced", UNPLACED, usual
    else:
        yield "emergencies", area, msgspec.structs.replace(usual, urgent=True, cause=Cause.UNKNOWN)
        yield "safety", area, msgspec.structs.replace(usual, urgent=True, cause=Cause.SAFETY)
    longest = {"cause": Cause.SAFETY} if kind is Kind.SAFETY else {"estimate": NOW - timedelta(days=400)} if kind is Kind.MISSED else {}
    yield "longest", area if kind is Kind.DIGEST else _FAR, msgspec.structs.replace(_LONG, **longest)
