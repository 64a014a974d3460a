"""The live social channel through a storm, in the storm's own time: the journal hears each picture when it was taken, and the frame looks at what is due.

Nothing waits: the clock goes from one thing that happens to the next, and each request to the service takes it `POST_S` further. Journal, due work and budgets
are in memory; the frame, the channel, its desk, the sender, the ledger (SQL) and tweepy are what a worker runs, and the simulator of X goes by the same clock.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from services.adapters.announced_memory import MemoryAnnounced
from services.adapters.budgets_memory import MemoryBudgets
from services.adapters.drawer_memory import MemoryDrawer
from services.adapters.due_memory import MemoryDue
from services.adapters.fold_memory import MemoryRounds
from services.adapters.journal_memory import MemoryJournal
from services.adapters.ledger_sql import SqlLedger
from services.adapters.ledger_upgrade import upgrade
from services.adapters.social_build import speakers
from services.adapters.suspects_memory import MemorySuspects
from services.cli.plan.storms import SOURCE, Step
from services.fanout.frame import Frame, Limits
from services.fanout.replica import Replica
from services.fanout.social import Notes, SocialChannel, Voice
from services.kernel.areas import AreaName
from services.kernel.ids import AreaId
from services.kernel.messages import wordings
from services.kernel.planning.policy import Policy
from services.kernel.ports.social import Draft, Receipt, SocialFeed
from services.kit.settings import Settings
from services.wire import Channel
from tests.builders import SetClock
from tests.simulators.x_api import CREDENTIALS, XApi

POST_S = 0.25
"""Of storm time, for each request to X."""
AFTER = timedelta(minutes=30)
"""After the last picture, what is still due is looked at for so long."""


BUDGET_KEYS_KEPT = timedelta(days=2)
CREDENTIAL_SETTINGS = ("x_consumer_key", "x_consumer_secret", "x_access_token", "x_access_token_secret")


def account_settings(api: XApi, tier: str, money: float | None, **more: Any) -> Settings:
    """What names the account that `api` has, on `tier`, with `money` dollars a month to spend."""
    named = dict(zip(CREDENTIAL_SETTINGS, map(SecretStr, CREDENTIALS), strict=True))
    return Settings(x_api_url=api.url, x_tier=tier, x_money_per_month=money, **named, **more)


class Timed:
    """A service whose answers take their time on the storm's clock. Meets `kernel.ports.SocialFeed`."""

    def __init__(self, feed: SocialFeed, clock: SetClock) -> None:
        self._feed, self._clock = feed, clock

    def post(self, draft: Draft) -> Receipt:
        """Meets `SocialFeed.post`."""
        self._clock.move(seconds=POST_S)
        return self._feed.post(draft)

    def find(self, draft: Draft) -> Receipt:
        """Meets `SocialFeed.find`."""
        return self._feed.find(draft)


class Storm:
    """One account on X, which `api` simulates, through a storm."""

    def __init__(self, api: XApi, folder: Path, settings: Settings, policy: Policy, begins_at: datetime) -> None:
        self._settings, self._coalesce = settings, timedelta(seconds=settings.social_coalesce_s)
        self.clock = SetClock(begins_at)
        self.names: dict[AreaId, AreaName] = {}
        api.now = lambda: self.clock.now().timestamp()
        url = f"sqlite:///{folder}/ledger.sqlite3"
        upgrade(url)
        self._ledger, self._due = SqlLedger(url, 5), MemoryDue()
        self._journal = MemoryJournal(self.clock)
        channel = self._channel(settings, policy)
        replica = Replica(self._journal, settings.privacy_threshold, settings.replica_recent_max)
        limits = Limits(settings.due_batch_max, timedelta(seconds=settings.task_busy_max_s), settings.single_flight_s, settings.park_after_failures)
        self._frame = Frame(channel, replica, self._due, MemoryRounds(), MemorySuspects(), self.clock, limits)

    def _channel(self, settings: Settings, policy: Policy) -> SocialChannel:
        """As fanout's main puts it together, but for Redis."""
        [(account, feed, scope, terms)] = speakers(Channel.SOCIAL, settings)
        assert feed is not None, "the settings name an account"
        voice = Voice(Channel.SOCIAL, account, Timed(feed, self.clock), scope, terms)
        budgets = MemoryBudgets(terms.limits, policy.reserve, BUDGET_KEYS_KEPT)
        told = wordings(settings.utility, settings.timezone, settings.outage_line)
        notes = Notes(self._ledger, MemoryAnnounced(), MemoryDrawer(), budgets)
        return SocialChannel(voice, notes, told, settings, self.clock, policy)

    def run(self, steps: Iterable[Step]) -> None:
        """All of it, and what is due within `AFTER`."""
        at = self.clock.now()
        for step in steps:
            self._work_until(step.at)
            self._hear(step)
            at = step.at
        self._work_until(at + AFTER)
        self._ledger.close()

    def _hear(self, step: Step) -> None:
        """As ingest and relay do."""
        self.clock.at = max(self.clock.at, step.at)  # a round that was under way then has ended by now
        asyncio.run(self._take(step, {area: name.en for area, name in step.names.items() if self.names.get(area) != name}))
        self.names.update(step.names)
        new = self._journal.entries[len(self._journal.entries) - len(step.changes) :]
        touched = {area for entry in new for area in (*entry.areas_before, *entry.areas_after)}
        self._due.touch(dict.fromkeys(touched, step.at + self._coalesce))

    async def _take(self, step: Step, named: Mapping[AreaId, str]) -> None:
        if named:
            await self._journal.name_areas(named)
        answers = await self._journal.append(SOURCE, [event for _, event in step.changes])
        assert all(answer.outcome == "accepted" for answer in answers), "the journal takes each update of a picture"

    def _work_until(self, end: datetime) -> None:
        """Ring for whatever is due, at the moment at which it is."""
        while self._due.at and (at := min(self._due.at.values())) <= end:
            self.clock.at = max(self.clock.at, at)
            if self.clock.at > end:
                return
            self._frame.answer()
