"""The front door for pictures, over the journal in memory and on Redis."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.kernel.areas import AreaName
from services.kernel.ids import SourceName
from services.kernel.picture import Change
from services.kernel.ports.failures import PictureConflict, Unavailable
from services.kernel.ports.journal import Answer
from tests.contract.ingest_door import Door, door_over, event, feature

AT = ["2024-11-20T11:00:00Z", "2024-11-20T11:05:00Z", "2024-11-20T11:15:00Z", "2024-11-20T11:25:00Z"]


@pytest.fixture(params=["memory", "redis"])
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    with door_over(request.param, url) as made:
        yield made


def counts(answer: Any) -> tuple[int, ...]:
    """Accepted, duplicate, stale, rejected, unchanged."""
    assert answer.status_code == 202, answer.text
    told = answer.json()
    return tuple(told[name] for name in ("accepted", "duplicate", "stale", "rejected", "unchanged"))


class TestTaken:
    def test_outages_open_change_clear_and_close(self, door: Door) -> None:
        assert counts(door.picture([feature("a"), feature("b"), feature("c")], AT[0])) == (3, 0, 0, 0, 0)
        assert counts(door.picture([feature("a"), feature("b", 99)], AT[1])) == (2, 0, 0, 0, 1)
        assert door.open() == {"a": "active", "b": "active", "c": "clearing"}
        assert counts(door.picture([feature("a"), feature("b", 99)], AT[2])) == (1, 0, 0, 0, 2)
        assert door.open() == {"a": "active", "b": "active"}
        assert door.entries()[-1].event.status == "restored"

    def test_outage_is_active_again_when_it_was_gone_from_one_picture_only(self, door: Door) -> None:
        for at, shown in zip(AT, (["a", "b"], ["a"], ["a", "b"]), strict=False):
            door.picture([feature(name) for name in shown], at)
        assert door.open() == {"a": "active", "b": "active"}

    def test_position_is_told_when_nothing_changed(self, door: Door) -> None:
        first = door.picture([feature("a")], AT[0]).json()
        again = door.picture([feature("a")], AT[1])
        assert counts(again) == (0, 0, 0, 0, 1)
        assert again.json()["position"] == first["position"] == door.entries()[-1].position

    def test_source_time_is_the_pictures_own_when_the_request_names_none(self, door: Door) -> None:
        body = {"records": [feature("a")], "observed_at": AT[0]}
        door.run(door.sending("/ingest/v1/snapshots/geojson", body))
        assert door.entries()[0].event.occurred_at.isoformat() == "2024-11-20T11:00:00+00:00"

    def test_source_time_is_now_when_nobody_names_one(self, door: Door) -> None:
        door.run(door.sending("/ingest/v1/snapshots/geojson", {"features": [feature("a")]}, "application/geo+json"))
        assert door.entries()[0].event.occurred_at == door.clock.time

    @pytest.mark.parametrize("written", ["2024-11-20T06:00:00-05:00", "2024-11-20T12:00:00+01:00", "2024-11-20T12:00:00%2B01:00", "2024-11-20+11:00:00Z"])
    def test_source_time_is_understood_however_it_is_escaped(self, door: Door, written: str) -> None:
        assert counts(door.picture([feature("a")], written))[0] == 1
        assert door.entries()[0].event.occurred_at.isoformat() == "2024-11-20T11:00:00+00:00"

    def test_area_names_are_remembered(self, door: Door) -> None:
        record = {"id": 5, "municipality": "Trois-Rivières", "numCustomersOut": 8, "dateOff": 1732096800000, "latitude": 46.3, "longitude": -72.5}
        assert counts(door.picture(json.dumps([record]), AT[0], "bchydro"))[0] == 1
        assert door.tail.area_names() == {"trois-rivieres": AreaName("Trois-Rivières")}

    def test_event_of_the_operator_stands_when_it_is_newer_than_the_picture(self, door: Door) -> None:
        door.picture([feature("a")], AT[0])
        door.events(event(1, outage_id="a", occurred_at="2024-11-20T11:10:00Z", customers_affected=500))
        assert counts(door.picture([feature("a", 44)], AT[1])) == (0, 0, 1, 0, 0)
        assert door.run(door.journal.current(SourceName("demo"), ["a"]))["a"].customers_affected == 500


class TestOutOfOrder:
    def test_nothing_changes_when_a_picture_is_sent_again(self, door: Door) -> None:
        door.picture([feature("a"), feature("b")], AT[1])
        again = door.picture([feature("a"), feature("b")], AT[1])
        assert counts(again) == (0, 2, 0, 0, 0)
        assert again.json()["results"][0]["error"].startswith("observed_at: ")
        assert len(door.entries()) == 2

    def test_nothing_changes_when_a_picture_is_older_than_the_last(self, door: Door) -> None:
        door.picture([feature("a"), feature("b")], AT[1])
        late = door.picture([feature("z")], AT[0])
        assert counts(late) == (0, 0, 1, 0, 0)
        assert (late.json()["results"][0]["outcome"], late.json()["results"][0]["error"][:13]) == ("stale", "observed_at: ")
        assert door.open() == {"a": "active", "b": "active"}

    def test_one_follows_the_other_when_two_pictures_come_at_once(self, door: Door) -> None:
        async def both() -> list[Any]:
            path = "/ingest/v1/snapshots/geojson?observed_at="
            pictures = [{"features": [feature(f"{turn}-{n}") for n in range(50)]} for turn in range(2)]
            return await asyncio.gather(*(door.sending(path + at, picture) for at, picture in zip(AT, pictures, strict=False)))

        first, second = (answer.json() for answer in door.run(both()))
        assert second["accepted"] in (50, 100)  # with the clearing of the first's, if that one came first
        assert first["accepted"] + first["stale"] == 50
        shown = {name for name, status in door.open().items() if status == "active"}
        assert shown == {f"1-{n}" for n in range(50)}

    def test_nothing_is_doubled_when_the_same_picture_comes_many_times_at_once(self, door: Door) -> None:
        async def many() -> list[Any]:
            body = {"features": [feature(f"o{n}") for n in range(50)]}
            return await asyncio.gather(*(door.sending("/ingest/v1/snapshots/geojson?observed_at=" + AT[0], body) for _ in range(6)))

        answers = [answer.json() for answer in door.run(many())]
        assert sorted(answer["accepted"] for answer in answers) == [0] * 5 + [50]
        assert len(door.entries()) == 50


class TestOtherWriters:
    def test_picture_is_compared_anew_when_another_process_committed_one_first(self, redis_url: str) -> None:
        with door_over("redis", redis_url) as one, door_over("redis", redis_url) as other:
            assert counts(one.picture([feature("a")], AT[0]))[0] == 1
            assert counts(other.picture([feature("a"), feature("b")], AT[1])) == (1, 0, 0, 0, 1)
            assert counts(one.picture([feature("b")], AT[2])) == (1, 0, 0, 0, 1)
            assert one.open() == {"a": "clearing", "b": "active"}

    def test_picture_is_compared_anew_when_the_commit_is_refused(self) -> None:
        with door_over("memory") as door, pytest.MonkeyPatch.context() as patch:
            commit, refusals = door.journal.append_picture, iter([True, True])

            async def contended(source: SourceName, format_name: str, change: Change) -> list[Answer]:
                if next(refusals, False):
                    raise PictureConflict("Another was first.")
                return await commit(source, format_name, change)

            patch.setattr(door.journal, "append_picture", contended)
            assert counts(door.picture([feature("a")]))[0] == 1

    def test_sender_is_told_to_come_back_when_every_commit_is_refused(self) -> None:
        with door_over("memory") as door, pytest.MonkeyPatch.context() as patch:

            async def contended(*_: Any) -> list[Answer]:
                raise PictureConflict("Another was first.")

            patch.setattr(door.journal, "append_picture", contended)
            answer = door.picture([feature("a")])
            assert (answer.status_code, int(answer.headers["retry-after"]) >= 1) == (503, True)

    def test_retry_is_a_duplicate_when_only_the_answer_was_lost(self, door: Door) -> None:
        commit = door.journal.append_picture

        async def cut_off(source: SourceName, format_name: str, change: Change) -> list[Answer]:
            await commit(source, format_name, change)
            raise Unavailable("The connection broke.")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(door.journal, "append_picture", cut_off)
            assert door.picture([feature("a")], AT[0]).status_code == 503
        assert counts(door.picture([feature("a")], AT[0])) == (0, 1, 0, 0, 0)
        assert counts(door.picture([feature("a")], AT[1])) == (0, 0, 0, 0, 1)
        assert len(door.entries()) == 1


class TestBad:
    def test_empty_picture_is_held_until_it_is_confirmed(self, door: Door) -> None:
        door.picture([feature("a"), feature("b")], AT[0])
        held = door.picture([], AT[1])
        assert held.status_code == 422
        assert held.json()["type"] == "urn:surgecast:problem:empty-picture"
        assert "confirm_empty=true" in held.json()["detail"]
        assert held.json()["open"] == 2
        assert door.open() == {"a": "active", "b": "active"}
        assert counts(door.picture([], AT[1], more="&confirm_empty=true")) == (2, 0, 0, 0, 0)
        assert door.open() == {"a": "clearing", "b": "clearing"}
        assert counts(door.picture([], AT[2])) == (2, 0, 0, 0, 0)
        assert door.open() == {}

    def test_empty_picture_is_taken_when_nothing_is_open(self, door: Door) -> None:
        assert counts(door.picture([], AT[0])) == (0, 0, 0, 0, 0)

    def test_bad_record_sinks_neither_its_picture_nor_its_outage(self, door: Door) -> None:
        door.picture([feature("a"), feature("b")], AT[0])
        answer = door.picture([feature("a", 13), feature("b", -5)], AT[1])
        assert counts(answer)[:4] == (1, 0, 0, 1)
        rejected = answer.json()["results"][-1]
        assert (rejected["outcome"], rejected["index"]) == ("rejected", 1)
        assert "customers_affected" in rejected["error"]
        assert door.open() == {"a": "active", "b": "active"}

    def test_nothing_is_applied_when_all_records_are_bad(self, door: Door) -> None:
        door.picture([feature("a")], AT[0])
        answer = door.picture([feature("a", -5), feature("b", "many")], AT[1], more="&confirm_empty=true")
        assert answer.status_code == 422
        assert (answer.json()["rejected"], len(answer.json()["results"])) == (2, 2)
        assert door.open() == {"a": "active"}
        assert counts(door.picture([feature("a")], AT[1])) == (0, 0, 0, 0, 1)

    def test_nothing_is_applied_when_the_body_is_cut_off(self, door: Door) -> None:
        text = json.dumps({"features": [feature("a"), feature("b")]})
        answer = door.picture(text[:-20], AT[0])
        assert (answer.status_code, answer.json()["offset"]) == (400, len(text) - 20)
        assert door.entries() == []

    @pytest.mark.parametrize("body", ['{"type": "FeatureCollection"}', '"text"', "5", '{"features": 5}'])
    def test_nothing_is_applied_when_the_body_is_no_picture(self, door: Door, body: str) -> None:
        assert door.picture(body, AT[0]).status_code == 422

    def test_formats_are_listed_when_there_is_no_such_format(self, door: Door) -> None:
        answer = door.picture([], AT[0], "dxf")
        assert answer.status_code == 404
        assert {"geojson", "bchydro", "kubra", "pge", "arcgis"} <= set(answer.json()["formats"])

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("observed_at=2024-11-20T11:00:00", "observed_at"),
            ("observed_at=yesterday", "observed_at"),
            ("observed_at=", "observed_at"),
            ("observed_at=1970-01-01T00:00:00Z", "observed_at"),
            ("observed_at=2031-01-01T00:00:00Z", "observed_at"),
            ("observed_at=0001-01-01T00:00:00%2B14:00", "observed_at"),
            ("confirm_empty=perhaps", "confirm_empty"),
            ("observedat=2024-11-20T11:00:00Z", "observedat"),
        ],
    )
    def test_parameter_is_named_when_it_can_not_be_used(self, door: Door, query: str, field: str) -> None:
        answer = door.run(door.sending(f"/ingest/v1/snapshots/geojson?{query}", {"features": [feature("a")]}))
        assert (answer.status_code, answer.json()["detail"].partition(":")[0]) == (422, field)
        assert door.entries() == []

    def test_picture_is_refused_when_it_has_too_many_records(self) -> None:
        with door_over("memory", ingest_picture_max_records=2) as door:
            answer = door.picture([feature("a"), feature("b"), feature("c")])
            assert (answer.status_code, answer.json()["limit_records"]) == (413, 2)

    def test_picture_is_answered_alike_when_read_beside_the_event_loop(self) -> None:
        with door_over("memory", ingest_off_loop_bytes=10) as door:
            assert counts(door.picture([feature("a")], AT[0]))[0] == 1
            assert door.picture("{", AT[1]).status_code == 400


def test_a_picture_from_the_future_is_refused_and_does_not_silence_the_right_ones(door: Door) -> None:
    refused = door.picture([feature("a")], "2024-11-20T12:05:01Z")
    assert refused.status_code == 422, refused.text
    assert refused.json()["detail"].startswith("observed_at: 2024-11-20T12:05:01+00:00 is too far in the future")
    assert counts(door.picture([feature("a")], "2024-11-20T12:00:00Z")) == (1, 0, 0, 0, 0)
    assert counts(door.picture([feature("a", 99)], "2024-11-20T12:05:00Z")) == (1, 0, 0, 0, 0)


class TestHeard:
    """A source of pictures is heard while it sends any that is not out of order, changed or not; one of events only where the settings expect it."""

    def test_what_counts_as_heard(self) -> None:
        with door_over("memory", "", source_stale_after={"beating": 60}) as door:
            journal: Any = door.journal

            def heard_after(minutes: float, act: Any) -> bool:
                door.clock.time += timedelta(minutes=minutes)
                act()
                return journal.heard_from.get("demo") == door.clock.time

            at = door.clock.time
            assert heard_after(1, lambda: door.picture([feature("a")], (at - timedelta(minutes=9)).isoformat().replace("+", "%2B")))
            assert heard_after(1, lambda: door.picture([feature("a")], (at - timedelta(minutes=8)).isoformat().replace("+", "%2B")))
            assert heard_after(1, lambda: door.picture([feature("a")], (at - timedelta(minutes=8)).isoformat().replace("+", "%2B")))
            assert not heard_after(1, lambda: door.picture([feature("b")], (at - timedelta(minutes=9)).isoformat().replace("+", "%2B")))
            assert not heard_after(1, lambda: door.picture([], at.isoformat().replace("+", "%2B")))
            assert not heard_after(1, lambda: door.events(event(1)))
            door.events(event(2), authorization=door.key("beating"))
            assert journal.heard_from["beating"] == door.clock.time
