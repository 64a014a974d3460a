"""Who waits to be told, how they are told, and by whom."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from services.kernel.ids import OutageKey
from services.kernel.mine import Sureness
from services.kernel.outage import Acceptance
from services.kernel.waiting import Group, Notice, Waiter


class WaitingList(Protocol):
    """What conversations put people on. Down, or slow: raises `Unavailable` within its own named limit, and trying again is safe."""

    async def add(self, waiter: Waiter) -> Acceptance:
        """ACCEPTED; DUPLICATE: they waited for that already, and their time begins anew; REJECTED: too many wait."""
        ...

    async def ask(self, notice: Notice) -> Acceptance:
        """Have somebody who isn't `confirmed` asked whether they asked: `notice` has the words of the question, and until when an answer counts. They wait
        once they `confirm`, or `add` themselves. DUPLICATE: they wait, or were asked, already; REJECTED: too many wait, are asked or are in line, or this
        person, or all together, were asked too often today.
        """
        ...

    async def confirm(self, platform: str, address: str, now: datetime) -> Sequence[Waiter]:
        """Somebody answers yes: what they were asked about they wait for now, and their time begins anew. Empty where nothing was asked, or too long ago."""
        ...

    async def forget(self, platform: str, address: str) -> int:
        """Take somebody off, also what is about to be sent to them. How many areas they waited for."""
        ...


class Notices(Protocol):
    """What the worker takes them from. Down: raises `Unavailable`. Every step is safe twice."""

    def groups(self) -> Sequence[Group]:
        """The areas and outages that somebody waits for."""
        ...

    def counts(self) -> tuple[Mapping[Group, int], int]:
        """How many wait for each, and how many notices are to be sent, on all platforms together."""
        ...

    def waiting(self, group: Group, limit: int) -> Sequence[Waiter]:
        """Up to `limit` of those who wait for `group`."""
        ...

    def move(self, waiter: Waiter, outage: OutageKey, sureness: Sureness) -> None:
        """`waiter`, who waits for their own outage, waits for this one instead. Nothing where they were taken off, or wait for that one no more."""
        ...

    def queue(self, notices: Iterable[Notice], now: datetime, until: datetime) -> None:
        """Those waiters wait no more: their notices are due now, and worth sending until then. One who was taken off meanwhile is left out."""
        ...

    def due(self, platform: str, now: datetime, limit: int) -> Sequence[Notice]:
        """Up to `limit` notices to be sent on `platform`, those due longest first: a platform that is slow holds up no other."""
        ...

    def put(self, notice: Notice, due: datetime) -> bool:
        """Remember how a notice stands, and when to look at it again. False: its waiter was taken off, and it must not be sent."""
        ...

    def asked(self, waiter: Waiter) -> None:
        """The question is out: nothing of theirs is due until they have answered it."""
        ...

    def end(self, waiters: Iterable[Waiter]) -> None:
        """Forget these, and what was to be sent to them."""
        ...

    def expired(self, now: datetime, limit: int) -> Sequence[Waiter]:
        """Up to `limit` of those whose time is over."""
        ...

    def of(self, platform: str, address: str) -> Sequence[Waiter]:
        """All that one person waits for."""
        ...


class Told(StrEnum):
    """What a courier made of a message."""

    SENT = "sent"
    STOPPED = "stopped"
    """They want no messages from us: never again."""
    INVALID = "invalid"
    """It can never be taken as it is."""
    LIMITED = "limited"
    """Surely not sent: too many at once."""
    HELD = "held"
    """Surely not sent, and not for now: this person had enough, or may not be written to. Others may be reached."""
    UNREACHED = "unreached"
    """Surely not sent: the service could not be spoken to, or says that it failed."""
    REFUSED = "refused"
    """Surely not sent: we may not send, credentials or account."""
    UNCERTAIN = "uncertain"
    """The answer was lost: it may be out."""


class Courier(Protocol):
    """Reaches people on one platform. Never raises for what the service does, never waits longer than its own limit."""

    def send(self, notice: Notice) -> Told:
        """Send `notice`, which was claimed, once."""
        ...

    def sent(self, notice: Notice) -> bool:
        """Whether `notice` was taken since it was claimed. False, too, where sending it again is surely not heard twice. Raises `Unavailable` where it can't
        be known now.
        """
        ...
