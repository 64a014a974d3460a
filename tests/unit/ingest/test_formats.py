"""Each format against small pictures of its true shape: tests/fixtures/formats."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.formats import FORMATS, BodyError, Limits, Recent
from services.ingest.formats.polyline import first_position
from services.kernel.events import Cause, Crew, MultiPolygon, OutageEvent, Point, Polygon, Status, decode_event, encode_event
from tests.examples import examples
from tests.unit.ingest.formats_read import FIXTURES, LIMITS, published, read

AT = datetime(2024, 1, 1, tzinfo=UTC)
JSON_FORMATS = sorted(name for name, known in FORMATS.items() if "application/json" in known.media_types)
"""All of which take a bare list of records, or `{"records": [...]}`."""
RECORDS = {"arcgis": "arcgis_flat"}


def epoch(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class TestBcHydro:
    def test_every_published_field_arrives_when_a_record_is_whole(self) -> None:
        outage = read("bchydro", published("bchydro")).conditions["1001"]
        assert (outage.cause, outage.crew, outage.customers_affected, outage.planned) == (Cause.WEATHER, Crew.EN_ROUTE, 785, False)
        assert (outage.started_at, outage.estimated_restoration) == (epoch(1700000000), epoch(1700010000))

    def test_a_flat_polygon_becomes_a_closed_ring(self) -> None:
        shape = read("bchydro", published("bchydro")).conditions["1001"].geometry
        assert isinstance(shape, Polygon)
        assert shape.coordinates == [[[-122.96, 49.24], [-122.94, 49.24], [-122.94, 49.26], [-122.96, 49.26], [-122.96, 49.24]]]

    def test_an_outage_of_several_municipalities_is_in_each(self) -> None:
        sightings = read("bchydro", published("bchydro"))
        assert sightings.conditions["1001"].areas == ("burnaby", "coquitlam")
        assert {"burnaby": "Burnaby", "coquitlam": "Coquitlam"}.items() <= sightings.area_names.items()

    def test_the_estimate_is_not_used_when_show_etr_is_false(self) -> None:
        outage = read("bchydro", published("bchydro")).conditions["1002"]
        assert outage.estimated_restoration is None
        assert (outage.planned, outage.crew) == (True, Crew.PENDING)

    def test_an_outage_has_no_place_when_latitude_and_longitude_are_zero(self) -> None:
        assert read("bchydro", published("bchydro")).conditions["1002"].geometry is None

    def test_a_polygon_is_repaired_when_it_crosses_itself(self) -> None:
        sightings = read("bchydro", published("bchydro"))
        assert isinstance(sightings.conditions["1003"].geometry, MultiPolygon)
        assert not sightings.flaws

    def test_the_point_stands_in_when_nothing_is_left_of_the_polygon(self) -> None:
        assert read("bchydro", published("bchydro")).conditions["1004"].geometry == Point([-121.75, 49.28])

    def test_the_crew_is_told_by_the_sentence_when_the_code_is_absent(self) -> None:
        assert read("bchydro", published("bchydro")).conditions["1003"].crew is Crew.PENDING

    def test_a_cause_is_other_when_its_words_are_not_known(self) -> None:
        assert read("bchydro", published("bchydro")).conditions["1004"].cause is Cause.OTHER


class TestPge:
    def test_text_is_read_as_what_it_means(self) -> None:
        outage = read("pge", published("pge")).conditions["680345"]
        assert (outage.cause, outage.crew, outage.customers_affected) == (Cause.SAFETY, Crew.EN_ROUTE, 1250)
        assert (outage.started_at, outage.estimated_restoration) == (epoch(1572022560), epoch(1572055200))
        assert (outage.areas, outage.geometry) == (("arcata",), Point([-124.10604, 40.88257]))

    def test_the_automatic_estimate_is_used_when_there_is_no_other(self) -> None:
        assert read("pge", published("pge")).conditions["680346"].estimated_restoration == epoch(1572057900)

    def test_a_missing_count_is_none_and_unknown_words_are_no_error(self) -> None:
        sightings = read("pge", published("pge"))
        outage = sightings.conditions["680346"]
        assert (outage.customers_affected, outage.cause, outage.crew) == (None, Cause.OTHER, None)
        assert not sightings.flaws

    def test_an_outage_is_used_when_most_of_its_keys_are_absent(self) -> None:
        outage = read("pge", published("pge")).conditions["680347"]
        assert (outage.planned, outage.areas, outage.geometry, outage.started_at) == (True, (), None, None)

    def test_a_picture_is_whole_when_it_has_exactly_2000_records(self) -> None:
        assert not read("pge", [{"outageNumber": str(number)} for number in range(2000)]).cut_short


class TestArcGis:
    def test_codes_devices_and_city_arrive(self) -> None:
        outage = read("arcgis", published("arcgis_flat")).conditions["2333895"]
        assert (outage.cause, outage.crew, outage.customers_affected) == (Cause.WEATHER, Crew.PENDING, 17)
        assert (outage.areas, outage.devices) == (("saratoga",), ("device:315621028150", "circuit:83371104"))
        assert outage.estimated_restoration == epoch(1707170400)

    def test_county_then_zip_stand_in_when_the_city_is_absent(self) -> None:
        conditions = read("arcgis", published("arcgis_flat")).conditions
        assert (conditions["2333896"].areas, conditions["2333897"].areas) == (("santa-clara",), ("95070",))

    def test_a_record_counts_when_its_cause_says_not_an_outage(self) -> None:
        outage = read("arcgis", published("arcgis_flat")).conditions["2333896"]
        assert (outage.cause, outage.crew, outage.customers_affected) == (Cause.OTHER, Crew.EN_ROUTE, 1)
        assert outage.estimated_restoration == epoch(1707154200)

    def test_features_read_like_flat_attributes(self) -> None:
        flat, features = (read("arcgis", published(name)) for name in ("arcgis_flat", "arcgis_features"))
        assert features.conditions["2333895"] == flat.conditions["2333895"]
        assert features.conditions["2333897"].geometry == Point([-121.9, 37.3])

    def test_personal_data_is_dropped(self) -> None:
        for outage in read("arcgis", published("arcgis_flat")).conditions.values():
            assert b"8002243210" not in msgspec.json.encode(outage)

    def test_the_picture_is_cut_short_when_the_server_says_so(self) -> None:
        assert read("arcgis", published("arcgis_features")).cut_short
        assert not read("arcgis", published("arcgis_flat")).cut_short

    @pytest.mark.parametrize(("records", "limit", "cut_short"), [(3, 3, True), (2, 3, False), (4, 3, False), (3, 0, False)])
    def test_the_picture_is_cut_short_when_it_has_as_many_records_as_the_page_limit(self, records: int, limit: int, cut_short: bool) -> None:
        body = [{"F_OUTAGE_ID": number} for number in range(records)]
        assert read("arcgis", body, Limits(arcgis_page=limit)).cut_short is cut_short


class TestKubra:
    def test_a_cluster_stands_for_each_of_its_outages_at_its_place(self) -> None:
        sightings = read("kubra", published("kubra"))
        assert [outage.customers_affected for outage in sightings.unnamed] == [4, 12, 12, 3658]
        assert [outage.customers_masked for outage in sightings.unnamed] == [True, False, False, False]
        assert len({outage.geometry.coordinates[0] for outage in sightings.unnamed[:3] if isinstance(outage.geometry, Point)}) == 1
        assert (sightings.records, sightings.conditions, sightings.cut_short) == (2, {}, False)

    def test_words_may_come_in_languages_and_start_under_two_names(self) -> None:
        tree = read("kubra", published("kubra")).unnamed[1]
        assert (tree.cause, tree.crew) == (Cause.VEGETATION, Crew.EN_ROUTE)
        assert tree.started_at == datetime(2022, 9, 24, 4, 5, 18, tzinfo=UTC)

    def test_there_is_no_estimate_when_etr_is_a_word_or_empty(self) -> None:
        assert [outage.estimated_restoration is None for outage in read("kubra", published("kubra")).unnamed] == [True, False, True, True]

    def test_a_cluster_within_a_cluster_is_opened_too(self) -> None:
        inner = {"cluster": True, "outages": [{"cust_a": {"val": 1}}, {"cust_a": {"val": 2}}]}
        body = [{"desc": {"cluster": True, "outages": [inner, {"cust_a": {"val": 3}}]}, "geom": {"p": ["mg~oGlc{cK"]}}]
        assert [outage.customers_affected for outage in read("kubra", body).unnamed] == [1, 2, 3]

    def test_a_cluster_without_a_list_is_known_by_number_only(self) -> None:
        body = [{"desc": {"cluster": True, "cust_a": {"val": 34}, "n_out": 2}, "geom": {"p": ["u_krGjj|iK"]}, "id": "8-2"}]
        sightings = read("kubra", body)
        assert sightings.unnamed == ()
        (cluster,) = sightings.unlisted
        assert (cluster.place, cluster.count, cluster.customers) == ((-64.70326, 45.11755), 2, 34)

    def test_a_hidden_count_is_masked_not_a_number(self) -> None:
        body = [{"desc": {"cust_a": {"val": 999999}}, "geom": {"p": ["mg~oGlc{cK"]}}]
        (outage,) = read("kubra", body).unnamed
        assert (outage.customers_affected, outage.customers_masked) == (None, True)

    @pytest.mark.parametrize(
        ("record", "field"),
        [
            ({"desc": {"cust_a": {"val": -1}}, "geom": {"p": ["mg~oGlc{cK"]}}, "desc.cust_a.val"),
            ({"desc": {"start": "yesterday"}, "geom": {"p": ["mg~oGlc{cK"]}}, "desc.start"),
            ({"desc": {"cluster": True, "outages": [{"cust_a": 3}]}, "geom": {"p": ["mg~oGlc{cK"]}}, "desc.outages[0].cust_a"),
            ({"desc": {"cluster": True, "outages": 3}, "geom": {"p": ["mg~oGlc{cK"]}}, "desc.outages"),
            ({"desc": {"cluster": True}, "geom": {"p": ["mg~oGlc{cK"]}}, "desc.n_out"),
            ({"desc": {}, "geom": {"p": ["mg~"]}}, "geom.p"),
            ({"desc": {}, "geom": {"p": [" "]}}, "geom.p"),
            ({"desc": {}}, "geom"),
            ({"geom": {"p": ["mg~oGlc{cK"]}}, "desc"),
            ([], "record"),
        ],
    )
    def test_the_flaw_names_the_field_and_nothing_may_close_when_a_record_is_bad(self, record: Any, field: str) -> None:
        sightings = read("kubra", [record, *published("kubra")["file_data"]])
        assert [(flaw.index, flaw.field) for flaw in sightings.flaws] == [(0, field)]
        assert sightings.cut_short
        assert len(sightings.unnamed) == 4

    @given(st.floats(-180, 180), st.floats(-90, 90))
    def test_a_polyline_reads_back(self, longitude: float, latitude: float) -> None:
        at = [round(longitude, 5), round(latitude, 5)]
        assert first_position(_polyline(at[1]) + _polyline(at[0]) + "??") == pytest.approx(at, abs=1e-9)


def _polyline(degrees: float) -> str:
    number = round(degrees * 1e5)
    bits, chars = (~(number << 1) if number < 0 else number << 1), ""
    while bits >= 32:
        chars, bits = chars + chr((bits & 31 | 32) + 63), bits >> 5
    return chars + chr(bits + 63)


class TestGeoJson:
    def test_our_own_properties_read_back(self) -> None:
        outage = read("geojson", published("geojson")).conditions["A-1"]
        assert (outage.cause, outage.crew, outage.customers_affected, outage.planned) == (Cause.WEATHER, Crew.ON_SITE, 1250, False)
        assert outage.estimated_restoration == datetime(2018, 9, 22, 12, tzinfo=UTC)
        assert outage.areas == ("K2G", "trois-rivieres-cap")

    def test_a_masked_count_stays_masked(self) -> None:
        outage = read("geojson", published("geojson")).conditions["A-2"]
        assert (outage.customers_affected, outage.customers_masked, outage.planned) == (None, True, True)

    def test_the_features_id_names_the_outage_when_its_properties_do_not(self) -> None:
        assert isinstance(read("geojson", published("geojson")).conditions["A-3"].geometry, MultiPolygon)

    def test_an_outage_is_not_in_the_picture_when_its_status_says_it_is_over(self) -> None:
        sightings = read("geojson", published("geojson"))
        assert "A-4" not in sightings.conditions
        assert (sightings.records, sightings.flaws, sightings.kept) == (4, (), frozenset())

    @pytest.mark.parametrize(
        ("feature", "field"),
        [
            ({"properties": {"outage_id": "A", "cause": "gremlins"}}, "properties.cause"),
            ({"properties": {"outage_id": "A", "crew": 3}}, "properties.crew"),
            ({"properties": {"outage_id": "A", "started_at": "2018-09-21T21:04:00"}}, "properties.started_at"),
            ({"properties": {"outage_id": "A", "areas": "K2G"}}, "properties.areas"),
            ({"properties": {"outage_id": "A", "planned": "no"}}, "properties.planned"),
            ({"properties": {"outage_id": "A", "customers_affected": -1}}, "properties.customers_affected"),
            ({"properties": {"outage_id": "A", "note": 1}}, "properties.note"),
            ({"properties": {"outage_id": "A"}, "geometry": {"type": "Point", "coordinates": [200, 0]}}, "geometry"),
            ({"properties": {"outage_id": "A"}, "geometry": {"type": "Circle"}}, "geometry"),
        ],
    )
    def test_the_flaw_names_the_field_and_the_outage_is_kept(self, feature: Any, field: str) -> None:
        sightings = read("geojson", {"type": "FeatureCollection", "features": [feature]})
        assert [(flaw.outage_id, flaw.field) for flaw in sightings.flaws] == [("A", field)]
        assert (sightings.kept, sightings.cut_short) == ({"A"}, False)

    def test_nothing_may_close_when_a_feature_has_no_id(self) -> None:
        sightings = read("geojson", {"features": [{"properties": {}}]})
        assert sightings.cut_short
        assert sightings.flaws[0].field == "properties.outage_id"


CLUSTERS = ("kubra", "ifactor")
BAD_COUNTS = ["abc", "NaN", "-1", -1, 12.5, "12.5", "inf", True, [], {}, 10**12, 10**400]


class TestEveryFormat:
    @pytest.mark.parametrize(("name", "field"), [("bchydro", "numCustomersOut"), ("pge", "estCustAffected"), ("arcgis", "EST_CUSTOMERS")])
    @pytest.mark.parametrize("count", BAD_COUNTS, ids=repr)
    def test_a_bad_count_is_told_by_its_published_name_and_its_outage_kept(self, name: str, field: str, count: Any) -> None:
        id_field = {"bchydro": "id", "pge": "outageNumber", "arcgis": "F_OUTAGE_ID"}[name]
        sightings = read(name, [{id_field: "7", field: count}, {id_field: "8", field: 5}])
        (flaw,) = sightings.flaws
        assert (flaw.index, flaw.outage_id, flaw.field) == (0, "7", field)
        assert str(flaw).startswith(f"record 0 (7): {field}: must be")
        assert (set(sightings.conditions), sightings.kept, sightings.cut_short) == ({"8"}, {"7"}, False)

    @pytest.mark.parametrize(("count", "customers"), [("12", 12), (12.0, 12), ("12.0", 12), ("", None), (None, None), (0, 0)], ids=repr)
    def test_a_count_is_read_when_it_can_mean_only_one_thing(self, count: Any, customers: int | None) -> None:
        assert read("bchydro", [{"id": 7, "numCustomersOut": count}]).conditions["7"].customers_affected == customers

    @pytest.mark.parametrize("time", ["soon", -5, 10**30, "NaN", True, [1]], ids=repr)
    def test_a_bad_time_is_told_by_its_published_name(self, time: Any) -> None:
        assert [flaw.field for flaw in read("arcgis", [{"F_OUTAGE_ID": 7, "OUTAGE_START": time}]).flaws] == ["OUTAGE_START"]

    @pytest.mark.parametrize("bad", [{}, {"id": None}, {"id": ""}, {"id": True}, {"id": 1.5}, {"id": "a\nb"}, {"id": "x" * 201}, 3, None, "text", []], ids=repr)
    def test_nothing_may_close_when_a_record_has_no_readable_id(self, bad: Any) -> None:
        sightings = read("bchydro", [{"id": 1}, bad])
        assert (set(sightings.conditions), sightings.cut_short, sightings.kept) == ({"1"}, True, frozenset())
        assert sightings.flaws[0].index == 1

    def test_the_first_record_is_used_when_two_have_one_id(self) -> None:
        sightings = read("bchydro", [{"id": 1, "numCustomersOut": 5}, {"id": 1, "numCustomersOut": 6}])
        assert sightings.conditions["1"].customers_affected == 5
        assert [flaw.index for flaw in sightings.flaws] == [1]
        assert (sightings.kept, sightings.cut_short) == (frozenset(), False)

    @pytest.mark.parametrize("name", JSON_FORMATS)
    @pytest.mark.parametrize(
        ("body", "offset"),
        [(b"", 0), (b'[{"id": 1}, {"id"', 17), (b'[{"id": NaN}]', 8), (b"[] x", 3), (b"\xef\xbb\xbf[] x", 6), (b"\x00\xff", 0), (b"[" * 100_000, None)],
    )
    def test_the_byte_is_named_when_the_json_is_broken(self, name: str, body: bytes, offset: int | None) -> None:
        with pytest.raises(BodyError, match="byte") as told:
            read(name, body)
        assert told.value.offset is not None
        assert offset is None or told.value.offset == offset

    @pytest.mark.parametrize("name", JSON_FORMATS)
    @pytest.mark.parametrize("body", [b"3", b"null", b'"text"', b"{}", b'{"records": 3}', b'{"records": [], "observed_at": "noon"}'])
    def test_the_accepted_shapes_are_named_when_it_is_json_but_no_picture(self, name: str, body: bytes) -> None:
        with pytest.raises(BodyError, match="records") as told:
            read(name, body)
        assert told.value.offset is None

    @pytest.mark.parametrize("name", JSON_FORMATS)
    def test_a_bare_list_and_the_archives_line_read_alike(self, name: str) -> None:
        body = published({"ifactor": "kubra", **RECORDS}.get(name, name))
        records = body if isinstance(body, list) else next(several for several in body.values() if isinstance(several, list) and several)
        line = read(name, {"observed_at": "2024-01-01T00:00:00Z", "source": "x", "format": name, "records": records})
        bare = read(name, records)
        assert (line.observed_at, bare.observed_at) == (AT, None)
        assert (line.conditions, line.unnamed) == (bare.conditions, bare.unnamed)
        assert bare.conditions or bare.unnamed

    @pytest.mark.parametrize("path", sorted(FIXTURES.iterdir()), ids=lambda path: path.name)
    def test_what_is_read_is_a_valid_event(self, path: Path) -> None:
        sightings = read(path.stem.partition("_")[0], path.read_bytes())
        assert sightings.conditions or sightings.unnamed
        for outage in [*sightings.conditions.values(), *sightings.unnamed]:
            facts = {field: getattr(outage, field) for field in outage.__struct_fields__}
            event = OutageEvent(**facts, event_id="e", occurred_at=AT, status=Status.ACTIVE)
            assert decode_event(encode_event(event)) == event

    @pytest.mark.parametrize("name", JSON_FORMATS)
    @settings(max_examples=examples(15), deadline=None)
    @given(
        records=st.lists(
            st.recursive(
                st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
                lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["id", "desc", "geom", "properties"]), inner),
                max_leaves=8,
            )
        )
    )
    def test_any_json_at_all_gives_sightings_or_a_body_error(self, name: str, records: list[Any]) -> None:
        body = msgspec.json.encode(records)
        sightings = FORMATS[name].read(body, LIMITS)
        assert sightings.records == len(records)
        assert len(sightings.conditions) + len(sightings.unnamed) + len(sightings.unlisted) + len(sightings.flaws) >= len(records) or name in CLUSTERS


class TestRecent:
    @pytest.mark.parametrize("name", JSON_FORMATS)
    def test_reading_with_what_is_remembered_gives_the_same(self, name: str) -> None:
        body = json.dumps(published(RECORDS.get(name, name))).encode()
        recent: Recent[Any] = Recent()
        assert [FORMATS[name].read(body, LIMITS, recent) for _ in range(3)] == [FORMATS[name].read(body, LIMITS)] * 3

    def test_a_record_is_read_once_while_it_stays_and_again_after_it_was_away(self) -> None:
        asked: list[bytes] = []

        def reader(records: list[bytes]) -> list[bytes]:
            asked.extend(records)
            return [record.upper() for record in records]

        recent: Recent[bytes] = Recent()
        pictures = [[b"a", b"b"], [b"b", b"a", b"a"], [b"b"], [b"a", b"b"]]
        assert [recent.read_all(picture, reader) for picture in pictures] == [[record.upper() for record in picture] for picture in pictures]
        assert asked == [b"a", b"b", b"a"]


class TestAnEstimateFromBeforeTheStart:
    """It is of an earlier outage, and nobody may be told it."""

    @staticmethod
    def swapped(name: str) -> Any:
        """Records whose start and estimate have changed places."""
        start, estimate, path = {
            "bchydro": ("dateOff", "dateOn", []),
            "pge": ("outageStartTime", "currentEtor", []),
            "arcgis": ("OUTAGE_START", "CURRENT_ETOR", []),
            "kubra": ("start_time", "etr", ["file_data", 0, "desc", "outages", 1]),
            "geojson": ("started_at", "estimated_restoration", ["features", 0, "properties"]),
            "hydroquebec": (1, 2, ["pannes", 0]),
            "multispeak": ("startTime", "ETOR", [0]),
        }[name]
        body = published("arcgis_flat" if name == "arcgis" else name)
        record = body if path else (body[0] if isinstance(body, list) else next(iter(body.values()))[0])
        for step in path:
            record = record[step]
        record[start], record[estimate] = record[estimate], record[start]
        return body

    @pytest.mark.parametrize("name", ["arcgis", "bchydro", "geojson", "hydroquebec", "kubra", "multispeak", "pge"])
    def test_is_dropped_and_the_outage_used(self, name: str) -> None:
        def early(body: Any) -> tuple[int, int, int]:
            sightings = read(name, body)
            found = [*sightings.conditions.values(), *sightings.unnamed]
            both = [outage for outage in found if outage.started_at and outage.estimated_restoration]
            return len(found), len(both), sum(outage.estimated_restoration < outage.started_at for outage in both)  # type: ignore[operator]

        found, both, _ = early(published("arcgis_flat" if name == "arcgis" else name))
        assert early(self.swapped(name)) == (found, both - 1, 0)
