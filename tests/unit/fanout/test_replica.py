import asyncio

import pytest

from services.adapters.journal_memory import MemoryJournal
from services.fanout.replica import READ_MAX, Replica
from services.kernel.areas import AreaName
from services.kernel.events import OutageEvent, Status
from services.kernel.ids import AreaId
from services.kernel.ports.failures import Unavailable
from services.wire import Channel
from tests.builders import SOURCE, SetClock, event


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal(SetClock())


def append(journal: MemoryJournal, *events: OutageEvent) -> None:
    asyncio.run(journal.append(SOURCE, events))


def replica(journal: MemoryJournal, recent_max: int = 100) -> Replica:
    return Replica(journal, 5, recent_max)


def test_it_begins_with_all_that_is_open_and_no_channel_settled(journal: MemoryJournal) -> None:
    append(journal, event("A"), event("B"), event("B", minute=1, status=Status.RESTORED))
    view = replica(journal)
    view.catch_up()
    assert set(view.board.open) == {"oms:A"}
    assert [entry.number for entry in view.recent] == [3, 2, 1]
    assert view.pending(Channel.SITE).cold


def test_each_channel_is_told_what_changed_since_it_settled(journal: MemoryJournal) -> None:
    view = replica(journal)
    view.catch_up()
    for channel in (Channel.SITE, Channel.VOICE_CACHE):
        view.settled(channel)
    append(journal, event("A", areas=("a",)))
    view.catch_up()
    view.settled(Channel.VOICE_CACHE)
    append(journal, event("A", minute=1, areas=("b",)))
    view.catch_up()
    assert view.pending(Channel.SITE).areas == {"a", "b"}
    assert view.pending(Channel.VOICE_CACHE).areas == {"a", "b"}, "where it was, and where it is"
    view.settled(Channel.VOICE_CACHE)
    assert view.pending(Channel.VOICE_CACHE).areas == set()
    assert view.pending(Channel.SITE).keys == {"oms:A"}
    assert not view.pending(Channel.SITE).cold


def test_it_reads_on_when_more_is_there_than_one_reading_takes(journal: MemoryJournal) -> None:
    view = replica(journal)
    view.catch_up()
    append(journal, *(event(f"o{number}") for number in range(2 * READ_MAX + 1)))
    view.catch_up()
    assert len(view.board.open) == view.number == 2 * READ_MAX + 1


def test_it_keeps_what_it_has_when_the_journal_is_down(journal: MemoryJournal) -> None:
    append(journal, event("A"))
    view = replica(journal)
    view.catch_up()
    view.settled(Channel.SITE)
    journal.down = True
    with pytest.raises(Unavailable):
        view.catch_up()
    journal.down = False
    append(journal, event("B", areas=("b",)))
    view.catch_up()
    assert set(view.board.open) == {"oms:A", "oms:B"}
    assert view.pending(Channel.SITE).areas == {"b"}


def test_it_starts_anew_when_the_journal_was_trimmed_past_it(journal: MemoryJournal) -> None:
    view = replica(journal)
    append(journal, event("A"))
    view.catch_up()
    view.settled(Channel.SITE)
    append(journal, event("A", minute=1, status=Status.RESTORED), event("B"), event("C"))
    del journal.entries[:2]
    view.catch_up()
    assert set(view.board.open) == {"oms:B", "oms:C"}
    assert view.pending(Channel.SITE).cold
    assert view.number == 4


def test_it_starts_anew_when_the_journal_was_lost(journal: MemoryJournal) -> None:
    append(journal, event("A"), event("B"), event("C"))
    view = replica(journal)
    view.catch_up()
    view.settled(Channel.SITE)
    view._tail = fresh = MemoryJournal(SetClock())
    view.catch_up()
    assert not view.board.open
    assert view.pending(Channel.SITE).cold
    append(fresh, event("Z"))
    view.catch_up()
    assert set(view.board.open) == {"oms:Z"}


def test_it_starts_anew_when_an_older_journal_was_put_back(journal: MemoryJournal) -> None:
    append(journal, event("A"), event("B"), event("C"))
    view = replica(journal)
    view.catch_up()
    view._tail = older = MemoryJournal(SetClock())
    append(older, event("A"))
    view.catch_up()
    assert set(view.board.open) == {"oms:A"}
    assert view.number == 1


def test_it_stays_warm_when_nothing_is_new(journal: MemoryJournal) -> None:
    append(journal, event("A"))
    view = replica(journal)
    view.catch_up()
    view.settled(Channel.SITE)
    view.catch_up()
    assert not view.pending(Channel.SITE).cold


def test_names_are_asked_for_once_an_area(journal: MemoryJournal) -> None:
    asked = []
    view = replica(journal)
    view.catch_up()
    names = journal.area_names

    def counted() -> dict[AreaId, str]:
        asked.append(1)
        return names()

    journal.area_names = counted  # type: ignore[method-assign]
    asyncio.run(journal.name_areas({AreaId("a"): "Alpha"}))
    for minute in range(3):
        append(journal, event("A", minute=minute, areas=("a", "nameless")))
        view.catch_up()
    assert view.names["a"] == AreaName("Alpha")
    assert len(asked) == 1


def test_areas_named_late_or_anew_count_as_changed_and_the_others_do_not(journal: MemoryJournal) -> None:
    asyncio.run(journal.name_areas({AreaId("b"): "Beta", AreaId("c"): "Gamma"}))
    append(journal, event("A", areas=("a", "b", "c")))
    view = replica(journal)
    view.catch_up()
    view.settled(Channel.SITE)
    view.learn_names()
    assert not view.pending(Channel.SITE).areas
    asyncio.run(journal.name_areas({AreaId("a"): "Alpha", AreaId("b"): "Bravo"}))
    view.learn_names()
    assert view.pending(Channel.SITE).areas == {"a", "b"}
    assert view.names == {"a": AreaName("Alpha"), "b": AreaName("Bravo"), "c": AreaName("Gamma")}
