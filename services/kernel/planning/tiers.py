"""What services allow and ask for. X tier by tier (docs.x.com: rate limits and pricing, as of August 2026): pay-per-use is what new developers get, the others
are kept by who has them. Mastodon (docs.joinmastodon.org, "Rate limits") and Bluesky (docs.bsky.app, "Rate limits", two points a post) as their servers come.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from services.kernel.accounts import Service
from services.kernel.lengths import has_link
from services.kernel.planning.spending import Cost, Limit

_QUARTER, _DAY, _MONTH = timedelta(minutes=15), timedelta(hours=24), timedelta(days=30)


class Tier(StrEnum):
    """By name."""

    PAY_PER_USE = "pay-per-use"
    FREE = "free"
    BASIC = "basic"
    PRO = "pro"


class Terms(Struct, frozen=True):
    """What one account is allowed, and asked for."""

    limits: tuple[Limit, ...] = ()
    post: float = 0.0
    """Dollars a post without a link."""
    post_with_link: float = 0.0

    def cost(self, posts: int) -> Cost:
        """Of that many posts, none with a link."""
        return Cost(posts, posts * self.post)

    def cost_of(self, text: str) -> Cost:
        """Of one post with this text."""
        return Cost(1, self.post_with_link if has_link(text) else self.post)


X: dict[Tier, Terms] = {
    Tier.PAY_PER_USE: Terms((Limit(_QUARTER, 100), Limit(_DAY, 10_000)), 0.015, 0.200),
    Tier.FREE: Terms((Limit(_DAY, 17), Limit(_MONTH, 500))),
    Tier.BASIC: Terms((Limit(_QUARTER, 100), Limit(_DAY, 100))),
    Tier.PRO: Terms((Limit(_QUARTER, 100), Limit(_DAY, 10_000))),
}
STANDARD: dict[Service, Terms] = {
    Service.X: X[Tier.PAY_PER_USE],
    Service.MASTODON: Terms((Limit(timedelta(minutes=5), 300), Limit(timedelta(hours=3), 300))),
    Service.BLUESKY: Terms((Limit(timedelta(hours=1), 2_500), Limit(_DAY, 17_500))),
}
"""What an account has whose own terms aren't told. Services that aren't here tell of their limits in their answers, or have none that are known."""


_Posts = Annotated[int, Meta(ge=1)] | None
_Dollars = Annotated[float, Meta(ge=0)] | None


class OwnTerms(Struct, frozen=True, forbid_unknown_fields=True):
    """What an account may post and spend, where that isn't what its service, or its tier, is known for."""

    per_15_min: _Posts = None
    per_day: _Posts = None
    per_month: _Posts = None
    money_per_month: Annotated[float, Meta(gt=0)] | None = None
    """Dollars, in any thirty days."""
    price: _Dollars = None
    """Of a post, in dollars."""
    price_with_link: _Dollars = None

    def instead_of(self, terms: Terms) -> Terms:
        """`terms`, with these in place of what they say. Raises ValueError for money to spend where nothing costs any."""
        told = {_QUARTER: self.per_15_min, _DAY: self.per_day, _MONTH: self.per_month}
        limits = {limit.window: limit for limit in terms.limits} | {window: Limit(window, most) for window, most in told.items() if most is not None}
        post = terms.post if self.price is None else self.price
        linked = self.price_with_link if self.price_with_link is not None else max(post, terms.post_with_link)
        own = Terms(tuple(limits[window] for window in sorted(limits)), post, linked)
        if self.money_per_month is None:
            return own
        if not post and not linked:
            raise ValueError("`money_per_month` limits nothing while a post costs nothing: tell its `price` too")
        return with_budget(own, self.money_per_month)


def with_budget(terms: Terms, dollars: float) -> Terms:
    """`terms`, with no more than that many dollars spent in any thirty days."""
    return Terms((*terms.limits, Limit(_MONTH, dollars, money=True)), terms.post, terms.post_with_link)
