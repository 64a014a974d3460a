"""Published samples of the formats, most with what another reader made of them: customers out, and how many outages or areas. Skipped where the data isn't."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from services.ingest.formats import FORMATS, Limits
from services.kernel.events import OutageEvent, Status, decode_event, encode_event
from services.kernel.picture import Picture
from tests.contract.ingest_door import NOW

SHARED = Path(os.environ.get("SURGECAST_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"
LIMITS = Limits()


def sample(name: str) -> bytes:
    path = SHARED / "samples" / name
    if not path.exists():
        pytest.skip(f"the samples are not here: set SURGECAST_SHARED to the folder that has data/samples/{name}")
    return path.read_bytes()


@pytest.mark.parametrize(("format_name", "name", "outages", "customers"), [
    ("arcgis", "arcgis-entergy.json", 3, 3),
    ("arcgis", "arcgis-sce.json", 3, 316),
    ("arcgis", "datacapable-sample.json", 1, 12),
    ("arcgis", "pge-arcgis-2024-02-05.json", 10, None),
    ("bchydro", "bchydro-2024-11-20.json", 8, None),
    ("hydroquebec", "hydro-quebec-bismarkers.json", 3, 451),
    ("ifactor", "ifactor-sample.json", 3, 6),
    ("ifactor", "nspower-servicearea-2022-09-24.json", 31, 398_726),  # 398,723, and two masked areas at their upper bounds
    ("kubra", "kubra-dominion-report.json", 37, None),
    ("kubra", "kubra-firstenergy-sample.json", 3, 500),
    ("kubra", "kubra-multiregion-sample.json", 3, 30),
    ("kubra", "kubra-thematic-sample.json", 2, 120),
    ("kubra", "nspower-kubra-2022-09-24.json", 16, None),
    ("multispeak", "milsoft-boundaries.json", 1, 4),
    ("multispeak", "milsoft-outages.json", 1, 4),
    ("multispeak", "milsoft-york-outages.xml", 1, 89),
    ("odin", "odin-records-sample.json", 50, None),
    ("odin", "odin-sample.json", 5, 1_104),
    ("pge", "pge-2021-01-27.json", 10, None),
])  # fmt: skip
def test_sample(format_name: str, name: str, outages: int, customers: int | None) -> None:
    body = sample(name)
    plain: Any = json.loads(body) if name.endswith(".json") else {}
    if isinstance(plain, dict) and "raw" in plain:
        body = json.dumps(plain["raw"]).encode()
    sightings = FORMATS[format_name].read(body, LIMITS)
    found = [*sightings.conditions.values(), *sightings.unnamed]
    total = sum(outage.customers_affected or 0 for outage in found)
    official = plain.get("file_data", {}) if isinstance(plain, dict) else {}
    if customers is None and isinstance(official, dict) and "totals" in official:
        customers = official["totals"]["cust_a"]["val"]
    assert sightings.flaws == ()
    assert len(found) == outages
    assert customers is None or total == customers
    for outage in sightings.reading(Picture(), LIMITS).conditions.values():
        facts = {field: getattr(outage, field) for field in outage.__struct_fields__}
        event = OutageEvent(**facts, event_id="e", occurred_at=NOW, status=Status.ACTIVE)
        assert decode_event(encode_event(event)) == event
    assert b"CREW-NAME" not in encode_event(event)
