"""An ArcGIS feature service's answers: pages, geometry in every shape and reference that layers come in, other utilities' names."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.formats import BodyError
from services.kernel.events import LineString, MultiPolygon, Point, Polygon
from tests.unit.ingest.formats_read import read

OTTAWA = [-75.7, 45.4]
RADIUS_M = 6_378_137.0


def metres(at: list[float]) -> list[float]:
    """Web Mercator, by the formula for the way there."""
    return [RADIUS_M * math.radians(at[0]), RADIUS_M * math.log(math.tan(math.pi / 4 + math.radians(at[1]) / 2))]


def layer(geometry: Any, **around: Any) -> dict[str, Any]:
    return {"features": [{"attributes": {"F_OUTAGE_ID": 7, "EST_CUSTOMERS": 3}, "geometry": geometry}], **around}


def placed(body: Any) -> Any:
    return read("arcgis", body).conditions["7"].geometry


def page(*ids: int, **around: Any) -> dict[str, Any]:
    return {"features": [{"attributes": {"F_OUTAGE_ID": number}} for number in ids], **around}


class TestPages:
    def test_all_pages_are_one_picture_and_the_last_one_says_whether_it_is_whole(self) -> None:
        first = page(1, 2, exceededTransferLimit=True)
        assert not read("arcgis", [first, page(3)]).cut_short
        assert set(read("arcgis", [first, page(3)]).conditions) == {"1", "2", "3"}
        assert read("arcgis", [first, page(3, exceededTransferLimit=True)]).cut_short
        assert read("arcgis", [page(3), first]).cut_short

    def test_geojson_says_in_its_properties_that_more_follow(self) -> None:
        feature = {"type": "Feature", "id": 1, "properties": {"F_OUTAGE_ID": 7}, "geometry": None}
        body = {"type": "FeatureCollection", "features": [feature], "properties": {"exceededTransferLimit": True}}
        assert read("arcgis", body).cut_short
        assert read("arcgis", {**body, "properties": {}, "exceededTransferLimit": True}).cut_short
        assert not read("arcgis", {**body, "properties": None}).cut_short

    @pytest.mark.parametrize(("body", "words"), [
        ({"error": {"code": 504, "message": "Your request has timed out."}}, "504: Your request has timed out"),
        ([page(1), {"error": {"code": 400}}], "answered with an error"),
        ([page(1), {"F_OUTAGE_ID": 2}], "Page 1 has no list of features"),
        ([page(1), 7], "Page 1"),
        ({"features": 7}, "features"),
        ({"features": [], "exceededTransferLimit": "perhaps"}, "exceededTransferLimit"),
    ])  # fmt: skip
    def test_an_error_of_the_service_is_no_empty_picture(self, body: Any, words: str) -> None:
        with pytest.raises(BodyError, match=words):
            read("arcgis", body)


class TestGeometry:
    @given(st.floats(-180, 180), st.floats(-85, 85))
    def test_web_mercator_becomes_degrees(self, longitude: float, latitude: float) -> None:
        x, y = metres([longitude, latitude])
        found = placed(layer({"x": x, "y": y}, spatialReference={"wkid": 102100, "latestWkid": 3857}))
        if found is None:
            assert abs(longitude) < 1e-7
            assert abs(latitude) < 1e-7
        else:
            assert found.coordinates == pytest.approx([longitude, latitude], abs=1e-6)

    def test_a_geometry_of_its_own_reference_goes_before_the_layers(self) -> None:
        x, y = metres(OTTAWA)
        found = placed(layer({"x": x, "y": y, "spatialReference": {"wkid": 102100}}, spatialReference={"wkid": 4326}))
        assert found.coordinates == pytest.approx(OTTAWA)

    @pytest.mark.parametrize("geometry", [
        {"x": 368_000.0, "y": 5_029_000.0},
        {"x": "NaN", "y": "NaN"}, {"x": 10**400, "y": 1}, {"x": 0, "y": 0}, {"rings": [[]]}, {"rings": 3}, {"rings": [[[1]]]},
        {"paths": {}}, {"type": "Point"}, [], "here",
    ])  # fmt: skip
    def test_no_place_is_better_than_a_wrong_one(self, geometry: Any) -> None:
        assert placed(layer(geometry, spatialReference={"wkid": 26918})) is None
        assert placed(layer(geometry)) is None

    def test_holes_go_to_the_outer_ring_around_them(self) -> None:
        def square(west: float, south: float, side: float) -> list[list[float]]:
            return [[west, south], [west, south + side], [west + side, south + side], [west + side, south], [west, south]]

        first, second, hole = square(-76, 45, 0.4), square(-75, 45, 0.4), square(-74.9, 45.1, 0.1)[::-1]
        shape = placed(layer({"rings": [first, hole, second]}))
        assert isinstance(shape, MultiPolygon)
        assert sorted(len(rings) for rings in shape.coordinates) == [1, 2]
        assert [rings[0] for rings in shape.coordinates if len(rings) == 2] == [second]
        assert placed(layer({"rings": [second, hole]})) == Polygon([second, hole])

    def test_lines_and_turned_polygons(self) -> None:
        assert placed(layer({"paths": [[[-75, 45], [-75, 46]]]})) == LineString([[-75, 45], [-75, 46]])
        ring = [[-76, 45], [-76, 46], [-75, 46], [-76, 45]]
        feature = {"type": "Feature", "properties": {"F_OUTAGE_ID": 7}, "geometry": {"type": "Polygon", "coordinates": [list(map(metres, ring))]}}
        shape = placed({"features": [feature], "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}})
        assert isinstance(shape, Polygon)
        assert shape.coordinates[0][1] == pytest.approx([-76, 46], abs=1e-6)

    def test_degrees_in_the_attributes_go_before_a_point(self) -> None:
        body = layer({"x": 1, "y": 1})
        body["features"][0]["attributes"].update(OUTAGE_LONGITUDE=-75.7, OUTAGE_LATITUDE=45.4)
        assert placed(body) == Point(OTTAWA)


def test_other_utilities_names_and_text_times() -> None:
    record = {"IncidentId": 136132097, "NoOfAffectedCust_Inci": 254, "ERT": "06/25/2026 02:00:00 PM", "CountyName": "SAN BERNARDINO"}
    outage = read("arcgis", {"features": [{"attributes": record, "geometry": {"x": -117.43, "y": 34.52}}]}).conditions["136132097"]
    assert (outage.customers_affected, outage.areas, str(outage.estimated_restoration)) == (254, ("san-bernardino",), "2026-06-25 18:00:00+00:00")
    assert read("arcgis", [{**record, "ERT": "Pending"}]).conditions["136132097"].estimated_restoration is None
