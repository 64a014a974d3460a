"""What any memory of who was heard from does: on Redis, and its twin."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.adapters.redis_link import sync_link
from services.adapters.sources_memory import MemorySources
from services.adapters.sources_redis import RedisSources
from services.kernel.ids import SourceName
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.sources import Sources
from services.kernel.sources import Expected, Patience, Source
from services.kit.settings import Settings
from tests.builders import NOW
from tests.contract.journals import on_redis

OMS, HYDRO = SourceName("oms"), SourceName("hydro")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
Make = Callable[[Patience], Sources]


@pytest.fixture(params=["redis", "memory"])
def make(request: pytest.FixtureRequest) -> Make:
    if request.param == "memory":
        return MemorySources
    link = sync_link(Settings(journal_url=request.getfixturevalue("redis_url")))
    return lambda patience: RedisSources(link, patience)


@pytest.fixture
def sources(make: Make) -> Sources:
    return make(Patience(3_600, {OMS: 60}))


class TestSources:
    def test_a_source_heard_is_stale_after_its_patience(self, sources: Sources) -> None:
        sources.heard(OMS, NOW)
        sources.heard(HYDRO, NOW)
        assert sources.known() == [Source(HYDRO, NOW, NOW + HOUR), Source(OMS, NOW, NOW + MINUTE)]

    def test_a_report_that_comes_late_takes_nothing_back(self, sources: Sources) -> None:
        sources.heard(HYDRO, NOW)
        sources.heard(HYDRO, NOW - MINUTE)
        sources.heard(HYDRO, NOW + timedelta(microseconds=1))
        assert [source.heard_at for source in sources.known()] == [NOW + timedelta(microseconds=1)]

    def test_a_polled_source_is_missed_before_it_was_ever_heard(self, sources: Sources) -> None:
        sources.expect({HYDRO: Expected(NOW, 120, {"fr": "Hydro d'ici"})})
        sources.expect({HYDRO: Expected(NOW + HOUR, 120, {"fr": "Hydro d'ici"})})  # the poller started again
        assert sources.known() == [Source(HYDRO, None, NOW + 2 * MINUTE, {"fr": "Hydro d'ici"})]
        assert [sources.known()[0].label(lang) for lang in ("en", "fr")] == ["hydro", "Hydro d'ici"]
        sources.heard(HYDRO, NOW + MINUTE)
        assert [(source.heard_at, source.stale_at) for source in sources.known()] == [(NOW + MINUTE, NOW + 3 * MINUTE)]

    def test_one_that_is_no_longer_polled_is_missed_only_for_what_it_sent(self, sources: Sources) -> None:
        sources.expect({HYDRO: Expected(NOW, 120), OMS: Expected(NOW)})
        sources.heard(HYDRO, NOW)
        sources.expect({})
        assert sources.known() == [Source(HYDRO, NOW, NOW + HOUR)]
        assert sources.forget(HYDRO)
        assert sources.known() == []
        assert not sources.forget(HYDRO)

    def test_a_turn_is_news_once_each_way(self, sources: Sources) -> None:
        assert [sources.quiet(OMS), sources.quiet(OMS), sources.back(OMS), sources.back(OMS)] == [True, False, True, False]
        assert not sources.back(HYDRO)


def test_what_the_journal_heard_is_what_the_sources_know(redis_url: str) -> None:
    with on_redis(redis_url) as subject:
        subject.run(subject.journal.heard(OMS, NOW))
        subject.run(subject.journal.heard(OMS, NOW - MINUTE))
    assert RedisSources(sync_link(Settings(journal_url=redis_url)), Patience(60)).known() == [Source(OMS, NOW, NOW + MINUTE)]


def test_it_is_unavailable_when_redis_is_down() -> None:
    gone = RedisSources(sync_link(Settings(journal_url="redis://127.0.0.1:1/0"), retries=0), Patience(60))
    for call in (gone.known, lambda: gone.heard(OMS, NOW), lambda: gone.expect({}), lambda: gone.quiet(OMS)):
        with pytest.raises(Unavailable):
            call()
