"""The alarm: a source that goes quiet is told once, and once when it is back."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.adapters.sources_memory import MemorySources
from services.kernel.ids import SourceName
from services.kernel.sources import Patience
from services.relay.pace import Pace
from services.relay.watch import Watch
from tests.builders import SetClock

HYDRO = SourceName("hydro")


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


def watch(sources: MemorySources, clock: SetClock) -> Watch:
    return Watch(sources, clock, Pace(clock, timedelta(seconds=5)))


def test_a_quiet_source_is_told_once_whoever_looks_and_once_when_it_is_back(clock: SetClock) -> None:
    sources = MemorySources(Patience(60))
    sources.heard(HYDRO, clock.now())
    told = []
    for silent_s in (0, 59, 60, 66, 600):
        clock.at = sources.known()[0].heard_at + timedelta(seconds=silent_s)  # type: ignore[operator]
        with capture_logs() as logs:
            watch(sources, clock).look()
            watch(sources, clock).look()
        told.append([line["event"] for line in logs])
    assert told == [[], [], ["sources.silenced"], [], []]
    assert REGISTRY.get_sample_value("surgecast_source_age_seconds", {"source": HYDRO}) == 600
    assert REGISTRY.get_sample_value("surgecast_sources_stale") == 1
    sources.heard(HYDRO, clock.now())
    with capture_logs() as logs:
        watch(sources, clock).look()
    assert [line["event"] for line in logs] == ["sources.resumed"]
    assert REGISTRY.get_sample_value("surgecast_sources_stale") == 0


def test_it_looks_no_more_often_than_it_should(clock: SetClock) -> None:
    sources = MemorySources(Patience(60))
    looking = watch(sources, clock)
    looking.look()
    sources.heard(HYDRO, clock.now() - timedelta(hours=1))
    with capture_logs() as logs:
        looking.look()
        clock.move(seconds=5)
        looking.look()
    assert [line["event"] for line in logs] == ["sources.silenced"]
