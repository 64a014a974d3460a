"""CSV by its header."""

from datetime import UTC, datetime

import pytest

from services.ingest.formats import BodyError, csv
from services.kernel.events import Cause, Crew, Point
from tests.unit.ingest.formats_read import raw, read


def test_columns_are_found_by_name_whatever_their_order_case_and_delimiter() -> None:
    sightings = read("csv", raw("csv.csv"))
    assert (set(sightings.conditions), sightings.records, sightings.flaws) == ({"7-1", "7-2", "7-4"}, 4, ())
    first, second, last = sightings.conditions.values()
    assert (first.customers_affected, first.cause, first.crew, first.areas) == (1250, Cause.VEGETATION, Crew.EN_ROUTE, ("kanata", "nepean"))
    assert (first.started_at, first.geometry, first.devices) == (datetime(2018, 9, 21, 21, 4, tzinfo=UTC), Point([-75.9, 45.3]), ("feeder:7F12",))
    assert (second.estimated_restoration, second.areas) == (None, ("dunrobin-north",))
    assert (last.planned, last.customers_affected, last.crew) == (True, None, Crew.ASSIGNED)


@pytest.mark.parametrize(("body", "words"), [
    (b"", "it has: none"),
    (b"customers,area\n5,K2G\n", "it has: customers, area. .*csv.fields.outage_id"),
    (b"id,ID,area\n", "'id' more than once"),
    (b"id,area\n7,\xff\n", "not UTF-8, at byte 10"),
    (b'id,area\n7,"K2G\n', "at line 2"),
    (b'id,area\n7,"K2G"x\n', "at line 2"),
    (b"id,area\n7," + b"x" * 200_000, "field larger"),
])  # fmt: skip
def test_a_body_without_what_it_takes_is_refused_whole(body: bytes, words: str) -> None:
    with pytest.raises(BodyError, match=words):
        read("csv", body)


def test_a_bad_row_spoils_no_other() -> None:
    sightings = read("csv", b"id,customers,area\n7,5,K2G\n8,many,K2G\n9,5,K2G,Pat\n,5,K2G\n10,5\n")
    assert [(flaw.outage_id, flaw.field) for flaw in sightings.flaws] == [("8", "customers"), ("9", "row"), (None, "outage_id")]
    assert (set(sightings.conditions), sightings.kept, sightings.cut_short) == ({"7", "10"}, {"8", "9"}, True)


@pytest.mark.parametrize("body", [b"id" + b"," * 2_000, b"id\n1" + b"," * 2_000], ids=["header", "row"])
def test_a_line_of_too_many_cells_is_refused_before_it_is_parted(body: bytes) -> None:
    with pytest.raises(BodyError, match="more than 1000 cells"):
        read("csv", body)


def test_a_row_keeps_only_the_columns_that_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[bytes] = []
    monkeypatch.setattr(csv, "each", lambda records, *_: kept.extend(records) or [])
    read("csv", b"id," + b"x" * 100_000 + b"\n1,2\n")
    assert kept == [b'{"id":"1"}']
