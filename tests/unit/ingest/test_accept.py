"""Events judged one by one: whatever stands beside it, a good item is taken and a bad one is not."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.accept import judge, sift
from services.ingest.admission import Room, Slot
from services.ingest.answers import Answered, Result
from services.ingest.batches import split_json, split_lines
from services.ingest.judge import rules_at
from services.kernel.events import OutageEvent
from services.kernel.outage import Acceptance
from services.kernel.views import Position
from services.kit.http import Problem
from services.kit.settings import Settings

RULES = rules_at(datetime(2024, 11, 20, 12, tzinfo=UTC), Settings(_env_file=None))
GOOD = {"event_id": "e", "outage_id": "o", "occurred_at": "2024-11-20T10:00:00Z", "status": "active"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*GOOD, "areas", "geometry", "note", "customers_affected", "?"]), inner, max_size=4)
    ),
    max_leaves=12,
)
items = (
    st.just(GOOD) | json_values | st.builds(lambda value, name: {**GOOD, name: value}, json_values, st.sampled_from([*GOOD, "started_at", "geometry", "areas"]))
)


@given(st.lists(items, min_size=1, max_size=12))
def test_each_item_has_its_own_verdict_in_order_whatever_stands_beside_it(batch: list[Any]) -> None:
    events, results = sift(split_json(json.dumps({"events": batch}).encode(), 100), RULES)
    assert len(results) == len(batch)
    assert len(events) == results.count(None)
    for index, (item, result) in enumerate(zip(batch, results, strict=True)):
        if item == GOOD:
            assert result is None
        if result is not None:
            assert (result.outcome, result.index) == (Acceptance.REJECTED, index)
            assert result.error
            assert ":" in result.error


@given(st.lists(items, min_size=1, max_size=12))
def test_verdicts_are_alike_when_the_batch_comes_as_lines(batch: list[Any]) -> None:
    _, whole = sift(split_json(json.dumps({"events": batch}).encode(), 100), RULES)
    _, lines = sift(split_lines("\n".join(json.dumps(item) for item in batch).encode(), 100), RULES)
    assert [result is None for result in whole] == [result is None for result in lines]


@given(st.binary(max_size=200))
def test_any_bytes_are_judged_or_refused_and_never_crash(body: bytes) -> None:
    for split in (split_json, split_lines):
        refused = None
        try:
            sift(split(body, 100), RULES)
        except Problem as problem:
            refused = problem.body["status"]
        assert refused in (None, 400, 422)


@given(st.integers(0, 400))
def test_cut_off_body_is_never_half_taken(cut: int) -> None:
    text = json.dumps({"events": [GOOD] * 4}).encode()
    cut = min(cut, len(text) - 1)
    with pytest.raises(Problem) as refused:
        split_json(text[:cut], 100)
    assert (refused.value.body["status"], refused.value.body["offset"]) == (400, cut)


@pytest.mark.parametrize("area", ["K2G", "Sainte-Thérèse", "L'Orignal", "Québec (Est)", "a" * 64])
def test_area_is_taken_as_people_write_it(area: str) -> None:
    assert isinstance(judge(json.dumps({**GOOD, "areas": [area]}).encode(), RULES), OutageEvent)


@pytest.mark.parametrize("area", ["", "-a", "a/b", "a:b", "../x", "a\n", "a" * 65, "a\u202eb"])
def test_area_is_rejected_when_it_could_be_more_than_a_name(area: str) -> None:
    assert str(judge(json.dumps({**GOOD, "areas": [area]}).encode(), RULES)).startswith("areas[0]: ")


def test_answer_stands_at_the_newest_position_of_its_results() -> None:
    results = [Result("a", Acceptance.DUPLICATE, Position("10-0")), Result("b", Acceptance.ACCEPTED, Position("9-12")), Result("c", Acceptance.STALE)]
    answered = Answered.of(results)
    assert (answered.accepted, answered.duplicate, answered.stale, answered.position) == (1, 1, 1, "10-0")


def test_room_is_given_back_however_a_request_ends() -> None:
    room = Room(100, 3)

    def crash() -> None:
        with Slot(room) as slot:
            slot.hold(60)
            raise RuntimeError

    for _ in range(3):
        with pytest.raises(RuntimeError):
            crash()
    assert room.bytes == 0
    with Slot(room) as one, Slot(room) as two:
        one.hold(60)
        one.hold(50)
        with pytest.raises(Problem, match="60 bytes are being worked on"):
            two.hold(41)
        two.hold(40)
    assert room.bytes == 0
