"""Times as feeds write them: counted from 1970, in ISO 8601 with or without an offset, or by a pattern of their own."""

import re
from datetime import UTC, datetime

from services.ingest.formats import fields
from services.ingest.formats.fields import Flawed, Record
from services.ingest.formats.mapping import Table

_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?")
_TEXT_MAX = 64
_YEAR_MIN, _YEAR_MAX = 2000, 2100
_NULL_YEAR_MAX = 1970
"""Databases write their first day (0001-01-01, 1900-01-01, 1970-01-01) where they mean no time."""


def moment(record: Record, field: str, table: Table) -> datetime | None:
    """When, in UTC; None where there is no time. Raises Flawed.

    A time without an offset is in the table's zone; one that a clock shows twice, in autumn, is the first of the two.
    """
    value = record.get(field)
    if not isinstance(value, str) or _NUMBER.fullmatch(value.strip()):
        return fields.epoch(record, field, 1000 if table.conventions.time_unit == "milliseconds" else 1)
    text = value.strip()
    if not text:
        return None
    read = _read(text, table) if len(text) <= _TEXT_MAX else None
    if read is None:
        patterns = "".join(f", or as {pattern}" for pattern in table.conventions.time_patterns)
        wanted = f"{table.conventions.time_unit} since 1970, ISO 8601 such as 2018-09-21T17:04:00-04:00{patterns}"
        raise Flawed(field, f"must be a time ({wanted}), not {fields.shown(value)}")
    if read.year <= _NULL_YEAR_MAX:
        return None
    if not _YEAR_MIN <= read.year < _YEAR_MAX:
        raise Flawed(field, f"must be a time in the years {_YEAR_MIN} to {_YEAR_MAX}, not {fields.shown(value)}")
    return (read if read.tzinfo else read.replace(tzinfo=table.zone)).astimezone(UTC)


def estimate(record: Record, field: str, table: Table) -> datetime | None:
    """Like `moment`; but where there is no estimate yet, feeds write words (`Pending`, `ETR-NULL`), which have no digit."""
    value = record.get(field)
    if isinstance(value, str) and not any(map(str.isdigit, value)):
        return None
    return moment(record, field, table)


def _read(text: str, table: Table) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for pattern in table.conventions.time_patterns:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007  # the caller gives it the table's zone
        except ValueError:
            continue
    return None
