"""What any waiting list does, with its notices: on Redis, and its twin; and text messages as Twilio takes them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from redis import Redis

from services import wire
from services.adapters.guarded import Guarded, bounds
from services.adapters.notices_redis import RedisNotices
from services.adapters.redis_link import async_link, sync_link
from services.adapters.sms_twilio import TwilioTexts
from services.adapters.waiting_memory import MemoryWaiting
from services.adapters.waiting_redis import RedisWaitingList
from services.fanout.main import Floor
from services.kernel.ids import AreaId, OutageKey
from services.kernel.mine import Sureness
from services.kernel.outage import Acceptance
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import Notices, Told
from services.kernel.waiting import Group, Home, Notice, Waiter, group_of
from services.kit.settings import Settings
from tests.builders import NOW, SetClock
from tests.simulators.twilio_api import ACCOUNT, SENDER, TOKEN, Fault, TwilioApi, twilio_api

ACCEPTED, DUPLICATE, REJECTED = Acceptance.ACCEPTED, Acceptance.DUPLICATE, Acceptance.REJECTED
MOST: dict[str, Any] = {"waiting_max": 5, "waiting_area_max": 3, "waiting_person_max": 2, "waiting_asks_line_max": 3, "waiting_asks_all_per_day": 5}
HOUR = timedelta(hours=1)


class Both:
    """The list as voice has it, its calls made at once, and the notices as the worker has them."""

    def __init__(self, call: Callable[[Callable[[Any], Coroutine[Any, Any, Any]]], Any], notices: Notices) -> None:
        self._call, self.notices = call, notices

    def add(self, waiter: Waiter) -> Acceptance:
        return Acceptance(self._call(lambda waiting: waiting.add(waiter)))

    def ask(self, notice: Notice) -> Acceptance:
        return Acceptance(self._call(lambda waiting: waiting.ask(notice)))

    def confirm(self, address: str) -> list[Waiter]:
        return list(self._call(lambda waiting: waiting.confirm("sms", address, NOW + HOUR)))

    def forget(self, address: str) -> int:
        return int(self._call(lambda waiting: waiting.forget("sms", address)))


@pytest.fixture(params=["redis", "memory"])
def both(request: pytest.FixtureRequest) -> Both:
    if request.param == "memory":
        memory = MemoryWaiting(Settings(**MOST))
        return Both(lambda ask: asyncio.run(ask(memory)), memory)
    settings = Settings(journal_url=request.getfixturevalue("redis_url"), **MOST)

    def call(ask: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        async def whole() -> Any:
            waiting = RedisWaitingList(async_link(settings), Guarded("waiting", bounds(5, 9, 3, 5), SetClock()), settings)
            answer = await ask(waiting)
            await waiting.close()
            return answer

        return asyncio.run(whole())

    return Both(call, RedisNotices(sync_link(settings)))


def waiter(number: int = 1, area: str = "k2g") -> Waiter:
    return Waiter("sms", f"+1613555{number:04}", "fr", AreaId(area), NOW, NOW + 72 * HOUR)


def test_somebody_waits_once_for_an_area_and_no_more_than_may(both: Both) -> None:
    assert [both.add(waiter(one)) for one in (1, 1, 2, 3, 4)] == [ACCEPTED, DUPLICATE, ACCEPTED, ACCEPTED, REJECTED], "of one area"
    assert [both.add(waiter(1, area)) for area in ("a", "b")] == [ACCEPTED, REJECTED], "of one person"
    assert [both.add(waiter(9, area)) for area in ("a", "b")] == [ACCEPTED, REJECTED], "of all"
    assert both.notices.groups() == ["a", "k2g"]
    assert both.notices.counts() == ({"a": 2, "k2g": 3}, 0)
    assert {one.address for one in both.notices.waiting(Group("k2g"), 9)} == {waiter(one).address for one in (1, 2, 3)}
    assert len(both.notices.waiting(Group("k2g"), 2)) == 2


def test_who_asks_again_waits_anew_and_one_platform_is_not_the_other(both: Both) -> None:
    later = replace(waiter(), lang="en", since=NOW + HOUR, expires=NOW + 73 * HOUR)
    assert [both.add(each) for each in (waiter(), later)] == [ACCEPTED, DUPLICATE]
    assert list(both.notices.waiting(Group("k2g"), 9)) == [later]
    assert both.notices.expired(NOW + 72 * HOUR, 9) == []
    both.add(replace(waiter(2), platform="alexa"))
    both.notices.queue([Notice(replace(waiter(2), platform="alexa")), Notice(later)], NOW, NOW + HOUR)
    assert [notice.waiter for notice in both.notices.due("sms", NOW, 9)] == [later]
    assert both.notices.counts() == ({}, 2)
    both.add(waiter())
    assert [notice.waiter for notice in both.notices.due("sms", NOW, 9)] == [later], "what is due stays as it is"


def test_who_waits_for_their_own_outage_is_moved_to_another_once(both: Both) -> None:
    one, two = OutageKey("oms:1"), OutageKey("oms:2")
    home = replace(waiter(), home=Home("p-1", one, Sureness.CIRCUIT, ("feeder:7F12",), (-75.7, 45.4)))
    assert [both.add(each) for each in (home, home, waiter())] == [ACCEPTED, DUPLICATE, ACCEPTED], "besides their area"
    assert both.notices.groups() == ["@oms:1", "k2g"]
    assert list(both.notices.waiting(group_of(one), 9)) == [home]
    for _ in range(2):
        both.notices.move(home, two, Sureness.COVERED)
    (moved,) = both.notices.waiting(group_of(two), 9)
    assert moved.home == replace(home.home, outage=two, sureness=Sureness.COVERED)
    assert both.notices.counts() == ({"@oms:2": 1, "k2g": 1}, 0)
    both.notices.queue([Notice(home)], NOW, NOW + HOUR)
    assert both.notices.due("sms", NOW, 9) == [], "they wait for another"
    both.notices.queue([Notice(moved)], NOW, NOW + HOUR)
    both.notices.move(moved, one, Sureness.CIRCUIT)
    assert both.notices.counts() == ({"k2g": 1}, 1), "what is due is not taken back"
    assert both.forget(home.address) == 2
    assert both.notices.counts() == ({}, 0)


def test_who_is_asked_whether_they_asked_waits_once_they_say_so(both: Both) -> None:
    def question(number: int, area: str = "k2g") -> Notice:
        return Notice(replace(waiter(number, area), confirmed=False), "C'était vous?", worth_until=NOW + HOUR)

    assert [both.ask(question(1)), both.ask(question(1)), both.ask(question(1, "a")), both.ask(question(1, "b"))] == [ACCEPTED, DUPLICATE, ACCEPTED, REJECTED]
    assert both.ask(question(2)) is ACCEPTED
    assert both.ask(question(3)) is REJECTED, "three are in line"
    assert (both.notices.groups(), both.notices.counts()) == ([], ({}, 3))
    for notice in both.notices.due("sms", NOW, 9):
        both.notices.asked(notice.waiter)
    assert both.notices.due("sms", NOW, 9) == []
    assert (both.confirm("+15550000"), both.confirm(waiter(2).address)) == ([], [replace(waiter(2), since=NOW + HOUR, expires=NOW + 73 * HOUR)])
    assert both.confirm(waiter(2).address) == []
    assert both.notices.counts() == ({"k2g": 1}, 0)
    assert both.add(waiter(1)) is ACCEPTED, "they texted: that is the answer"
    assert both.notices.counts() == ({"k2g": 2}, 0)
    late = both.notices.expired(NOW + HOUR, 9)
    assert [one.area for one in late] == ["a"]
    both.notices.end(late)
    assert both.ask(question(1, "b")) is REJECTED, "twice a day, whatever became of it"
    assert both.ask(question(4)) is ACCEPTED
    assert both.forget(waiter(4).address) == 1
    assert both.confirm(waiter(4).address) == []
    assert both.forget(waiter(1).address) == both.forget(waiter(2).address) == 1
    assert both.notices.counts() == ({}, 0)
    assert [both.ask(question(5)), both.ask(question(6))] == [ACCEPTED, REJECTED], "five a day, of all together"
    tomorrow = question(6)
    assert both.ask(replace(tomorrow, waiter=replace(tomorrow.waiter, since=NOW + 24 * HOUR))) is ACCEPTED


def test_a_notice_is_due_until_it_ends(both: Both) -> None:
    notices, notice = both.notices, Notice(waiter(), "Le courant est revenu")
    both.add(waiter())
    notices.queue([notice], NOW, NOW + HOUR)
    notices.queue([Notice(waiter(), "twice"), Notice(waiter(2), "unknown")], NOW, NOW + HOUR)
    assert notices.counts() == ({}, 1)
    assert (notices.groups(), notices.due("sms", NOW - HOUR, 9), notices.due("sms", NOW, 9)) == ([], [], [notice])
    claimed = Notice(notice.waiter, notice.text, NOW)
    assert notices.put(claimed, NOW + HOUR)
    assert (notices.due("sms", NOW, 9), notices.due("sms", NOW + HOUR, 9)) == ([], [claimed])
    assert (notices.expired(NOW, 9), notices.expired(NOW + HOUR, 9)) == ([], [waiter()]), "as long as it is worth sending"
    notices.end([waiter()])
    notices.end([waiter()])
    assert not notices.put(claimed, NOW)
    assert (notices.due("sms", NOW + HOUR, 9), notices.expired(NOW + 99 * HOUR, 9)) == ([], [])
    assert both.add(waiter()) is ACCEPTED, "for the next outage"


def test_who_says_stop_is_on_no_list_and_gets_no_notice(both: Both) -> None:
    for one in (waiter(1), waiter(1, "a"), waiter(2)):
        both.add(one)
    notice = Notice(waiter(1), "x")
    both.notices.queue([notice], NOW, NOW + HOUR)
    assert len(both.notices.of("sms", waiter(1).address)) == 2
    assert (both.forget(waiter(1).address), both.forget(waiter(1).address)) == (2, 0)
    assert not both.notices.put(notice, NOW)
    assert (both.notices.due("sms", NOW, 9), both.notices.groups()) == ([], ["k2g"])


def test_nothing_is_left_in_redis_of_somebody_who_was_told(redis_url: str) -> None:
    settings = Settings(journal_url=redis_url)

    async def add() -> None:
        waiting = RedisWaitingList(async_link(settings), Guarded("waiting", bounds(5, 9, 3, 5), SetClock()), settings)
        await waiting.add(waiter())
        await waiting.close()

    asyncio.run(add())
    notices = RedisNotices(sync_link(settings))
    notices.queue([Notice(waiter(), "x")], NOW, NOW)
    notices.end([waiter()])
    with Redis.from_url(redis_url) as link:
        assert link.keys(f"{wire.PREFIX}*") == []


def test_where_notices_rest_who_has_waited_long_enough_is_forgotten_all_the_same(redis_url: str) -> None:
    settings = Settings(_env_file=None, journal_url=redis_url)

    async def add() -> None:
        waiting = RedisWaitingList(async_link(settings), Guarded("waiting", bounds(5, 9, 3, 5), SetClock()), settings)
        await waiting.add(waiter())
        await waiting.add(replace(waiter(2), expires=NOW.replace(year=2100)))
        await waiting.close()

    asyncio.run(add())
    assert not settings.notices_can_be_sent
    Floor(settings).trim()
    assert [one.address for one in RedisNotices(sync_link(settings)).waiting(Group("k2g"), 9)] == [waiter(2).address]


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with twilio_api() as running:
        yield running


def notice(text: str, number: str = "+16135550199") -> Notice:
    return Notice(Waiter("sms", number, "fr", AreaId("k2g"), NOW, NOW + HOUR), text, NOW, NOW + HOUR)


def texts(api: TwilioApi, token: str = TOKEN) -> TwilioTexts:
    return TwilioTexts(api.url, ACCOUNT, token, SENDER, 2)


class TestTwilioTexts:
    def test_a_message_is_sent_whole_and_found_again(self, api: TwilioApi) -> None:
        courier, said = texts(api), notice("Le courant est revenu à Orléans & ailleurs")
        assert courier.send(said) is Told.SENT
        assert api.bodies() == [("+16135550199", "Le courant est revenu à Orléans & ailleurs")]
        assert courier.sent(said)
        assert not courier.sent(notice("other"))
        assert not courier.sent(replace(said, claimed_at=NOW.replace(year=2100))), "one from before"

    @pytest.mark.parametrize(("fault", "told"), [(Fault.LIMITED, Told.LIMITED), (Fault.DOWN, Told.UNCERTAIN), (Fault.SILENT_AFTER_ACCEPT, Told.UNCERTAIN)])
    def test_what_goes_wrong_is_told_apart(self, api: TwilioApi, fault: Fault, told: Told) -> None:
        api.faults = [fault]
        api.silence.set()
        assert texts(api).send(notice("x", "+16135550199")) is told
        assert len(api.taken) == (fault is Fault.SILENT_AFTER_ACCEPT)

    def test_who_stopped_who_is_nobody_and_who_may_not(self, api: TwilioApi) -> None:
        api.stopped = {"+16135550199"}
        assert texts(api).send(notice("x", "+16135550199")) is Told.STOPPED
        assert texts(api).send(notice("x", "613")) is Told.INVALID
        assert texts(api, "wrong").send(notice("x", "+16135550198")) is Told.REFUSED
        with pytest.raises(Unavailable):
            texts(api, "wrong").sent(notice("x", "+16135550198"))

    def test_a_service_that_is_gone_was_surely_not_reached(self) -> None:
        gone = TwilioTexts("http://127.0.0.1:1", ACCOUNT, TOKEN, SENDER, 1)
        assert gone.send(notice("x", "+16135550199")) is Told.UNREACHED
        with pytest.raises(Unavailable):
            gone.sent(notice("x", "+16135550199"))
