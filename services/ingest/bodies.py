"""A request's body, read no further than it may be: type, encoding and announced length first, then each piece as it comes."""

import asyncio
import zlib
from collections.abc import Collection
from email.message import Message

from msgspec import Struct
from starlette.requests import ClientDisconnect, Request

from services.ingest.admission import Slot
from services.kit.http import Problem

_GZIP = 31
"""zlib's `wbits` for a gzip member (RFC 1952)."""


class Limits(Struct, frozen=True):
    """How large a body may be, once unpacked, and how long it may take to arrive."""

    bytes_max: int
    timeout_s: float


async def read(request: Request, kinds: Collection[str], limits: Limits, slot: Slot) -> tuple[str, bytes]:
    """The body's media type (the first of `kinds` where none is given) and its unpacked bytes.

    Raises `Problem` 415, 413, 408, 400 (a broken gzip, or a sender who left) or 503 (see `Slot.hold`).
    """
    kind = _kind(request, kinds)
    unpack = _unpacker(request)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal():
        if int(announced) > limits.bytes_max:
            raise too_large(limits)
        slot.hold(int(announced))
    body = bytearray()
    try:
        async with asyncio.timeout(limits.timeout_s):
            async for piece in request.stream():
                body += unpack.feed(piece, limits.bytes_max - len(body) + 1) if unpack else piece
                if len(body) > limits.bytes_max:
                    raise too_large(limits)
                slot.hold(len(body))
    except TimeoutError as error:
        raise Problem(408, "slow", "Body too slow", f"The body did not arrive within {limits.timeout_s:g} s. Send smaller batches.") from error
    except ClientDisconnect as error:
        raise Problem(400, "cut-off", "Body cut off", "The sender left before the whole body had come. Nothing was taken.") from error
    if unpack:
        unpack.finish()
    return kind, bytes(body)


def too_large(limits: Limits) -> Problem:
    """413, with the limit that was passed."""
    detail = f"The body is larger than {limits.bytes_max} bytes (unpacked). Nothing was taken; send it in smaller batches."
    return Problem(413, "too-large", "Body too large", detail, limit_bytes=limits.bytes_max)


def _kind(request: Request, kinds: Collection[str]) -> str:
    given = request.headers.get("content-type")
    if given is None:
        return next(iter(kinds))
    if given in kinds:  # nearly always; the header's whole grammar costs more than reading an event
        return given
    header = Message()
    header["content-type"] = given
    kind, charset = header.get_content_type(), str(header.get_param("charset", "utf-8")).lower()
    if kind not in kinds:
        raise Problem(415, "media-type", "Media type not taken", f"Content-Type: {kind} is not taken here; send {' or '.join(kinds)}.")
    if charset not in ("utf-8", "utf8"):
        raise Problem(415, "media-type", "Charset not taken", f"Content-Type: charset {charset} is not taken; send UTF-8 (RFC 8259, section 8.1).")
    return kind


def _unpacker(request: Request) -> "_Gunzip | None":
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity":
        return None
    if encoding in ("gzip", "x-gzip"):
        return _Gunzip()
    raise Problem(415, "content-encoding", "Encoding not taken", "Content-Encoding: only gzip and identity are taken.", {"Accept-Encoding": "gzip, identity"})


class _Gunzip:
    """Unpacks a gzip body piece by piece, members one after another (RFC 1952, section 2.2), never further than asked."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._begun = False

    def feed(self, piece: bytes, room: int) -> bytes:
        """What `piece` unpacks to, up to `room` bytes; the caller gives up where that is full."""
        out = bytearray()
        while piece and len(out) < room:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            self._begun = True
            try:
                out += self._member.decompress(piece, room - len(out))
            except zlib.error as error:
                raise _broken() from error
            piece = self._member.unconsumed_tail or self._member.unused_data
        return bytes(out)

    def finish(self) -> None:
        """Raises `Problem` 400 where the last member is not whole."""
        if self._begun and not self._member.eof:
            raise _broken()


def _broken() -> Problem:
    return Problem(400, "gzip", "Broken gzip", "Content-Encoding: the body is not whole gzip data. Nothing was taken; send it again.")
