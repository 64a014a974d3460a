"""The feeds that a source may send its picture in, by the name in the path of the request."""

from collections.abc import Mapping
from types import MappingProxyType

from services.ingest.formats.arcgis import ArcGis
from services.ingest.formats.bchydro import BcHydro
from services.ingest.formats.format import BodyError, Flaw, Format, Limits, Sightings
from services.ingest.formats.geojson import GeoJson
from services.ingest.formats.kubra import Kubra
from services.ingest.formats.pge import Pge
from services.ingest.formats.recent import Recent

FORMATS: Mapping[str, Format] = MappingProxyType({"arcgis": ArcGis(), "bchydro": BcHydro(), "geojson": GeoJson(), "kubra": Kubra(), "pge": Pge()})

__all__ = ["FORMATS", "BodyError", "Flaw", "Format", "Limits", "Recent", "Sightings"]
