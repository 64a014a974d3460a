"""Asking a source for its picture: over real HTTP, from a server that does all that goes wrong; and the twin, as far as it goes."""

import json
import tracemalloc
from collections.abc import Iterator

import msgspec
import pytest

from services.adapters.fetch_http import HttpFetcher
from services.adapters.fetch_memory import MemoryFetcher
from services.kernel.ids import SourceName
from services.kernel.polls import Polled, Validators
from services.kernel.ports.polls import Fetcher, FetchFailed, Request
from services.kit.clock import SystemClock
from services.sources.pages import whole_picture
from tests.simulators.outage_source import Fault, OutageSource, feature, outage_source

CLOCK = SystemClock()
HTTP = HttpFetcher(CLOCK, connect_s=2, read_s=0.3)


def request(source: OutageSource, **change: object) -> Request:
    return msgspec.structs.replace(Request(source.url, {}, Validators(), 1_000_000, 5), **change)


@pytest.fixture
def source() -> Iterator[OutageSource]:
    with outage_source(features=[feature("a", 12)]) as server:
        yield server


@pytest.fixture(params=["http", "memory"])
def fetcher(request: pytest.FixtureRequest, source: OutageSource) -> Fetcher:
    if request.param == "http":
        return HTTP
    memory = MemoryFetcher(CLOCK)
    memory.put(source.url, source.answer(0))
    return memory


class TestFetcher:
    def test_a_picture_comes_whole_with_the_time_at_which_it_was_said(self, fetcher: Fetcher, source: OutageSource) -> None:
        before = CLOCK.now().replace(microsecond=0)
        fetched = fetcher.fetch(request(source))
        assert fetched.body == source.answer(0)
        assert before <= fetched.at <= CLOCK.now()

    def test_what_is_known_is_not_sent_again(self, fetcher: Fetcher, source: OutageSource) -> None:
        known = fetcher.fetch(request(source)).validators
        again = fetcher.fetch(request(source, known=known))
        assert (again.body, again.validators) == (None, known)
        assert fetcher.fetch(request(source, known=Validators(etag='"other"'))).body == source.answer(0)

    def test_more_bytes_than_allowed_are_refused(self, fetcher: Fetcher, source: OutageSource) -> None:
        size = len(source.answer(0))
        assert fetcher.fetch(request(source, max_bytes=size)).body
        with pytest.raises(FetchFailed, match=f"more than {size - 1} bytes"):
            fetcher.fetch(request(source, max_bytes=size - 1))


FAULTS = {
    Fault.DOWN: "answers 500",
    Fault.SILENT: "silent for too long",
    Fault.CUT_GZIP: "ends too early",
    Fault.CUT: "can't be reached",
    Fault.WEB_PAGE: "a web page",
    Fault.ELSEWHERE: r"another server \(localhost\)",
    Fault.ROUND: "more than 5 times",
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_goes_wrong_is_told_in_words(source: OutageSource, fault: Fault) -> None:
    source.fault = fault
    with pytest.raises(FetchFailed, match=FAULTS[fault]):
        HTTP.fetch(request(source))


def test_a_server_that_sends_a_byte_now_and_then_ends_at_the_deadline(source: OutageSource) -> None:
    source.fault = Fault.DRIP
    with pytest.raises(FetchFailed, match=r"not answered whole within 0.5 s"):
        HTTP.fetch(request(source, timeout_s=0.5))


def test_a_gzip_bomb_is_put_down_before_it_goes_off(source: OutageSource) -> None:
    source.fault = Fault.BOMB
    tracemalloc.start()
    try:
        with pytest.raises(FetchFailed, match="more than 1000000 bytes"):
            HTTP.fetch(request(source))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000, "of 64 MB"
    finally:
        tracemalloc.stop()


def test_a_source_says_when_to_come_again_in_seconds_or_as_a_date(source: OutageSource) -> None:
    asked = []
    for source.fault in (Fault.LIMITED, Fault.AWAY, Fault.DOWN):
        with pytest.raises(FetchFailed) as failed:
            HTTP.fetch(request(source))
        asked.append(failed.value.retry_after_s)
    assert asked[0] == 77
    assert 200 < asked[1] <= 300
    assert asked[2] == 0


def test_headers_go_along_a_redirect_on_the_same_server_and_never_to_another(source: OutageSource) -> None:
    source.fault = Fault.MOVED
    assert HTTP.fetch(request(source, headers={"X-Key": "secret"})).body
    assert [asked["x-key"] for asked in source.asked] == ["secret", "secret"]
    for url in ("http://outages.example/", "ftp://127.0.0.1/"):
        with pytest.raises(FetchFailed, match="is not https"):
            HTTP.fetch(request(source, url=url))


def test_nobody_there(source: OutageSource) -> None:
    with pytest.raises(FetchFailed, match="can't be reached"):
        HTTP.fetch(request(source, url="http://127.0.0.1:1/"))


class TestPages:
    def polled(self, source: OutageSource, pages: int, max_bytes: int = 1_000_000) -> Polled:
        return Polled(SourceName("hydro"), source.url + "?f=geojson", "arcgis", 60, 0, 5, {}, max_bytes, pages, None, {})

    def test_all_pages_make_one_picture(self, source: OutageSource) -> None:
        source.features, source.page = [feature(str(number), number) for number in range(25)], 10
        told = json.loads(whole_picture(HTTP, self.polled(source, 5), Validators(etag='"x"'), CLOCK).body or b"")
        assert told["features"] == source.features
        assert told["properties"] == {"exceededTransferLimit": False}
        assert [asked["path"].partition("?")[2] for asked in source.asked] == [f"f=geojson&resultOffset={offset}" for offset in (0, 10, 20)]

    def test_one_with_more_pages_than_it_may_have_says_that_it_is_cut_short(self, source: OutageSource) -> None:
        source.features, source.page = [feature(str(number), number) for number in range(25)], 10
        told = json.loads(whole_picture(HTTP, self.polled(source, 2), Validators(), CLOCK).body or b"")
        assert (len(told["features"]), told["properties"]) == (20, {"exceededTransferLimit": True})

    def test_the_bytes_are_those_of_the_whole(self, source: OutageSource) -> None:
        source.features, source.page = [feature(str(number), number) for number in range(25)], 10
        with pytest.raises(FetchFailed, match="more than"):
            whole_picture(HTTP, self.polled(source, 5, len(source.answer(0)) + 9), Validators(), CLOCK)

    def test_a_page_without_features_is_an_error(self, source: OutageSource) -> None:
        memory = MemoryFetcher(CLOCK)
        polled = self.polled(source, 5)
        memory.put(polled.url + "&resultOffset=0", b'{"error": {"code": 400}}')
        with pytest.raises(FetchFailed, match="no list of features"):
            whole_picture(memory, polled, Validators(), CLOCK)
