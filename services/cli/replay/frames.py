"""A recorded storm as requests: read line by line, so that memory stays the same however large the file is."""

import gzip
import lzma
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct

from services.cli.failure import Failure
from services.kernel.events import Moment

T = TypeVar("T")

EVENTS = "events"


class Frame(Struct, frozen=True):
    """One request of a replay."""

    at: datetime
    """When it happened: what the spacing is kept by."""
    path: str
    """Path and query of the ingest address."""
    content_type: str
    body: bytes
    records: int | None
    """Events in it; None for a picture, whose records aren't taken apart here."""
    raw_bytes: int
    """Length of what the file had for it, decompressed."""


class _Picture(Struct):
    """A line of the archives. The records stay as the bytes that were published."""

    observed_at: str
    records: msgspec.Raw
    format: str = ""


class _EventHead(Struct):
    """Of an event, what the pace needs."""

    occurred_at: Moment


class _Kind(Struct):
    observed_at: str = ""
    event_id: str = ""


_picture = msgspec.json.Decoder(_Picture).decode
_event_head = msgspec.json.Decoder(_EventHead).decode
_kind = msgspec.json.Decoder(_Kind).decode


def frames(path: Path, format_name: str | None, batch_events: int, window_s: float) -> Iterator[Frame]:
    """The requests that `path` makes. `window_s` is in the storm's time. Raises `Failure`, which names the line, for a file that isn't such a recording."""
    lines = _lines(path)
    first = next(lines, None)
    if first is None:
        raise Failure(f"{path} is empty. Give a recording with one picture or one event a line.")
    is_events = format_name == EVENTS if format_name else bool(_read(_kind, first, path).event_id)
    rest = _chained(first, lines)
    yield from _event_frames(rest, path, batch_events, window_s) if is_events else _picture_frames(rest, path, format_name)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    number = 0
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, 1):
                if not line.isspace():
                    yield number, line
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise Failure(f"{path} can't be read after line {number}: {error}. Is it cut short, or not what its name says?") from None


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".xz":
        return lzma.open(path)
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]  # a GzipFile is an IO[bytes] in all but name


def _chained(first: tuple[int, bytes], rest: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    yield first
    yield from rest


def _read(decode: Callable[[bytes], T], numbered: tuple[int, bytes], path: Path) -> T:
    number, line = numbered
    try:
        return decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Failure(f"{path}, line {number}: {error}. A line is a picture (observed_at, format, records) or an event (event_id, occurred_at, ...).") from None


def _picture_frames(lines: Iterator[tuple[int, bytes]], path: Path, format_name: str | None) -> Iterator[Frame]:
    for number, line in lines:
        picture = _read(_picture, (number, line), path)
        chosen = format_name or picture.format
        if not chosen:
            raise Failure(f"{path}, line {number}: it names no format. Name it with --format.")
        query = f"observed_at={quote(picture.observed_at)}"
        records = bytes(picture.records)
        yield Frame(_moment(picture.observed_at, path, number), f"/ingest/v1/snapshots/{chosen}?{query}", "application/json", records, None, len(line))


def _moment(text: str, path: Path, number: int) -> datetime:
    """RFC 3339, with its offset."""
    try:
        return msgspec.convert(text, Moment)
    except msgspec.ValidationError as error:
        raise Failure(f"{path}, line {number}: observed_at: {error}.") from None


def _event_frames(lines: Iterator[tuple[int, bytes]], path: Path, batch_events: int, window_s: float) -> Iterator[Frame]:
    """The lines are sent as they are."""
    timed = ((_read(_event_head, numbered, path).occurred_at, numbered[1].rstrip(b"\n")) for numbered in lines)
    return batched(timed, batch_events, window_s)


def batched(events: Iterable[tuple[datetime, bytes]], batch_events: int, window_s: float) -> Iterator[Frame]:
    """Events, each with its time, as requests: those within the window go together, up to `batch_events` of them."""
    batch: list[bytes] = []
    opened_at: datetime | None = None
    for at, line in events:
        if opened_at is not None and (len(batch) >= batch_events or (at - opened_at).total_seconds() > window_s):
            yield _batch(opened_at, batch)
            batch, opened_at = [], None
        opened_at = opened_at or at
        batch.append(line)
    if opened_at is not None:
        yield _batch(opened_at, batch)


def _batch(at: datetime, lines: list[bytes]) -> Frame:
    body = b"\n".join(lines)
    return Frame(at, "/ingest/v1/events", "application/x-ndjson", body, len(lines), len(body))
