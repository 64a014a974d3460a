"""How the values of a CAP 1.2 message are written (CAP 1.2, section 3.2 and 3.3.2). Each check gives what is wrong and what is right, or None."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from services.ingest.formats.fields import shown

Check = Callable[[str], str | None]

DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d+", re.ASCII)
_NOT_IN_A_NAME = re.compile(r"[\s,<&]")
_FARTHEST_OFFSET = timedelta(hours=14)
PAIRS_MIN = 4
"""Positions of a polygon: a triangle, and the first again."""


class Words:
    """One of a closed list, spelled just so."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __call__(self, text: str) -> str | None:
        """What is wrong with `text`."""
        return None if text in self.words else f"must be one of {', '.join(self.words)}, not {shown(text)}"


def anything(_text: str) -> str | None:
    """Any text, none included."""
    return None


def name(text: str) -> str | None:
    """An identifier or a sender."""
    if not text:
        return "must not be empty"
    return f"must have no spaces, commas, < or &, not {shown(text)}" if _NOT_IN_A_NAME.search(text) else None


def date_time(text: str) -> str | None:
    """A moment with its offset: neither fractions of a second nor `Z`, which is written -00:00."""
    written = text.strip()
    try:
        if DATE_TIME.fullmatch(written):
            read = datetime.fromisoformat(written)
            read.astimezone(UTC)  # overflows at either end of the calendar
            if abs(read.utcoffset() or timedelta()) <= _FARTHEST_OFFSET:
                return None
    except (ValueError, OverflowError):
        pass
    return f"must be a time written as 2018-09-21T17:04:00-04:00 (no Z, no fractions; UTC is -00:00), not {shown(text)}"


def language(text: str) -> str | None:
    """A language tag (RFC 3066). Empty stands for the default."""
    return None if not text.strip() or _LANGUAGE.fullmatch(text.strip()) else f"must be a language tag such as en-CA, not {shown(text)}"


def decimal(text: str) -> str | None:
    """A decimal number."""
    return None if _NUMBER.fullmatch(text.strip()) else f"must be a decimal number, not {shown(text)}"


def integer(text: str) -> str | None:
    """A whole number."""
    return None if _WHOLE.fullmatch(text.strip()) else f"must be a whole number, not {shown(text)}"


def references(text: str) -> str | None:
    """Earlier messages, each as sender,identifier,sent, parted by spaces."""
    for index, reference in enumerate(text.split()):
        parts = reference.split(",")
        if len(parts) != 3 or any(map(name, parts)) or date_time(parts[2]):
            return f"[{index}] must be sender,identifier,sent (spaces only between messages), not {shown(reference)}"
    return None


def polygon(text: str) -> str | None:
    """A closed ring of `latitude,longitude` pairs (WGS 84, degrees), parted by blanks."""
    pairs = text.split()
    if wrong := next((pair for pair in pairs if not _is_position(pair)), None):
        return f"must hold latitude,longitude pairs in degrees (latitude first), not {shown(wrong)}"
    if len(pairs) < PAIRS_MIN:
        return f"must have at least {PAIRS_MIN} latitude,longitude pairs, and has {len(pairs)}"
    if position(pairs[0]) != position(pairs[-1]):
        return f"must end where it begins: repeat {pairs[0]} at its end"
    return None


def circle(text: str) -> str | None:
    """A centre as `latitude,longitude`, then the radius in kilometres."""
    parts = text.split()
    if len(parts) == 2 and _is_position(parts[0]) and _NUMBER.fullmatch(parts[1]) and float(parts[1]) >= 0:
        return None
    return f"must be latitude,longitude and a radius in kilometres, such as 45.42,-75.69 3.5, not {shown(text)}"


def position(pair: str) -> list[float]:
    """A checked `latitude,longitude` as GeoJSON has it: longitude before latitude."""
    latitude, _, longitude = pair.partition(",")
    return [float(longitude), float(latitude)]


def moment(text: str) -> datetime:
    """A checked time."""
    return datetime.fromisoformat(text.strip())


def _is_position(pair: str) -> bool:
    parts = pair.split(",")
    return len(parts) == 2 and all(map(_NUMBER.fullmatch, parts)) and abs(float(parts[0])) <= 90 and abs(float(parts[1])) <= 180
