"""What X lets an account do, tier by tier, as the simulator keeps it (docs.x.com, transcribed August 2026): shares no code with the planner."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

QUARTER_S, DAY_S, MONTH_S = 900, 86_400, 30 * 86_400


@dataclass
class Budget:
    """So many requests a window, which begins with the first and ends at a whole second."""

    limit: int
    window_s: int
    ends_at: float = 0
    left: int = 0

    def take(self, now: float) -> None:
        self.roll(now)
        self.left -= 1

    def roll(self, now: float) -> None:
        if now >= self.ends_at:
            self.ends_at, self.left = int(now) + self.window_s, self.limit

    def room(self, now: float) -> int:
        """How many more requests it has room for at `now`."""
        return self.limit if now >= self.ends_at else self.left

    def headers(self, name: str) -> dict[str, str]:
        return {f"{name}-limit": str(self.limit), f"{name}-remaining": str(self.left), f"{name}-reset": str(int(self.ends_at))}


@dataclass
class Account:
    """The budgets of one account and its app. Those of a month have no headers; the credits are of dollars, and are not filled again."""

    user: Budget
    app: Budget
    user_day: Budget | None = None
    month: Budget | None = None
    post: float = 0.0
    """Dollars a post without a link."""
    post_with_link: float = 0.0
    credits: float = math.inf
    spent: float = field(default=0.0, init=False)

    def budgets(self) -> Sequence[Budget]:
        """All that count requests."""
        return [budget for budget in (self.user, self.app, self.user_day, self.month) if budget is not None]

    def price(self, links: int) -> float:
        """Of one post."""
        return self.post_with_link if links else self.post

    def affords(self, dollars: float) -> bool:
        """Whether that much is left."""
        return self.spent + dollars <= self.credits + 1e-9

    def has_room(self, posts: int, now: float) -> bool:
        """Whether that many posts without links would be taken at `now`."""
        return all(budget.room(now) >= posts for budget in self.budgets()) and self.affords(posts * self.post)

    def room_again_at(self, posts: int, now: float) -> float:
        """When as many would be taken, if nothing is posted until then: `now`, the end of a window, or never (infinity)."""
        if not self.affords(posts * self.post) or any(budget.limit < posts for budget in self.budgets()):
            return math.inf
        return max((budget.ends_at for budget in self.budgets() if budget.room(now) < posts), default=now)


TIERS: dict[str, Account] = {
    "pay-per-use": Account(Budget(100, QUARTER_S), Budget(10_000, DAY_S), post=0.015, post_with_link=0.200),
    "free": Account(Budget(100, QUARTER_S), Budget(17, DAY_S), Budget(17, DAY_S), Budget(500, MONTH_S)),
    "basic": Account(Budget(100, QUARTER_S), Budget(1_667, DAY_S), Budget(100, DAY_S)),
    "pro": Account(Budget(100, QUARTER_S), Budget(10_000, DAY_S)),
}


def account(tier: str, credits: float = math.inf) -> Account:
    """A new account on `tier`, which may spend `credits` dollars where posts are billed."""
    terms = TIERS[tier]
    budgets = {name: replace(budget) for name in ("user", "app", "user_day", "month") if (budget := getattr(terms, name)) is not None}
    return replace(terms, credits=credits, **budgets)
