"""The public documents against the shapes that checks rely on, and against independent readers."""

import json
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from services.ingest.formats import FORMATS
from services.ingest.formats.format import Limits
from services.kernel.events import Cause, Crew, Note, Point, Status
from tests.builders import NOW, event
from tests.site_desk import Desk

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def desk() -> Desk:
    """A small storm with every trap in it."""
    storm = [
        event(
            "big",
            areas=("K2G", "K1A"),
            customers_affected=1250,
            cause=Cause.WEATHER,
            crew=Crew.EN_ROUTE,
            started_at=NOW - timedelta(hours=1),
            estimated_restoration=NOW + timedelta(hours=3),
            geometry=Point(coordinates=[-75.7, 45.4]),
            note=Note(en="Three <poles> & a tree", fr="Trois poteaux"),
        ),
        event("small", areas=("K2G",), customers_affected=3),
        event("unsaid", areas=()),
        event("works", areas=("K4C",), customers_affected=80, planned=True, cause=Cause.PLANNED),
        event("late", areas=("K4C",), customers_affected=60, estimated_restoration=NOW - timedelta(minutes=5)),
        event("gone", areas=("K1A",), customers_affected=900),
        event("gone", minute=1, areas=("K1A",), customers_affected=900, status=Status.CLEARING),
        event("back", areas=("K1A",), customers_affected=700, status=Status.RESTORED, restored_at=NOW),
        event("wrong", areas=("K1A",), customers_affected=70, status=Status.CANCELLED),
    ]
    return Desk().told(*storm, names={"K2G": "Nepean <Ouest> & Barrhaven", "K1A": "Colline du Parlement"})


def features(desk: Desk, lang: str = "en") -> dict[str, dict[str, Any]]:
    return {feature["properties"]["outage_id"]: feature for feature in desk.feed("outages.geojson", lang)["features"]}


def test_the_summary_counts_each_active_outage_once_and_masked_ones_at_their_most(desk: Desk) -> None:
    summary = desk.feed("summary.json")
    assert list(summary)[:2] == ["position", "as_of"]
    assert (summary["outages"], summary["customers_affected"], summary["customers_masked"]) == (5, 1250 + 4 + 80 + 60, True)
    assert [area["id"] for area in summary["areas"]] == ["K2G", "K1A", "K4C", "unplaced"]
    first = summary["areas"][0]
    assert (first["name"], first["outages"], first["customers_affected"], first["estimated_restoration"]) == (
        "Nepean <Ouest> & Barrhaven",
        2,
        1254,
        "2018-09-22T00:04:00Z",
    )


def test_the_map_has_one_feature_an_active_outage_with_the_properties_promised(desk: Desk) -> None:
    found = features(desk)
    assert set(found) == {"big", "small", "unsaid", "works", "late"}
    big = found["big"]
    assert (big["type"], big["id"], big["geometry"]) == ("Feature", "oms:big", {"type": "Point", "coordinates": [-75.7, 45.4]})
    assert big["properties"] == {
        "outage_id": "big",
        "source": "oms",
        "customers_affected": 1250,
        "customers_masked": False,
        "planned": False,
        "cause": "weather",
        "crew": "en_route",
        "started_at": "2018-09-21T20:04:00Z",
        "estimated_restoration": "2018-09-22T00:04:00Z",
        "estimate_passed": False,
        "areas": ["K2G", "K1A"],
        "updated_at": "2018-09-21T21:04:00Z",
        "note": "Three <poles> & a tree",
    }
    assert found["unsaid"]["geometry"] is None
    assert features(desk, "fr")["big"]["properties"]["note"] == "Trois poteaux"


def test_the_map_reads_back_as_a_picture_of_a_source(desk: Desk) -> None:
    sightings = FORMATS["geojson"].read(desk.store.files["feeds/v1/fr/outages.geojson"], Limits())
    assert sightings.flaws == ()
    assert set(sightings.conditions) == {"big", "small", "unsaid", "works", "late"}


def test_small_counts_are_never_shown_in_any_document(desk: Desk) -> None:
    small = features(desk)["small"]["properties"]
    assert (small["customers_affected"], small["customers_masked"]) == (None, True)
    assert "fewer than 5 customers" in desk.text("en/areas/K2G.html")
    assert "moins de 5 clients" in desk.text("fr/areas/K2G.html")
    for path in desk.store.files:
        assert not re.search(r"\b3 (customers|clients)\b|customers_affected\":3\b", desk.text(path)), path


def test_an_estimate_that_has_passed_stays_and_says_so(desk: Desk) -> None:
    late = features(desk)["late"]["properties"]
    assert (late["estimated_restoration"], late["estimate_passed"]) == ("2018-09-21T20:59:00Z", True)


def test_both_languages_carry_the_same_data(desk: Desk) -> None:
    for name in ("summary.json", "outages.geojson", "areas/K2G.json", "areas/K4C.json"):
        english, french = (json.dumps(_without_words(desk.feed(name, lang))) for lang in ("en", "fr"))
        assert english == french, name


def test_both_languages_of_a_page_show_the_same_times_and_links(desk: Desk) -> None:
    for page in ("index.html", "areas/K2G.html", "areas/K4C.html"):
        times = [re.findall(r'datetime="([^"]+)"', desk.text(f"{lang}/{page}")) for lang in ("en", "fr")]
        assert times[0] == times[1]
        assert times[0]


def _without_words(document: Any) -> Any:
    if isinstance(document, list):
        return [_without_words(item) for item in document]
    if isinstance(document, dict):
        return {name: _without_words(value) for name, value in document.items() if name not in ("note", "name")}
    return document


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_an_independent_reader_finds_the_atom_feed_whole(desk: Desk, lang: str) -> None:
    feed = feedparser.parse(desk.store.files[f"feeds/v1/{lang}/atom.xml"])
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10"
    links = {link["rel"]: link["href"] for link in feed.feed.links}
    assert links == {"self": f"https://outages.example/feeds/v1/{lang}/atom.xml", "alternate": f"https://outages.example/{lang}/"}
    assert len(feed.entries) == 8
    assert len({entry.id for entry in feed.entries}) == 8
    assert all(entry.title and entry.updated and entry.link and entry.summary for entry in feed.entries)


def test_the_atom_feed_has_what_rfc_4287_asks_for(desk: Desk) -> None:
    root = ElementTree.fromstring(desk.store.files["feeds/v1/en/atom.xml"])  # noqa: S314 - our own document
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en-CA"
    for holder in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(holder.findall(f"{ATOM}{name}")) == 1
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", holder.findtext(f"{ATOM}updated") or "")
    assert root.findtext(f"{ATOM}updated") == "2018-09-21T21:05:00Z"
    assert root.findtext("{urn:surgecast:feed}position") == desk.replica.position


def test_the_atom_feed_says_restored_only_where_the_source_did(desk: Desk) -> None:
    feed = feedparser.parse(desk.store.files["feeds/v1/en/atom.xml"])
    titles = {entry.id.rpartition(":")[2]: entry.title for entry in feed.entries}
    assert titles["back"] == "Power restored: Colline du Parlement"
    assert titles["gone"] == "No longer shown as out: Colline du Parlement"
    assert [title for title in titles.values() if "restored" in title] == [titles["back"]]


def test_the_id_of_an_entry_stays_when_its_outage_changes() -> None:
    desk = Desk().told(event(customers_affected=100))
    first = feedparser.parse(desk.store.files["feeds/v1/fr/atom.xml"]).entries
    desk.told(event(minute=5, customers_affected=40))
    then = feedparser.parse(desk.store.files["feeds/v1/fr/atom.xml"]).entries
    assert [entry.id for entry in first] == [entry.id for entry in then] == ["tag:outages.example,2026-01-01:outages/fr/oms:A"]
    assert then[0].updated > first[0].updated


def test_the_feed_ends_at_its_limit() -> None:
    desk = Desk(atom_entries_max=3).told(*[event(f"o{number}", minute=number / 60) for number in range(9)])
    ids = [entry.id for entry in feedparser.parse(desk.store.files["feeds/v1/en/atom.xml"]).entries]
    assert [text.rpartition(":")[2] for text in ids] == ["o8", "o7", "o6"]


def test_what_a_source_writes_can_break_no_document() -> None:
    nasty = "</script><b>\x00p\x00\x0b]]>&\"'"
    desk = Desk().told(event("<i>&\x00", note=Note(en=nasty, fr=nasty)), names={"K2G": nasty})
    for lang in ("en", "fr"):
        assert not feedparser.parse(desk.store.files[f"feeds/v1/{lang}/atom.xml"]).bozo
        for page in ("index.html", "areas/K2G.html"):
            assert "<b>" not in desk.text(f"{lang}/{page}")
            assert "</script><" not in desk.text(f"{lang}/{page}")
        for name in ("summary.json", "outages.geojson", "areas/K2G.json"):
            assert desk.feed(name, lang)["position"] == desk.replica.position
