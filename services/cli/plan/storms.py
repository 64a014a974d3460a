"""A recorded storm as what changed, moment by moment: read as ingest reads it, with nothing sent anywhere."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct

from services.cli.failure import Failure
from services.cli.replay.frames import frames
from services.ingest.formats import formats
from services.ingest.formats.format import BodyError
from services.ingest.formats.recent import Recent
from services.ingest.items import TooMany
from services.ingest.pictures import grace, limits
from services.kernel.areas import AreaName
from services.kernel.events import OutageEvent, decode_event
from services.kernel.ids import AreaId, OutageId, OutageKey, SourceName, outage_key
from services.kernel.picture import Picture, amended, compare, needed
from services.kit.settings import Settings

SOURCE = SourceName("storm")
_BATCH, _WINDOW_S = 500, 30.0


class Step(Struct, frozen=True):
    """What a source said at one moment."""

    at: datetime
    changes: Sequence[tuple[OutageKey, OutageEvent]]
    names: Mapping[AreaId, AreaName] = {}


def recorded(path: Path, format_name: str | None, settings: Settings) -> Iterator[Step]:
    """The storm in `path`, oldest first; `format_name` where the file doesn't say it. Raises `Failure`.

    Areas are those that the feed names: an outage that has only a place is without one, as no boundaries are read.
    """
    reader = _Reader(settings)
    for frame in frames(path, format_name, _BATCH, _WINDOW_S):
        parts = urlsplit(frame.path)
        if "/snapshots/" not in parts.path:
            yield from _events(frame.body, path)
            continue
        yield reader.step(unquote(parts.path.rpartition("/")[2]), frame.at, frame.body, path)


def _events(body: bytes, path: Path) -> Iterator[Step]:
    for line in body.splitlines():
        try:
            event = decode_event(line)
        except msgspec.MsgspecError as error:
            raise Failure(f"{path}: {error}.") from None
        yield Step(event.occurred_at, [(outage_key(SOURCE, event.outage_id), event)])


class _Reader:
    """One source's pictures, each compared with the one before."""

    def __init__(self, settings: Settings) -> None:
        self._formats = formats(settings.ingest_mappings, settings.timezone)
        self._limits, self._grace = limits(settings), grace(settings)
        self._picture, self._recent = Picture(), Recent[object]()
        self._newest: dict[OutageId, OutageEvent] = {}

    def step(self, format_name: str, at: datetime, body: bytes, path: Path) -> Step:
        """What the picture `body` changes. One that is older than the last, or empty after one that wasn't, changes nothing, as at ingest."""
        if format_name not in self._formats:
            raise Failure(f"{path}: there is no format {format_name!r}; there are {', '.join(sorted(self._formats))}.")
        try:
            sightings = self._formats[format_name].read(body, self._limits, self._recent)
        except (BodyError, TooMany) as error:
            raise Failure(f"{path}, the picture of {at:%Y-%m-%d %H:%M}: {error}") from None
        before = self._picture
        reading = sightings.reading(before, self._limits)
        empty = not (reading.conditions or reading.kept or reading.cut_short) and before.shown
        if empty or (before.observed_at is not None and at <= before.observed_at):
            return Step(at, ())
        last = {outage: self._newest[outage] for outage in needed(before, reading) if outage in self._newest}
        change = compare(before, reading, at, last, self._grace, format_name)
        self._picture = amended(before, change)
        for event in change.events:
            if event.status.is_over:
                self._newest.pop(event.outage_id, None)
            else:
                self._newest[event.outage_id] = event
        names = {area: AreaName(name) for area, name in sightings.area_names.items()}
        return Step(at, [(outage_key(SOURCE, event.outage_id), event) for event in change.events], names)
