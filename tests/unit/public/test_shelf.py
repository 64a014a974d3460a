"""The shelf: how fresh it is, what it asks of the folder, and what it serves when the folder is gone."""

import asyncio
from collections.abc import Hashable

import pytest

from services.adapters.site_memory import SiteMemory
from services.kernel.ports.failures import Unavailable
from services.kit.settings import Settings
from services.public.age import SiteAge
from services.public.shelf import Shelf
from tests.builders import SetClock

CHECK_S = 0.125


class Watched(SiteMemory):
    """Counts what is asked of it, and can be lost."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = self.reads = 0
        self.lost = False

    def version(self, path: str) -> Hashable | None:
        self.looks += 1
        if self.lost:
            raise Unavailable("the disk is gone")
        return super().version(path)

    def read(self, path: str) -> bytes | None:
        self.reads += 1
        return super().read(path)


class Bench:
    """A shelf over a watched site, with a clock that is moved."""

    def __init__(self, **settings: int) -> None:
        self.site, self.seconds = Watched(), 0.0
        self.shelf = Shelf(self.site, Settings(public_check_s=CHECK_S, **settings), lambda: self.seconds)

    def body(self, path: str = "a/b.json") -> bytes | None:
        found = self.shelf.find(path)
        return found.raw if found else None


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.site.write("a/b.json", b"one")
    return bench


def test_a_thousand_reads_look_at_the_file_once_and_read_it_once_within_the_interval(bench: Bench) -> None:
    assert {bench.body() for _ in range(1000)} == {b"one"}
    assert (bench.site.looks, bench.site.reads) == (1, 1)


def test_a_new_version_is_served_when_the_interval_is_over(bench: Bench) -> None:
    assert bench.body() == b"one"
    bench.site.write("a/b.json", b"two")
    assert bench.body() == b"one"
    bench.seconds += CHECK_S
    assert bench.body() == b"two"


def test_an_unchanged_file_is_looked_at_but_not_read_again(bench: Bench) -> None:
    for _ in range(5):
        bench.body()
        bench.seconds += CHECK_S
    assert (bench.site.looks, bench.site.reads) == (5, 1)


def test_nothing_is_held_of_files_that_are_not_there(bench: Bench) -> None:
    assert [bench.body(f"a/{number}.json") for number in range(100)] == [None] * 100
    assert len(bench.shelf._slots) == 0


def test_a_removed_file_is_gone_when_the_interval_is_over(bench: Bench) -> None:
    bench.body()
    bench.site.remove("a/b.json")
    bench.seconds += CHECK_S
    assert bench.body() is None


def test_what_was_read_is_served_on_when_the_folder_is_lost(bench: Bench) -> None:
    bench.body()
    bench.site.lost = True
    bench.seconds += 3600
    assert bench.body() == b"one"
    assert bench.body("never/read.json") is None
    bench.site.lost = False
    bench.site.write("a/b.json", b"two")
    bench.seconds += CHECK_S
    assert bench.body() == b"two"


def test_a_large_file_is_loaded_beside_while_the_version_before_is_served() -> None:
    bench = Bench(public_inline_max_bytes=10)
    bench.site.write("big.geojson", b"1" * 100)

    async def serve() -> None:
        assert bench.body("big.geojson") == b"1" * 100
        bench.site.write("big.geojson", b"2" * 100)
        bench.seconds += CHECK_S
        assert bench.body("big.geojson") == b"1" * 100
        await asyncio.gather(*bench.shelf._loading.values())
        assert bench.body("big.geojson") == b"2" * 100
        assert bench.shelf._loading == {}

    asyncio.run(serve())


class TestLargeFilesAfterAQuietTime:
    @staticmethod
    def changed_while_nobody_asked() -> Bench:
        bench = Bench(public_inline_max_bytes=10)
        bench.site.write("big.geojson", b"1" * 100)
        assert bench.body("big.geojson") == b"1" * 100
        bench.site.write("big.geojson", b"2" * 100)
        bench.seconds += 3600
        return bench

    def test_the_first_reader_gets_the_new_version(self) -> None:
        async def serve() -> None:
            bench = self.changed_while_nobody_asked()
            both = await asyncio.gather(bench.shelf.fetch("big.geojson"), bench.shelf.fetch("big.geojson"))
            assert [found.raw for found in both if found] == [b"2" * 100] * 2
            assert bench.site.reads == 2, "one load serves all who wait"

        asyncio.run(serve())

    def test_the_new_version_is_loaded_before_anyone_asks(self) -> None:
        async def serve() -> None:
            bench = self.changed_while_nobody_asked()
            bench.shelf.refresh()
            await asyncio.gather(*bench.shelf._loading.values())
            assert bench.body("big.geojson") == b"2" * 100

        asyncio.run(serve())

    def test_a_reader_of_a_version_that_was_the_newest_a_moment_ago_does_not_wait(self) -> None:
        async def serve() -> None:
            bench = self.changed_while_nobody_asked()
            await bench.shelf.fetch("big.geojson")
            bench.site.write("big.geojson", b"3" * 100)
            bench.seconds += CHECK_S
            found = await bench.shelf.fetch("big.geojson")
            assert found is not None
            assert found.raw == b"2" * 100
            await asyncio.gather(*bench.shelf._loading.values())

        asyncio.run(serve())

    def test_the_service_looks_while_nobody_asks(self) -> None:
        async def serve() -> None:
            bench = self.changed_while_nobody_asked()
            ticking = asyncio.create_task(SiteAge(bench.shelf, SetClock()).tell_forever(0.001))
            async with asyncio.timeout(10):
                while bench.shelf._slots["big.geojson"].document.raw != b"2" * 100:  # noqa: ASYNC110 - a thread loads
                    await asyncio.sleep(0.001)
            ticking.cancel()

        asyncio.run(serve())
