"""The notices channel: told once, never before the source said so, whatever step a crash comes after."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from services import wire
from services.adapters.alexa_proactive_memory import MemoryProactiveEvents
from services.adapters.journal_memory import MemoryJournal
from services.adapters.notice_alexa import AlexaNotices
from services.adapters.waiting_memory import MemoryWaiting
from services.fanout.channel import Work
from services.fanout.homes import Homes
from services.fanout.main import rung
from services.fanout.notices import IN_VAIN_MAX, NoticesChannel, Pace
from services.fanout.replica import Replica
from services.kernel.events import Point, Polygon, Status
from services.kernel.ids import UNPLACED, AreaId, OutageKey
from services.kernel.messages import LANGS, Lang, Wording
from services.kernel.mine import Sureness
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import Told
from services.kernel.views import Stamp
from services.kernel.waiting import Home, Notice, Waiter
from services.kit.settings import Settings
from services.relay.main import limits
from services.wire import Channel
from tests.builders import NOW, SOURCE, SetClock, event
from tests.unit.fanout.social_stage import Crash, Crashing, Steps

WORDINGS: dict[Lang, Wording] = {lang: Wording(lang, "Example Hydro", "America/Toronto", "613-555-0188") for lang in LANGS}
MINUTE = timedelta(minutes=1)
PACE = Pace(per_s={"sms": 1, "alexa": 1}, batch=3, run_max=timedelta(seconds=6), doubt=MINUTE, retry=MINUTE, worth=60 * MINUTE)


class Service:
    """Takes messages, answers as it is told, and knows what it took. Meets `Courier`."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.answers: list[tuple[Told, bool]] = []
        self.can_be_asked = True

    def send(self, notice: Notice) -> Told:
        told, taken = self.answers.pop(0) if self.answers else (Told.SENT, True)
        if taken:
            self.taken.append((notice.waiter.address, notice.text))
        return told

    def sent(self, notice: Notice) -> bool:
        if not self.can_be_asked:
            raise Unavailable("down")
        return (notice.waiter.address, notice.text) in self.taken


class Stage:
    """Everything outlives a process but the channel and its replica."""

    def __init__(self) -> None:
        self.clock, self.service, self.waiting = SetClock(), Service(), MemoryWaiting(Settings())
        self.events = MemoryProactiveEvents()
        self.alexa = AlexaNotices(self.events)
        self.journal = MemoryJournal(self.clock)
        self.restart()

    def restart(self, crash_at: int = 0) -> Steps:
        steps = Steps(crash_at)
        notices: Any = Crashing(self.waiting, steps)
        courier: Any = Crashing(self.service, steps)
        self.replica = Replica(self.journal, 5, 100)
        self.channel = NoticesChannel(notices, {"sms": courier, "alexa": self.alexa}, WORDINGS, PACE, self.clock, Homes(150, 200))
        return steps

    def wait(self, *numbers: int, lang: Lang = "en", platform: str = "sms") -> None:
        for number in numbers:
            asyncio.run(self.waiting.add(Waiter(platform, str(number), lang, AreaId("K2G"), self.clock.now(), self.clock.now() + 600 * MINUTE)))

    def hear(self, status: Status, outage: str = "A", minute: float = 0) -> None:
        asyncio.run(self.journal.append(SOURCE, [event(outage, minute=minute, status=status)]))

    def run(self) -> Mapping[AreaId, datetime]:
        self.replica.catch_up()
        return self.channel.run(self.replica, Work(frozenset(), frozenset(), frozenset()), Stamp(self.replica.position, self.clock.now()))

    def run_for(self, seconds: int) -> None:
        for _ in range(seconds):
            self.run()
            self.clock.move(seconds=1)

    def told(self) -> list[str]:
        return [address for address, _ in self.service.taken]


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.hear(Status.ACTIVE)
    made.wait(1, 2)
    return made


def test_everybody_is_told_once_when_the_last_outage_is_restored_and_not_before(stage: Stage) -> None:
    stage.hear(Status.ACTIVE, "B")
    for status, outage in ((Status.RESTORED, "B"), (Status.CLEARING, "A")):
        stage.hear(status, outage, 1)
        assert stage.run() == {}
        assert stage.told() == []
    stage.hear(Status.RESTORED, "A", 2)
    stage.run()
    stage.run()
    assert sorted(stage.told()) == ["1", "2"]
    assert stage.service.taken[0][1] == "Example Hydro: power is back in K2G, as of 5:04 p.m. If yours isn't, call 613-555-0188."
    assert stage.waiting.groups() == []


def test_an_outage_that_was_withdrawn_is_not_said_to_be_restored(stage: Stage) -> None:
    stage.hear(Status.CANCELLED, minute=1)
    stage.run()
    assert "no outage on record" in stage.service.taken[0][1]


def test_who_is_asked_whether_they_asked_is_told_nothing_else_before_they_answered(stage: Stage) -> None:
    until = stage.clock.now() + 600 * MINUTE
    asked = Waiter("sms", "3", "en", AreaId("K2G"), stage.clock.now(), until, confirmed=False)
    silent = replace(asked, address="4")
    for one in (asked, silent):
        asyncio.run(stage.waiting.ask(Notice(one, "Was it you?", worth_until=stage.clock.now() + 60 * MINUTE)))
    for _ in range(3):
        stage.run()
        stage.clock.move(minutes=2)
    assert sorted(stage.service.taken) == [("3", "Was it you?"), ("4", "Was it you?")], "once"
    assert [one.address for one in asyncio.run(stage.waiting.confirm("sms", "3", stage.clock.now()))] == ["3"]
    stage.hear(Status.RESTORED, minute=1)
    stage.run()
    stage.run_for(5)
    assert sorted(stage.told()) == ["1", "2", "3", "3", "4"]
    stage.clock.move(minutes=60)
    stage.run()
    assert stage.waiting.of("sms", "4") == [], "no answer in time"


@pytest.mark.parametrize("lost", [False, True])
def test_nobody_is_told_twice_or_never_whatever_step_a_crash_comes_after(lost: bool) -> None:
    """Also where the answer of the service is lost."""
    crash_at = 0
    while True:
        crash_at += 1
        stage = Stage()
        stage.hear(Status.ACTIVE)
        stage.wait(1, 2)
        stage.hear(Status.RESTORED, minute=1)
        if lost:
            stage.service.answers = [(Told.UNCERTAIN, True)]
        steps = stage.restart(crash_at)
        for _ in range(7):
            try:
                stage.run()
            except Crash:
                stage.restart()
            stage.clock.move(minutes=2)
        assert sorted(stage.told()) == ["1", "2"], f"crashed at step {crash_at}"
        if steps.taken < crash_at:
            break
    assert crash_at > 12


def test_a_notice_in_doubt_waits_until_the_service_can_be_asked(stage: Stage) -> None:
    stage.service.answers, stage.service.can_be_asked = [(Told.UNCERTAIN, False)], False
    stage.hear(Status.RESTORED, minute=1)
    for _ in range(3):
        stage.run()
        stage.clock.move(minutes=2)
    assert len(stage.told()) <= 1
    stage.service.can_be_asked = True
    for _ in range(6):
        stage.run()
        stage.clock.move(minutes=2)
    assert sorted(stage.told()) == ["1", "2"]


@pytest.mark.parametrize("told", [Told.LIMITED, Told.UNREACHED, Told.REFUSED])
def test_a_service_that_does_not_take_it_is_left_alone_for_a_while(stage: Stage, told: Told) -> None:
    stage.service.answers = [(told, False)]
    stage.hear(Status.RESTORED, minute=1)
    stage.run()
    stage.run()
    assert stage.told() == []
    for _ in range(3):
        stage.clock.move(minutes=2)
        stage.run()
    assert sorted(stage.told()) == ["1", "2"]


def test_one_who_stopped_is_forgotten_and_one_that_is_nobody_too(stage: Stage) -> None:
    stage.service.answers = [(Told.STOPPED, False), (Told.INVALID, False)]
    stage.hear(Status.RESTORED, minute=1)
    stage.run()
    assert (stage.told(), stage.waiting.of("sms", "1"), stage.waiting.of("sms", "2")) == ([], [], [])


def test_one_who_can_not_be_written_to_holds_up_nobody_else_but_several_in_a_row_do(stage: Stage) -> None:
    stage.wait(3, 4, 5, 6)
    stage.hear(Status.RESTORED, minute=1)
    stage.service.answers = [(Told.HELD, False)]
    stage.run_for(9)
    assert len(stage.told()) == 5
    stage.clock.move(minutes=2)
    stage.wait(7, 8, 9, 10)
    stage.service.answers = [(Told.HELD, False)] * IN_VAIN_MAX
    stage.run_for(9)
    assert len(stage.told()) == 5, "the account is looked at, not the people"
    stage.clock.move(minutes=2)
    stage.run_for(9)
    assert sorted(map(int, stage.told())) == [*range(1, 11)]


def test_alexa_is_told_once_by_its_reference_and_waits_for_nobodys_backlog(stage: Stage) -> None:
    stage.wait(*range(3, 40))
    stage.wait(1, 2, lang="fr", platform="alexa")
    stage.events.opted_out = {"2"}
    stage.hear(Status.RESTORED, minute=1)
    stage.run()
    (message,) = stage.events.sent.values()
    assert (message.user, message.sender, message.until - message.at) == ("1", "Example Hydro, au sujet du courant dans le secteur K2G", 60 * MINUTE)
    stage.events.opted_out.clear()
    stage.events.down = True
    stage.clock.move(minutes=2)
    stage.run()
    assert len(stage.waiting.of("alexa", "2")) == 1, "in doubt: sent again under the same reference"
    stage.events.down = False
    for _ in range(3):
        stage.clock.move(minutes=2)
        stage.run()
    assert [message.user for message in stage.events.sent.values()] == ["1", "2"]
    assert stage.waiting.of("alexa", "2") == []


FEEDER = Home("p-1", OutageKey("oms:A"), Sureness.CIRCUIT, ("station:A", "feeder:7F12"), (-75.7, 45.4))
AROUND = Polygon([[[-75.8, 45.3], [-75.6, 45.3], [-75.6, 45.5], [-75.8, 45.5], [-75.8, 45.3]]])


class TestTheirOwnOutage:
    @pytest.fixture
    def stage(self) -> Stage:
        stage = Stage()
        stage.hear(Status.ACTIVE)
        stage.hear(Status.ACTIVE, "B")
        return stage

    def wait(self, stage: Stage, home: Home, lang: Lang = "en") -> None:
        asyncio.run(stage.waiting.add(Waiter("sms", "1", lang, AreaId("K2G"), stage.clock.now(), stage.clock.now() + 600 * MINUTE, home)))

    @pytest.mark.parametrize(
        ("sureness", "status", "said"),
        [
            (Sureness.CIRCUIT, Status.RESTORED, "power is back on the circuit that supplies your address, as of 5:04 p.m."),
            (Sureness.COVERED, Status.RESTORED, "power is back where an outage covered your address"),
            (Sureness.CLOSE, Status.RESTORED, "We can't tell whether yours was out with it."),
            (Sureness.CIRCUIT, Status.CANCELLED, "there is no outage on record any more on the circuit"),
        ],
    )
    def test_its_end_is_told_though_others_of_the_area_go_on(self, stage: Stage, sureness: Sureness, status: Status, said: str) -> None:
        self.wait(stage, replace(FEEDER, sureness=sureness))
        stage.hear(Status.CLEARING, minute=1)
        stage.run()
        assert stage.told() == [], "only missing from its source's picture"
        stage.hear(status, minute=2)
        stage.restart()
        for _ in range(3):
            stage.run()
        assert stage.told() == ["1"]
        assert said in stage.service.taken[0][1]

    @pytest.mark.parametrize(("other", "sureness"), [({"devices": ("Station: a",)}, Sureness.CIRCUIT), ({"geometry": AROUND}, Sureness.COVERED)])
    def test_who_is_out_by_another_goes_on_waiting_for_that(self, stage: Stage, other: dict[str, Any], sureness: Sureness) -> None:
        self.wait(stage, FEEDER)
        asyncio.run(stage.journal.append(SOURCE, [event("C", areas=("elsewhere", "K2G"), **other)]))
        stage.hear(Status.RESTORED, minute=1)
        stage.run()
        assert (stage.told(), [waiter.home for waiter in stage.waiting.of("sms", "1")]) == ([], [replace(FEEDER, outage=OutageKey("oms:C"), sureness=sureness)])
        asyncio.run(stage.journal.append(SOURCE, [event("C", areas=("elsewhere", "K2G"), minute=2, status=Status.RESTORED, **other)]))
        stage.run()
        assert stage.told() == ["1"]

    def test_where_a_device_was_another_is_looked_for_where_that_one_was(self, stage: Stage) -> None:
        here = Home("", OutageKey("oms:A"), Sureness.COVERED, (), (-75.7, 45.4))
        asyncio.run(stage.waiting.add(Waiter("sms", "1", "en", UNPLACED, stage.clock.now(), stage.clock.now() + 600 * MINUTE, here)))
        asyncio.run(stage.journal.append(SOURCE, [event("C", geometry=AROUND)]))
        stage.hear(Status.RESTORED, minute=1)
        stage.run()
        assert stage.told() == []
        asyncio.run(stage.journal.append(SOURCE, [event("C", minute=2, status=Status.RESTORED)]))
        stage.run()
        assert "power is back where you were when you asked" in stage.service.taken[0][1]

    def test_one_close_by_keeps_nobody_waiting_whose_circuit_is_back(self, stage: Stage) -> None:
        self.wait(stage, FEEDER, "fr")
        asyncio.run(stage.journal.append(SOURCE, [event("C", geometry=Point([-75.7, 45.4]))]))
        stage.hear(Status.RESTORED, minute=1)
        stage.run()
        assert "le courant est revenu sur le circuit qui alimente votre adresse" in stage.service.taken[0][1]


def test_no_faster_than_the_pace(stage: Stage) -> None:
    stage.wait(*range(3, 30))
    stage.hear(Status.RESTORED, minute=1)
    counts = []
    for _ in range(4):
        before = len(stage.told())
        for _ in range(9):
            stage.run()
        counts.append(len(stage.told()) - before)
        stage.clock.move(seconds=3)
    assert counts[1:] == [3, 3, 3]
    assert counts[0] <= 9, "no more than a run's worth at once"


def test_what_comes_too_late_is_dropped(stage: Stage) -> None:
    stage.clock.move(hours=11)
    stage.hear(Status.RESTORED, minute=700)
    stage.service.answers = [(Told.UNREACHED, False)] * 99
    stage.run()
    stage.clock.move(hours=2)
    stage.run()
    assert stage.waiting.expired(NOW + 9_999 * MINUTE, 9) == []
    assert stage.told() == []


@pytest.mark.parametrize(
    ("sender", "works"),
    [
        ({}, False),
        ({"twilio_account_sid": "AC1", "twilio_auth_token": "t", "twilio_sender": "+16135550100"}, True),
        ({"alexa_client_id": "c", "alexa_client_secret": "s"}, False),
        ({"alexa_client_id": "c", "alexa_client_secret": "s", "alexa_skill_ids": ("amzn1.ask.skill.x",)}, True),
        ({"messenger_page_token": "p", "messenger_app_secret": "s", "messenger_verify_token": "v"}, True),
    ],
)
def test_without_a_sender_nothing_falls_due_and_nobody_rings(sender: dict[str, Any], works: bool) -> None:
    settings = Settings(_env_file=None, **sender)
    assert settings.notices_can_be_sent is works
    assert ("notices" in limits(settings).waits) is works
    assert (wire.TASK[Channel.NOTICES] in rung(settings)) is works
