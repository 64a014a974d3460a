"""The front door for events, over the journal in memory and on Redis: whatever is sent, nothing good is lost and nothing bad half applied."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from services.kernel.ids import SourceName
from services.kernel.views import position_order
from tests.contract.ingest_door import Door, assert_problem, door_over, event

BOWTIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


@pytest.fixture(params=["memory", "redis"])
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    with door_over(request.param, url) as made:
        yield made


class TestTaken:
    def test_one_event_is_accepted_and_in_the_journal(self, door: Door) -> None:
        answer = door.events(event(1))
        assert answer.status_code == 202
        told, (entry,) = answer.json(), door.entries()
        assert told == {
            "accepted": 1, "duplicate": 0, "stale": 0, "rejected": 0, "position": entry.position,
            "results": [{"event_id": "e1", "outcome": "accepted", "position": entry.position}],
        }  # fmt: skip
        assert (entry.key, entry.event.customers_affected) == ("demo:o1", 7)

    def test_batch_is_accepted_in_order_when_sent_as_an_object(self, door: Door) -> None:
        answer = door.events({"events": [event(n) for n in range(5)]}).json()
        assert [result["event_id"] for result in answer["results"]] == [f"e{n}" for n in range(5)]
        assert answer["position"] == door.entries()[-1].position == answer["results"][-1]["position"]

    def test_batch_is_accepted_when_sent_as_lines(self, door: Door) -> None:
        body = "\r\n".join(json.dumps(event(n)) for n in range(5)) + "\n\n"
        assert door.events(body, "application/x-ndjson; charset=UTF-8").json()["accepted"] == 5
        assert len(door.entries()) == 5

    def test_body_is_taken_when_packed_with_gzip_in_two_members(self, door: Door) -> None:
        text = json.dumps({"events": [event(n) for n in range(50)]}).encode()
        packed = gzip.compress(text[:200]) + gzip.compress(text[200:])
        assert door.events(packed, content_encoding="gzip").json()["accepted"] == 50

    def test_body_is_taken_when_it_begins_with_a_byte_order_mark(self, door: Door) -> None:
        assert door.events("\ufeff" + json.dumps(event(1))).json()["accepted"] == 1

    def test_nothing_changes_when_a_batch_is_sent_again(self, door: Door) -> None:
        body = {"events": [event(n) for n in range(20)]}
        first, again = door.events(body).json(), door.events(body).json()
        assert (again["accepted"], again["duplicate"]) == (0, 20)
        assert [r["position"] for r in again["results"]] == [r["position"] for r in first["results"]]
        assert again["position"] == first["position"]
        assert len(door.entries()) == 20

    def test_older_event_is_stale_when_it_comes_late(self, door: Door) -> None:
        door.events(event(1))
        answer = door.events(event(1, event_id="late", occurred_at="2024-11-20T09:00:00Z", customers_affected=99)).json()
        assert (answer["stale"], answer["results"][0]["outcome"]) == (1, "stale")
        assert answer["position"] == door.entries()[-1].position
        assert door.run(door.journal.current(SourceName("demo"), ["o1"]))["o1"].customers_affected == 7

    def test_answers_fit_their_items_when_one_batch_has_all_outcomes(self, door: Door) -> None:
        door.events(event(1))
        batch = [event(2), event(1), {"event_id": "bad"}, event(1, event_id="old", occurred_at="2024-11-20T01:00:00Z"), event(3)]
        answer = door.events({"events": batch}).json()
        assert [result["outcome"] for result in answer["results"]] == ["accepted", "duplicate", "rejected", "stale", "accepted"]
        assert [answer[name] for name in ("accepted", "duplicate", "stale", "rejected")] == [2, 1, 1, 1]
        assert answer["results"][2] == {"event_id": "bad", "outcome": "rejected", "index": 2, "error": "outage_id: missing; it is required"}

    def test_all_but_one_are_accepted_when_one_of_10_000_is_bad(self, door: Door) -> None:
        batch = [event(n) for n in range(10_000)]
        batch[6_789]["customers_affected"] = -5
        answer = door.events({"events": batch}).json()
        assert (answer["accepted"], answer["rejected"]) == (9_999, 1)
        assert answer["results"][6_789] == {"event_id": "e6789", "outcome": "rejected", "index": 6_789, "error": "customers_affected: Expected int >= 0"}
        assert {entry.event.event_id for entry in door.entries()} == {f"e{n}" for n in range(10_000)} - {"e6789"}

    def test_same_outage_id_is_another_outage_when_another_source_says_it(self, door: Door) -> None:
        door.events(event(1))
        assert door.events(event(1), authorization=door.key("other")).json()["accepted"] == 1
        assert {entry.key for entry in door.entries()} == {"demo:o1", "other:o1"}

    def test_each_event_is_there_once_when_senders_send_the_same_at_once(self, door: Door) -> None:
        body = {"events": [event(n) for n in range(200)]}

        async def all_at_once() -> list[Any]:
            return await asyncio.gather(*(door.sending("/ingest/v1/events", body) for _ in range(8)))

        answers = [answer.json() for answer in door.run(all_at_once())]
        assert sum(answer["accepted"] for answer in answers) == 200
        assert sum(answer["duplicate"] for answer in answers) == 7 * 200
        positions = [entry.position for entry in door.entries()]
        assert len(positions) == 200
        assert max(position_order(answer["position"]) for answer in answers) == position_order(positions[-1])


BAD_ITEMS = {
    "count below zero": ({"customers_affected": -1}, "customers_affected: Expected int >= 0"),
    "count beyond belief": ({"customers_affected": 10**12}, "customers_affected: Expected int <= 50000000"),
    "count as text": ({"customers_affected": "12"}, "customers_affected: Expected int | null, got str"),
    "count with a fraction": ({"customers_affected": 12.5}, "customers_affected: Expected int | null, got float"),
    "count NaN": ({"customers_affected": float("nan")}, "customers_affected: NaN is no number"),
    "count infinite": ({"customers_affected": float("-inf")}, "customers_affected: -Infinity is no number"),
    "NaN in the geometry": ({"geometry": {"type": "Point", "coordinates": [float("nan"), 2]}}, "geometry.coordinates[0]: NaN is no number"),
    "unknown field": ({"custmers": 5}, "custmers: unknown field"),
    "unknown field within": ({"note": {"de": "x"}}, "note.de: unknown field"),
    "time without offset": ({"occurred_at": "2024-11-20T10:00:00"}, "occurred_at: Expected datetime with a timezone component: add the offset"),
    "start without offset": ({"started_at": "2024-11-20T10:00:00"}, "started_at: Expected datetime with a timezone component"),
    "time as a number": ({"occurred_at": 1732096800}, "occurred_at: Expected datetime, got int"),
    "no time": ({"occurred_at": "yesterday"}, "occurred_at: Invalid RFC3339"),
    "time long ago": ({"occurred_at": "1970-01-01T00:00:00Z"}, "occurred_at: 1970-01-01T00:00:00+00:00 is before 2000"),
    "time at the edge of time": ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at: "),
    "time in the future": ({"occurred_at": "2024-11-22T12:00:00Z"}, "occurred_at: 2024-11-22T12:00:00+00:00 is too far in the future"),
    "estimate out of this world": ({"estimated_restoration": "9999-12-31T23:59:59Z"}, "estimated_restoration: "),
    "estimate before the start": (
        {"started_at": "2024-11-20T09:00:00Z", "estimated_restoration": "2024-11-20T08:00:00Z"},
        "estimated_restoration: 2024-11-20T08:00:00+00:00 is before started_at",
    ),
    "restored before the start": (
        {"status": "restored", "started_at": "2024-11-20T09:00:00Z", "restored_at": "2024-11-20T08:00:00Z"},
        "restored_at: 2024-11-20T08:00:00+00:00 is before started_at",
    ),
    "status unknown": ({"status": "out"}, "status: Invalid enum value 'out': use one of active, restored, cancelled"),
    "status derived": ({"status": "clearing"}, "status: clearing is derived"),
    "cause unknown": ({"cause": "dragons"}, "cause: Invalid enum value 'dragons': use one of weather, "),
    "polygon that crosses itself": ({"geometry": BOWTIE}, "geometry: the polygon is not valid"),
    "ring left open": ({"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}}, "geometry: a ring must end"),
    "latitude first": ({"geometry": {"type": "Point", "coordinates": [45.3, -175.7]}}, "geometry: the latitude"),
    "geometry unknown": ({"geometry": {"type": "Circle", "coordinates": [1, 2]}}, "geometry.type: Invalid value 'Circle'"),
    "area with markup": ({"areas": ["K2G", "<script>"]}, "areas[1]: letters"),
    "outage id with a control character": ({"outage_id": "a\x00b"}, "outage_id: has a control character"),
    "event id with a line break": ({"event_id": "a\nb"}, "event_id: has a control character"),
    "device with a control character": ({"devices": ["feeder\x1b"]}, "devices[0]: has a control character"),
    "note with a control character": ({"note": {"en": "a\x0bb"}}, "note.en: has a control character"),
    "half a surrogate pair": ({"note": {"en": "\ud800"}}, "note: has text that is not valid Unicode"),
    "half a surrogate pair as the id": ({"event_id": "a\ud800"}, "event_id: has text that is not valid Unicode"),
    "half a surrogate pair in a name": ({"\ud800": "\ud800"}, "?: has text that is not valid Unicode"),
    "outage id empty": ({"outage_id": ""}, "outage_id: Expected str of length >= 1"),
    "sequence below zero": ({"sequence": -1}, "sequence: Expected int >= 0"),
    "far too large": ({"geometry": {"type": "LineString", "coordinates": [[-75.123456, 45.123456]] * 20_000}}, "event: 500174 bytes; at most"),
}  # fmt: skip


class TestBadItems:
    @pytest.mark.parametrize(("change", "error"), BAD_ITEMS.values(), ids=BAD_ITEMS)
    def test_only_the_bad_item_is_rejected_and_its_field_named(self, door: Door, change: dict[str, Any], error: str) -> None:
        answer = door.events({"events": [event(1), event(2, **change), event(3)]})
        assert answer.status_code == 202, answer.text
        told = answer.json()
        assert [result["outcome"] for result in told["results"]] == ["accepted", "rejected", "accepted"]
        field, _, reason = error.partition(": ")
        assert told["results"][1]["error"].startswith(field + ": "), told["results"][1]
        assert reason in told["results"][1]["error"]
        assert [entry.event.event_id for entry in door.entries()] == ["e1", "e3"]

    @pytest.mark.parametrize(("change", "error"), list(BAD_ITEMS.values())[:12], ids=list(BAD_ITEMS)[:12])
    def test_line_number_is_named_when_the_bad_item_is_a_line(self, door: Door, change: dict[str, Any], error: str) -> None:
        body = "\n\n".join(json.dumps(item) for item in (event(1), event(2, **change), event(3)))
        told = door.events(body, "application/x-ndjson").json()
        assert [result["outcome"] for result in told["results"]] == ["accepted", "rejected", "accepted"]
        assert told["results"][1]["error"].startswith("line 3: " + error.partition(":")[0])
        assert (told["results"][1]["index"], told["results"][1]["event_id"]) == (1, "e2")

    def test_broken_line_is_rejected_alone(self, door: Door) -> None:
        told = door.events(json.dumps(event(1)) + '\n{"event_id": "e2", "outa\n' + json.dumps(event(3)), "application/x-ndjson").json()
        assert [result["outcome"] for result in told["results"]] == ["accepted", "rejected", "accepted"]
        assert told["results"][1]["event_id"] is None
        assert told["results"][1]["error"].startswith("line 2: event: not JSON")

    @pytest.mark.parametrize("item", [None, 5, "text", [], {}])
    def test_index_is_told_when_an_item_has_no_readable_id(self, door: Door, item: Any) -> None:
        told = door.events({"events": [event(1), item]}).json()
        assert (told["results"][1]["event_id"], told["results"][1]["index"]) == (None, 1)

    def test_results_come_with_the_problem_when_all_items_are_bad(self, door: Door) -> None:
        problem = assert_problem(door.events({"events": [event(1, status="x"), event(2, planned="no")]}), 422, "status")
        assert (problem["rejected"], problem["accepted"]) == (2, 0)
        assert [result["event_id"] for result in problem["results"]] == ["e1", "e2"]
        assert door.entries() == []

    def test_an_id_that_nobody_can_write_is_not_told_when_it_is_all_there_is(self, door: Door) -> None:
        problem = assert_problem(door.events({"events": [event(1, event_id="\ud800")]}), 422, "event_id: has text that is not valid Unicode")
        assert [result["event_id"] for result in problem["results"]] == [None]

    def test_bytes_that_are_not_utf8_reject_one_item_only(self, door: Door) -> None:
        text = json.dumps({"events": [event(1), event(2, note={"en": "QQ"}), event(3)]}).encode().replace(b"QQ", b"\xff\xfe")
        told = door.events(text).json()
        assert [result["outcome"] for result in told["results"]] == ["accepted", "rejected", "accepted"]
        assert told["results"][1]["error"].startswith("note: has text that is not valid Unicode")


BAD_BODIES = {
    "truncated": (json.dumps({"events": [event(1), event(2)]})[:-9], 400, "byte"),
    "empty": ("", 400, "byte 0"),
    "a comma too many": ('{"events": [],}', 400, "byte 14"),
    "a list": (json.dumps([event(1)]), 422, '{"events": [...]}'),
    "events no list": ('{"events": {}}', 422, "events: Expected array"),
    "events null": ('{"events": null}', 422, "events: Expected array"),
    "no events": ('{"events": []}', 422, "events: the batch is empty"),
    "something beside events": (json.dumps({"events": [event(1)], "evnts": []}), 422, "evnts: unknown field"),
    "nested too deeply": ('{"events": ' + "[" * 100_000, 400, "deeply"),
    "deep beside NaN": ('{"a": NaN, "b": ' + "[" * 100_000, 400, "byte"),
}


class TestBadBodies:
    @pytest.mark.parametrize(("body", "status", "word"), BAD_BODIES.values(), ids=BAD_BODIES)
    def test_nothing_is_taken(self, door: Door, body: str, status: int, word: str) -> None:
        assert_problem(door.events(body), status, word)
        assert door.entries() == []

    def test_no_lines_are_an_empty_batch(self, door: Door) -> None:
        assert_problem(door.events("\n\n", "application/x-ndjson"), 422, "events: the batch is empty")

    def test_byte_offset_is_a_member_when_json_breaks(self, door: Door) -> None:
        assert assert_problem(door.events('{"events": ]}'), 400)["offset"] == 11

    @pytest.mark.parametrize("kind", ["text/xml", "application/x-www-form-urlencoded", "application/json; charset=latin-1"])
    def test_type_is_refused_when_it_is_not_taken(self, door: Door, kind: str) -> None:
        assert_problem(door.events(event(1), kind), 415, "Content-Type")

    def test_encoding_is_refused_when_it_is_not_taken(self, door: Door) -> None:
        assert door.events(event(1), content_encoding="br").headers["accept-encoding"] == "gzip, identity"
        assert_problem(door.events(event(1), content_encoding="br"), 415, "Content-Encoding")

    @pytest.mark.parametrize("body", [b"no gzip at all", gzip.compress(json.dumps(event(1)).encode())[:-9]])
    def test_gzip_is_refused_when_broken(self, door: Door, body: bytes) -> None:
        assert_problem(door.events(body, content_encoding="gzip"), 400, "Content-Encoding")
        assert door.entries() == []

    @pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer wrong", "Bearer " + "x" * 10_000])
    def test_sender_is_refused_when_the_key_is_not_good(self, door: Door, header: str) -> None:
        answer = door.events(event(1), authorization=header)
        assert_problem(answer, 401, "ingest key")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert door.entries() == []

    def test_sender_is_refused_when_the_key_is_not_for_this(self, door: Door) -> None:
        answer = door.run(door.sending("/ingest/v1/snapshots/geojson", {"features": []}, authorization=door.key("demo", "events")))
        assert_problem(answer, 403, "snapshots")


async def pieces(text: bytes, size: int = 1_000) -> AsyncIterator[bytes]:
    """A body without an announced length."""
    for start in range(0, len(text), size):
        yield text[start : start + size]


class TestLimits:
    def test_body_is_refused_when_its_announced_length_is_too_large(self) -> None:
        with door_over("memory", ingest_body_max_bytes=1_000) as door:
            problem = assert_problem(door.events({"events": [event(n) for n in range(50)]}), 413, "1000 bytes")
            assert problem["limit_bytes"] == 1_000
            assert door.entries() == []

    def test_body_is_refused_when_it_grows_too_large_on_the_way(self) -> None:
        with door_over("memory", ingest_body_max_bytes=1_000) as door:
            assert_problem(door.events(pieces(json.dumps({"events": [event(n) for n in range(50)]}).encode())), 413, "1000 bytes")

    def test_body_is_refused_when_it_unpacks_too_large(self) -> None:
        with door_over("memory", ingest_body_max_bytes=1_000_000) as door:
            assert_problem(door.events(gzip.compress(b" " * 50_000_000), content_encoding="gzip"), 413, "1000000 bytes")

    def test_batch_is_refused_whole_when_it_has_too_many_events(self) -> None:
        with door_over("memory", ingest_batch_max_events=3) as door:
            assert_problem(door.events({"events": [event(n) for n in range(4)]}), 413, "at most 3")
            assert door.entries() == []

    def test_large_body_is_answered_alike_when_read_beside_the_event_loop(self) -> None:
        with door_over("memory", ingest_off_loop_bytes=10) as door:
            assert door.events({"events": [event(1), event(2, status="x")]}).json()["accepted"] == 1
            assert_problem(door.events('{"events": ['), 400, "byte")

    def test_slow_body_is_given_up(self) -> None:
        async def never() -> AsyncIterator[bytes]:
            yield b'{"events": ['
            await asyncio.Event().wait()

        with door_over("memory", ingest_body_timeout_s=0.01) as door:
            assert_problem(door.events(never()), 408, "0.01 s")
            assert door.events(event(1)).status_code == 202

    def test_bodies_beyond_what_memory_allows_are_told_to_come_back(self) -> None:
        with door_over("memory", ingest_inflight_max_bytes=50) as door:
            assert_problem(door.events(event(1)), 503, "bytes are being worked on")
            assert_problem(door.events(pieces(json.dumps(event(1)).encode())), 503, "bytes are being worked on")


class TestDown:
    def test_sender_is_told_to_come_back_when_the_journal_is_down(self) -> None:
        with door_over("memory") as door:
            door.journal.down = True  # type: ignore[attr-defined]
            for answer in (door.events(event(1)), door.picture([])):
                assert_problem(answer, 503, "Nothing was acknowledged")
                assert int(answer.headers["retry-after"]) >= 1
            assert door.run(door.client.get("/readyz")).status_code == 503
            assert door.run(door.client.get("/healthz")).status_code == 200
            door.journal.down = False  # type: ignore[attr-defined]
            assert door.events(event(1)).json()["accepted"] == 1
            assert door.run(door.client.get("/readyz")).json()["ready"]

    def test_sender_is_told_to_come_back_when_the_keys_are_down(self) -> None:
        with door_over("memory") as door:
            unseen = door.key("demo")
            door.keys.down = True
            assert_problem(door.events(event(1), authorization=unseen), 503)

    def test_sender_is_told_to_come_back_when_redis_does_not_answer(self) -> None:
        with door_over("redis", "redis://127.0.0.1:1/0", redis_timeout_s=0.5) as door:
            assert_problem(door.events(event(1)), 503, "repeating is safe")
