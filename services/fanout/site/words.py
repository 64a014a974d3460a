"""How the public side says times, counts and names, where the shared wording leaves a choice."""

import re
from datetime import datetime, timedelta

from msgspec import Struct

from services.kernel.areas import AreaName
from services.kernel.ids import UNPLACED, AreaId
from services.kernel.messages import Wording
from services.kernel.views import Count

ANOTHER_YEAR = timedelta(days=400)
"""Told from that far away, every date comes with its year."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """`text` without what XML 1.0 (section 2.2) forbids, and without control characters: a source may send any."""
    return _CONTROL.sub("", text)


def date(wording: Wording, moment: datetime) -> str:
    """The day, with its year: true whenever it is read."""
    return wording.day(moment, moment - ANOTHER_YEAR)


def dated(wording: Wording, moment: datetime) -> str:
    """Day, year and time: for texts that outlive the day they are written on."""
    return wording.when(moment, moment - ANOTHER_YEAR)


class Figure(Struct, frozen=True):
    """A count for a column of numbers: '', 'about' or 'fewer than', and the number."""

    kind: str
    number: str


def figure(wording: Wording, count: Count) -> Figure:
    """12,500; about 12,500; fewer than 5: as `Wording.customers` says it, without the noun."""
    kind = "exact" if not count.masked else "few" if count.customers < 10 else "about"
    return Figure(wording.say("page-figure-kind", kind=kind), wording.number(count.customers + (kind == "few")))


def area_name(wording: Wording, area: AreaId, name: AreaName) -> str:
    """What people call `area` in this language; outages whose source gives no place have a name too."""
    return wording.say("page-unplaced") if area == UNPLACED and name.en == area else plain(name.called(wording.lang))
