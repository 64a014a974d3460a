"""A stage for the social channel: a journal, a clock, a ledger, a memory and a service, and a process that can crash at any step."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from services.adapters.announced_memory import MemoryAnnounced
from services.adapters.budgets_memory import MemoryBudgets
from services.adapters.drawer_memory import MemoryDrawer
from services.adapters.journal_memory import MemoryJournal
from services.adapters.ledger_memory import MemoryLedger
from services.adapters.pager_memory import MemoryPager
from services.adapters.social_memory import MemoryFeed
from services.fanout.channel import Work
from services.fanout.pictures.album import Album
from services.fanout.replica import Replica
from services.fanout.social import Notes, SocialChannel, Voice
from services.kernel.delivery import HeldFor, Outcome, Written
from services.kernel.events import OutageEvent
from services.kernel.ids import AreaId
from services.kernel.messages import LANGS, Lang, Wording
from services.kernel.planning.policy import Policy
from services.kernel.planning.tiers import Tier, X
from services.kernel.ports.budgets import Budgets
from services.kernel.ports.social import Announced, Draft, Ledger, Receipt, SocialFeed
from services.kernel.views import Stamp
from services.kit.settings import Settings
from services.wire import Channel
from tests.builders import SOURCE, WORTH, SetClock, event

LIVE = Settings(x_consumer_key="a", x_consumer_secret="b", x_access_token="c", x_access_token_secret="d", outage_line="613-555-0188")  # type: ignore[arg-type]
WORDINGS: dict[Lang, Wording] = {lang: Wording(lang, "Example Hydro", "America/Toronto", "613-555-0188") for lang in LANGS}
AREA = AreaId("K2G")


def plain(settings: Settings) -> Policy:
    """What the settings alone say: no quiet hours, no digests, and the kinds that need no more."""
    return Policy(
        announce_customers_min=settings.social_announce_customers_min,
        growth_factor=settings.social_growth_factor,
        cooldown=timedelta(seconds=settings.social_cooldown_s),
        estimate_shift=timedelta(seconds=settings.social_estimate_shift_s),
        worth=WORTH,
    )


class Crash(BaseException):
    """The process is gone."""


class Crashing:
    """Passes calls on, and ends the process before or after one of them."""

    def __init__(self, inner: object, steps: "Steps") -> None:
        self._inner, self._steps = inner, steps

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._steps.step()
            answer = method(*args, **kwargs)
            self._steps.step()
            return answer

        return call


class Steps:
    """Counts steps, and crashes at one."""

    def __init__(self, crash_at: int = 0) -> None:
        self.taken, self._crash_at = 0, crash_at

    def step(self) -> None:
        self.taken += 1
        if self.taken == self._crash_at:
            raise Crash


class Stage:
    """Everything outlives a process but the channel and its replica."""

    album: Album | None = None

    def __init__(
        self,
        feed: SocialFeed | None = None,
        ledger: Ledger | None = None,
        announced: Announced | None = None,
        settings: Settings = LIVE,
        budgets: Budgets | None = None,
        policy: Policy | None = None,
        *,
        channel: Channel = Channel.SOCIAL,
        clock: SetClock | None = None,
    ) -> None:
        self.clock, self.name = clock or SetClock(), channel
        self.journal = MemoryJournal(self.clock)
        self.service = MemoryFeed(self.clock)
        self.feed: SocialFeed | None = feed or self.service
        self.ledger = ledger or MemoryLedger()
        self.announced, self.drawer = announced or MemoryAnnounced(), MemoryDrawer()
        self.budgets: Budgets = budgets or MemoryBudgets((), 0.0, timedelta(days=1))
        self.settings, self.policy = settings, policy or plain(settings)
        self.pager = MemoryPager()
        self.due: dict[AreaId, datetime] = {}
        self.restart()

    def restart(self, crash_at: int = 0) -> Steps:
        """A new process, which crashes at one of its steps (0: never)."""
        steps = Steps(crash_at)
        feed: Any = Crashing(self.feed, steps) if self.feed else None
        notes: Any = Notes(*(Crashing(kept, steps) for kept in (self.ledger, self.announced, self.drawer, self.budgets)))  # type: ignore[arg-type]
        self.replica = Replica(self.journal, self.settings.privacy_threshold, 100)
        voice = Voice(self.name, "x" if feed else "x-dry-run", feed, terms=X[Tier.PAY_PER_USE], album=self.album if feed else None)
        self.channel = SocialChannel(voice, notes, WORDINGS, self.settings, self.clock, self.policy, self.pager)
        return steps

    def hear(self, *events: OutageEvent) -> None:
        """The journal takes `events`, and the relay makes their areas due."""
        asyncio.run(self.journal.append(SOURCE, events))
        for one in events:
            self.due |= dict.fromkeys(one.areas, self.clock.now())

    def run(self) -> None:
        """What the frame does with one doorbell: look, do what is due, remember what falls due again."""
        self.replica.catch_up()
        taken = frozenset(area for area, at in self.due.items() if at <= self.clock.now())
        again = self.channel.run(self.replica, Work(taken, taken, frozenset()), Stamp(self.replica.position, self.clock.now()))
        self.due = {area: at for area, at in self.due.items() if area not in taken}
        for area, at in again.items():
            self.due[area] = min(at, self.due.get(area, at))

    def settle(self, until: Callable[[], bool] = lambda: False, most: int = 50) -> None:
        """Run, moving the clock to whatever falls due within the hour, until nothing does."""
        horizon = self.clock.now() + timedelta(hours=1)
        for _ in range(most):
            if until() or not self.due or min(self.due.values()) > horizon:
                return
            self.clock.at = max(self.clock.at, min(self.due.values()))
            self.run()
        raise AssertionError(f"not settled after {most} runs: {self.due}")

    def written(self, area: AreaId = AREA) -> Written:
        """The newest post about `area`."""
        return self.ledger.newest(self.name, "x", [area])[area]

    def texts(self) -> list[str]:
        """What is out, in memory."""
        return [post.text for post in self.service.posted]


class Scripted:
    """Answers as told, one receipt a post, then as the service behind it."""

    def __init__(self, behind: SocialFeed, *receipts: Receipt, taken: bool = False) -> None:
        """`taken`: the service takes the post all the same."""
        self._behind, self.receipts, self._taken = behind, list(receipts), taken
        self.asked: list[tuple[str, str | None]] = []

    def post(self, draft: Draft) -> Receipt:
        self.asked.append((draft.text, draft.answers))
        if not self.receipts:
            return self._behind.post(draft)
        if self._taken:
            self._behind.post(draft)
        return self.receipts.pop(0)

    def find(self, draft: Draft) -> Receipt:
        return self._behind.find(draft)


def outage(name: str = "A", minute: float = 0, customers: int = 1250, **more: object) -> OutageEvent:
    return event(name, minute=minute, customers_affected=customers, **more)


def outcomes(stage: Stage) -> list[tuple[Outcome, HeldFor | None]]:
    return [(one.outcome, one.held_for) for one in stage.written().deliveries]
