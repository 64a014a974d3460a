"""What X allows and asks for, tier by tier (docs.x.com: rate limits and pricing, as of August 2026).

Pay-per-use is what new developers get; the others are kept by who has them.
"""

from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from services.kernel.planning.spending import Cost, Limit

_QUARTER, _DAY, _MONTH = timedelta(minutes=15), timedelta(hours=24), timedelta(days=30)


class Tier(StrEnum):
    """By name."""

    PAY_PER_USE = "pay-per-use"
    FREE = "free"
    BASIC = "basic"
    PRO = "pro"


class Terms(Struct, frozen=True):
    """What one tier allows and asks for."""

    limits: tuple[Limit, ...]
    post: float = 0.0
    """Dollars a post without a link."""
    post_with_link: float = 0.0

    def cost(self, posts: int) -> Cost:
        """Of that many posts, none with a link."""
        return Cost(posts, posts * self.post)


X: dict[Tier, Terms] = {
    Tier.PAY_PER_USE: Terms((Limit(_QUARTER, 100), Limit(_DAY, 10_000)), 0.015, 0.200),
    Tier.FREE: Terms((Limit(_DAY, 17), Limit(_MONTH, 500))),
    Tier.BASIC: Terms((Limit(_QUARTER, 100), Limit(_DAY, 100))),
    Tier.PRO: Terms((Limit(_QUARTER, 100), Limit(_DAY, 10_000))),
}


def with_budget(terms: Terms, dollars: float) -> Terms:
    """`terms`, with no more than that many dollars spent in any thirty days."""
    return Terms((*terms.limits, Limit(_MONTH, dollars, money=True)), terms.post, terms.post_with_link)
