"""What one poll does, and when the next is: with twins for everything outside, and a clock that stands."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.fetch_memory import MemoryFetcher
from services.adapters.front_door_memory import MemoryFrontDoor
from services.adapters.polls_memory import MemoryPolls
from services.adapters.sources_memory import MemorySources
from services.kernel.ids import SourceName
from services.kernel.polls import Pacing, Polled, PollState, is_open, wait_s
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.polls import Busy, Fetched, FetchFailed, Request, Unusable
from services.kernel.sources import Patience
from services.sources.poller import Outcome, Poller
from tests.builders import SetClock

HYDRO, OTHER = SourceName("hydro"), SourceName("other")
PACING = Pacing(10, 300, 5, 600, 3_600, settle_pictures=2, settle_s=600)


def polled(name: str, **change: Any) -> Polled:
    fields = {"url": f"https://{name}.example/", "format": "geojson", "interval_s": 60, "jitter_s": 10, "timeout_s": 20, "headers": {}, "max_bytes": 1_000}
    return Polled(**{"name": SourceName(name), **fields, "pages": 1, "stale_after_s": None, "labels": {}, **change})


class Desk:
    """A poller among twins."""

    def __init__(self, *names: str) -> None:
        self.clock, self.polls, self.door, self.sources = SetClock(), MemoryPolls(), MemoryFrontDoor(), MemorySources(Patience(60))
        self.fetcher = MemoryFetcher(self.clock)
        self.chance = 0.5
        known = {SourceName(name): polled(name) for name in names}
        self.poller = Poller(known, self.polls, self.fetcher, self.door, self.sources, self.clock, PACING, 150, lambda: self.chance)
        self.polls.sync(known, self.clock.now())
        self.shows("a")

    def shows(self, *outages: str, name: str = "hydro") -> None:
        self.fetcher.put(f"https://{name}.example/", json.dumps(outages).encode())

    def poll(self) -> Outcome:
        return self.poller.poll_now(HYDRO)[0]

    @property
    def state(self) -> PollState:
        return self.polls.all()[HYDRO][0]

    @property
    def wait_s(self) -> float:
        return (self.polls.all()[HYDRO][1] - self.clock.now()).total_seconds()


@pytest.fixture
def desk() -> Desk:
    return Desk("hydro")


def test_a_picture_is_handed_in_with_the_sources_own_time_and_the_next_poll_is_an_interval_away(desk: Desk) -> None:
    assert desk.poll() is Outcome.TAKEN
    assert [(source, kind, fetched.body, fetched.at) for source, kind, fetched in desk.door.pictures] == [(HYDRO, "geojson", b'["a"]', desk.clock.now())]
    assert desk.wait_s == 65
    assert (desk.state.last_success, desk.state.last_change, desk.state.failures) == (desk.clock.now(), desk.clock.now(), 0)


def test_after_a_change_the_whole_picture_is_asked_for_until_an_outage_gone_from_it_could_be_restored(desk: Desk) -> None:
    outcomes = []
    for _ in range(13):
        outcomes.append(desk.poll())
        desk.clock.move(seconds=60)
    assert outcomes == [Outcome.TAKEN] * 11 + [Outcome.UNCHANGED] * 2  # the grace: ten minutes of the source's time, and two pictures
    assert len(desk.door.pictures) == 11
    desk.shows("b")
    assert [desk.poll(), desk.poll()] == [Outcome.TAKEN, Outcome.TAKEN]


def test_nothing_changed_is_heard_and_a_success_but_no_picture(desk: Desk) -> None:
    for _ in range(12):
        desk.poll()
        desk.clock.move(seconds=60)
    pictures = len(desk.door.pictures)
    assert desk.poll() is Outcome.UNCHANGED
    assert [source.heard_at for source in desk.sources.known()] == [desk.clock.now()]
    assert (desk.state.last_success, len(desk.door.pictures)) == (desk.clock.now(), pictures)


def test_a_failing_source_is_left_alone_ever_longer_then_probed_and_recovers(desk: Desk) -> None:
    desk.fetcher.failure, desk.chance = FetchFailed("answers 500"), 1.0
    waits = []
    for _ in range(6):
        assert desk.poll() is Outcome.FAILED
        waits.append(desk.wait_s)
        desk.clock.move(seconds=desk.wait_s)
    assert waits == [10, 20, 40, 80, 600, 600]
    assert is_open(desk.state, PACING)
    assert (desk.state.last_error, desk.state.last_success) == ("answers 500", None)
    desk.fetcher.failure = None
    assert desk.poll() is Outcome.TAKEN
    assert (desk.state.failures, desk.wait_s) == (0, 70)


def test_what_a_source_asks_for_is_honoured_within_bounds(desk: Desk) -> None:
    for asked_s, wait_s_ in ((500, 500), (1e9, 3_600)):
        desk.fetcher.failure = FetchFailed("answers 429", asked_s)
        desk.poll()
        assert desk.wait_s == wait_s_


def test_our_own_door_being_shut_is_no_fault_of_the_source(desk: Desk) -> None:
    desk.door.failure = Busy("our own ingest answers 503", 3)
    for _ in range(9):
        assert desk.poll() is Outcome.BUSY
    assert (desk.state.failures, desk.state.last_error, desk.wait_s) == (0, "our own ingest answers 503", 15)
    desk.door.failure = None
    assert desk.poll() is Outcome.TAKEN


def test_a_picture_that_cannot_be_used_is_a_failure_and_asked_for_again(desk: Desk) -> None:
    desk.door.failure = Unusable("our own ingest answers 422: no records")
    assert desk.poll() is Outcome.FAILED
    desk.door.failure = None
    assert desk.poll() is Outcome.TAKEN


def test_a_mistake_of_ours_is_told_and_left_alone_like_any_failure_while_redis_being_down_ends_the_round(desk: Desk) -> None:
    desk.door.failure = ZeroDivisionError("oh")
    assert desk.poll() is Outcome.FAILED
    assert desk.state.last_error == "a mistake of ours: ZeroDivisionError: oh"
    desk.door.failure = Unavailable("Redis can't be reached")
    with pytest.raises(Unavailable):
        desk.poll()
    assert desk.wait_s == 150  # what was claimed is due again when the claim ends


def test_an_overtaken_picture_does_not_count_as_known(desk: Desk) -> None:
    for _ in range(13):
        desk.poll()
        desk.clock.move(seconds=60)
    desk.shows("b")
    desk.clock.move(hours=-1)  # the source's clock went back
    assert desk.poll() is Outcome.OVERTAKEN
    desk.clock.move(hours=1)
    assert desk.poll() is Outcome.TAKEN
    assert desk.door.pictures[-1][2].body == b'["b"]'


def test_one_doorbell_polls_all_that_is_due_and_none_that_is_not() -> None:
    desk = Desk("hydro", "other")
    desk.shows("x", name="other")
    desk.polls.sync([HYDRO, OTHER, SourceName("gone")], desk.clock.now())
    assert desk.poller.answer(timedelta(seconds=9)) == "done"
    assert {source for source, _, _ in desk.door.pictures} == {HYDRO, OTHER}
    assert desk.poller.answer(timedelta(seconds=9)) == "done"
    assert len(desk.fetcher.asked) == 2
    with pytest.raises(KeyError):
        desk.poller.poll_now(SourceName("nobody"))


def test_a_source_that_hangs_holds_no_other_up() -> None:
    desk = Desk("hydro", "other")
    desk.shows("x", name="other")
    hung, ends = Event(), Event()
    fetch = desk.fetcher.fetch

    def slow(request: Request) -> Fetched:
        if "hydro" in request.url:
            hung.set()
            assert ends.wait(30)
        return fetch(request)

    desk.fetcher.fetch = slow  # type: ignore[method-assign]
    with ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(desk.poller.answer, timedelta(seconds=9))
        assert hung.wait(30)
        assert desk.poller.answer(timedelta(seconds=9)) == "done"
        assert [source for source, _, _ in desk.door.pictures] == [OTHER]
        ends.set()
        assert stuck.result(30) == "done"
    assert [source for source, _, _ in desk.door.pictures] == [OTHER, HYDRO]


@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 1e12))
def test_a_wait_is_never_nothing_and_never_for_ever(failures: int, chance: float, asked_s: float) -> None:
    waited = wait_s(PollState(failures=failures), polled("a"), PACING, chance, asked_s)
    assert 1 <= waited <= 3_600
    assert waited >= min(asked_s, 3_600)
