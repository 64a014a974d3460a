import asyncio
from datetime import timedelta

import pytest

from services.adapters.doorbell_memory import MemoryDoorbell
from services.adapters.fold_memory import MemoryFold, MemoryGroup
from services.adapters.journal_memory import MemoryJournal
from services.kernel.events import OutageEvent
from services.kernel.ids import AreaId
from services.kernel.ports.failures import Unavailable
from services.kit import metrics
from services.relay.loop import Limits, Relay
from services.wire import Channel, queue
from tests.builders import NOW, SOURCE, SetClock, event

WAITS = {Channel.VOICE_CACHE.value: timedelta(0), Channel.SITE.value: timedelta(0), Channel.SOCIAL.value: timedelta(seconds=30)}


class House:
    """A relay on twins, with a clock that the test moves."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.journal = MemoryJournal(self.clock)
        self.group = MemoryGroup(self.journal)
        self.doorbell = MemoryDoorbell(waiting_max=4)
        self.relay = self.another("relay-1")

    def another(self, name: str) -> Relay:
        return Relay(MemoryFold(self.group), self.doorbell, self.clock, name, Limits(100, 200, 5_000, 2_000, WAITS))

    def append(self, *events: OutageEvent) -> None:
        asyncio.run(self.journal.append(SOURCE, events))

    def waiting(self, channel: Channel) -> int:
        return len(self.doorbell.queues.get(queue(channel), ()))


@pytest.fixture
def house() -> House:
    return House()


def test_areas_are_due_in_each_channel_when_entries_were_folded(house: House) -> None:
    house.append(event("A", areas=("K2G",)), event("B", areas=("J8X", "K2G")))
    assert house.relay.step() == 2
    assert set(house.group.due[Channel.SITE].at) == {"K2G", "J8X"}
    assert house.group.due[Channel.SOCIAL].at[AreaId("J8X")] == NOW + timedelta(seconds=30)
    assert not house.group.held


def test_a_burst_rings_each_urgent_channel_once(house: House) -> None:
    for minute in range(5):
        house.append(event("A", minute=minute))
        house.relay.step()
    assert (house.waiting(Channel.VOICE_CACHE), house.waiting(Channel.SITE), house.waiting(Channel.SOCIAL)) == (1, 1, 0)


def test_it_rings_again_when_a_doorbell_was_lost(house: House) -> None:
    house.append(event("A"))
    house.relay.step()
    house.doorbell.queues.clear()
    house.clock.move(seconds=1)
    house.relay.step()
    assert house.waiting(Channel.SITE) == 0, "one is on its way, for all we know"
    house.clock.move(seconds=1.5)
    house.relay.step()
    assert house.waiting(Channel.SITE) == 1


def test_it_rings_when_a_timer_comes_due_though_no_entry_came(house: House) -> None:
    house.append(event("A"))
    house.relay.step()
    assert house.waiting(Channel.SOCIAL) == 0
    house.clock.move(seconds=31)
    house.relay.step()
    assert house.waiting(Channel.SOCIAL) == 1


def test_it_rings_later_when_the_broker_was_down(house: House) -> None:
    house.append(event("A"))
    house.doorbell.down = True
    assert house.relay.step() == 1, "folding doesn't need the broker"
    house.doorbell.down = False
    house.clock.move(seconds=3)
    house.relay.step()
    assert house.waiting(Channel.SITE) == 1


def test_nothing_is_lost_when_the_journal_was_down(house: House) -> None:
    house.append(event("A"))
    house.journal.down = True
    with pytest.raises(Unavailable):
        house.relay.step()
    house.journal.down = False
    assert house.relay.step() == 1


def test_another_relay_takes_over_what_a_dead_one_held_but_not_what_a_live_one_has_just_read(house: House) -> None:
    house.append(event("A"))
    assert len(MemoryFold(house.group).read("dead", 10, 0)) == 1
    assert house.relay.step() == 0
    house.clock.move(seconds=6)
    assert house.relay.step() == 1
    assert AreaId("K2G") in house.group.due[Channel.SITE].at


def test_two_relays_make_an_area_due_once(house: House) -> None:
    second = house.another("relay-2")
    for minute in range(6):
        house.append(event("A", minute=minute), event("B", minute=minute))
        (house.relay if minute % 2 else second).step()
    assert list(house.group.due[Channel.SITE].at) == ["K2G"]


def test_gauges_show_what_waits(house: House) -> None:
    house.append(event("A"))
    house.relay.step()
    house.clock.move(seconds=7)
    house.relay.step()
    assert metrics.DUE_AREAS.labels("site")._value.get() == 1
    assert metrics.DUE_OLDEST.labels("site")._value.get() == 7
    assert metrics.JOURNAL_LAG._value.get() == 0
    assert metrics.JOURNAL_ENTRIES._value.get() == 1


def test_it_leaves_the_group_only_when_it_holds_nothing(house: House) -> None:
    house.append(event("A"))
    MemoryFold(house.group).read("relay-1", 10, 0)
    assert not house.relay.leave()
    house.relay.step()
    assert house.relay.leave()
