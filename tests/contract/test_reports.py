"""What any pile of reports does: on Redis, and its twin."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services import wire
from services.adapters.guarded import Guarded, bounds
from services.adapters.redis_link import async_link
from services.adapters.reports_memory import MemoryReports
from services.adapters.reports_redis import RedisReports
from services.cli.failure import Failure
from services.cli.reports import account
from services.cli.reports import looks as show_looks
from services.cli.reports import reports as show
from services.kernel.ids import AreaId
from services.kernel.outage import Acceptance
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.reports import Reports
from services.kernel.reports import Kind, Look, Report
from services.kit.clock import SystemClock
from services.kit.settings import Settings
from tests.builders import NOW, SetClock

ACCEPTED, DUPLICATE, REJECTED = Acceptance.ACCEPTED, Acceptance.DUPLICATE, Acceptance.REJECTED
LIMITS: dict[str, Any] = {
    "reports_kept": 4,
    "reports_per_minute": 6,
    "reports_asker_per_minute": 2,
    "reports_unnamed_per_minute": 3,
    "reports_again_s": 60,
    "reports_looks_kept": 3,
}
Test = Callable[[Reports, SetClock], Awaitable[None]]


@pytest.fixture(params=["redis", "memory"])
def run(request: pytest.FixtureRequest) -> Callable[[Test], None]:
    def run(test: Test) -> None:
        clock = SetClock()

        async def whole() -> None:
            if request.param == "memory":
                await test(MemoryReports(clock, Settings(**LIMITS)), clock)
                return
            settings = Settings(journal_url=request.getfixturevalue("redis_url"), **LIMITS)
            reports = RedisReports(async_link(settings), Guarded("reports", bounds(5, 9, 3, 5), clock), clock, settings)
            await test(reports, clock)
            await reports.close()

        asyncio.run(whole())

    return run


def report(asker: str = "a", kind: Kind = Kind.OUTAGE, area: str | None = "k2g", at: Any = NOW, **more: Any) -> Report:
    return Report(kind, "Rue “Bank” {n} / 12", "sms", "fr", at, asker, AreaId(area) if area else None, **more)


def test_what_was_taken_is_given_back_whole_newest_first(run: Callable[[Test], None]) -> None:
    async def test(reports: Reports, clock: SetClock) -> None:
        first, second = report(), report("b", Kind.HAZARD, None, NOW + timedelta(seconds=1), premise="p-1")
        assert [await reports.take(first), await reports.take(second)] == [ACCEPTED, ACCEPTED]
        assert list(await reports.newest(NOW - timedelta(days=9), 5)) == [second, first]
        assert list(await reports.newest(NOW - timedelta(days=9), 1)) == [second]
        assert list(await reports.newest(NOW + timedelta(seconds=1), 5)) == [second]

    run(test)


def test_the_same_said_again_is_one_report_of_another_kind_or_place_or_person_is_not(run: Callable[[Test], None]) -> None:
    async def test(reports: Reports, clock: SetClock) -> None:
        assert await reports.take(report()) is ACCEPTED
        assert await reports.take(report()) is DUPLICATE
        others = [report(kind=Kind.HAZARD), report(area="k2h"), report("b")]
        assert [await reports.take(other) for other in others] == [ACCEPTED] * 3
        assert len(await reports.newest(NOW - timedelta(days=9), 9)) == 4

    run(test)


def test_too_many_of_one_asker_are_refused_and_of_all(run: Callable[[Test], None]) -> None:
    async def test(reports: Reports, clock: SetClock) -> None:
        assert [await reports.take(report(area=area)) for area in "123"] == [ACCEPTED, ACCEPTED, REJECTED]
        unnamed = [await reports.take(report("")) for _ in range(4)]
        assert unnamed == [ACCEPTED] * 3 + [REJECTED], "nobody can tell whether it is the same person: no duplicates, and a share of their own"
        assert [await reports.take(report(asker)) for asker in "xyz"] == [ACCEPTED, REJECTED, REJECTED], "all together"
        assert await reports.take(report("x", Kind.HAZARD)) is ACCEPTED, "outages take no hazard's place"
        assert await reports.take(report("")) is REJECTED
        clock.move(minutes=1)
        assert await reports.take(report("y")) is ACCEPTED
        assert await reports.take(report("")) is ACCEPTED

    run(test)


def test_no_more_are_kept_than_the_most_and_outages_push_out_no_hazard(run: Callable[[Test], None]) -> None:
    async def test(reports: Reports, clock: SetClock) -> None:
        await reports.take(report("h", Kind.HAZARD, at=NOW - timedelta(minutes=1)))
        for number in range(6):
            assert await reports.take(report(str(number), at=NOW + timedelta(seconds=number))) is ACCEPTED
        assert [one.asker for one in await reports.newest(NOW - timedelta(days=9), 9)] == ["5", "4", "3", "2", "h"]

    run(test)


def test_a_stranger_who_makes_up_hazards_pushes_out_nobody_elses(run: Callable[[Test], None]) -> None:
    async def test(reports: Reports, clock: SetClock) -> None:
        await reports.take(report("h", Kind.HAZARD, at=NOW - timedelta(minutes=1)))
        for _ in range(3):
            clock.move(minutes=1)
            for _ in range(3):
                assert await reports.take(report("", Kind.HAZARD)) is ACCEPTED
        assert [one.asker for one in await reports.newest(NOW - timedelta(days=9), 9)] == ["", "", "", "", "h"]

    run(test)


def test_a_redis_that_is_gone_is_told_at_once_and_then_left_alone() -> None:
    async def test() -> None:
        clock, settings = SetClock(), Settings(journal_url="redis://127.0.0.1:1/0", redis_retries=0)
        guarded = Guarded("reports", bounds(0.3, 9, 1, 5), clock)
        reports = RedisReports(async_link(settings), guarded, clock, settings)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await reports.take(report())
        await reports.close()

    asyncio.run(test())


def test_everything_that_is_kept_of_reports_ends_by_itself(redis_url: str) -> None:
    async def test() -> None:
        clock, settings = SetClock(), Settings(journal_url=redis_url)
        link = async_link(settings)
        reports = RedisReports(link, Guarded("reports", bounds(5, 9, 3, 5), clock), clock, settings)
        await reports.take(report())
        keys = await link.keys(f"{wire.PREFIX}*")
        assert len(keys) == 4
        assert all([0 < await link.pttl(key) <= 30 * 86_400_000 for key in keys])
        await reports.close()

    asyncio.run(test())


def test_the_command_lists_them_for_people_and_for_programs(redis_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    settings, clock = Settings(journal_url=redis_url), SystemClock()
    monkeypatch.setenv("COLUMNS", "200")
    show(settings, "24h", 9, False)
    assert "Nobody has reported anything" in capsys.readouterr().out

    async def take() -> None:
        desk = RedisReports(async_link(settings), Guarded("reports", bounds(5, 9, 3, 5), clock), clock, settings)
        await desk.take(report("a", Kind.HAZARD, at=clock.now(), premise="[red]p-1[/]"))
        await desk.close()

    asyncio.run(take())
    show(settings, "24h", 9, False)
    table = capsys.readouterr().out
    assert "hazard" in table
    assert "p-1" not in table
    show(settings, "24h", 9, True)
    line = msgspec.json.decode(capsys.readouterr().out)
    assert (line["said"], "asker" in line, "premise" in line) == ("Rue “Bank” {n} / 12", False, False)
    with pytest.raises(Failure, match="--since"):
        show(settings, "yesterday", 9, True)


def test_whom_reports_are_of_is_for_those_who_may_see_it_and_only_once_it_is_kept_that_they_look(
    redis_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SystemClock()
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("USER", "dispatcher")
    nobody = Settings(journal_url=redis_url, reports_named_for="dispatcher")
    allowed = Settings(journal_url=redis_url, reports_named_for=f"dispatcher, {account()}")

    async def take() -> None:
        desk = RedisReports(async_link(nobody), Guarded("reports", bounds(5, 9, 3, 5), clock), clock, nobody)
        await desk.take(report("a", Kind.HAZARD, at=clock.now(), premise="[red]p-1[/]"))
        await desk.close()

    asyncio.run(take())
    with pytest.raises(Failure, match="SURGECAST_REPORTS_NAMED_FOR"):  # who they are is not what they say
        show(nobody, "24h", 9, False, named=True)
    show_looks(allowed, 9)
    assert "Nobody has looked" in capsys.readouterr().out
    show(allowed, "24h", 9, False, named=True)
    assert "[red]p-1[/]" in capsys.readouterr().out, "what people and directories say is no markup"
    show(allowed, "24h", 9, True, named=True)
    assert msgspec.json.decode(capsys.readouterr().out)["premise"] == "[red]p-1[/]"
    show_looks(allowed, 9)
    assert capsys.readouterr().out.count(f"{account()}@") == 2

    async def away(self: RedisReports, look: Look) -> None:
        raise Unavailable("full")

    monkeypatch.setattr(RedisReports, "look", away)
    with pytest.raises(Failure, match="full"):
        show(allowed, "24h", 9, False, named=True)
    assert "p-1" not in capsys.readouterr().out


def test_the_last_looks_are_kept_the_newest_first(run: Callable[[Test], None]) -> None:
    async def test(reports: Reports, clock: SetClock) -> None:
        looks = [Look(NOW + timedelta(minutes=number), "ann@desk", NOW, number) for number in range(4)]
        for look in looks:
            await reports.look(look)
        assert list(await reports.looks(9)) == looks[:0:-1]
        assert list(await reports.looks(1)) == looks[3:]

    run(test)
