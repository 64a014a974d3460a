"""Info-pannes: elements by their place, local time, a position in text, and polygons from the other file."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.ingest.formats import BodyError
from services.kernel.events import Cause, Crew, Point, Polygon
from services.kernel.picture import Picture, Reading, place_of
from tests.unit.ingest.formats_read import LIMITS, published, read


def test_each_element_means_what_its_place_says() -> None:
    storm, tree, planned = read("hydroquebec", published("hydroquebec")).unnamed
    assert (storm.cause, storm.crew, storm.customers_affected, storm.areas) == (Cause.WEATHER, Crew.ASSIGNED, 412, ("gatineau",))
    assert storm.geometry == Point([-75.7013, 45.4765])
    assert (tree.cause, tree.crew, tree.estimated_restoration) == (Cause.VEGETATION, Crew.ON_SITE, None)
    assert tree.areas == (), "people don't know the municipalities' numbers"
    assert (planned.planned, planned.cause, planned.crew, planned.areas) == (True, Cause.PLANNED, None, ("montreal",))


def test_times_are_those_of_toronto_in_summer_in_winter_and_in_the_hour_that_comes_twice() -> None:
    def start(text: str) -> Any:
        return read("hydroquebec", [[1, text, "", "P", "[-73, 45]"]]).unnamed[0].started_at

    assert start("2018-09-21 18:11:00") == datetime(2018, 9, 21, 22, 11, tzinfo=UTC)
    assert start("2018-12-21 18:11:00") == datetime(2018, 12, 21, 23, 11, tzinfo=UTC)
    assert start("2018-11-04 01:30:00") == datetime(2018, 11, 4, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(("record", "field"), [
    ([1, "2018-09-21 18:11:00", "", "X", "[-73, 45]"], "kind"),
    ([1, "2018-09-21 18:11:00", "", ["P"], "[-73, 45]"], "kind"),
    ([1, "2018-09-21 18:11:00", "", "P", "[45.5]"], "position"),
    ([1, "2018-09-21 18:11:00", "", "P", "[0, 0]"], "position"),
    ([1, "2018-09-21 18:11:00", "", "P", "[-273, 45]"], "position[0]"),
    ([1, "yesterday", "", "P", "[-73, 45]"], "start"),
    ([-1, "2018-09-21 18:11:00", "", "P", "[-73, 45]"], "customers"),
    ([1, "2018-09-21 18:11:00"], "record"),
    ({}, "record"),
])  # fmt: skip
def test_a_bad_marker_is_told_and_closes_nothing(record: Any, field: str) -> None:
    sightings = read("hydroquebec", {"pannes": [record, *published("hydroquebec")["pannes"]]})
    assert [(flaw.index, flaw.field) for flaw in sightings.flaws] == [(0, field)]
    assert (sightings.cut_short, len(sightings.unnamed)) == (True, 3)


def test_an_outage_has_the_one_polygon_around_it_and_stays_the_same_outage() -> None:
    ring = [[-75.71, 45.47], [-75.69, 45.47], [-75.69, 45.48], [-75.71, 45.48], [-75.71, 45.47]]
    features = [{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}}, {"type": "Feature", "geometry": None}]
    plain = read("hydroquebec", published("hydroquebec"))
    shaped = read("hydroquebec", {"markers": published("hydroquebec"), "polygons": {"type": "FeatureCollection", "features": features}})
    assert [type(outage.geometry) for outage in shaped.unnamed] == [Polygon, Point, Point]
    assert place_of(shaped.unnamed[0]) == pytest.approx((-75.7, 45.475))
    first: Reading = plain.reading(Picture(), LIMITS)
    assert len(set(first.conditions)) == 3
    with pytest.raises(BodyError, match="polygons"):
        read("hydroquebec", {"pannes": [], "polygons": 3})
