"""Group commit: what waits together goes together, and each request is answered as if it had come alone."""

import asyncio
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.adapters.journal_grouped import GroupedJournal
from services.adapters.journal_memory import MemoryJournal
from services.kernel.events import OutageEvent
from services.kernel.ids import SourceName
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.journal import Answer
from tests.builders import SOURCE, event


class Watched(MemoryJournal):
    """Each append takes a turn of the loop, and is remembered: its source and outages."""

    def __init__(self) -> None:
        super().__init__(heard_events_max=1_000)
        self.steps: list[tuple[str, list[str]]] = []
        self.refuses: str | None = None

    async def append(self, source: SourceName, events: Sequence[OutageEvent]) -> list[Answer]:
        self.steps.append((source, [event.outage_id for event in events]))
        await asyncio.sleep(0)
        if self.refuses in {event.outage_id for event in events}:
            raise ValueError(self.refuses)
        return await super().append(source, events)


def appended(journal: Watched, requests: Sequence[tuple[str, Sequence[OutageEvent]]], events_max: int = 10) -> list[Any]:
    """The answer, or error, to each request; all come at once."""

    async def story() -> list[Any]:
        grouped = GroupedJournal(journal, events_max)
        return await asyncio.gather(*(grouped.append(SourceName(source), events) for source, events in requests), return_exceptions=True)

    return asyncio.run(story())


def test_what_comes_at_once_goes_together_source_by_source() -> None:
    journal = Watched()
    answers = appended(journal, [(SOURCE, [event("A")]), *[(SOURCE, [event(name)]) for name in "BCD"], ("other", [event("A")])])
    assert journal.steps == [(SOURCE, ["A", "B", "C", "D"]), ("other", ["A"])], "all five came in one turn of the loop"
    positions = {entry.key: entry.position for entry in journal.entries}
    assert [answer[0].position for answer in answers] == [positions[key] for key in ("oms:A", "oms:B", "oms:C", "oms:D", "other:A")]


def test_a_group_has_its_limit_and_a_large_batch_goes_alone() -> None:
    journal = Watched()
    large = [event(f"L{number}") for number in range(11)]
    answers = appended(journal, [(SOURCE, [event(str(number)) for number in range(from_, from_ + 4)]) for from_ in range(0, 20, 4)] + [(SOURCE, large)])
    assert max(len(outages) for _, outages in journal.steps if "L0" not in outages) <= 10
    assert (SOURCE, [one.outage_id for one in large]) in journal.steps
    assert [len(answer) for answer in answers] == [4] * 5 + [11]


def test_all_who_wait_are_told_when_the_journal_is_down_and_the_next_one_is_tried_anew() -> None:
    journal = Watched()
    journal.down = True

    async def story() -> None:
        grouped = GroupedJournal(journal, 10)
        answers = await asyncio.gather(*(grouped.append(SOURCE, [event(str(number))]) for number in range(25)), return_exceptions=True)
        assert {type(answer) for answer in answers} == {Unavailable}
        assert len(journal.steps) == 1, "those that wait would only wait as long for the same"
        journal.down = False
        assert [answer.outcome for answer in await grouped.append(SOURCE, [event("A")])] == ["accepted"]

    asyncio.run(story())


def test_a_request_that_fails_by_itself_or_was_given_up_takes_no_neighbour_along() -> None:
    journal = Watched()
    journal.refuses = "B"

    async def story() -> None:
        grouped = GroupedJournal(journal, 10)
        requests = [asyncio.ensure_future(grouped.append(SOURCE, [event(name)])) for name in "ABCDE"]
        await asyncio.sleep(0)
        requests[3].cancel()
        answers = await asyncio.gather(*requests, return_exceptions=True)
        assert [type(answer) for answer in answers] == [list, ValueError, list, asyncio.CancelledError, list]

    asyncio.run(story())
    assert {entry.key for entry in journal.entries} >= {"oms:A", "oms:C", "oms:E"}


@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=4), max_size=12))
def test_answers_are_those_of_the_same_requests_one_after_the_other(requests: list[list[tuple[int, int]]]) -> None:
    batches = [(SOURCE, [event(str(outage), minute=minute) for outage, minute in batch]) for batch in requests]

    async def alone() -> list[list[Answer]]:
        journal = MemoryJournal()
        return [await journal.append(SOURCE, batch) for _, batch in batches]

    together = appended(Watched(), batches)
    assert [[answer.outcome for answer in answers] for answers in together] == [[answer.outcome for answer in answers] for answers in asyncio.run(alone())]
