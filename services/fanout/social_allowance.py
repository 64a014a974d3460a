"""What an account may still post, as its sender goes by it: taken before a post is begun, all its languages together, given back where it is surely not out."""

import math
from collections.abc import Iterable
from datetime import datetime

from services.kernel.counted import UNSIZED
from services.kernel.delivery import Delivery, Outcome, Written
from services.kernel.planning.tiers import Terms
from services.kernel.ports.budgets import Budgets
from services.kernel.ports.clock import Clock
from services.kernel.ports.social import Left, Receipt, Reply
from services.kit import metrics
from services.kit.logs import log
from services.wire import Channel

_NOT_OUT = {Reply.LIMITED, Reply.UNREACHED, Reply.REFUSED, Reply.LOCKED_OUT, Reply.INVALID}


def key_of(written: Written, delivery: Delivery) -> str:
    """Names one language of a post to its account for ever."""
    return f"{written.post}|{delivery.lang}"


class Allowance:
    """One account's."""

    def __init__(self, budgets: Budgets, terms: Terms, channel: Channel, account: str, clock: Clock) -> None:
        self._budgets, self._terms, self._channel, self._account, self._clock = budgets, terms, channel, account, clock

    def take(self, written: Written, due: Iterable[Delivery], *, emergency: bool) -> datetime | None:
        """Take what sending `due` of `written` costs: all of it or nothing, so that no language is left behind. None: taken. Else when to ask again."""
        costs = {key_of(written, delivery): self._terms.cost_of(delivery.text) for delivery in due}
        again = self._budgets.take(costs, self._clock.now(), emergency=emergency)
        if again is not None:
            metrics.BUDGET_REFUSED.labels(self._channel).inc()
            log.info("social.no_budget", post=written.post, account=self._account, until=again.isoformat(), emergency=emergency)
            self._show()
        return again

    def give_back(self, written: Written, untried: Iterable[Delivery]) -> None:
        """These were not sent. One that may be out from an earlier try stays paid."""
        for delivery in untried:
            if delivery.outcome is not Outcome.SENDING:
                self._budgets.give_back(key_of(written, delivery), self._clock.now())

    def settle(self, written: Written, delivery: Delivery, receipt: Receipt) -> None:
        """The service answered so."""
        if receipt.reply in _NOT_OUT:
            self.give_back(written, [delivery])
        elif receipt.reply is Reply.POSTED or (receipt.reply is Reply.DUPLICATE and delivery.outcome is Outcome.SENDING):
            metrics.SPENT.labels(self._channel, self._account).inc(self._terms.cost_of(delivery.text).dollars)
        now = self._clock.now()
        self._budgets.heard(key_of(written, delivery), _said(receipt, now), now)
        self._show()

    def _show(self) -> None:
        for one in self._budgets.left(self._clock.now()):
            if one.limit.most >= UNSIZED:
                continue  # of any length: no label of a closed set
            window, unit = f"{one.limit.window.total_seconds():.0f}", "dollars" if one.limit.money else "posts"
            metrics.BUDGET_LEFT.labels(self._channel, self._account, window, unit).set(one.left)


def _said(receipt: Receipt, now: datetime) -> tuple[Left, ...]:
    """What `receipt` says of the budgets. A bare Retry-After is one, too: of as long as that, with nothing left of it."""
    until = receipt.closed_until
    if until is None or until <= now or any(one.remaining <= 0 and one.resets_at >= until for one in receipt.budgets):
        return receipt.budgets
    return (*receipt.budgets, Left(math.ceil((until - now).total_seconds()), UNSIZED, 0, until))
