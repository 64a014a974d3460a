"""Identifiers, each its own type, so that one can't be passed for another."""

import re
import unicodedata
from typing import NewType

SourceName = NewType("SourceName", str)
"""Who sends: the name that an ingest key carries, `[a-z0-9][a-z0-9-]{0,31}`."""

OutageId = NewType("OutageId", str)
"""Stable within one source."""

OutageKey = NewType("OutageKey", str)
"""Unique over all sources: `source:outage_id`. A source's name has no colon, so the first colon parts the two."""

AreaId = NewType("AreaId", str)
"""A ward, neighbourhood, postal FSA, municipality...: what people call the place they live in."""

UNPLACED = AreaId("unplaced")
"""The area of an outage whose source names no place: it counts, and is listed, like any other."""
EVERYWHERE = AreaId("*")
"""All areas together: what an overall digest is about. No area can be called so."""

SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
AREA_ID = re.compile(r"[^\W_](?:[\w .'’()&-]{0,62}[\w.)’'])?")


def outage_key(source: SourceName, outage_id: OutageId) -> OutageKey:
    """The key of `outage_id` of `source` in the journal."""
    return OutageKey(f"{source}:{outage_id}")


def key_parts(key: OutageKey) -> tuple[SourceName, OutageId]:
    """The source and the outage id that `key` was made of."""
    source, _, outage_id = key.partition(":")
    return SourceName(source), OutageId(outage_id)


def area_from_name(name: str) -> AreaId:
    """The id of an area that a feed knows by name only: `Trois-Rivières` is `trois-rivieres`, and no name at all is `unplaced`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:64].strip("-")
    return AreaId(slug) if slug else UNPLACED
