"""Who waits to be told, in memory: the twin of `waiting_redis` and `notices_redis` together."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

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
        self._asked: set[str] = set()
        self._asks: Counter[tuple[str, date]] = Counter()

    async def add(self, waiter: Waiter) -> Acceptance:
        """Meets `WaitingList.add`."""
        self._check()
        if waiter.id in self._asked:
            self.end([waiter])
        if waiter.id in self._all:
            if waiter.id not in self._due and self._all[waiter.id].waiter.group == waiter.group:
                self._all[waiter.id], self._until[waiter.id] = Notice(waiter), waiter.expires
            return Acceptance.DUPLICATE
        settings, persons = self._settings, Counter(notice.waiter.person for notice in self._all.values())
        in_group = sum(one.waiter.group == waiter.group for one in self._waits())
        if in_group >= settings.waiting_area_max or len(self._all) >= settings.waiting_max or persons[waiter.person] >= settings.waiting_person_max:
            return Acceptance.REJECTED
        self._all[waiter.id], self._until[waiter.id] = Notice(waiter), waiter.expires
        return Acceptance.ACCEPTED

    async def ask(self, notice: Notice) -> Acceptance:
        """Meets `WaitingList.ask`."""
        self._check()
        settings, waiter = self._settings, notice.waiter
        key, day = waiter.id, waiter.since.astimezone(UTC).date()
        today, of_all = (waiter.person, day), ("", day)
        if key in self._all:
            return Acceptance.DUPLICATE
        in_line = sum(self._all[one].waiter.platform == waiter.platform for one in self._due)
        of_person = sum(one.waiter.person == waiter.person for one in self._all.values())
        counts = (self._asks[today], in_line, len(self._asked), len(self._all), of_person)
        most = (settings.waiting_asks_per_day, settings.waiting_asks_line_max, settings.waiting_asked_max, settings.waiting_max, settings.waiting_person_max)
        if self._asks[of_all] >= settings.waiting_asks_all_per_day or any(count >= limit for count, limit in zip(counts, most, strict=True)):
            return Acceptance.REJECTED
        self._asks.update((today, of_all))
        self._asked.add(key)
        self._all[key], self._until[key], self._due[key] = notice, notice.worth_until or waiter.expires, waiter.since
        return Acceptance.ACCEPTED

    async def confirm(self, platform: str, address: str, now: datetime) -> Sequence[Waiter]:
        """Meets `WaitingList.confirm`."""
        confirmed = []
        for waiter in self.of(platform, address):
            waits = waiter.now_confirmed(now)
            in_group = sum(one.waiter.group == waits.group for one in self._waits())
            if waits.id in self._asked and in_group < self._settings.waiting_area_max:
                self.end([waiter])
                self._all[waits.id], self._until[waits.id] = Notice(waits), waits.expires
                confirmed.append(waits)
        return confirmed

    async def forget(self, platform: str, address: str) -> int:
        """Meets `WaitingList.forget`."""
        gone = self.of(platform, address)
        self.end(gone)
        return len(gone)

    def groups(self) -> Sequence[Group]:
        """Meets `Notices.groups`."""
        self._check()
        return sorted({notice.waiter.group for notice in self._waits()})

    def counts(self) -> tuple[Mapping[Group, int], int]:
        """Meets `Notices.counts`."""
        self._check()
        return Counter(notice.waiter.group for notice in self._waits()), len(self._due)

    def waiting(self, group: Group, limit: int) -> Sequence[Waiter]:
        """Meets `Notices.waiting`."""
        self._check()
        return [notice.waiter for notice in self._waits() if notice.waiter.group == group][:limit]

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
            self._asked.discard(waiter.id)
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

    def asked(self, waiter: Waiter) -> None:
        """Meets `Notices.asked`."""
        self._check()
        self._due.pop(waiter.id, None)

    def _waits(self) -> Iterator[Notice]:
        return (notice for key, notice in self._all.items() if key not in self._due and key not in self._asked)

    def _check(self) -> None:
        if self.down:
            raise Unavailable("The waiting list in memory is set down.")
