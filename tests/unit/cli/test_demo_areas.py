"""The demo's areas are where its storm strikes, and nowhere near a recorded one."""

import os
from pathlib import Path

import shapely

from services.adapters.areas_memory import MemoryAreas
from services.adapters.journal_memory import MemoryJournal
from services.cli import storm
from services.cli.demo_areas import KIND, boundary_file, ensure_demo_areas
from services.ingest.areas.boundaries import Columns, Limits, read_boundaries
from services.ingest.areas.places import Places
from services.ingest.areas.review import review
from services.kernel.areas import Catalogue
from services.kernel.events import Point
from services.kit.settings import Settings

FILE = Path(__file__).parents[3] / "loadtests" / "storms" / "demo-areas.geojson"


def test_the_checked_in_file_is_what_is_made() -> None:
    if os.environ.get("SURGECAST_REWRITE"):
        FILE.write_bytes(boundary_file())
    made, kept = (read_boundaries([body], KIND, Columns(), Limits(100, 10_000), False, lambda *_: None) for body in (boundary_file(), FILE.read_bytes()))
    assert [(area.id, area.name) for area in made] == [(area.id, area.name) for area in kept]
    assert all(shapely.from_wkb(one.shape).symmetric_difference(shapely.from_wkb(other.shape)).area < 1e-9 for one, other in zip(made, kept, strict=True))


def test_each_outage_of_the_storm_lies_in_the_area_that_it_names() -> None:
    journal = MemoryJournal()
    store = MemoryAreas(journal)
    assert ensure_demo_areas(store, Settings())
    assert not ensure_demo_areas(store, Settings()), "what is there stays"
    places = Places(store, Settings())
    places.refresh()
    struck = [event for event in storm.storm() if event.geometry and not event.outage_id.startswith("S-")]
    assert len(struck) > 500
    assert [event.outage_id for event in struck if places.of(event.geometry) != event.areas] == []
    for far in ([-63.6, 44.6], [-123.1, 49.3], [-122.4, 37.8]):  # Nova Scotia, British Columbia, California
        assert places.of(Point(far)) == ()


def test_it_is_loaded_only_where_the_setting_lets_it_and_nothing_was_loaded() -> None:
    store = MemoryAreas()
    assert not ensure_demo_areas(store, Settings(demo_areas=False))
    assert store.read() == Catalogue()


def test_its_places_have_names_in_both_languages() -> None:
    areas = read_boundaries([boundary_file()], KIND, Columns(), Limits(100, 10_000), False, lambda *_: None)
    names = {area.id: area.name for area in areas}
    assert len(names) == len(storm.PLACES) == 40
    assert (names["Anse-aux-Bouleaux"].en, names["Anse-aux-Bouleaux"].fr) == ("Birch Cove", "Anse-aux-Bouleaux")
    assert (names["Old Quarry"].en, names["Old Quarry"].fr) == ("Old Quarry", "Vieille-Carrière")
    assert [line for line in review(areas) if "French name" not in line] == [], "they neither overlap nor share a name"
