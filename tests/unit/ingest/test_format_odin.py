"""ODIN: a utility's XML and the national table's JSON; words that no enumeration has."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.ingest.formats import BodyError
from services.kernel.events import Cause, Crew, Point
from tests.unit.ingest.formats_read import published, raw, read


def test_xml_names_its_outages() -> None:
    sightings = read("odin", raw("odin.xml"))
    (outage,) = sightings.conditions.values()
    assert outage.outage_id == "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert (outage.cause, outage.customers_affected, outage.areas, outage.crew) == (Cause.WEATHER, 2, ("anderson-island",), None)
    assert outage.started_at == datetime(2021, 5, 11, 17, 19, 55, tzinfo=UTC)
    assert outage.estimated_restoration == datetime(2021, 5, 11, 19, tzinfo=UTC)
    assert outage.geometry == Point([-122.69, 47.16])
    assert (sightings.records, sightings.flaws, sightings.kept) == (2, (), frozenset()), "the closed one is over, not unreadable"


def test_rows_of_the_national_table_have_no_ids_and_words_of_their_own() -> None:
    sightings = read("odin", published("odin"))
    assessed, unclear = sightings.unnamed
    assert (assessed.cause, assessed.crew, assessed.areas) == (Cause.VEGETATION, Crew.ON_SITE, ("cuyahoga-ohio",))
    assert assessed.estimated_restoration == datetime(2026, 6, 24, 5, tzinfo=UTC)
    assert (unclear.cause, unclear.crew, unclear.estimated_restoration) == (Cause.UNKNOWN, None, None)
    assert sightings.area_names["cuyahoga-ohio"] == "Cuyahoga, Ohio"  # type: ignore[index]
    assert not sightings.cut_short


@pytest.mark.parametrize(("total", "cut_short"), [(3, False), (4, True), (348, True)])
def test_a_page_of_the_table_closes_nothing(total: int, cut_short: bool) -> None:
    assert read("odin", {**published("odin"), "total_count": total}).cut_short is cut_short


@pytest.mark.parametrize("estimate", ['{"ert"', '{"ert": "tomorrow at 5"}', '["2026"]', 7.5e99])
def test_an_estimate_that_is_none_is_told_by_its_name(estimate: Any) -> None:
    (flaw,) = read("odin", [{"mRID": "7", "estimatedrestorationtime": estimate}]).flaws
    assert (flaw.outage_id, flaw.field.lower()) == ("7", "estimatedrestorationtime")


def test_no_outage_is_a_picture_and_an_error_page_is_none() -> None:
    assert read("odin", b'<?xml version="1.0"?><PubOutages xmlns="http://iec.ch/TC57/2014/PubOutages#"/>').records == 0
    with pytest.raises(BodyError, match="no element about outages; its root is html"):
        read("odin", b"<html><body>504 Gateway Time-out</body></html>")


BOMB = b'<!DOCTYPE Outages [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Outages><Outage><mRID>&b;</mRID></Outage></Outages>'
OUTSIDE = b'<!DOCTYPE Outages [<!ENTITY x SYSTEM "file:///etc/passwd">]><Outages><Outage><mRID>&x;</mRID></Outage></Outages>'


@pytest.mark.parametrize(("body", "words"), [
    (BOMB, "document type or entities"),
    (OUTSIDE, "document type or entities"),
    (b"<Outages>" * 100_000, "more than 64 deep"),
    (b"<Outages><Outage></Outages>", "not well-formed XML: mismatched tag, at line 1"),
    (b"<Outages><Outage><mRID>7</mRID>", "not well-formed XML"),
    (b'<?xml version="1.0" encoding="klingon"?><Outages/>', "XML"),
    (b"<\xff\xfe", "not well-formed XML"),
])  # fmt: skip
@pytest.mark.parametrize("name", ["odin", "multispeak"])
def test_xml_that_is_broken_or_made_to_harm_is_refused_whole(name: str, body: bytes, words: str) -> None:
    with pytest.raises(BodyError, match=words):
        read(name, body)
