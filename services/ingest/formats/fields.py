"""Fields of a published record, read with care: each reader gives the value, None where there is none, or says what is wrong."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from services.kernel.events import CUSTOMERS_MAX
from services.kernel.ids import UNPLACED, AreaId, OutageId, area_from_name
from services.kernel.order import EPOCH

Record = Mapping[str, Any]
Named = tuple[tuple[AreaId, str], ...]
"""Areas with what people call them."""

ID_MAX = 200
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
_NEWEST = datetime(2100, 1, 1, tzinfo=UTC)


class Flawed(Exception):
    """A field that can't be used."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


def shown(value: object) -> str:
    """`value` as it may stand in an error: short, whatever it is."""
    try:
        text = repr(value)
    except RecursionError:
        text = "something nested deeply"
    return text if len(text) <= 60 else text[:57] + "..."


def outage_id(record: Record, field: str) -> OutageId:
    """The feed's own id: text or a whole number."""
    value = record.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        return OutageId(str(value))
    if isinstance(value, str) and 0 < len(value) <= ID_MAX and value.isprintable() and value.strip() == value:
        return OutageId(value)
    raise Flawed(field, f"must be the outage's id, 1 to {ID_MAX} printable characters or a whole number, not {shown(value)}")


def text(record: Record, field: str) -> str:
    """Words, without the blanks around them; empty where there are none."""
    value = record.get(field)
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    raise Flawed(field, f"must be text, not {shown(value)}")


def flag(record: Record, field: str, default: bool) -> bool:
    """True or false; `default` where the record doesn't say."""
    value = record.get(field)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    raise Flawed(field, f"must be true or false, not {shown(value)}")


def number(record: Record, field: str) -> float | None:
    """A finite number, as a number or as text."""
    value = record.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            read = float(value)
        except (ValueError, OverflowError):
            read = math.nan
        if math.isfinite(read):
            return read
    raise Flawed(field, f"must be a number, not {shown(value)}")


def customers(record: Record, field: str) -> int | None:
    """A count of customers: a whole number from 0, as a number or as text."""
    value = record.get(field)
    if type(value) is int:
        count = value
    else:
        try:
            read = number(record, field)
        except Flawed:
            read = math.nan
        if read is None:
            return None
        if not read.is_integer():
            raise Flawed(field, f"must be a whole number of customers, not {shown(value)}")
        count = int(read)
    if not 0 <= count <= CUSTOMERS_MAX:
        raise Flawed(field, f"must be from 0 to {CUSTOMERS_MAX} customers, not {shown(value)}")
    return count


def epoch(record: Record, field: str, per_second: int = 1) -> datetime | None:
    """A moment counted from 1970 in seconds, or in milliseconds with `per_second=1000`. Feeds write 0 where they mean none."""
    try:
        count = number(record, field)
    except Flawed:
        count = math.inf
    if not count:
        return None
    if not _epoch_is_plausible(count / per_second):
        unit = "milliseconds" if per_second == 1000 else "seconds"
        raise Flawed(field, f"must be {unit} since 1970 in the years {_OLDEST.year} to {_NEWEST.year}, not {shown(record.get(field))}")
    return EPOCH + timedelta(microseconds=int(count * (1_000_000 // per_second)))


def _epoch_is_plausible(seconds: float) -> bool:
    return _OLDEST.timestamp() <= seconds < _NEWEST.timestamp()


def moment(record: Record, field: str) -> datetime | None:
    """A moment in ISO 8601 with an offset from UTC."""
    value = record.get(field)
    if value is None or value == "":
        return None
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    if read is None or read.tzinfo is None or not _OLDEST <= read < _NEWEST:
        years = f"the years {_OLDEST.year} to {_NEWEST.year}"
        raise Flawed(field, f"must be a time in {years} with an offset, such as 2018-09-21T17:04:00-04:00, not {shown(value)}")
    return read.astimezone(UTC)


def position(record: Record, longitude: str, latitude: str) -> list[float] | None:
    """Longitude and latitude. Both 0 (a place in the Gulf of Guinea) is what feeds write for an outage without a place."""
    east, north = number(record, longitude), number(record, latitude)
    if east is None or north is None or (east == 0 and north == 0):
        return None
    if abs(east) > 180:
        raise Flawed(longitude, f"must be degrees from -180 to 180, not {shown(record.get(longitude))}")
    if abs(north) > 90:
        raise Flawed(latitude, f"must be degrees from -90 to 90, not {shown(record.get(latitude))}")
    return [east, north]


@lru_cache(maxsize=4096)
def places(names: str, separator: str = "") -> Named:
    """The areas that `names` stands for: one, or several parted by `separator`. A name that leaves no id gives none."""
    each = [name.strip() for name in names.split(separator)] if separator else [names.strip()]
    named = {area_from_name(name): name for name in each if name}
    named.pop(UNPLACED, None)
    return tuple(named.items())
