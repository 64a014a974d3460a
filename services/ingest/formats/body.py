"""From a request body to its records, each still in its own bytes, so that one bad record spoils no other."""

import re
from collections.abc import Mapping

import msgspec
from msgspec import Raw, Struct

from services.ingest.formats.format import BodyError
from services.ingest.items import items_in, members_in
from services.kernel.events import Moment

_BOM = b"\xef\xbb\xbf"
_OPENING = re.compile(rb"[^ \t\r\n]")
_OFFSET = re.compile(r"\(byte (\d+)\)")


class Envelope(Struct, frozen=True):
    """What came around the records."""

    observed_at: Moment | None = None
    exceeded_transfer_limit: bool = False
    """ArcGIS' word, wherever it stands, for a picture that was cut at the page limit."""
    members: Mapping[str, Raw] = {}
    """All of the body's own members, as they came."""


class _Telling(Struct):
    observed_at: Moment | None = None
    exceededTransferLimit: bool | None = None  # as it is published


_telling = msgspec.json.Decoder(_Telling).decode


def opened(body: bytes, most: int, *list_names: str) -> tuple[list[bytes], Envelope]:
    """The records in `body` and what came around them. `list_names` are what the format's own envelope may call its list of records.

    Raises TooMany for more than `most` records, and BodyError: with the byte offset where the JSON breaks off, or saying which shapes are accepted.
    """
    found = members(body, most, *list_names)
    if isinstance(found, list):
        return list(map(bytes, found)), Envelope()
    records = records_in(found, most, *list_names)
    if records is None:
        raise BodyError(f"The body has no list of records. {_wanted(list_names)}")
    return records, enclosing(found, *list_names)


def members(body: bytes, most: int, *list_names: str) -> list[Raw] | dict[str, Raw]:
    """The body taken apart one level deep. Raises BodyError, and TooMany where it is a list of more than `most`."""
    skipped = len(_BOM) if body.startswith(_BOM) else 0
    try:
        text = body[skipped:]
        return members_in(text) if _opens_object(text) else items_in(text, most)
    except msgspec.ValidationError as error:
        raise _no_picture(error, list_names) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _broken(error, skipped, len(body)) from error


def records_in(found: Mapping[str, Raw], most: int, *list_names: str) -> list[bytes] | None:
    """The first list that one of `list_names` (or `records`, as archives have them) names; None where there is none.

    Raises BodyError, and TooMany for more than `most`.
    """
    for name in ("records", *list_names):
        if name in found and bytes(found[name]) != b"null":
            try:
                return list(map(bytes, items_in(found[name], most)))
            except msgspec.ValidationError as error:
                raise BodyError(f"{name}: {error}. {_wanted(list_names)}") from error
    return None


def enclosing(found: Mapping[str, Raw], *list_names: str) -> Envelope:
    """What is around the list of records. Raises BodyError."""
    try:
        told = [_telling(msgspec.json.encode({name: found[name] for name in _Telling.__struct_fields__ if name in found}))]
        if "properties" in found:  # where ArcGIS' GeoJSON has it
            told.append(msgspec.json.decode(found["properties"], type=_Telling | None) or _Telling())
    except msgspec.ValidationError as error:
        raise _no_picture(error, list_names) from error
    return Envelope(told[0].observed_at, any(one.exceededTransferLimit for one in told), found)


def _opens_object(text: bytes) -> bool:
    return (opening := _OPENING.search(text)) is not None and opening[0] == b"{"


def _no_picture(error: msgspec.ValidationError, list_names: tuple[str, ...]) -> BodyError:
    return BodyError(f"The JSON is well formed, but not a picture: {error}. {_wanted(list_names)}")


def _wanted(list_names: tuple[str, ...]) -> str:
    shapes = " or ".join(f'{{"{name}": [...]}}' for name in dict.fromkeys(("records", *list_names)))
    return f"Send a list of records as published, or {shapes}."


def _broken(error: Exception, skipped: int, size: int) -> BodyError:
    words = str(error)
    told = _OFFSET.search(words)
    if told:
        offset = int(told[1]) - words.count("trailing characters")  # msgspec names the byte after the first of those
        reason = _OFFSET.sub("", words).removeprefix("JSON is malformed: ").strip()
    elif isinstance(error, msgspec.DecodeError):
        offset, reason = size - skipped, "it is cut off"
    elif isinstance(error, UnicodeDecodeError):
        offset, reason = error.start, "it is not UTF-8"
    else:
        offset, reason = 0, "it is nested too deeply"
    offset += skipped
    return BodyError(f"The body is not valid JSON: {reason}, at byte {offset} of {size}. Send the whole picture again.", offset)
