"""Pictures in other formats than JSON, through the front door: what each may come as, and what is said where it isn't that."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.ingest.formats import FORMATS
from tests.contract.ingest_door import Door, door_over

FIXTURES = Path(__file__).parents[1] / "fixtures" / "formats"


@pytest.fixture
def door() -> Iterator[Door]:
    with door_over("memory") as door:
        yield door


def send(door: Door, format_name: str, body: bytes, kind: str | None, at: str = "2024-11-20T11:00:00Z") -> httpx.Response:
    return door.run(door.sending(f"/ingest/v1/snapshots/{format_name}?observed_at={at}", body, kind))


@pytest.mark.parametrize(("format_name", "file", "kinds", "accepted"), [
    ("csv", "csv.csv", ("text/csv", "text/csv; charset=utf-8", None), 3),
    ("odin", "odin.xml", ("application/xml", "text/xml"), 1),
    ("odin", "odin.json", ("application/json", None), 2),
    ("multispeak", "multispeak.xml", ("application/xml", "text/xml; charset=UTF-8", None), 2),
    ("multispeak", "multispeak.json", ("application/json",), 2),
    ("arcgis", "arcgis_flat.json", ("application/json", "application/geo+json", None), 3),
])  # fmt: skip
def test_a_format_takes_its_media_types_and_no_other(format_name: str, file: str, kinds: tuple[str | None, ...], accepted: int) -> None:
    body = (FIXTURES / file).read_bytes()
    for kind in kinds:
        with door_over("memory") as door:
            answer = send(door, format_name, body, kind)
            assert (answer.status_code, answer.json()["accepted"], len(door.open())) == (202, accepted, accepted)
    with door_over("memory") as door:
        for kind in {"text/csv", "application/xml", "application/json", "text/html"} - set(FORMATS[format_name].media_types):
            answer = send(door, format_name, body, kind)
            assert answer.status_code == 415
            assert all(known in answer.json()["detail"] for known in FORMATS[format_name].media_types)
        assert door.entries() == []


def test_nothing_is_applied_when_the_xml_is_broken(door: Door) -> None:
    whole = (FIXTURES / "multispeak.xml").read_bytes()
    send(door, "multispeak", whole, "text/xml")
    answer = send(door, "multispeak", whole[:-40], "text/xml", "2024-11-20T11:10:00Z")
    assert answer.status_code == 422
    assert "not well-formed XML" in answer.json()["detail"]
    assert answer.json()["detail"].endswith("Nothing was taken.")
    assert set(door.open().values()) == {"active"}


def test_markers_stay_the_same_outages_when_their_polygons_come_later(door: Door) -> None:
    markers = json.loads((FIXTURES / "hydroquebec.json").read_bytes())
    ring = [[-75.71, 45.47], [-75.69, 45.47], [-75.69, 45.48], [-75.71, 45.48], [-75.71, 45.47]]
    polygons = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}]}
    for number, body in enumerate((markers, {**markers, "polygons": polygons}, markers)):
        answer = send(door, "hydroquebec", json.dumps(body).encode(), "application/json", f"2024-11-20T11:{number}0:00Z")
        assert (answer.status_code, answer.json()["accepted"]) == (202, 1 if number else 3)
        assert list(door.open().values()) == ["active"] * 3
