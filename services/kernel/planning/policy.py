"""How talkative an account is: what is worth a post and how much, how often, at what hours. Read from YAML by an adapter (docs/messages.md)."""

import math
from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo

from msgspec import Struct

from services.kernel.events import Cause
from services.kernel.planning.posts import Kind, Tone

SIZE_MAX = 9.0
"""The most that the number of customers adds to a message's value: kinds that lie ten apart never change places because of it."""


class Worth(Struct, frozen=True, kw_only=True):
    """What one kind of message is worth, and what goes with it."""

    value: float
    emergency: bool = False
    """It may spend what is kept back, and doesn't wait for the morning."""
    cooldown: timedelta | None = None
    """Least time after the area's last post; None: the policy's."""
    approval: bool = False
    tone: Tone = Tone.PLAIN


class Quiet(Struct, frozen=True):
    """The hours, on the utility's clocks, in which only emergencies are told."""

    begins: time
    ends: time
    """Earlier than `begins`: on the next morning."""
    zone: tzinfo

    def over(self, now: datetime) -> datetime:
        """`now` where it may be spoken, else the moment from which it may."""
        here = now.astimezone(self.zone)
        clock = here.time().replace(tzinfo=None)
        overnight = self.begins > self.ends
        if not (clock >= self.begins or clock < self.ends if overnight else self.begins <= clock < self.ends):
            return now
        day = here.date() + timedelta(days=overnight and clock >= self.begins)
        # In the hour that a change of the clocks leaves out, the end could lie behind: an hour later then.
        end = datetime.combine(day, self.ends, self.zone).astimezone(now.tzinfo)
        return end if end > now else end + timedelta(hours=1)


class Digests(Struct, frozen=True, kw_only=True):
    """What is not worth a post of its own is told together."""

    every: timedelta
    """Least time between two overall digests, and how long news of one area waits for one."""
    areas_min: int = 2
    """With news held back from fewer areas, each is told by itself."""
    areas_max: int = 3
    """The worst ones are named."""
    share: float = 0.2
    """The share of each budget that is kept back for digests: without one, what is held back stays untold."""


class Policy(Struct, frozen=True, kw_only=True):
    """What is worth saying, when and how."""

    announce_customers_min: int
    """An area is told from this many customers out on."""
    growth_factor: float
    """It is told again once that many times the customers last told are out."""
    cooldown: timedelta
    """Least time between two posts about one area."""
    estimate_shift: timedelta
    """An estimate that moves by less is not told again."""
    worth: Mapping[Kind, Worth]
    """A kind that isn't here is never told."""
    emergency_customers_min: int = 5_000
    """A first report of this many is an emergency, whatever its kind says."""
    safety_causes: frozenset[Cause] = frozenset({Cause.SAFETY})
    """Outages of these causes are told as a safety notice."""
    safety_customers_min: int = 50
    planned_customers_min: int = 500
    """Planned work is told from this many customers on."""
    quiet: Quiet | None = None
    digests: Digests | None = None
    reserve: float = 0.1
    """The share of each budget that only emergencies may spend."""

    def has(self, kind: Kind) -> bool:
        """Whether it is ever told."""
        return kind in self.worth

    def value(self, kind: Kind, customers: int) -> float:
        """What telling `kind` is worth where that many customers are concerned."""
        return self.worth[kind].value + min(math.log10(customers + 1), SIZE_MAX)

    def is_emergency(self, kind: Kind, customers: int) -> bool:
        """Whether it is told at any hour, and out of the reserve."""
        return self.worth[kind].emergency or (kind is Kind.FIRST_REPORT and customers >= self.emergency_customers_min)

    def rest(self, kind: Kind, customers: int = 0) -> timedelta:
        """Least time between the area's last post and one of `kind` that concerns that many customers. Only a kind's own makes an emergency wait."""
        own = self.worth[kind].cooldown
        if own is not None:
            return own
        return timedelta(0) if self.is_emergency(kind, customers) else self.cooldown

    def told_at(self, kind: Kind, customers: int, at: datetime) -> datetime:
        """`at`, or the end of the quiet hours that it falls into."""
        return at if self.quiet is None or self.is_emergency(kind, customers) else self.quiet.over(at)
