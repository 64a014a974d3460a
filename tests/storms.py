"""Real storms, counted independently of the product: nothing here imports `services`. See the data's own README for how to count."""

import json
import lzma
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("SURGECAST_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"
STORMS = ("bchydro-bomb-cyclone-2024-11", "bchydro-windstorm-2022-11", "nspower-2022-12-storm", "pge-2024-02-storm", "pge-psps-2019-10")
SHORT_STORMS = {"bchydro-windstorm-2022-11": 60, "nspower-2022-12-storm": 261}
"""What `make test` replays through a tree, and how many pictures of it: one past its worst, one whole; `make storms` replays all of all."""
PAGE_LIMIT = {"arcgis": 2_000}
THRESHOLD = 5


def storm_file(name: str) -> Path:
    """The archive of one storm; skips the test where the data isn't there."""
    path = SHARED / f"{name}.ndjson.xz"
    if not path.exists():
        pytest.skip(f"no real storms here: {path.name} is not part of the repository (set SURGECAST_SHARED)")
    return path


def beginning(name: str, folder: Path) -> Path:
    """An archive in `folder` of what `make test` replays of a storm."""
    path = folder / storm_file(name).name
    with lzma.open(storm_file(name)) as lines, lzma.open(path, "wb", preset=0) as some:
        some.writelines(islice(lines, SHORT_STORMS[name]))
    return path


def pictures(path: Path) -> Iterator[dict[str, Any]]:
    """The archive's pictures, oldest first."""
    with lzma.open(path, "rt") as lines:
        for line in lines:
            yield json.loads(line)


def last_picture(path: Path) -> dict[str, Any]:
    """The archive's last picture."""
    last = b""
    with lzma.open(path) as lines:
        for line in lines:
            last = line
    return json.loads(last)


@dataclass
class Expected:
    """What a picture says, outage for outage."""

    cut_short: bool
    identified: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """Outage id -> customers (upper bound where masked), masked; for feeds with stable ids."""
    unnamed: Counter[tuple[str, float, float, int, bool]] = field(default_factory=Counter)
    """(start, longitude, latitude, customers, masked) of each outage, for feeds without."""
    areas: Counter[str] = field(default_factory=Counter)
    """Outages by the place name that the feed gives."""

    @property
    def outages(self) -> int:
        return len(self.identified) + self.unnamed.total()

    @property
    def customers(self) -> int:
        """Masked counts at their upper bound."""
        return sum(bound for bound, _ in self.identified.values()) + sum(key[3] * times for key, times in self.unnamed.items())


def bounded(count: int, masked: bool = False) -> tuple[int, bool]:
    if count < THRESHOLD:
        return THRESHOLD - 1, True
    return count, masked


def expected(picture: dict[str, Any]) -> Expected:
    """Count one picture by the rules of the data's README."""
    form, records = picture["format"], picture["records"]
    result = Expected(cut_short=len(records) == PAGE_LIMIT.get(form))
    for record in records:
        if form == "bchydro":
            result.identified[str(record["id"])] = bounded(record["numCustomersOut"])
            result.areas.update(record["municipality"].split(", "))  # an outage of several municipalities is in each
        elif form == "arcgis":
            result.identified[str(record["F_OUTAGE_ID"])] = bounded(record["EST_CUSTOMERS"])
            result.areas[record["CITY"]] += 1
        elif form == "pge":
            result.identified[record["outageNumber"]] = bounded(int(record.get("estCustAffected", 0)))
            result.areas[record["regionName"]] += 1
        elif form == "kubra":
            longitude, latitude = polyline_start(record["geom"]["p"][0])
            desc = record["desc"]
            for outage in desc.get("outages", []) if desc.get("cluster") else [desc]:
                bound, masked = bounded(outage["cust_a"]["val"], outage["cust_a"].get("masked", False))
                result.unnamed[outage["start"], longitude, latitude, bound, masked] += 1
        else:
            raise ValueError(form)
    return result


def polyline_start(encoded: str) -> tuple[float, float]:
    """Longitude and latitude of the first point of a Google encoded polyline."""
    values, position = [], 0
    for _ in range(2):
        shift = value = 0
        while True:
            byte = ord(encoded[position]) - 63
            position += 1
            value |= (byte & 31) << shift
            shift += 5
            if byte < 32:
                break
        values.append(~(value >> 1) if value & 1 else value >> 1)
    return values[1] / 1e5, values[0] / 1e5
