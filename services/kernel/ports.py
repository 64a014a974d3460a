"""What the services need of the outside. Each port has a real adapter and an in-memory twin; one contract test runs on both.

Every docstring says what happens when the backing is down: that is part of the promise.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from services.kernel.delivery import HeldFor, Outcome, Written
from services.kernel.events import OutageEvent
from services.kernel.ids import AreaId, OutageId, OutageKey, SourceName
from services.kernel.outage import Acceptance
from services.kernel.picture import Change, Picture
from services.kernel.plan import Post, Said
from services.kernel.views import Answers, Position, Shown, Stamp, View, ViewChanges


class Unavailable(Exception):
    """The backing can't be reached, or refuses to write. Nothing is half done; where the answer was lost it may be done, and trying again is safe."""


class Overtaken(Unavailable):
    """What is there reflects more than what was to be put in its place: another worker came first, or the journal was emptied or replaced by an older one."""


class PictureConflict(Exception):
    """Another writer committed a picture of this source first: read the picture again and compare anew."""


class Answer(Struct, frozen=True):
    """What the journal did with one event, and where it (or the one it repeats) stands."""

    outcome: Acceptance
    position: Position | None = None


class Touched(Struct, frozen=True):
    """What an entry of the journal touches: all that the relay needs of it."""

    position: Position
    number: int
    """Contiguous: a reader that finds a gap has been trimmed past, and starts again from `cold`."""
    key: OutageKey
    areas_before: tuple[AreaId, ...]
    areas_after: tuple[AreaId, ...]


class Entry(Touched, frozen=True):
    """One accepted event in the journal."""

    event: OutageEvent


class ColdStart(Struct, frozen=True):
    """Every open outage at one position."""

    position: Position
    number: int
    open: Iterable[tuple[OutageKey, OutageEvent]]
    """May be taken once only: all outages need not be in memory twice."""


class Trimmed(Struct, frozen=True):
    """What the janitor took away."""

    entries: int
    outages: int
    """Outages long over whose versions are forgotten."""


class Clock(Protocol):
    """The time, given so that nothing pure asks for it."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class Journal(Protocol):
    """Where accepted events go. Written by ingest, in its event loop.

    Down: each call raises `Unavailable` within the time-out; nothing is half appended.
    """

    async def append(self, source: SourceName, events: Sequence[OutageEvent]) -> list[Answer]:
        """Append each event that is new, in one atomic step that is durable when this returns; answers are in the events' order.

        Repeating the call is safe: an event already there answers `duplicate` with its position.
        """
        ...

    async def append_picture(self, source: SourceName, format_name: str, change: Change) -> list[Answer]:
        """Append the events of `change` and move the source's picture on, all or nothing.

        Raises `PictureConflict` where the stored picture's revision isn't the one before `change.picture`.
        """
        ...

    async def picture(self, source: SourceName, format_name: str) -> Picture:
        """The source's last picture in this format; an empty one of revision 0 where there is none."""
        ...

    async def revision(self, source: SourceName, format_name: str) -> int:
        """The revision of that picture alone: cheap, so that a copy in memory can be checked."""
        ...

    async def current(self, source: SourceName, outage_ids: Iterable[OutageId]) -> dict[OutageId, OutageEvent]:
        """The newest event of each of these outages that is active or clearing."""
        ...

    async def name_areas(self, names: Mapping[AreaId, str]) -> None:
        """Remember what areas are called."""
        ...

    async def tip(self) -> Position:
        """The position of the newest entry."""
        ...


class JournalTail(Protocol):
    """The journal as workers read it. Down: raises `Unavailable`; the reader keeps what it has, and its age tells."""

    def cold(self) -> ColdStart:
        """All open outages, and the position they reflect, read in one atomic step."""
        ...

    def since(self, position: Position, count: int) -> list[Entry]:
        """Up to `count` entries after `position`, oldest first."""
        ...

    def recent(self, count: int) -> list[Entry]:
        """The newest `count` entries, newest first."""
        ...

    def area_names(self) -> dict[AreaId, str]:
        """What areas are called."""
        ...


class DueWork(Protocol):
    """What a channel has still to do, durable until it says that it is done. Down: raises `Unavailable`.

    Work is named by area: however many events touched it, an area is due once (conflation).
    """

    def take(self, now: datetime, limit: int) -> dict[AreaId, datetime]:
        """Up to `limit` areas due at `now`, oldest first, with the times they were due. They stay due until `done`."""
        ...

    def done(self, taken: Mapping[AreaId, datetime], again: Mapping[AreaId, datetime] | None = None) -> None:
        """Strike off what was taken, except what fell due again since; and, in the same atomic step, make the areas of `again` due at those times.

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


class Trimming(Protocol):
    """The janitor's side of the journal. Down: raises `Unavailable`; what is left is trimmed the next time."""

    def trim(self, keep: int, now: datetime) -> Trimmed:
        """Drop the oldest entries, but none of the newest `keep` and none that is not committed; and what is remembered of outages long over."""
        ...


class KeyHolder(Struct, frozen=True):
    """Whom an ingest key names, and what it may do. Never the key itself."""

    id: str
    """Public name of the key: the part between `sgc_` and the secret."""
    source: SourceName
    scopes: frozenset[str]
    created_at: datetime


class Keys(Protocol):
    """The ingest keys, as the command line manages them. Only their hashes are stored. Down: raises `Unavailable`."""

    def create(self, source: SourceName, scopes: Iterable[str]) -> str:
        """A new key for `source`, in plain text: this is the only time that anyone sees it. Raises ValueError for a bad name or scope."""
        ...

    def restore(self, key: str, source: SourceName, scopes: Iterable[str]) -> None:
        """Make `key`, which `create` gave before the data was lost, good again. Raises ValueError for what is no key."""
        ...

    def list(self) -> Sequence[KeyHolder]:
        """All keys, oldest first."""
        ...

    def revoke(self, key_id: str) -> bool:
        """End a key. Processes that have just used it may honour it for as long as their cache says. False where there is none."""
        ...


class KeyCheck(Protocol):
    """Who holds this key? Asked by ingest, for each request, in its event loop."""

    async def verify(self, key: str) -> KeyHolder | None:
        """Whom `key` names; None for a key that is unknown or revoked.

        Down: a key that this process has seen answers as it last did; any other raises `Unavailable`.
        """
        ...


class ViewStore(Protocol):
    """The areas' views, as their renderer writes them for the mirrors. Down: raises `Unavailable`; mirrors go on with what they hold."""

    def publish(self, views: Iterable[View], overall: Answers, stamp: Stamp, *, whole: bool = False) -> bool:
        """Store `views`, the answers for all areas together, and what they reflect, in one atomic step; `whole` drops all other views.

        False, and nothing is stored, where a later position is there already; the same one is always renewed, for clocks may be
        set back. Safe twice.
        """
        ...


class ViewFeed(Protocol):
    """The same views as a mirror reads them, in its event loop. Down: raises `Unavailable`; the mirror answers with what it holds, and its age tells."""

    async def changes(self, revision: int) -> ViewChanges | None:
        """What changed after `revision`, all of one moment; None before the first publication. A revision from another life of the store gets everything."""
        ...


class ViewMirror(Protocol):
    """The views in this process's memory. Down: nothing can be; `shown` gets older, and its stamp says by how much."""

    @property
    def shown(self) -> Shown:
        """What is known now. Empty, with no `as_of`, until the first synchronisation or snapshot."""
        ...


class SiteStore(Protocol):
    """The rendered public side. Down (disk full, read-only): raises `Unavailable`; what was published stays as it was."""

    def write(self, path: str, body: bytes) -> None:
        """Put a complete file in place of the one at `path`, in one atomic step."""
        ...

    def remove(self, path: str) -> None:
        """Take the file at `path` away; one that isn't there is no error."""
        ...

    def keep(self, under: str, paths: Collection[str]) -> None:
        """Take away every file in the folder `under` except those at `paths`."""
        ...

    def sweep(self, before: datetime) -> None:
        """Take away what killed writers left half written before then."""
        ...

    def published(self) -> Stamp | None:
        """What the files were last said to reflect; None where nothing was published, or nobody can read what was."""
        ...

    def publish(self, stamp: Stamp) -> None:
        """Say that every file now reflects `stamp`: last, when all are in place. Raises `Overtaken` where a later position is there."""
        ...


class SiteReader(Protocol):
    """The rendered public side as its HTTP service reads it. Down: raises `Unavailable`; the service goes on with what it holds."""

    def version(self, path: str) -> Hashable | None:
        """Something that differs whenever the file at `path` does; None where there is no file. Cheap: asked several times a second."""
        ...

    def read(self, path: str) -> bytes | None:
        """The whole file; None where there is none."""
        ...


class Reply(StrEnum):
    """What a social service made of a post."""

    POSTED = "posted"
    DUPLICATE = "duplicate"
    """It is there already."""
    LIMITED = "limited"
    """Surely not posted: the account's budget is used up."""
    UNREACHED = "unreached"
    """Surely not posted: the service could not be spoken to."""
    FAILED = "failed"
    """The service answered that it failed: it may have posted all the same."""
    UNCERTAIN = "uncertain"
    """The answer was lost: it may have posted."""
    REFUSED = "refused"
    """The account may not post this now: credentials, permissions, suspension."""
    LOCKED_OUT = "locked_out"
    """The account may not post anything: its credentials are not honoured."""
    INVALID = "invalid"
    """It will never be taken as it is."""
    REPLY_GONE = "reply_gone"
    """The post that it answers is no longer there."""


class Receipt(Struct, frozen=True):
    """A social service's answer to one post."""

    reply: Reply
    remote_id: str | None = None
    closed_until: datetime | None = None
    """The account's budget is used up until then: also known from a post that was still taken."""
    detail: str = ""


class SocialFeed(Protocol):
    """One account on a social service.

    Down, slow, limiting: told in the receipt, within the time-out. Never raises for what the service does, never sleeps, never
    tries again by itself: whoever calls knows what is worth saying later.
    """

    def post(self, text: str, lang: str, in_reply_to: str | None = None) -> Receipt:
        """Post `text`, as an answer to an earlier post of the account where given."""
        ...


class Ledger(Protocol):
    """Every message and what became of it, for the record. Down: raises `Unavailable`; nothing is sent that isn't written first."""

    def newest(self, channel: str, account: str, areas: Iterable[AreaId]) -> dict[AreaId, Written]:
        """The newest post about each of these areas that has any."""
        ...

    def write(self, channel: str, account: str, post: Post, texts: Mapping[str, str], position: Position, now: datetime) -> tuple[Written, int]:
        """Write `post` down, queued in each language of `texts`, and fold what is queued or refused of its area's older posts: all or nothing.

        A post that is there already is given back as it stands. Also gives how many older deliveries were folded.
        """
        ...

    def start(self, delivery: int, now: datetime) -> None:
        """Record that a delivery is `SENDING`, and count the attempt."""
        ...

    def mark(self, delivery: int, outcome: Outcome, now: datetime, *, held_for: HeldFor | None = None, remote_id: str | None = None, error: str = "") -> None:
        """Record where a delivery stands."""
        ...

    def remote_id(self, channel: str, account: str, post: str, lang: str) -> str | None:
        """The service's own id of a post in one language; None where it isn't known."""
        ...


class Announced(Protocol):
    """What one account said last about each area: the planner's memory. Down: raises `Unavailable`.

    Lost, it is read again from the ledger, which also knows a post that was sent before this could be told.
    """

    def of(self, areas: Iterable[AreaId]) -> dict[AreaId, Said]:
        """What was said about those of these areas that anything was said about."""
        ...

    def say(self, said: Mapping[AreaId, Said]) -> None:
        """Remember these."""
        ...
