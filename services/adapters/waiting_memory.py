"""Who waits to be told, in memory: the twin of `waiting_redis` and `notices_redis` together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from services.kernel.ids import OutageKey
from services.kernel.mine import Sureness
from services.kernel.outage import Acceptance
from services.kernel.ports.failures import Unavailable
from services.kernel.waiting import Group, Notice, Waiter
from services.kit.settings import Settings


class MemoryWaiting:
    """Meets `kernel.ports.waiting.WaitingList` and `Notices`. While `down` is true every call raises `Unavailable`."""

    def __init__(self, settings: Settings) -> None:
        self.down = False
        self._settings = settings
        self._all: dict[str, Notice] = {}
        self._until: dict[str, datetime] = {}
        self._due: dict[str, datetime] = {}

    async def add(self, waiter: Waiter) -> Acceptance:
        """Meets `WaitingList.add`."""
        self._check()
        if waiter.id in self._all:
            if waiter.id not in self._due and self._all[waiter.id].waiter.group == waiter.group:
                self._all[waiter.id], self._until[waiter.id] = Notice(waiter), waiter.expires
            return Acceptance.DUPLICATE
        settings, persons = self._settings, Counter(notice.waiter.person for notice in self._all.values())
        in_group = sum(one.waiter.group == waiter.group and key not in self._due for key, one in self._all.items())
        if in_group >= settings.waiting_area_max or len(self._all) >= settings.waiting_max or persons[waiter.person] >= settings.waiting_person_max:
            return Acceptance.REJECTED
        self._all[waiter.id], self._until[waiter.id] = Notice(waiter), waiter.expires
        return Acceptance.ACCEPTED

    async def forget(self, platform: str, address: str) -> int:
        """Meets `WaitingList.forget`."""
        gone = self.of(platform, address)
        self.end(gone)
        return len(gone)

    def groups(self) -> Sequence[Group]:
        """Meets `Notices.groups`."""
        self._check()
        return sorted({notice.waiter.group for key, notice in self._all.items() if key not in self._due})

    def counts(self) -> tuple[Mapping[Group, int], int]:
        """Meets `Notices.counts`."""
        self._check()
        return Counter(notice.waiter.group for key, notice in self._all.items() if key not in self._due), len(self._due)

    def waiting(self, group: Group, limit: int) -> Sequence[Waiter]:
        """Meets `Notices.waiting`."""
        self._check()
        return [notice.waiter for key, notice in self._all.items() if key not in self._due and notice.waiter.group == group][:limit]

    def move(self, waiter: Waiter, outage: OutageKey, sureness: Sureness) -> None:
        """Meets `Notices.move`."""
        self._check()
        key, known = waiter.id, self._all.get(waiter.id)
        if waiter.home is not None and known is not None and key not in self._due and known.waiter.group == waiter.group:
            self._all[key] = Notice(replace(waiter, home=replace(waiter.home, outage=outage, sureness=sureness)))

    def queue(self, notices: Iterable[Notice], now: datetime, until: datetime) -> None:
        """Meets `Notices.queue`."""
        self._check()
        for notice in notices:
            key = notice.waiter.id
            if key in self._all and key not in self._due and self._all[key].waiter.group == notice.waiter.group:
                self._all[key], self._until[key], self._due[key] = notice, until, now

    def due(self, platform: str, now: datetime, limit: int) -> Sequence[Notice]:
        """Meets `Notices.due`."""
        self._check()
        due = (self._all[key] for key, at in sorted(self._due.items(), key=lambda item: item[1]) if at <= now)
        return [notice for notice in due if notice.waiter.platform == platform][:limit]

    def put(self, notice: Notice, due: datetime) -> bool:
        """Meets `Notices.put`."""
        self._check()
        key = notice.waiter.id
        if key not in self._due:
            return False
        self._all[key], self._due[key] = notice, due
        return True

    def end(self, waiters: Iterable[Waiter]) -> None:
        """Meets `Notices.end`."""
        self._check()
        for waiter in waiters:
            for kept in (self._all, self._until, self._due):
                kept.pop(waiter.id, None)

    def expired(self, now: datetime, limit: int) -> Sequence[Waiter]:
        """Meets `Notices.expired`."""
        self._check()
        return [self._all[key].waiter for key, at in self._until.items() if at <= now][:limit]

    def of(self, platform: str, address: str) -> Sequence[Waiter]:
        """Meets `Notices.of`."""
        self._check()
        return [notice.waiter for notice in self._all.values() if (notice.waiter.platform, notice.waiter.address) == (platform, address)]

    def _check(self) -> None:
        if self.down:
            raise Unavailable("The waiting list in memory is set down.")
