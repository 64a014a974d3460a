"""Due work and the bells that ring for it: what relay and workers hand each other."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from services.kernel.ids import AreaId
from services.kernel.ports.journal import Touched
from services.kernel.views import Stamp


class DueWork(Protocol):
    """What a channel has still to do, durable until it says that it is done. Down: raises `Unavailable`.

    Work is named by area: however many events touched it, an area is due once (conflation).
    """

    def take(self, now: datetime, limit: int) -> dict[AreaId, datetime]:
        """Up to `limit` areas due at `now`, oldest first, with the times they were due. They stay due until `done`."""
        ...

    def done(self, taken: Mapping[AreaId, datetime], again: Mapping[AreaId, datetime] | None = None, *, looked: datetime | None = None) -> None:
        """Strike off what was taken, except what fell due again since; and, in the same atomic step, make the areas of `again` due at those times.

        What fell due again has waited only since the work was `looked` for: what made it due before is done.

        An area that fell due again since it was taken keeps its sooner time: the next run plans it anew. Give what a run plans
        here, not to `plan` before: an area's taken time is the sooner one, and striking it off would take the plan with it.
        """
        ...

    def plan(self, at: Mapping[AreaId, datetime]) -> None:
        """Make these areas due at these times, where they are not due sooner."""
        ...


class Backlog(Struct, frozen=True):
    """How far behind the relay and the channels are, at one moment."""

    entries: int
    """In the journal, worked on or not."""
    lag: int
    """Entries not folded into due work yet: never read, or read and not committed."""
    oldest_age_s: float
    """How long the oldest of these has waited; 0 where there is none."""
    due: Mapping[str, tuple[int, float]]
    """Channel -> areas due now, and for how long (s) the oldest has been due."""
    memory_share: float = 0.0
    """Used of the memory that the journal may use; 0 where it has no limit."""
    unarchived: int = 0
    """Entries that the history lacks; 0 where none is kept."""
    unarchived_age_s: float = 0.0
    """How long the oldest of these has been in the journal."""
    writable: bool = True
    """Whether the last write to the journal's disk succeeded."""
    replicas: int = 0
    """Of the journal's server, that follow it now."""


class Relaying(Protocol):
    """The journal as the relay works it off: entries become due work, and each is acknowledged in the step that makes it due.

    Channels go by name (`wire.Channel`). Down: every call raises `Unavailable` and nothing is half done; an entry read and not
    committed is read again.
    """

    def read(self, consumer: str, count: int, block_ms: int) -> Sequence[Touched]:
        """Up to `count` entries for `consumer`, oldest first: what it held before a restart, then new ones, waiting `block_ms` at most."""
        ...

    def claim(self, consumer: str, idle_ms: int, count: int) -> Sequence[Touched]:
        """Take over up to `count` entries that were read at least `idle_ms` ago, by any consumer, and never committed."""
        ...

    def commit(self, entries: Sequence[Touched], due: Mapping[str, Mapping[AreaId, datetime]]) -> None:
        """In one atomic step: make each channel's areas due at these times (a sooner time stays) and acknowledge `entries`.

        Safe twice. An area that a worker has taken meanwhile counts as due again.
        """
        ...

    def backlog(self, now: datetime) -> Backlog:
        """How much is waiting."""
        ...

    def leave(self, consumer: str) -> bool:
        """Strike off a consumer that holds nothing; False, and it stays, where it still holds entries."""
        ...

    def ring(self, channel: str, ttl_ms: int) -> bool:
        """Whether to send a doorbell for `channel`: False while one rung less than `ttl_ms` ago is not answered yet."""
        ...


class Hold(Protocol):
    """Whether the channel is still ours: ask again before the next round."""

    def __bool__(self) -> bool: ...


class Rounds(Protocol):
    """What the frame around every channel's work keeps between workers. Down: every call raises `Unavailable`."""

    def answered(self, channel: str) -> None:
        """The doorbell was heard: from now on the next one may be rung. Call it before looking at what is due."""
        ...

    def single_flight(self, channel: str, ttl_s: float) -> AbstractContextManager[Hold]:
        """True where this caller alone may work for `channel`, until the block ends; False where another does.

        A caller that dies in the block, or stands still, leaves the channel taken for `ttl_s` at most. One that stood still
        for longer finds its hold false: it may have a successor.
        """
        ...

    def published(self, channel: str) -> Stamp | None:
        """What `channel` last published reflects."""
        ...

    def set_published(self, channel: str, stamp: Stamp) -> None:
        """Record what `channel` published; an older stamp never replaces a newer one."""
        ...


class Doorbell(Protocol):
    """Tells a channel's workers to look at what is due. Down: raises `Unavailable`; a bell that nobody hears is rung again."""

    def send(self, channel: str) -> bool:
        """Ring; False, and nothing sent, where so many wait unheard already that another would change nothing."""
        ...


class Trouble(Struct, frozen=True):
    """How a channel's rounds have gone of late."""

    rounds: int
    """Begun since the last that ended well, this one included: 1 when all is well."""
    parked: frozenset[AreaId]
    """Areas set aside because their work kept failing."""


class Suspects(Protocol):
    """Which work keeps failing, counted where a killed process can't lose the count. Down: raises `Unavailable`."""

    def begun(self, channel: str) -> Trouble:
        """Count a round of `channel` as begun."""
        ...

    def ended_well(self, channel: str, areas: Iterable[AreaId]) -> None:
        """The round did its work: the counts start anew, and `areas` are no longer parked."""
        ...

    def blame(self, channel: str, area: AreaId) -> int:
        """Count a failure of `area` alone; how many there are now."""
        ...

    def park(self, channel: str, area: AreaId, reason: str, at: datetime) -> None:
        """Set `area` aside as a dead letter that names the reason. Its work is tried again when it next changes."""
        ...
