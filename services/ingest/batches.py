"""From the text of a request to its items, before anything is known of what they say: a broken item never hides its neighbours."""

import codecs
import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from services.ingest.faults import Fault, shortened
from services.ingest.items import items_in, lines_in, members_in
from services.kit.http import Problem

CONSTANTS_BYTES_MAX = 4 * 1024 * 1024
"""A NaN in a larger body refuses the whole: finding the one item that holds it takes thirty times the body's memory."""
Item = Raw | bytes | Fault
"""The JSON text of one item, or why there is none."""

_BYTE = re.compile(r"\(byte (\d+)\)")


class Batch(Struct, frozen=True):
    """The items of one request, in order."""

    items: Sequence[Item]
    lines: Sequence[int] | None = None
    """The line number of each item, where the items are lines."""


def split_json(body: bytes, most: int) -> Batch:
    """One event, or `{"events": [...]}`.

    Raises `Problem` 400 where the text isn't JSON and 422 where it is something else, and `TooMany` for more than `most` events. NaN and Infinity are no JSON
    (RFC 8259, section 6), but serialisers in the field write them: only the item that holds one is lost.
    """
    text = body.removeprefix(codecs.BOM_UTF8)
    try:
        members = members_in(text)
    except msgspec.ValidationError as error:
        raise _shape(_WANTED) from error
    except RecursionError as error:
        raise Problem(400, "json", "JSON nested too deeply", "The body nests arrays or objects too deeply to be read.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Batch(_with_constants(text, error))
    if "events" not in members:
        return Batch([text])
    _only_events(members)
    try:
        return Batch(items_in(members["events"], most))
    except msgspec.ValidationError as error:
        raise _shape(_NO_LIST) from error


def split_lines(body: bytes, most: int) -> Batch:
    """NDJSON: one event a line; blank lines are no items. Nothing is read yet: a broken line is an item that will be rejected.

    Raises `TooMany` for more than `most` events.
    """
    lines = list(lines_in(body.removeprefix(codecs.BOM_UTF8), most))
    return Batch([line for _, line in lines], [number for number, _ in lines])


def constant_in(raw: bytes) -> str | None:
    """`field: ...` of an item whose text isn't JSON only because of a NaN or Infinity in it; None where it is broken otherwise."""
    try:
        return _constant_in(json.loads(raw, parse_constant=_Constant))
    except (ValueError, RecursionError):
        return None


class _Constant:
    """A NaN, Infinity or -Infinity in the text."""

    def __init__(self, spelled: str) -> None:
        self.spelled = spelled


def _with_constants(text: bytes, first: Exception) -> list[Item]:
    """The items of `text`, which strict JSON refused with `first`: readable if NaN and Infinity are all that is wrong."""
    if len(text) > CONSTANTS_BYTES_MAX:
        raise _not_json(text, first) from first
    try:
        tree: Any = json.loads(text, parse_constant=_Constant)
    except (ValueError, RecursionError):
        raise _not_json(text, first) from first
    if not isinstance(tree, dict):
        raise _shape(_WANTED) from first
    if "events" not in tree:
        return [_item(tree)]
    _only_events(tree)
    if not isinstance(tree["events"], list):
        raise _shape(_NO_LIST) from first
    return [_item(value) for value in tree["events"]]


def _item(value: Any) -> Item:
    path = _constant_in(value)
    if path is None:
        return json.dumps(value).encode()
    return Fault(path, value.get("event_id") if isinstance(value, dict) else None)


def _constant_in(value: Any, path: str = "") -> str | None:
    """`field: ...` of the first constant in `value`."""
    if isinstance(value, _Constant):
        return f"{path or 'item'}: {value.spelled} is no number in JSON (RFC 8259, section 6); send null, or leave the field out"
    if isinstance(value, dict):
        members = ((f"{path}.{name}" if path else name, member) for name, member in value.items())
    elif isinstance(value, list):
        members = ((f"{path}[{index}]", member) for index, member in enumerate(value))
    else:
        return None
    return next((found for inner, member in members if (found := _constant_in(member, inner))), None)


def _not_json(text: bytes, error: Exception) -> Problem:
    """The answer to a body that isn't JSON: where it breaks, in bytes from the start."""
    if isinstance(error, UnicodeDecodeError):
        return Problem(400, "json", "Not UTF-8", "The body is not UTF-8 text. JSON must be (RFC 8259, section 8.1).")
    found = _BYTE.search(str(error))
    offset = int(found[1]) if found else len(text)
    reason = "it ends too early" if offset >= len(text) else "the text is malformed"
    return Problem(400, "json", "Not JSON", f"The body is not JSON: {reason} at byte {offset}. Nothing was taken; send it again, whole.", offset=offset)


def _only_events(members: dict[str, Any]) -> None:
    extra = sorted(members.keys() - {"events"})
    if extra:
        detail = shortened(f"{extra[0]}: unknown field beside events. A batch has the one member, events; a single event has none of that name.")
        raise Problem(422, "shape", "Unknown field", detail)


def _shape(detail: str) -> Problem:
    return Problem(422, "shape", "Not an event or a batch", detail)


_WANTED = 'Send one event (a JSON object), or {"events": [...]}, or one event a line as application/x-ndjson.'
_NO_LIST = "events: Expected array. " + _WANTED
