"""A document with holes where its stamp goes: rendered when its facts change, stamped by joining bytes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import msgspec

from services.fanout.site.words import date
from services.kernel.messages import Wording
from services.kernel.sources import Silent, Source, silence
from services.kernel.views import Stamp

POSITION, AS_OF, SAID = "\x00p\x00", "\x00a\x00", "\x00s\x00"
"""Templates and encoders put these where the stamp goes: position, time, time in words. Facts hold no control characters."""
SILENT_JSON, SILENT_XML, SILENT_HTML = "\x00j\x00", "\x00x\x00", "\x00h\x00"
"""And these where it goes which sources are stale: a list of JSON, elements of a feed, a paragraph of a page."""
_HOLE = re.compile(b"\x00([pasjxh])\x00")
_encode = msgspec.json.Encoder().encode

Ink = Mapping[bytes, bytes]
"""One stamp as the documents of one language show it: what goes into each hole."""


def ink(stamp: Stamp, as_of: datetime, wording: Wording, stale: Sequence[Source] = ()) -> Ink:
    """`stamp`, ready to be put into documents of the wording's language; and the sources that are `stale` at that time."""
    said = wording.say("page-as-of", time=wording.time(as_of), date=date(wording, as_of))
    told = silence(wording, stale, as_of)
    silent = _encode([Silent(source.name, source.heard_at) for source in stale])
    page = f'<p id="stale-sources" class="stale" role="status">{escape(told)}</p>' if stale else ""
    feed = f"<subtitle>{escape(told)}</subtitle>\n{''.join(map(_element, stale))}" if stale else ""
    stamped = {b"p": stamp.position.encode(), b"a": rfc3339(as_of).encode(), b"s": said.encode()}
    return stamped | {b"j": silent, b"x": feed.encode(), b"h": page.encode()}


def _element(source: Source) -> str:
    """One stale source in a feed."""
    last_heard = f' last_heard="{rfc3339(source.heard_at)}"' if source.heard_at else ""
    return f'<sc:stale_source name="{source.name}"{last_heard}/>\n'


class Sheet:
    """One document but for its stamp. `tail` is long and without holes: kept in pieces and joined only when written."""

    def __init__(self, head: bytes, tail: Iterable[bytes] = ()) -> None:
        self._parts, self._tail = _HOLE.split(head), tuple(tail)

    def stamped(self, ink: Ink) -> bytes:
        """The whole document."""
        parts = self._parts.copy()
        parts[1::2] = [ink[hole] for hole in parts[1::2]]
        return b"".join((*parts, *self._tail))


def json_sheet(document: Any) -> Sheet:
    """`document` (it becomes a JSON object, not an empty one) with `position`, `as_of` and `stale_sources` as its first members."""
    return Sheet(json_head(), (_encode(document)[1:],))


def json_head() -> bytes:
    """The opening brace, `position`, `as_of` and `stale_sources` of a JSON document."""
    return b'{"position":"%b","as_of":"%b","stale_sources":%b,' % (POSITION.encode(), AS_OF.encode(), SILENT_JSON.encode())


def rfc3339(moment: datetime) -> str:
    """`moment` in UTC to the second, as in 2018-09-21T21:04:00Z."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"
