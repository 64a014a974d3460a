"""The demo storm is one and the same storm, and a possible one."""

import itertools
import os
from datetime import UTC, datetime
from pathlib import Path

from services.cli import storm
from services.kernel.events import Status, decode_event

FILE = Path(__file__).parents[3] / "loadtests" / "storms" / "demo.ndjson"


def test_the_checked_in_file_is_what_the_seed_makes() -> None:
    made = storm.ndjson(storm.storm())
    if os.environ.get("SURGECAST_REWRITE"):
        FILE.write_bytes(made)
    assert FILE.read_bytes() == made
    assert len(made) < 600_000


def test_another_seed_makes_another_storm() -> None:
    assert storm.storm(1) != storm.storm(2)


def test_each_event_reads_back_as_the_contract_wants_it() -> None:
    events = storm.storm()
    assert [decode_event(line) for line in storm.ndjson(events).splitlines()] == events


def test_it_is_a_whole_storm() -> None:
    events = storm.storm()
    assert 180 <= len({event.outage_id for event in events}) <= 220
    assert len({area for event in events for area in event.areas}) == 40
    assert sum(event.planned for event in events) >= 1
    assert any(event.status is Status.CANCELLED for event in events)
    over = {event.outage_id for event in events if event.status.is_over}
    assert 0.5 < len(over) / len({event.outage_id for event in events}) < 0.9, "much is restored, and something is left to see"
    missed = [e for a, e in _pairs(events) if a.estimated_restoration and a.estimated_restoration < e.occurred_at and not e.status.is_over]
    assert missed, "no estimate is ever missed"


def test_every_outage_moves_forward_and_nothing_follows_its_end() -> None:
    for _, story in itertools.groupby(sorted(storm.storm(), key=lambda e: (e.outage_id, e.sequence)), key=lambda e: e.outage_id):
        events = list(story)
        times = [event.occurred_at for event in events]
        assert times == sorted(times)
        assert not any(event.status.is_over for event in events[:-1])
        assert all(e.estimated_restoration is None or e.estimated_restoration > e.started_at for e in events if e.started_at)


def test_a_storm_from_now_begins_now_and_is_no_repetition() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    events, shifted = storm.storm(), storm.from_now(storm.storm(), now)
    assert shifted[0].occurred_at == now.replace(microsecond=0)
    assert shifted[-1].occurred_at - shifted[0].occurred_at == events[-1].occurred_at - events[0].occurred_at
    assert not {event.event_id for event in shifted} & {event.event_id for event in events}
    assert len({event.outage_id for event in shifted}) == len({event.outage_id for event in events})


def _pairs(events):
    for _, story in itertools.groupby(sorted(events, key=lambda e: (e.outage_id, e.sequence)), key=lambda e: e.outage_id):
        yield from itertools.pairwise(list(story))
