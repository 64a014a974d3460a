"""The front door for CAP messages, over the journal in memory and on Redis: a chain of messages is one outage, in whatever order it comes."""

import gzip
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kernel.events import Cause, Note, OutageEvent, Point, Polygon, Status
from tests.cap import SAMPLES, SENDER, changed, fixture, message, sample, sent
from tests.contract.ingest_door import Door, assert_problem, door_over
from tests.examples import examples


@pytest.fixture(params=["memory", "redis"])
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    with door_over(request.param, url) as made:
        yield made


def taken(answer: Any) -> list[str]:
    """The outcomes of an answer that took something."""
    assert answer.status_code == 202, answer.text
    return [result["outcome"] for result in answer.json()["results"]]


def event_of(body: str, **told: Any) -> OutageEvent:
    """What one message becomes."""
    with door_over("memory", **told) as door:
        assert taken(door.alert(body)) == ["accepted"]
        return door.entries()[-1].event


class TestChain:
    def test_alert_update_and_all_clear_are_one_outage_from_its_start_to_its_end(self, door: Door) -> None:
        for name in ("alert", "update", "all-clear"):
            assert taken(door.alert(fixture(name))) == ["accepted"]
        first, second, last = door.entries()
        assert first.key == second.key == last.key
        assert [entry.event.status for entry in (first, second, last)] == [Status.ACTIVE, Status.ACTIVE, Status.RESTORED]
        assert {entry.event.started_at for entry in (first, second, last)} == {datetime(2024, 11, 20, 10, 0, tzinfo=UTC)}
        assert last.event.estimated_restoration is None
        assert door.open() == {}

    def test_message_sent_again_is_a_duplicate(self, door: Door) -> None:
        for _ in range(2):
            answers = [door.alert(fixture(name)) for name in ("alert", "update")]
        assert [taken(answer) for answer in answers] == [["duplicate"], ["duplicate"]]
        assert len(door.entries()) == 2

    def test_cancel_that_comes_before_what_it_takes_back_stands(self, door: Door) -> None:
        assert taken(door.alert(message(2, (1,), "Cancel"))) == ["accepted"]
        assert taken(door.alert(message(1))) == ["stale"]
        assert door.open() == {}

    def test_update_that_joins_two_outages_leaves_one(self, door: Door) -> None:
        for body in (message(1), message(2)):
            taken(door.alert(body))
        assert len(door.open()) == 2
        assert taken(door.alert(message(3, (1, 2)))) == ["accepted", "accepted"]
        assert list(door.open().values()) == ["active"]
        assert taken(door.alert(message(3, (1, 2)))) == ["duplicate"]
        taken(door.alert(message(4, (1,), "Cancel")))
        assert door.open() == {}

    def test_reference_is_known_whatever_offset_its_time_is_written_in(self, door: Door) -> None:
        taken(door.alert(message(1)))
        taken(door.alert(message(2, (1,), "Cancel").replace(f"HX-1,{sent(1)}", "HX-1,2024-11-20T10:01:00-00:00")))
        assert door.open() == {}


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[str], bool]:
    """A chain whose messages refer to the last one, and perhaps to others before; in any order, some twice; and whether it ends."""
    count, ends = draw(st.integers(2, 6)), draw(st.booleans())
    bodies = []
    for number in range(count):
        others = draw(st.sets(st.integers(0, number - 2))) if number > 1 else set()
        refers_to = tuple(sorted(others | ({number - 1} if number else set())))
        bodies.append(message(number, refers_to, "Cancel" if ends and number == count - 1 else ""))
    order = draw(st.permutations(range(count)))
    return [bodies[at] for at in itertools.chain(order, draw(st.lists(st.sampled_from(order), max_size=3)))], ends


@settings(deadline=None, max_examples=examples(20))
@given(deliveries())
def test_a_chain_comes_to_one_outage_in_its_last_state_in_whatever_order_it_is_delivered(delivered: tuple[list[str], bool]) -> None:
    bodies, ends = delivered
    with door_over("memory") as door:
        for body in bodies:
            taken(door.alert(body))
        newest = max((event for _, event in door.tail.cold().open), key=lambda event: event.occurred_at, default=None)
        assert len(door.open()) == (0 if ends else 1)
        assert newest is None or newest.note == event_of(max(bodies, key=lambda body: body.partition("<sent>")[2])).note


class TestMapping:
    def test_all_that_a_message_tells_is_in_its_event(self) -> None:
        event = event_of(fixture())
        assert event.event_id == f"{SENDER},HX-2024-0001,2024-11-20T05:01:00-05:00"
        assert event.outage_id.startswith("HX-2024-0001~")
        assert event.occurred_at == datetime(2024, 11, 20, 10, 1, tzinfo=UTC)
        assert (event.cause, event.planned, event.customers_affected) == (Cause.WEATHER, False, 1250)
        assert event.estimated_restoration == datetime(2024, 11, 20, 14, 30, tzinfo=UTC)
        assert event.areas == ("craig-henry-arlington-woods", "hull")
        assert event.geometry == Polygon([[[-75.8, 45.3], [-75.7, 45.3], [-75.7, 45.38], [-75.8, 45.38], [-75.8, 45.3]]])
        assert event.note == Note(
            "Power is out in Craig Henry\nA line is down on Greenbank Road.\nStay 10 m away from wires on the ground.",
            "Panne à Craig Henry\nUne ligne est tombée sur le chemin Greenbank.\nTenez-vous à 10 m des fils tombés.",
        )

    def test_nobody_to_contact_is_named_and_expiry_is_no_estimate(self, door: Door) -> None:
        taken(door.alert(changed(("EstimatedRestoration", "AnotherParameter"))))
        (entry,) = door.entries()
        assert entry.event.estimated_restoration is None
        assert "Doe" not in str(entry)

    def test_settings_say_which_geocodes_are_areas_and_what_words_mean(self) -> None:
        told = {"ingest_cap_area_geocode": "layer:HydroExample:1.0:FSA", "ingest_cap_causes": {"tempete solaire": "other", "electric": "equipment"}}
        event = event_of(changed(("<event>.*?</event>", "<event>Power outage</event>")), **told)
        assert (event.areas, event.cause) == (("K2G", "hull"), Cause.EQUIPMENT)

    def test_cause_that_there_is_none_of_is_named_at_the_start(self) -> None:
        with (
            pytest.raises(ValueError, match="SURGECAST_INGEST_CAP_CAUSES: there is no cause 'gremlins'"),
            door_over("memory", ingest_cap_causes={"x": "gremlins"}),
        ):
            pass

    @pytest.mark.parametrize(
        ("words", "cause"),
        [("Planned outage", "planned"), ("Unplanned outage", "unknown"), ("Panne non planifiée", "unknown"), ("Interruption planifiée", "planned"),
         ("Tree on a line", "vegetation"), ("Panne due au verglas", "weather"), ("Power outage", "unknown"), ("Véhicule contre un poteau", "vehicle")],
    )  # fmt: skip
    def test_cause_is_what_the_event_says(self, words: str, cause: str) -> None:
        event = event_of(changed(("<event>.*?</event>", f"<event>{words}</event>")))
        assert (event.cause, event.planned) == (cause, cause == "planned")

    def test_circle_alone_becomes_its_centre(self) -> None:
        assert event_of(changed(("<polygon>.*?</polygon>", ""))).geometry == Point([-75.73, 45.45])

    def test_areas_where_all_is_clear_are_left_out_while_others_are_not(self) -> None:
        english, french = fixture().index("<info>"), fixture().index("</info>") + len("</info>")
        clear = fixture()[english:french].replace("Monitor", "AllClear").replace("Hull", "Aylmer")
        event = event_of(fixture()[:french] + clear + fixture()[french:])
        assert (event.status, "aylmer" in event.areas) == (Status.ACTIVE, False)

    def test_long_words_are_cut_between_words(self) -> None:
        note = event_of(changed(("<description>.*?</description>", f"<description>{'word ' * 400}</description>"))).note
        assert note is not None
        assert note.en is not None
        assert len(note.en) <= 1000
        assert note.en.endswith("word…")


class TestRefused:
    def test_all_reasons_are_told(self, door: Door) -> None:
        problem = assert_problem(door.alert(fixture("broken")), 422, "24 reasons")
        begin = [reason.partition(":")[0] for reason in problem["reasons"]]
        assert {"sender", "identifier", "sent", "status", "references", "info[0].category[0]", "info[0].expires", "info[0].area[0].polygon[2]"} <= set(begin)
        assert (problem["rejected"], problem["results"][0]["outcome"]) == (1, "rejected")
        assert door.entries() == []

    def test_parameter_that_can_not_be_used_is_named(self, door: Door) -> None:
        for pattern, bad in (("2024-11-20T09:30:00-05:00", "soon"), ("<value>1250", "<value>-4")):
            problem = assert_problem(door.alert(changed((pattern, bad))), 422, "info.parameter")
            assert len(problem["reasons"]) == 1
        assert_problem(door.alert(changed(("2024-11-20T09:30:00", "2024-11-20T04:30:00"))), 422, "estimated_restoration", "before started_at")
        assert_problem(door.alert(message(60 * 24 * 5)), 422, "occurred_at", "future")
        assert door.entries() == []

    @pytest.mark.parametrize(
        ("change", "field"),
        [(("Actual", "Exercise"), "status"), (("Actual", "Test"), "status"), ((">Alert<", ">Ack<"), "msgType"), (("Public", "Restricted"), "scope")],
    )
    def test_sound_message_that_is_not_for_the_public_is_taken_and_never_shown(self, door: Door, change: tuple[str, str], field: str) -> None:
        answer = door.alert(changed(change))
        assert taken(answer) == ["rejected"]
        assert (answer.json()["accepted"], answer.json()["rejected"]) == (0, 1)
        assert answer.json()["results"][0]["error"].startswith(f"{field}: ")
        assert door.entries() == []

    def test_events_that_are_no_outages_are_set_aside_when_the_settings_name_those_that_are(self) -> None:
        with door_over("memory", ingest_cap_event_codes="utility, other") as door:
            assert taken(door.alert(fixture())) == ["rejected"]
        assert event_of(fixture(), ingest_cap_event_codes="utility, electric").cause is Cause.WEATHER

    def test_canadian_profile_is_demanded_unless_the_settings_say_otherwise(self, door: Door) -> None:
        plain = changed((r"<code>.*?</code>", ""), (r"<geocode>.*?</geocode>", ""))
        assert len(assert_problem(door.alert(plain), 422)["reasons"]) == 5
        assert event_of(plain, ingest_cap_profile="cap").status is Status.ACTIVE
        with door_over("memory", ingest_cap_profile="cap") as lenient:
            assert_problem(lenient.alert(changed((r"<geocode>.*?</geocode>", ""))), 422, "geocode")


class TestDoor:
    def test_key_needs_the_scope(self, door: Door) -> None:
        assert_problem(door.alert(fixture(), Authorization=door.key("demo", "events", "snapshots")), 403, "alerts")
        assert_problem(door.alert(fixture(), Authorization="Bearer no"), 401)

    def test_media_types_and_gzip_are_as_everywhere(self, door: Door) -> None:
        for kind in ("application/cap+xml; charset=utf-8", "application/xml", "text/xml", None):
            assert taken(door.alert(fixture(), kind))[0] in ("accepted", "duplicate")
        assert taken(door.alert(gzip.compress(fixture().encode()), content_encoding="gzip")) == ["duplicate"]
        assert_problem(door.alert(fixture(), "application/json"), 415, "application/cap+xml")

    def test_size_is_bounded_packed_or_not(self) -> None:
        with door_over("memory", ingest_alert_max_bytes=2_000) as door:
            assert_problem(door.alert(fixture()), 413, "2000 bytes")
            assert_problem(door.alert(gzip.compress(fixture().encode()), content_encoding="gzip"), 413, "2000 bytes")
        with door_over("memory", ingest_alert_elements_max=20) as door:
            assert_problem(door.alert(fixture()), 413, "20 elements")
        with door_over("memory", ingest_event_max_bytes=80) as door:
            assert_problem(door.alert(changed(("45.30,-75.80 45.30", "45.30,-75.80 45.30,-75.75 45.30,-75.74 45.30"))), 422, "simplify the polygons")
        with door_over("memory", ingest_alert_references_max=1) as door:
            assert_problem(door.alert(message(3, (1, 2))), 422, "at most 1")

    def test_source_over_its_limit_is_told_when_to_come_again_bad_messages_counted_too(self) -> None:
        with door_over("memory", ingest_source_events_per_s=1, ingest_source_burst_s=2) as door:
            assert_problem(door.alert("<alert/>"), 422)
            taken(door.alert(fixture()))
            answer = door.alert(fixture("update"))
            assert_problem(answer, 429)
            assert int(answer.headers["Retry-After"]) >= 1

    def test_nothing_is_remembered_when_the_journal_is_down_and_the_same_message_works_afterwards(self) -> None:
        with door_over("memory") as door:
            door.journal.down = True  # type: ignore[attr-defined]
            assert_problem(door.alert(message(2, (1,))), 503)
            door.journal.down = False  # type: ignore[attr-defined]
            assert taken(door.alert(message(2, (1,)))) == ["accepted"]


class TestRealSamples:
    def test_naads_and_environment_canada_are_taken(self, door: Door) -> None:
        names = ["google-canada.cap.xml", *sorted(path.name for path in SAMPLES.glob("naads-*.xml"))]
        for name in names:
            assert taken(door.alert(sample(name))) == ["accepted"], name
        assert len(door.open()) == len(names) - 1, "all but the one that gives the all-clear"

    def test_message_that_breaks_the_profile_is_refused_with_the_reasons(self, door: Door) -> None:
        problem = assert_problem(door.alert(sample("google-canada_errors.cap.xml")), 422)
        assert [reason.partition(":")[0] for reason in problem["reasons"]] == ["references", "code", "info[0].eventCode"]
        assert door.entries() == []
