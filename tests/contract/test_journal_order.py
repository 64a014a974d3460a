"""I2 and I3: whatever is repeated, reordered or batched together, the journal ends in the state that the kernel's order says."""

from collections.abc import Sequence
from datetime import timedelta

import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.cli.embedded_redis import Running
from services.kernel.events import OutageEvent, Status
from services.kernel.ids import OutageId, OutageKey
from services.kernel.order import version
from services.kernel.outage import apply
from services.kernel.ports.journal import Answer
from services.kernel.views import ORIGIN
from tests.builders import NOW
from tests.contract.journals import Subject, in_memory, on_redis
from tests.examples import examples

FACTS = st.builds(
    lambda outage, minute, status, sequence, areas, count: (outage, minute, status, sequence, areas, count),
    st.sampled_from("AB"),
    st.integers(0, 3),
    st.sampled_from(list(Status)),
    st.none() | st.integers(0, 2),
    st.lists(st.sampled_from(["K1A", "K2G", "É"]), max_size=3),
    st.none() | st.integers(0, 9),
)


def distinct(facts: Sequence[tuple]) -> list[OutageEvent]:
    return [
        OutageEvent(
            event_id=f"e{i}",
            outage_id=OutageId(outage),
            occurred_at=NOW + timedelta(minutes=minute),
            status=status,
            sequence=sequence,
            areas=tuple(areas),
            customers_affected=count,
        )
        for i, (outage, minute, status, sequence, areas, count) in enumerate(facts)
    ]


@st.composite
def deliveries(draw: st.DrawFn) -> list[list[OutageEvent]]:
    """Some events, repeated and in any order, in batches of any size."""
    events = distinct(draw(st.lists(FACTS, min_size=1, max_size=8)))
    repeats = draw(st.lists(st.sampled_from(events), max_size=8))
    stream = draw(st.permutations(events + repeats))
    cuts = sorted(draw(st.sets(st.integers(1, len(stream) - 1), max_size=4)) if len(stream) > 1 else ())
    return [list(stream[start:end]) for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


def newest(batches: list[list[OutageEvent]]) -> dict[OutageKey, OutageEvent]:
    """What the kernel says that each outage ends as."""
    state: dict[OutageKey, OutageEvent] = {}
    for event in (event for batch in batches for event in batch):
        key = OutageKey(f"oms:{event.outage_id}")
        state[key], _ = apply(state.get(key), event)
    return state


def holds(subject: Subject, batches: list[list[OutageEvent]]) -> list[Answer]:
    answers = [answer for batch in batches for answer in subject.append(*batch)]
    expected = newest(batches)
    assert subject.open() == {key: event for key, event in expected.items() if not event.status.is_over}
    assert subject.versions() == {key: version(event) for key, event in expected.items()}
    entries = subject.tail.since(ORIGIN, 1_000)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert len({entry.event.event_id for entry in entries}) == len(entries)
    assert [entry.position for entry in entries] == [answer.position for answer in answers if answer.outcome == "accepted"]
    folded: dict[OutageKey, OutageEvent] = {}
    for entry in entries:
        assert entry.key not in folded or version(entry.event) > version(folded[entry.key])
        folded[entry.key] = entry.event
    assert folded == expected
    return answers


@given(deliveries())
def test_any_delivery_ends_in_the_newest_state_in_memory(batches: list[list[OutageEvent]]) -> None:
    with in_memory() as subject:
        holds(subject, batches)


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries())
def test_redis_answers_as_memory_does_and_both_end_in_the_newest_state(redis_server: Running, batches: list[list[OutageEvent]]) -> None:
    with redis.Redis.from_url(redis_server.url) as link:
        link.flushall()
    with in_memory() as twin, on_redis(redis_server.url) as real:
        expected = holds(twin, batches)
        answers = holds(real, batches)
        places = {answer.position: nth for nth, answer in enumerate(answer for answer in answers if answer.outcome == "accepted")}
        twin_places = {answer.position: nth for nth, answer in enumerate(answer for answer in expected if answer.outcome == "accepted")}
        assert [(a.outcome, places.get(a.position)) for a in answers] == [(a.outcome, twin_places.get(a.position)) for a in expected]


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries(), st.randoms())
def test_two_deliveries_of_the_same_events_end_alike(redis_server: Running, batches: list[list[OutageEvent]], random: object) -> None:
    shuffled = [event for batch in batches for event in batch]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    with redis.Redis.from_url(redis_server.url) as link:
        link.flushall()
    with on_redis(redis_server.url) as real, in_memory() as twin:
        real.append(*shuffled)
        holds(twin, batches)
        assert (real.open(), real.versions()) == (twin.open(), twin.versions())
