"""Where people can warm up, cool down or charge a phone while the power is out: which is open, and which is nearest."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt

from msgspec import Struct

EARTH_KM = 6_371.0
"""Mean radius of the earth."""


class Help(StrEnum):
    """What a centre is for."""

    WARMING = "warming"
    COOLING = "cooling"
    CHARGING = "charging"


class Centre(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One place that is open to everybody."""

    name: Mapping[str, str]
    """In each language, as are `address` and `hours`."""
    address: Mapping[str, str]
    help: tuple[Help, ...]
    point: tuple[float, float] | None = None
    """Longitude and latitude in degrees, WGS 84."""
    areas: tuple[str, ...] = ()
    """Ids or names of the areas that it is near to."""
    hours: Mapping[str, str] = {}
    opens: datetime | None = None
    closes: datetime | None = None
    """With offsets; None: open until it is taken out of the file."""

    def is_open(self, now: datetime) -> bool:
        """Whether people may be sent there at `now`."""
        return (self.opens is None or self.opens <= now) and (self.closes is None or now < self.closes)


def kilometres(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Along the great circle (haversine) between two points, each longitude and latitude in degrees."""
    (lon, lat), (lon2, lat2) = (tuple(map(radians, point)) for point in (here, there))
    return 2 * EARTH_KM * asin(sqrt(sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2))


def nearest(centres: Sequence[Centre], here: tuple[float, float]) -> Centre | None:
    """The centre nearest to `here`; None where none says where it is."""
    placed = [(kilometres(here, centre.point), at, centre) for at, centre in enumerate(centres) if centre.point is not None]
    return min(placed)[2] if placed else None
