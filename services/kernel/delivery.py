"""What became of a message on a channel: the closed lists that code, ledger, logs, metrics and runbooks share."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from services.kernel.approval import Standing
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Kind, Said
from services.kernel.views import Position


class Outcome(StrEnum):
    """Where a delivery stands: the first two are on the way, the others are how it ends."""

    QUEUED = "queued"
    """Written down, and surely not with the channel."""
    SENDING = "sending"
    """Given to the channel; until an answer is on record it may be out or not."""
    DELIVERED = "delivered"
    FOLDED = "folded"
    """Something newer is said in its place."""
    HELD = "held"
    """Not sent, or not known to be: `HeldFor` says why."""
    EXPIRED = "expired"
    """Too old to be said."""
    DEAD_LETTERED = "dead_lettered"
    """The channel will never take it as it is."""


class HeldFor(StrEnum):
    """Why a delivery is held."""

    DRY_RUN = "dry_run"
    UNCERTAIN = "uncertain"
    """The answer was lost: it may be out, so it is not sent again."""
    REFUSED = "refused"
    """The account may not post: sent again once it may."""
    APPROVAL = "approval"
    """People have to approve it first."""
    REJECTED = "rejected"
    """Somebody who was asked said no: its words have to be changed."""


STANDS: Mapping[Standing, tuple[Outcome, HeldFor | None]] = {
    Standing.WAITING: (Outcome.HELD, HeldFor.APPROVAL),
    Standing.REJECTED: (Outcome.HELD, HeldFor.REJECTED),
    Standing.APPROVED: (Outcome.QUEUED, None),
    Standing.BYPASSED: (Outcome.QUEUED, None),
    Standing.EXPIRED: (Outcome.EXPIRED, None),
}
"""Where the unsent deliveries of a message stand that people are asked about."""


def is_unsent(outcome: Outcome, held_for: HeldFor | None) -> bool:
    """Whether it is surely not out, and not given up: it may still be changed, or folded."""
    return outcome is Outcome.QUEUED or held_for in (HeldFor.REFUSED, HeldFor.APPROVAL, HeldFor.REJECTED)


class Delivery(Struct, frozen=True):
    """One message on its way to one account."""

    id: int
    lang: str
    text: str
    outcome: Outcome
    at: datetime
    """Since when it stands there."""
    held_for: HeldFor | None = None
    remote_id: str | None = None
    attempts: int = 0
    error: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether people have to do something before it can be sent."""
        return self.held_for in (HeldFor.APPROVAL, HeldFor.REJECTED)

    @property
    def is_unsent(self) -> bool:
        """Whether it may still be changed, or folded."""
        return is_unsent(self.outcome, self.held_for)

    @property
    def is_open(self) -> bool:
        """Whether anything is still to be done."""
        return self.outcome in (Outcome.QUEUED, Outcome.SENDING) or self.held_for is HeldFor.REFUSED

    @property
    def is_said(self) -> bool:
        """Whether the public has it, may have it, or, in a dry run, would have it."""
        return self.outcome is Outcome.DELIVERED or self.held_for in (HeldFor.DRY_RUN, HeldFor.UNCERTAIN)


class Written(Struct, frozen=True):
    """One post in the ledger, with its deliveries, one a language."""

    post: str
    area: AreaId
    kind: Kind
    said: Said
    """What will have been said once it is out, as planned."""
    before: Said | None
    """What had been said until then."""
    position: Position
    created_at: datetime
    deliveries: tuple[Delivery, ...]
    asked: bool = False
    """People are asked before it is sent."""

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for people."""
        return any(delivery.is_waiting for delivery in self.deliveries)

    @property
    def is_open(self) -> bool:
        """Whether any language is still to be sent."""
        return any(delivery.is_open for delivery in self.deliveries)

    @property
    def is_begun(self) -> bool:
        """Whether any language is, or may be, out: then the others follow unchanged (I6)."""
        return any(delivery.is_said or delivery.outcome is Outcome.SENDING for delivery in self.deliveries)

    @property
    def is_folded(self) -> bool:
        """Whether nothing of it was ever out, as something else was to be said."""
        return all(delivery.outcome is Outcome.FOLDED for delivery in self.deliveries)

    @property
    def is_said(self) -> bool:
        """Whether all that could be said of it was."""
        return not self.is_open and any(delivery.is_said for delivery in self.deliveries)

    @property
    def thread(self) -> str | None:
        """The earlier post that this one answers; None for a first report."""
        return None if self.said.thread == self.post else self.said.thread

    def said_when_sent(self) -> Said:
        """What was said, at the time when the last of it went out: a cool-down counts from then."""
        return msgspec.structs.replace(self.said, at=max(delivery.at for delivery in self.deliveries if delivery.is_said))
