"""What planning a transition costs, and whether memory stays flat over ten days of storm: `python -m loadtests.bench.plan`.

A transition is one event of one outage. Three shapes: bursts, where many fall into the time that changes are gathered; a trickle, where each is
looked at by itself, the worst case; and ten days of it. Board, planner and spending are timed together, and the planner with the
spending by itself; in processor time.
"""

import random
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from loadtests.bench.figures import row
from services.adapters.policy_file import policy
from services.kernel.board import Board, placed
from services.kernel.events import Cause, OutageEvent, Status
from services.kernel.ids import AreaId, OutageId, OutageKey
from services.kernel.planning.agenda import Agenda
from services.kernel.planning.desk import Desk
from services.kernel.planning.memory import Memory
from services.kernel.planning.outlook import Outlook
from services.kernel.planning.spending import Purse
from services.kernel.planning.tiers import Tier, X
from services.kit.settings import Settings

START = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)
AREAS, OPEN = 600, 5_000
GATHERED = timedelta(seconds=30)
ASKED = "20,000/s on one core"


def storm(transitions: int, gap: timedelta, draw: random.Random) -> Iterator[tuple[OutageKey, OutageEvent]]:
    """Outages that begin, grow, get causes and estimates, and end; once `OPEN` are open, one ends for each that begins."""
    newest: list[OutageEvent] = []
    for number in range(transitions):
        at = START + number * gap
        if len(newest) < OPEN or draw.random() < 0.2:
            event = OutageEvent(
                event_id=str(number),
                outage_id=OutageId(str(number)),
                occurred_at=at,
                status=Status.ACTIVE,
                customers_affected=int(draw.lognormvariate(4, 1.5)) + 1,
                started_at=at,
                areas=(AreaId(f"area-{draw.randrange(AREAS)}"),),
            )
            newest.append(event)
        elif draw.random() < 0.25:
            event = _next(newest.pop(draw.randrange(len(newest))), number, at, Status.RESTORED, draw)
        else:
            index = draw.randrange(len(newest))
            event = newest[index] = _next(newest[index], number, at, Status.ACTIVE, draw)
        yield OutageKey(f"bench:{event.outage_id}"), event


def _next(event: OutageEvent, number: int, at: datetime, status: Status, draw: random.Random) -> OutageEvent:
    return OutageEvent(
        event_id=str(number),
        outage_id=event.outage_id,
        occurred_at=at,
        status=status,
        customers_affected=max(1, int((event.customers_affected or 1) * draw.uniform(0.3, 1.8))),
        started_at=event.started_at,
        estimated_restoration=at + timedelta(hours=draw.uniform(0.5, 9)) if draw.random() < 0.3 else event.estimated_restoration,
        cause=Cause.WEATHER if draw.random() < 0.3 else event.cause,
        areas=event.areas,
    )


class Run:
    """One account through a storm."""

    def __init__(self) -> None:
        terms = X[Tier.PAY_PER_USE]
        self.board = Board(5)
        outlook = Outlook(self.board, {}, self.board.standing)
        self.agenda = Agenda(Desk(policy(Settings()), outlook, Purse(terms.limits), terms.cost(2), Memory(), {}))
        self.messages, self.planning_s = 0, 0.0

    def take(self, key: OutageKey, event: OutageEvent) -> None:
        """As `surgecast plan` does."""
        if (due := self.agenda.next_at()) is not None and due <= event.occurred_at:
            began = time.process_time()
            while due is not None and due <= event.occurred_at:
                self.messages += len(self.agenda.look(due))
                due = self.agenda.next_at()
            self.planning_s += time.process_time() - began
        self.agenda.due(self.board.apply(key, event) | set(placed(event.areas)), event.occurred_at + GATHERED)


def measure(transitions: int, gap: timedelta, rounds: int = 3) -> tuple[list[float], list[float], int]:
    """Transitions a second of everything, and of planning by itself; and how many messages went out."""
    whole, planning, messages = [], [], 0
    for seed in range(rounds):
        events, run = list(storm(transitions, gap, random.Random(seed))), Run()
        began = time.process_time()
        for key, event in events:
            run.take(key, event)
        whole.append(transitions / (time.process_time() - began))
        planning.append(transitions / run.planning_s)
        messages = run.messages
    return whole, planning, messages


def memory(days: int, a_day: int) -> list[float]:
    """MiB held at the end of each day."""
    run, held = Run(), []
    tracemalloc.start()
    for number, (key, event) in enumerate(storm(days * a_day, timedelta(days=1) / a_day, random.Random(9)), 1):
        run.take(key, event)
        if number % a_day == 0:
            held.append(tracemalloc.get_traced_memory()[0] / 2**20)
    tracemalloc.stop()
    return held


def main() -> None:
    """Measure each shape."""
    shapes = (
        ("bursts, 500 transitions a second of storm time", 60_000, timedelta(milliseconds=2)),
        ("a trickle, one in two seconds", 10_000, timedelta(seconds=2)),
    )
    for name, transitions, gap in shapes:
        whole, planning, messages = measure(transitions, gap)
        print(f"{name}: {AREAS} areas, up to {OPEN:,} open outages, {messages} messages")
        print("  " + row("board, planner and spending", whole, "transitions/s", ASKED))
        print("  " + row("planner and spending by themselves", planning, "transitions/s", ASKED))
    held = memory(10, 4_000)
    print(f"memory over ten days: {', '.join(f'{mib:.1f}' for mib in held)} MiB at the end of each")


if __name__ == "__main__":
    main()
