"""From a request body to its records, each still in its own bytes, so that one bad record spoils no other."""

import re

import msgspec
from msgspec import Raw, Struct

from services.ingest.formats.format import BodyError
from services.kernel.events import Moment

_BOM = b"\xef\xbb\xbf"
_OFFSET = re.compile(r"\(byte (\d+)\)")


class Envelope(Struct, rename={"exceeded_transfer_limit": "exceededTransferLimit"}):
    """All the shapes that a body may have, but for a bare list of records."""

    records: list[Raw] | None = None
    """As the archives of public outage maps keep them, one picture a line."""
    file_data: list[Raw] | None = None
    """KUBRA's own."""
    features: list[Raw] | None = None
    """GeoJSON's FeatureCollection, ArcGIS' FeatureSet."""
    observed_at: Moment | None = None
    exceeded_transfer_limit: bool = False


_decode = msgspec.json.Decoder(list[Raw] | Envelope).decode


def opened(body: bytes, list_name: str = "records") -> tuple[list[bytes], Envelope]:
    """The records in `body` and what came around them. `list_name` is what the format's own envelope calls its list of records.

    Raises BodyError: with the byte offset where the JSON breaks off, or saying which shapes are accepted.
    """
    skipped = len(_BOM) if body.startswith(_BOM) else 0
    try:
        found = _decode(body[skipped:])
    except msgspec.ValidationError as error:
        raise BodyError(f"The JSON is well formed, but not a picture: {error}. {_wanted(list_name)}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _broken(error, skipped, len(body)) from error
    if isinstance(found, list):
        return [bytes(record) for record in found], Envelope()
    records = found.records if found.records is not None else getattr(found, list_name)
    if records is None:
        raise BodyError(f"The body has no list of records. {_wanted(list_name)}")
    return [bytes(record) for record in records], found


def _wanted(list_name: str) -> str:
    shapes = '{"records": [...]}' if list_name == "records" else f'{{"records": [...]}} or {{"{list_name}": [...]}}'
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
