"""Notices over real HTTP: from 'notify me' on Alexa to one notification; and on Messenger, as far as Meta allows."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.adapters.alexa_proactive_http import HttpProactiveEvents
from services.adapters.journal_memory import MemoryJournal
from services.adapters.notice_alexa import AlexaNotices
from services.adapters.notice_messenger import MessengerNotices
from services.fanout.channel import Work
from services.fanout.homes import Homes
from services.fanout.notices import NoticesChannel, Pace
from services.fanout.replica import Replica
from services.kernel.events import Status
from services.kernel.ids import AreaId
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import Told
from services.kernel.views import Stamp
from services.kernel.waiting import Notice, Waiter
from services.kit.clock import SystemClock
from services.kit.metrics import NOTICES
from tests.builders import SOURCE, event
from tests.contract.test_alexa import alexa, intent, posted, slot, spoken
from tests.simulators.alexa_api import CLIENT, SECRET, AlexaSide, alexa_side
from tests.simulators.messenger_api import TOKEN, MessengerSim, error, running
from tests.voice_service import AREAS, NOW, Voice

USER = "amzn1.ask.account.x"
MINUTE = timedelta(minutes=1)
NOTIFY_ME = posted(intent("SubscribeIntent", slot("area", "Orléans")), locale="fr-CA")
ALERT = [{"eventName": "AMAZON.MessageAlert.Activated"}]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[AlexaSide, str]]:
    with alexa_side() as side:
        yield side


class Skill:
    """Voice, and the worker of notices with Alexa's API over HTTP, on one waiting list."""

    def __init__(self, origin: str, secret: str = SECRET) -> None:
        self.voice, self.journal = Voice(), MemoryJournal()
        self.voice.publish(AREAS)
        self.events = HttpProactiveEvents(f"{origin}/v1/proactiveEvents", f"{origin}/auth/o2/token", CLIENT, secret, 2)
        self.replica = Replica(self.journal, 5, 100)
        pace = Pace(per_s={"alexa": 5}, batch=9, run_max=timedelta(seconds=6), doubt=MINUTE, retry=MINUTE, worth=360 * MINUTE)
        self.channel = NoticesChannel(self.voice.waiting, {"alexa": AlexaNotices(self.events)}, self.voice.wordings, pace, self.voice.clock, Homes(150, 200))

    def chooses(self, subscriptions: list[Any], seconds: int = 0) -> None:
        """The customer allows notifications, or allows them no more."""
        told = {"type": "AlexaSkillEvent.ProactiveSubscriptionChanged", "body": {"subscriptions": subscriptions}}
        alexa(self.voice, posted({**told, "requestId": f"r{seconds}", "eventCreationTime": (NOW + timedelta(seconds=seconds)).isoformat()}))

    def hear(self, status: Status, minute: int = 0) -> None:
        asyncio.run(self.journal.append(SOURCE, [event(areas=("orleans",), minute=minute, status=status)]))

    def work(self, times: int = 1) -> None:
        for _ in range(times):
            self.replica.catch_up()
            self.channel.run(self.replica, Work(frozenset(), frozenset(), frozenset()), Stamp(self.replica.position, self.voice.clock.now()))
            self.voice.clock.moment += 2 * MINUTE

    @property
    def waits(self) -> bool:
        return bool(self.voice.waiting.of("alexa", USER))


@pytest.fixture
def side(served: tuple[AlexaSide, str]) -> AlexaSide:
    served[0].__init__(subscribed={USER})  # type: ignore[misc]
    return served[0]


@pytest.fixture
def skill(served: tuple[AlexaSide, str], side: AlexaSide) -> Iterator[Skill]:
    skill = Skill(served[1])
    yield skill
    skill.events.close()


def counted(outcome: str) -> float:
    return NOTICES.labels("alexa", outcome)._value.get()  # type: ignore[no-any-return]


def test_from_notify_me_on_alexa_to_one_notification_whatever_its_api_says_in_between(skill: Skill, side: AlexaSide) -> None:
    asked = alexa(skill.voice, NOTIFY_ME)
    assert asked["response"]["card"] == {"type": "AskForPermissionsConsent", "permissions": ["alexa::devices:all:notifications:write"]}
    assert not skill.waits, "nothing is promised that may not be done"
    skill.chooses(ALERT)
    assert "Alexa vous avisera une seule fois, quand la panne du secteur Orléans sera finie" in spoken(alexa(skill.voice, NOTIFY_ME))
    before = {outcome: counted(outcome) for outcome in ("held", "delivered")}
    skill.hear(Status.ACTIVE)
    skill.work()
    assert side.taken == {}
    skill.hear(Status.RESTORED, 1)
    for trouble in ({"status": 429}, {"status": 403}, {"status": 432}, {"status": 503}, {"garbage": b"<html>"}):
        side.status, side.garbage = trouble.get("status", 0), trouble.get("garbage", b"")
        skill.work()
        assert skill.waits, trouble
    side.status, side.garbage = 0, b""
    skill.work(3)
    (((user, reference), told),) = side.taken.items()
    assert (user, told["referenceId"]) == (USER, reference)
    assert told["event"]["payload"]["messageGroup"]["creator"]["name"] == "Hydro Exemple, au sujet du courant dans le secteur orleans"
    assert datetime.fromisoformat(told["expiryTime"]) == NOW + timedelta(hours=6, minutes=2)
    assert not skill.waits
    assert (counted("held") - before["held"], counted("delivered") - before["delivered"]) == (5, 1)
    for again in range(2):  # the next outage is another notice
        skill.voice.clock.moment += MINUTE
        alexa(skill.voice, NOTIFY_ME | {"request": {**NOTIFY_ME["request"], "timestamp": skill.voice.clock.now().isoformat()}})
        skill.hear(Status.ACTIVE, 10 * again + 5)
        skill.hear(Status.RESTORED, 10 * again + 6)
        skill.work(2)
    assert len(side.taken) == 3


def test_whoever_allows_it_no_more_is_told_nothing(skill: Skill, side: AlexaSide) -> None:
    skill.chooses(ALERT, 1)
    alexa(skill.voice, NOTIFY_ME)
    skill.chooses([], 0)
    assert skill.waits, "an older choice, which came late"
    skill.chooses([], 2)
    assert not skill.waits


@pytest.fixture(scope="module")
def page() -> Iterator[MessengerSim]:
    with running(MessengerSim()) as sim:
        yield sim


def notice(text: str = "Power is back", person: str = "ada", **more: Any) -> Notice:
    now = SystemClock().now()  # as the simulator
    return Notice(Waiter("messenger", person, "en", AreaId("k2g"), now, now + timedelta(hours=1)), text, **{"claimed_at": now, **more})


def test_messenger_takes_it_within_the_day_and_is_asked_where_its_answer_was_lost(page: MessengerSim) -> None:
    page.heard, page.blocked = {"ada": time.time(), "old": time.time() - 90_000, "bob": time.time()}, {"bob"}
    courier, hasty, thief = (MessengerNotices(page.url, "v25.0", token, timeout_s) for token, timeout_s in ((TOKEN, 5), (TOKEN, 0.2), ("stolen", 5)))
    told = [courier.send(notice(person=person)) for person in ("ada", "old", "bob")]
    assert [*told, thief.send(notice())] == [Told.SENT, Told.INVALID, Told.STOPPED, Told.REFUSED]
    page.faults.extend([error(400, 613, "Slow down"), error(500, 2, "x", transient=True)])
    assert [courier.send(notice()), courier.send(notice())] == [Told.LIMITED, Told.UNCERTAIN]
    page.silent_s = 0.5
    assert (hasty.send(notice("Lost")), len(page.sent)) == (Told.UNCERTAIN, 2)
    page.silent_s = 0
    assert courier.sent(notice("Lost"))
    assert not courier.sent(notice("Never"))
    assert not courier.sent(notice("Lost", claimed_at=datetime(2100, 1, 1, tzinfo=UTC))), "one from before"
    with pytest.raises(Unavailable):
        thief.sent(notice("Lost"))
    assert MessengerNotices("http://127.0.0.1:9", "v25.0", TOKEN, 1).send(notice()) is Told.UNREACHED
