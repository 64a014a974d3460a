from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.kernel.events import OutageEvent, Status
from services.kernel.order import EPOCH, microseconds, version
from services.kernel.outage import Acceptance, apply

NOON = datetime(2018, 9, 21, 12, tzinfo=UTC)

EVENTS = st.builds(
    OutageEvent,
    outage_id=st.just("A"),
    event_id=st.text(min_size=1, max_size=3),
    occurred_at=st.integers(0, 5).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    status=st.sampled_from(Status),
    sequence=st.none() | st.integers(0, 3) | st.integers(0, 2**63 - 1),
)


def final(events: Sequence[OutageEvent]) -> OutageEvent | None:
    current = None
    for event in events:
        current, _ = apply(current, event)
    return current


@given(st.lists(EVENTS, min_size=1, max_size=8), st.data())
def test_every_order_and_repetition_ends_in_the_same_state(events: list[OutageEvent], data: st.DataObject) -> None:
    once = {version(event): event for event in events}
    heard = data.draw(st.permutations([*once.values(), *data.draw(st.lists(st.sampled_from(list(once.values())), max_size=8))]))
    assert final(heard) == once[max(once)]


@given(EVENTS, EVENTS)
def test_the_order_is_total_when_the_events_differ_in_what_orders_them(one: OutageEvent, other: OutageEvent) -> None:
    facts = [(event.sequence, event.occurred_at, event.status, event.event_id) for event in (one, other)]
    assert (version(one) == version(other)) == (facts[0] == facts[1])


@given(EVENTS, EVENTS)
def test_a_number_decides_before_the_time_and_the_time_before_the_status(one: OutageEvent, other: OutageEvent) -> None:
    ladder = list(Status)
    keys = [(-1 if event.sequence is None else event.sequence, event.occurred_at, ladder.index(event.status)) for event in (one, other)]
    if keys[0] != keys[1]:
        assert (version(one) < version(other)) == (keys[0] < keys[1])


@given(EVENTS, EVENTS)
def test_an_older_event_is_stale_and_the_same_one_a_duplicate(one: OutageEvent, other: OutageEvent) -> None:
    older, newer = sorted((one, other), key=version)
    assert apply(older, older) == (older, Acceptance.DUPLICATE)
    if version(older) != version(newer):
        assert apply(older, newer) == (newer, Acceptance.ACCEPTED)
        assert apply(newer, older) == (newer, Acceptance.STALE)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_microseconds_are_exact(moment: datetime) -> None:
    assert EPOCH + timedelta(microseconds=microseconds(moment)) == moment
