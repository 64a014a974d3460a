"""Posts: the service, the record, and what was said last."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from services.kernel.approval import Act, Case, Rule
from services.kernel.delivery import HeldFor, Outcome, Written
from services.kernel.ids import AreaId
from services.kernel.planning.memory import Kept
from services.kernel.planning.posts import Kind, Post, Said
from services.kernel.views import Position


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
    ABSENT = "absent"
    """Looked for, and surely not there (answers `find` only)."""
    REPEATABLE = "repeatable"
    """It can't be looked for, but handing it over again, word for word, is safe: the service knows a post that it has (answers `find` only)."""


class Picture(Struct, frozen=True):
    """A picture that goes with a post."""

    png: bytes
    alt: str
    """What it shows, in the post's language."""


class Draft(Struct, frozen=True):
    """One post, as it is handed to a service. Handed over again after a try in doubt, it is the same in every member."""

    text: str
    lang: str
    key: str
    """Names this post to this account for ever; what a service with idempotency keys is given."""
    written_at: datetime
    """When it was written down, which no later try changes."""
    answers: str | None = None
    """The service's own id of the post that this one answers."""
    begun_by: str | None = None
    """The same of the first post of the thread, where that is another one."""
    picture: Picture | None = None


class Left(Struct, frozen=True):
    """What a service said of one of the account's budgets."""

    window_s: int
    """How long the window is, in seconds: 900, 86,400, ..."""
    limit: int
    remaining: int
    resets_at: datetime


class Receipt(Struct, frozen=True):
    """A social service's answer to one post."""

    reply: Reply
    remote_id: str | None = None
    closed_until: datetime | None = None
    """The account's budget is used up until then: also known from a post that was still taken."""
    detail: str = ""
    """Why; of a post that was taken, why it went without its picture, where it did."""
    budgets: tuple[Left, ...] = ()
    """What the answer's headers said."""


class Asked(Struct, frozen=True):
    """One message that people are asked about."""

    number: int
    channel: str
    account: str
    area: AreaId
    kind: Kind
    post: str
    case: Case
    outcomes: tuple[tuple[str, Outcome, HeldFor | None], ...]
    """Where its delivery in each language stands."""


class SocialFeed(Protocol):
    """One account on a social service.

    Down, slow, limiting: told in the receipt, within the time-out. Never raises for what the service does, never sleeps, never
    tries again by itself: whoever calls knows what is worth saying later.
    """

    def post(self, draft: Draft) -> Receipt:
        """Post `draft`; with an idempotency key where the service has them."""
        ...

    def find(self, draft: Draft) -> Receipt:
        """Look whether `draft` is out after a try whose end nobody saw: POSTED with its id, ABSENT, REPEATABLE, or why that can't be told (UNCERTAIN
        where the service offers no way to look)."""
        ...


class SessionStore(Protocol):
    """Where one account's session with its service is kept, for services that limit how often one may log in. Never raises: what can't be kept is made anew."""

    def load(self) -> bytes | None:
        """What was saved last; None where there is nothing, or it can't be read."""
        ...

    def save(self, session: bytes) -> None:
        """Keep `session`, a secret, in place of the last one."""
        ...

    def alone(self, wait_s: float) -> AbstractContextManager[bool]:
        """Be the only one to renew the session, of all processes that share it; False where another one still was after `wait_s` seconds."""
        ...


class Ledger(Protocol):
    """Every message and what became of it, for the record. Down: raises `Unavailable`; nothing is sent that isn't written first."""

    def newest(self, channel: str, account: str, areas: Iterable[AreaId]) -> dict[AreaId, Written]:
        """The newest post about each of these areas that has any."""
        ...

    def write(
        self, channel: str, account: str, post: Post, texts: Mapping[str, str], position: Position, now: datetime, approval: Rule | None = None
    ) -> tuple[Written, int]:
        """Write `post` down, queued in each language of `texts`, and fold what is surely not out of its area's older posts: all or nothing.

        With `approval` it is held until people have approved it (`Approvals`). A post that is there already is given back as it stands. Also gives how many
        older deliveries were folded.
        """
        ...

    def start(self, delivery: int, now: datetime, attempts: int | None = None) -> str | None:
        """Record that a delivery is `SENDING`, count the attempt, and give the text to send.

        None, and nothing is to be sent: it was folded or ended meanwhile, or people have to approve it and have not. Approved too long ago, it expires. Once a
        language of the post is, or may be, out, the others may follow (I6). `attempts`: how many it had when the caller read it; with more, another worker has
        begun it since, who knows what became of it.
        """
        ...

    def mark(self, delivery: int, outcome: Outcome, now: datetime, *, held_for: HeldFor | None = None, remote_id: str | None = None, error: str = "") -> None:
        """Record where a delivery stands."""
        ...

    def tick(self, now: datetime) -> list[Asked]:
        """Escalate, and expire, what has waited for people for so long; gives those that changed."""
        ...

    def remote_id(self, channel: str, account: str, post: str, lang: str) -> str | None:
        """The service's own id of a post in one language; None where it isn't known."""
        ...


class Approvals(Protocol):
    """Messages that wait for people. Down: raises `Unavailable`."""

    def waiting(self, now: datetime) -> list[Asked]:
        """Those that wait or were rejected, oldest first, after what the clock has done to them by `now`."""
        ...

    def find(self, number: int) -> Asked | None:
        """One of them, or one that no longer waits, with all its history."""
        ...

    def take(self, number: int, act: Act, now: datetime) -> Asked:
        """Do `act`; what is then approved is queued, what is not is held: all or nothing. Raises `NotAllowed`, also where it may be out, or was folded."""
        ...


class Pager(Protocol):
    """Calls the people who approve messages."""

    def call(self, asked: Asked) -> None:
        """Tell them what the clock has just done to `asked`, its last decision: once for each step. Neither waits nor raises: what
        fails is told by log."""
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


class Drawer(Protocol):
    """What one account's desk holds back, and what came lately. Down: raises `Unavailable`.

    Lost, it is learnt again: each area's news at the next look at it, and what is to be expected as it comes. Nothing is said twice because of it.
    """

    def all(self) -> Kept:
        """All of it."""
        ...

    def keep(self, changed: Kept, gone: Iterable[AreaId]) -> None:
        """Keep what `changed`, and forget the areas in `gone`, in one step."""
        ...
