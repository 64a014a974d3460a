"""The site channel at a journal in memory: tell events, run, read what the public would."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.adapters.journal_memory import MemoryJournal
from services.adapters.site_memory import SiteMemory
from services.fanout.channel import Work
from services.fanout.replica import Replica
from services.fanout.site.channel import SiteChannel
from services.kernel.events import OutageEvent
from services.kernel.ids import AreaId
from services.kernel.messages import LANGS, Wording
from services.kernel.views import Stamp
from services.kit.settings import Settings
from services.wire import Channel
from tests.builders import SOURCE, SetClock


class Desk:
    """One worker's site channel, run as its frame runs it."""

    def __init__(self, journal: MemoryJournal | None = None, store: SiteMemory | None = None, **settings: Any) -> None:
        self.clock = SetClock()
        self.settings = Settings(public_url="https://outages.example", outage_line="1 800 555-0199", **settings)
        self.journal, self.store = journal or MemoryJournal(self.clock), store or SiteMemory()
        names = {"en": self.settings.utility_name, "fr": self.settings.utility_name_fr}
        wordings = {lang: Wording(lang, names[lang], self.settings.timezone, self.settings.outage_line) for lang in LANGS}
        self.replica = Replica(self.journal, self.settings.privacy_threshold, self.settings.atom_entries_max)
        self.channel = SiteChannel(self.store, wordings, self.settings, self.clock)

    def tell(self, *events: OutageEvent, names: Mapping[str, str] | None = None) -> None:
        """Append to the journal."""

        async def append() -> None:
            await self.journal.name_areas({AreaId(area): name for area, name in (names or {}).items()})
            await self.journal.append(SOURCE, events)

        asyncio.run(append())

    def run(self, *due: str) -> Mapping[AreaId, datetime]:
        """One round, with these areas due besides what changed."""
        self.replica.catch_up()
        changed = self.replica.pending(Channel.SITE)
        areas = frozenset(map(AreaId, due))
        work = Work(areas, areas | changed.areas, frozenset(changed.keys), changed.cold)
        again = self.channel.run(self.replica, work, Stamp(self.replica.position, self.clock.now()))
        self.replica.settled(Channel.SITE)
        return again

    def told(self, *events: OutageEvent, names: Mapping[str, str] | None = None) -> "Desk":
        """Append and run."""
        self.tell(*events, names=names)
        self.run()
        return self

    def text(self, path: str) -> str:
        return self.store.files[path].decode()

    def json(self, path: str) -> Any:
        return json.loads(self.store.files[path])

    def feed(self, name: str, lang: str = "en") -> Any:
        return self.json(f"feeds/v1/{lang}/{name}")
