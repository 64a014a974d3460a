"""A written post, sent: one language after the other, each step in the ledger before and after it is taken.

Whatever step a crash comes after, the next run finishes the post without saying anything twice (I2): a delivery found `sending`, or
whose answer was lost, is looked for first. Where a service can't be asked but knows a post that it has (X refuses duplicate content), it is
given to it once more, word for word; where it neither can be asked nor knows, it is held as uncertain, and counts as said.
"""

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from services.fanout.pictures.album import Album
from services.fanout.social_allowance import Allowance, key_of
from services.kernel.delivery import Delivery, HeldFor, Outcome, Written
from services.kernel.ports.clock import Clock
from services.kernel.ports.social import Draft, Ledger, Receipt, Reply, SocialFeed
from services.kit import metrics
from services.kit.logs import log
from services.wire import Channel


class Patience(Struct, frozen=True, kw_only=True):
    """How long to leave an account alone, and for how long a post is worth finishing."""

    retry: timedelta
    limited: timedelta
    refused: timedelta
    refusals_max: int
    expire: timedelta
    listed: timedelta
    """A service lists a post this long after it took it, or before: until then nobody looks for one in doubt."""


_CLOSED_MIN = timedelta(seconds=1)
"""A service whose clock is behind ours names times that are past."""
_CLOSED_MAX = timedelta(days=1)
"""No window of a service's is longer, but a month's: after that it is asked once more."""
_WHAT_TO_DO = (
    "See that the account is not suspended and that the app has read and write permission, make new access tokens if need be, "
    "and set the four SURGECAST_X_ settings. What is held goes out by itself once the account may post."
)


class Sender:
    """One account. While its service is down or its budget used up it is closed, and asks for no worker's time."""

    def __init__(
        self,
        feed: SocialFeed | None,
        ledger: Ledger,
        allowance: Allowance,
        channel: Channel,
        account: str,
        patience: Patience,
        clock: Clock,
        album: Album | None = None,
    ) -> None:
        """Without a `feed` it is a dry run: everything is paid for, written down and held."""
        self._channel, self._allowance = channel, allowance
        self._feed, self._ledger, self._account, self._patience, self._clock = feed, ledger, account, patience, clock
        self._album = album
        self._refusals = 0
        self._closed_until: datetime | None = None

    def closed_until(self) -> datetime | None:
        """When the account may be tried again; None when it may be now."""
        if self._closed_until is not None and self._closed_until <= self._clock.now():
            self._closed_until, self._refusals = None, 0
        return self._closed_until

    def send(self, written: Written, *, emergency: bool = False) -> datetime | None:
        """Send what is open of `written`; return when to go on with it, None once there is nothing left to do. An `emergency` may spend the reserve,
        as may the languages that a post has left behind (I6)."""
        due = [delivery for delivery in written.deliveries if delivery.is_open and not self._given_up(written, delivery)]
        again = (self.closed_until() or self._allowance.take(written, due, emergency=emergency or written.is_begun)) if due else None
        while due and again is None:
            again = self._attempt(written, due.pop(0)) or (self.closed_until() if due else None)
        if again is not None and due:
            self._allowance.give_back(written, due)
        return again

    def _attempt(self, written: Written, delivery: Delivery) -> datetime | None:
        if self._feed is None:
            self._end(written, delivery, Outcome.HELD, held_for=HeldFor.DRY_RUN)
            return None
        thread = written.thread and self._ledger.remote_id(self._channel, self._account, written.thread, delivery.lang)
        kept = self._album.of(written.post, delivery.lang) if self._album else None  # before anything is begun: the ledger may be down
        if (listed_at := self._listed_at(delivery)) is not None:
            return listed_at
        text = self._ledger.start(delivery.id, self._clock.now(), delivery.attempts)
        if text is None:
            if (again := self._begun_elsewhere(written, delivery)) is not None:
                return again
            self._allowance.give_back(written, [delivery])
            log.info("social.not_sent", post=written.post, lang=delivery.lang, why="folded, ended or no longer approved since it was looked at")
            return None
        picture = kept.picture if kept is not None and kept.words == text else None  # not with words that people put in place of those it was drawn for
        draft = Draft(text, delivery.lang, key_of(written, delivery), written.created_at, thread or None, picture=picture)
        receipt = _found(self._feed, draft) if delivery.outcome is Outcome.SENDING else None
        if receipt is not None and receipt.reply is Reply.UNCERTAIN:
            self._end(written, delivery, Outcome.HELD, held_for=HeldFor.UNCERTAIN, error=receipt.detail)
            return None
        receipt = receipt or _posted(self._feed, draft)
        if receipt.closed_until is not None:
            self._close(receipt.closed_until, receipt.reply)
        again = self._record(written, delivery, receipt)
        self._allowance.settle(written, delivery, receipt)
        return again

    def _record(self, written: Written, delivery: Delivery, receipt: Receipt) -> datetime | None:
        now, reply = self._clock.now(), receipt.reply
        if reply in (Reply.POSTED, Reply.DUPLICATE):
            self._refusals = 0
            bare = receipt.detail if reply is Reply.POSTED else ""  # why it went without its picture
            self._end(written, delivery, Outcome.DELIVERED, remote_id=receipt.remote_id, error=bare)
            if bare and self._album is not None:
                metrics.POST_PICTURES.labels("refused").inc()
            return None
        if reply in (Reply.REFUSED, Reply.LOCKED_OUT):
            return self._refused(written, delivery, receipt)
        if reply in (Reply.LIMITED, Reply.UNREACHED, Reply.FAILED, Reply.UNCERTAIN):
            may_be_out = reply in (Reply.FAILED, Reply.UNCERTAIN) or delivery.outcome is Outcome.SENDING
            self._ledger.mark(delivery.id, Outcome.SENDING if may_be_out else Outcome.QUEUED, now, error=receipt.detail)
            wait = self._patience.limited if reply is Reply.LIMITED else self._patience.retry
            return self._close(receipt.closed_until or now + wait, reply)
        self._end(written, delivery, Outcome.DEAD_LETTERED, error=receipt.detail)
        return None

    def _refused(self, written: Written, delivery: Delivery, receipt: Receipt) -> datetime:
        now, self._refusals = self._clock.now(), self._refusals + 1
        log.error("social.post_refused", post=written.post, lang=delivery.lang, detail=receipt.detail, what_to_do=_WHAT_TO_DO)
        if delivery.outcome is Outcome.SENDING:  # from before a crash: it may be out all the same
            self._ledger.mark(delivery.id, Outcome.SENDING, now, error=receipt.detail)
        else:
            self._end(written, delivery, Outcome.HELD, held_for=HeldFor.REFUSED, error=receipt.detail)
        again = now + self._patience.refused
        if receipt.reply is Reply.LOCKED_OUT or self._refusals >= self._patience.refusals_max:
            self._close(again, receipt.reply)
        return again

    def _listed_at(self, delivery: Delivery) -> datetime | None:
        """When a look is to be believed: the service may have taken it a moment ago, from a process that is gone. None: now, or nothing is in doubt."""
        listed_at = delivery.at + self._patience.listed
        return listed_at if delivery.outcome is Outcome.SENDING and listed_at > self._clock.now() else None

    def _begun_elsewhere(self, written: Written, delivery: Delivery) -> datetime | None:
        """When to look at it again, where another worker has begun it since it was read here, and so pays for it; None where nobody has."""
        newest = self._ledger.newest(self._channel, self._account, [written.area]).get(written.area)
        begun = any(one.id == delivery.id and one.attempts != delivery.attempts for one in (newest.deliveries if newest else ()))
        if begun:
            log.warning("social.begun_elsewhere", post=written.post, lang=delivery.lang, why="this worker stalled, and another one went on in its place")
        return self._clock.now() + self._patience.listed if begun else None

    def _given_up(self, written: Written, delivery: Delivery) -> bool:
        """Whether it is too late to finish it. What may be out is looked for, once: if it is, later posts can answer it."""
        early = self._clock.now() - written.created_at < self._patience.expire
        if not written.is_begun or early or (self._feed is not None and self._listed_at(delivery) is not None):
            return False
        found = self._looked_for_late(written, delivery)
        if found.reply is Reply.POSTED:
            self._end(written, delivery, Outcome.DELIVERED, remote_id=found.remote_id)
        elif found.reply is Reply.ABSENT:
            self._end(written, delivery, Outcome.EXPIRED)
            self._allowance.give_back(written, [msgspec.structs.replace(delivery, outcome=Outcome.QUEUED)])
        else:
            self._end(written, delivery, Outcome.HELD, held_for=HeldFor.UNCERTAIN, error="too old to ask again whether it is out")
        return True

    def _looked_for_late(self, written: Written, delivery: Delivery) -> Receipt:
        if delivery.outcome is not Outcome.SENDING:
            return Receipt(Reply.ABSENT)
        if self._feed is None or self.closed_until() is not None:
            return Receipt(Reply.UNCERTAIN)
        return self._feed.find(Draft(delivery.text, delivery.lang, key_of(written, delivery), written.created_at))

    def _end(
        self, written: Written, delivery: Delivery, outcome: Outcome, *, held_for: HeldFor | None = None, remote_id: str | None = None, error: str = ""
    ) -> None:
        self._ledger.mark(delivery.id, outcome, self._clock.now(), held_for=held_for, remote_id=remote_id, error=error)
        if delivery.outcome is not outcome:
            metrics.DELIVERIES.labels(self._channel, outcome).inc()
        severity = log.info if outcome is Outcome.DELIVERED or held_for is HeldFor.DRY_RUN else log.warning
        severity(f"social.{outcome}", post=written.post, lang=delivery.lang, position=written.position, held_for=held_for, remote_id=remote_id, error=error)

    def _close(self, until: datetime, reply: Reply) -> datetime:
        now = self._clock.now()
        until = min(max(until, now + _CLOSED_MIN), now + _CLOSED_MAX)
        self._closed_until = max(until, self._closed_until or until)
        log.warning("social.account_closed", account=self._account, until=self._closed_until.isoformat(), reply=reply)
        return self._closed_until


def _found(feed: SocialFeed, draft: Draft) -> Receipt | None:
    """What became of an earlier try whose end nobody saw; None where `draft` is to be handed over again."""
    found = feed.find(draft)
    return None if found.reply in (Reply.ABSENT, Reply.REPEATABLE) else found


def _posted(feed: SocialFeed, draft: Draft) -> Receipt:
    """What `feed` makes of `draft`, which stands alone where the post that it answers is gone."""
    receipt = feed.post(draft)
    return feed.post(msgspec.structs.replace(draft, answers=None)) if receipt.reply is Reply.REPLY_GONE else receipt
