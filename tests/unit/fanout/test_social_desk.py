"""The live channel at its desk: it says what `surgecast plan` says, whatever becomes of the process in between; and what it says together."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as checking
from hypothesis import strategies as st

from services.adapters.budgets_memory import MemoryBudgets
from services.adapters.drawer_memory import MemoryDrawer
from services.adapters.policy_file import policy
from services.cli.plan.rehearsal import Rehearsal
from services.cli.plan.storms import Step
from services.fanout.channel import Work
from services.fanout.social import Notes, SocialChannel, Voice
from services.kernel.accounts import Scope
from services.kernel.delivery import Outcome
from services.kernel.events import Cause, OutageEvent, Status
from services.kernel.ids import EVERYWHERE, AreaId, OutageKey
from services.kernel.planning.posts import Kind
from services.kernel.planning.spending import Cost, Left, Limit, Purse
from services.kernel.planning.tiers import Terms
from services.kernel.ports import social
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.social import Receipt, Reply
from services.kernel.views import Stamp
from services.wire import Channel
from tests.builders import NOW, SOURCE, event
from tests.unit.fanout.social_stage import LIVE, WORDINGS, Crash, Scripted, Stage

POLICY = msgspec.structs.replace(policy(LIVE), quiet=None)
COALESCE = timedelta(seconds=LIVE.social_coalesce_s)
DAY = timedelta(hours=24)


class Counted:
    """An account's budgets as a rehearsal counts them. Meets `kernel.ports.Budgets`."""

    def __init__(self, posts: int) -> None:
        self._purse, self._taken = Purse([Limit(DAY, posts)]), set[str]()

    def left(self, now: datetime) -> tuple[Left, ...]:
        return self._purse.left(now)

    def take(self, posts: Mapping[str, Cost], now: datetime, *, emergency: bool = False) -> datetime | None:
        new = [cost for key, cost in posts.items() if key not in self._taken]
        if any(left.left < sum(cost.posts for cost in new) for left in self._purse.left(now)):
            return now + DAY
        self._taken |= posts.keys()
        for cost in new:
            self._purse.spend(cost, now)
        return None

    def give_back(self, key: str, now: datetime) -> None:
        assert key not in self._taken, "a service that takes every post gives none back"

    def heard(self, key: str, lefts: Sequence[social.Left], now: datetime) -> None:
        pass


def stage(posts: int = 1_000) -> Stage:
    return Stage(policy=POLICY, budgets=Counted(posts))


def hear(on: Stage, heard: OutageEvent) -> None:
    """As the relay does: what changes is gathered for a while."""
    asyncio.run(on.journal.append(SOURCE, [heard]))
    for area in heard.areas:
        at = heard.occurred_at + COALESCE
        on.due[area] = min(at, on.due.get(area, at))


def until(on: Stage, end: datetime, *, restarts: bool = False) -> None:
    while on.due and (at := min(on.due.values())) <= end:
        on.clock.at = max(on.clock.at, at)
        if restarts:
            on.restart()
        on.run()
    on.clock.at = max(on.clock.at, end)


def out(on: Stage) -> list[tuple[datetime, str]]:
    return [(written.created_at, post) for (_, _, post), written in on.ledger._posts.items()]  # type: ignore[attr-defined]


HAPPENED = st.tuples(st.integers(1, 50), st.sampled_from("abcdefgh"), st.sampled_from((0, 300, 600, 1_300, 2_700, 7_000)))
"""Minutes after what happened before, an area, and how many customers are out in it."""


@checking(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(HAPPENED, min_size=8, max_size=40), st.sampled_from((4, 10, 16, 1_000)))
def test_live_posts_are_those_of_a_rehearsal_with_a_new_process_for_each_look(happened: list[tuple[int, str, int]], posts: int) -> None:
    live, minute, steps = stage(posts), 0, []
    newest: dict[str, str] = {}
    for gap, area, customers in happened:
        minute += gap
        if customers == 0 and area not in newest:
            continue
        outage = newest.setdefault(area, f"{area}-{minute}") if customers else newest.pop(area)
        one = event(outage, minute=minute, areas=(area,), customers_affected=customers, status=Status.ACTIVE if customers else Status.RESTORED)
        until(live, one.occurred_at, restarts=True)
        hear(live, one)
        steps.append(Step(one.occurred_at, [(OutageKey(f"{SOURCE}:{outage}"), one)]))
    until(live, NOW + timedelta(minutes=minute) + COALESCE, restarts=True)
    rehearsal = Rehearsal(LIVE, POLICY, Terms((Limit(DAY, posts),)))
    rehearsal.run(steps)
    if steps:
        rehearsal._look_until(NOW + timedelta(minutes=minute) + COALESCE)
    assert out(live) == [(message.told.at, message.told.post.id) for message in rehearsal.messages]


def scarce() -> Stage:
    """Twelve areas with outages, and room for three messages: one is told by itself, the rest wait for the digest in an hour."""
    live = Stage(policy=POLICY, budgets=MemoryBudgets([Limit(DAY, 6)], POLICY.reserve, 2 * DAY))
    for number in range(12):
        hear(live, event(f"o{number}", areas=(f"K{number}",), customers_affected=600 + 10 * number))
    until(live, NOW + timedelta(minutes=50))
    return live


def digest(live: Stage) -> list[str]:
    told = [written for written in live.ledger._posts.values() if written.area == EVERYWHERE]  # type: ignore[attr-defined]
    return [one.text for written in told for one in written.deliveries if one.outcome is Outcome.DELIVERED]


def test_what_is_held_back_is_told_in_both_languages_once_and_written_down() -> None:
    live = scarce()
    assert (len(live.texts()), digest(live)) == (2, [])
    until(live, NOW + timedelta(hours=2))
    assert len(digest(live)) == 2
    assert "12 outages" in digest(live)[0]
    assert "12 pannes" in digest(live)[1]
    written = live.written(EVERYWHERE)
    assert (written.kind, written.is_said) == (Kind.DIGEST, True)
    until(live, NOW + timedelta(hours=20))
    assert len(digest(live)) == 2, "word for word the same tells nothing"


@pytest.mark.parametrize("forgetful", [False, True])
def test_a_digest_is_out_once_whatever_step_a_crash_comes_at(forgetful: bool) -> None:
    for crash_at in range(1, 120):
        live = scarce()
        live.restart(crash_at)
        try:
            until(live, NOW + timedelta(hours=1, minutes=1))
        except Crash:
            live.restart()
            if forgetful:
                live.drawer = MemoryDrawer()
                live.announced._said.clear()  # type: ignore[attr-defined]
                live.restart()
            until(live, NOW + timedelta(hours=4))
            assert len(live.texts()) == len(set(live.texts())) == 4, crash_at
            assert len(digest(live)) in ((0, 2) if forgetful else (2,)), crash_at
        else:
            assert crash_at > 12
            return
    raise AssertionError("more steps than were looked for")


def test_what_waits_is_looked_at_again_where_its_moment_was_lost() -> None:
    live = scarce()
    live.due = {EVERYWHERE: NOW + timedelta(hours=2)}
    until(live, NOW + timedelta(hours=2))
    assert len(digest(live)) == 2
    assert live.due.keys() - {EVERYWHERE} == live.drawer.all().waiting.keys()


def test_a_digest_that_could_not_be_sent_is_superseded_by_one_with_the_facts_of_then() -> None:
    live = scarce()
    live.feed = Scripted(live.service, Receipt(Reply.LIMITED, closed_until=NOW + timedelta(hours=2)))
    live.restart()
    until(live, NOW + timedelta(hours=1, minutes=1))
    older = live.written(EVERYWHERE)
    hear(live, event("more", areas=("K3",), minute=70, customers_affected=900))
    until(live, NOW + timedelta(hours=3))
    assert "13 outages" in digest(live)[0]
    assert len(digest(live)) == 2
    assert live.written(EVERYWHERE).post != older.post


def test_an_account_of_some_areas_counts_and_names_only_those() -> None:
    live = scarce()
    mine = frozenset(AreaId(f"K{number}") for number in (1, 2, 3, 4))
    hear(live, event("both", areas=("K1", "K2"), customers_affected=40))
    live.replica.catch_up()
    voice = Voice(Channel.MASTODON, "town", live.service, Scope(areas=mine))
    notes = Notes(live.ledger, live.announced, MemoryDrawer(), MemoryBudgets([Limit(DAY, 4)], POLICY.reserve, 2 * DAY))
    town = SocialChannel(voice, notes, WORDINGS, LIVE, live.clock, POLICY)
    live.announced._said.clear()  # type: ignore[attr-defined]
    due = mine | {AreaId("K9")}
    for _ in range(8):
        town.run(live.replica, Work(due, due, frozenset()), Stamp(live.replica.position, live.clock.now()))
        live.clock.move(minutes=16)
        due |= {EVERYWHERE}
    english, french = digest(live)
    assert "5 outages" in english, "one is in two of its areas, and counts once"
    assert "5 pannes" in french
    assert ("K4 (640" in english, "K11" in english) == (True, False)


@pytest.mark.parametrize("crash_at", [0, 40, 60, 80])
def test_emergencies_that_come_many_at_once_are_each_named(crash_at: int) -> None:
    """Also where the process ends on the way: whatever isn't known to be out is named again."""
    live = Stage(policy=POLICY, budgets=MemoryBudgets([Limit(DAY, 20)], POLICY.reserve, 2 * DAY))
    live.restart(crash_at)
    for number in range(40):
        hear(live, event(f"o{number}", areas=(f"Town{number:02}",), customers_affected=80, cause=Cause.SAFETY))
    try:
        until(live, NOW + timedelta(minutes=2))
    except Crash:
        live.restart()
        until(live, NOW + timedelta(minutes=4))
    texts = live.texts()
    assert len(texts) == len(set(texts)) <= 20
    for notice in ("Safety notice", "Avis de sécurité"):
        told = " ".join(text for text in texts if notice in text)
        assert [number for number in range(40) if f"Town{number:02}" not in told] == []


def test_a_digest_that_is_out_covers_what_it_named_where_what_comes_after_it_fails() -> None:
    live = Stage(policy=POLICY, budgets=MemoryBudgets([Limit(DAY, 20)], POLICY.reserve, 2 * DAY))
    write, count = live.ledger.write, 0

    def writing(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        if count > 1:
            raise Unavailable("the ledger")
        return write(*args, **kwargs)

    live.ledger.write = writing  # type: ignore[method-assign]
    live.restart()
    for number in range(40):
        hear(live, event(f"o{number}", areas=(f"Town{number:02}",), customers_affected=80, cause=Cause.SAFETY))
    with pytest.raises(Unavailable):
        until(live, NOW + timedelta(minutes=2))
    (english, _) = live.texts()
    kept = live.drawer.all().waiting
    assert len(kept) == 40, "what came is noted before anything is sent"
    assert {area for area, one in kept.items() if one.covered} == {area for area in kept if area in english} != set()
