"""Lists and objects of whatever length, taken apart no further than a request may have items: memory and time follow the limit, not what is sent."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

MEMBERS_MAX = 1_000
"""Members of an object that is a request; real ones have twenty."""
_list = msgspec.json.Decoder(list[Raw]).decode
_NOT_BLANK = re.compile(rb"\S[^\n]*")


class TooMany(Exception):
    """More items than one request may have."""


def items_in(text: bytes | Raw, most: int) -> list[Raw]:
    """The elements of the JSON array `text`, each in its own bytes.

    Raises `TooMany` as soon as there are more than `most`: 32 MB of `1,1,1` would be a gigabyte of items. Otherwise msgspec's errors.
    """
    if bytes(text).count(b",") >= most:  # with fewer commas there are no more elements
        try:
            _bounded(most)(text)
        except msgspec.ValidationError as error:
            if "at most length" in str(error):
                raise TooMany from error
    return _list(text)


def lines_in(text: bytes, most: int) -> Iterator[tuple[int, bytes]]:
    """The lines of `text` with something on them, and their numbers, from 1. Raises `TooMany` at the first one beyond `most`."""
    number = at = 0
    for count, line in enumerate(_NOT_BLANK.finditer(text)):
        if count == most:
            raise TooMany
        number += text.count(b"\n", at, line.start())
        at = line.start()
        yield number + 1, line[0]


class _Name(str):
    """A member's name, seen while it is read."""

    __slots__ = ()


def members_in(text: bytes) -> dict[str, Raw]:
    """The members of the JSON object `text`, each value in its own bytes. Raises `TooMany` as soon as there are absurdly many, otherwise msgspec's errors."""
    seen = 0

    def named(_kind: type, name: str) -> _Name:
        nonlocal seen
        seen += 1
        if seen > MEMBERS_MAX:
            raise TooMany
        return _Name(name)

    found: dict[str, Raw] = msgspec.json.decode(text, type=dict[_Name, Raw], dec_hook=named)
    return found


@lru_cache(maxsize=8)
def _bounded(most: int) -> Callable[[bytes | Raw], Any]:
    """Reads an array as a row of `most` fields that may be missing: msgspec gives up at the first one beyond, and keeps nothing of what it passes."""
    fields = [(f"f{number}", Raw | UnsetType, UNSET) for number in range(most)]
    return msgspec.json.Decoder(msgspec.defstruct("Row", fields, array_like=True, forbid_unknown_fields=True)).decode
