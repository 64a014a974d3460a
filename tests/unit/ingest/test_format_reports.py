"""KUBRA's and iFactor's reports of customers out by area."""

from typing import Any

import pytest

from services.ingest.formats import BodyError
from services.kernel.events import Point
from tests.unit.ingest.formats_read import published, read


def shown(name: str, body: Any) -> dict[str, tuple[int | None, bool]]:
    return {key: (outage.customers_affected, outage.customers_masked) for key, outage in read(name, body).conditions.items()}


def test_the_smallest_areas_with_customers_out_are_an_outage_each() -> None:
    sightings = read("ifactor", published("ifactor"))
    assert shown("ifactor", published("ifactor")) == {
        "BRONX|CENTRAL BRONX": (3, False),
        "BRONX|NORTH BRONX": (4, True),
        "BRONX": (1, False),
        "QUEENS": (4, False),
    }, "customers that an area has beyond those of its parts are told of the area itself"
    queens = sightings.conditions["QUEENS"]  # type: ignore[index]
    assert (queens.areas, queens.geometry) == (("queens",), Point([-73.83, 40.67]))
    assert sightings.conditions["BRONX|CENTRAL BRONX"].estimated_restoration is not None  # type: ignore[index]


def test_a_hidden_count_leaves_its_customers_with_the_area_around_it() -> None:
    parts = [{"areaId": "A1", "name": "TESTCITY", "cust_a": {"val": 120}}, {"name": "MASKED", "cust_a": {"val": 999_999}}]
    body = {"file_data": {"areas": [{"areas": [{"name": "COUNTY", "cust_a": {"val": 500}, "areas": parts}]}]}}
    assert shown("kubra", body) == {"A1": (120, False), "COUNTY|MASKED": (None, True), "COUNTY": (380, True)}


def test_a_thematic_layer_and_what_outage_maps_wrap_around_reports() -> None:
    layer = {"file_data": [{"id": "Boun|Wayne|county", "desc": {"name": "Wayne", "n_out": 2, "cust_a": {"val": 32}, "etr": "ETR-NULL"}}]}
    for body in (layer, {"thematic": layer, "summary": {}}, layer["file_data"]):
        assert shown("kubra", body) == {"Boun|Wayne|county": (32, False)}
    reports = {"reports": [published("ifactor"), published("ifactor")], "summary": {}}
    assert shown("ifactor", reports) == shown("ifactor", published("ifactor")), "a second report tells the same customers again"


def test_a_bad_area_spoils_no_other_and_closes_nothing() -> None:
    areas = [{"name": "A", "cust_a": {"val": -1}}, 7, {"name": "B", "cust_a": {"val": 2}}, {"cust_a": {"val": 2}}]
    sightings = read("kubra", {"file_data": {"areas": areas}})
    assert [flaw.field for flaw in sightings.flaws] == ["areas[0].cust_a.val", "areas[1]", "areas[3].areaId"]
    assert (set(sightings.conditions), sightings.cut_short) == ({"B"}, True)


def test_an_empty_report_is_an_empty_picture_and_anything_else_is_none() -> None:
    assert read("kubra", {"file_data": {"areas": []}}).records == 0
    for body in ({"file_data": {}}, {"file_data": 7}, {"reports": []}, {"thematic": 7}, {"reports": {}}):
        with pytest.raises(BodyError, match="file_data"):
            read("kubra", body)
