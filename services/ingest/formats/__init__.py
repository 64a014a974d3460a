"""The feeds that a source may send its picture in, by the name in the path of the request."""

from services.ingest.formats.catalogue import FORMATS, formats
from services.ingest.formats.format import BodyError, Flaw, Format, Limits, Sightings
from services.ingest.formats.recent import Recent
from services.ingest.formats.tables import MappingError

__all__ = ["FORMATS", "BodyError", "Flaw", "Format", "Limits", "MappingError", "Recent", "Sightings", "formats"]
