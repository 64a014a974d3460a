"""Every format by its name, each with its table: ours, with an operator's laid over it."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from services.ingest.formats.arcgis import ArcGis
from services.ingest.formats.bchydro import BcHydro
from services.ingest.formats.csv import Csv
from services.ingest.formats.format import Format
from services.ingest.formats.geojson import GeoJson
from services.ingest.formats.hydroquebec import HydroQuebec
from services.ingest.formats.kubra import Kubra
from services.ingest.formats.mapping import Table
from services.ingest.formats.multispeak import MultiSpeak
from services.ingest.formats.odin import Odin
from services.ingest.formats.pge import Pge
from services.ingest.formats.tables import MappingError, operators, table_of

_MAPPED: Mapping[str, Callable[[Table], Format]] = {
    "arcgis": ArcGis,
    "bchydro": BcHydro,
    "csv": Csv,
    "hydroquebec": HydroQuebec,
    "ifactor": Kubra,
    "kubra": Kubra,
    "multispeak": MultiSpeak,
    "odin": Odin,
    "pge": Pge,
}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def formats(mappings: Path | None = None, zone: str = "America/Toronto") -> Mapping[str, Format]:
    """All formats. `mappings` is an operator's file of tables (SURGECAST_INGEST_MAPPINGS); `zone` is that of times without an offset, unless a table names one.

    A table there named for none of ours makes a format of its own: `like` says which of ours it is laid over. Raises MappingError.
    """
    theirs = dict(operators(mappings))
    made: dict[str, Format] = {"geojson": GeoJson()}
    for name in [*_MAPPED, *(name for name in theirs if name not in _MAPPED)]:
        sections = dict(theirs.get(name, {}))
        where = f"{mappings}: {name}" if name in theirs else name
        like = sections.pop("like", None) if name not in _MAPPED else name
        if name in made or not _NAME.fullmatch(name):
            raise MappingError(
                f'{where}: geojson has no table, and a format\'s name has 1 to 32 of a-z, 0-9 and -. For GeoJSON in other words use like = "arcgis"'
            )
        if like not in _MAPPED:
            raise MappingError(f"{where}: there is no such format. To make one, add like = with the one whose table it is laid over: {', '.join(_MAPPED)}")
        made[name] = _MAPPED[like](table_of(like, sections, where, zone))
    return MappingProxyType(dict(sorted(made.items())))


FORMATS = formats()
