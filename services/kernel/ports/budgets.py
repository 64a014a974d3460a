"""What one account may still post, counted in one place for all workers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.kernel.planning.spending import Cost, Left
from services.kernel.ports import social


class Budgets(Protocol):
    """One account's limits, money among them. Down: raises `Unavailable`, and nothing may be posted.

    A post is named by its delivery's key (`social.Draft.key`): taken again under the same key, after a crash or for another try, it costs nothing more.
    """

    def left(self, now: datetime) -> tuple[Left, ...]:
        """What is left of each limit, and of what the service itself limits; never more than the service said."""
        ...

    def take(self, posts: Mapping[str, Cost], now: datetime, *, emergency: bool = False) -> datetime | None:
        """Take what `posts` cost, each by its key: all of them or, in one atomic step, none.

        None: taken. Else when to ask again. All but emergencies leave the reserve alone, which is never less than what such a message takes.
        """
        ...

    def give_back(self, key: str, now: datetime) -> None:
        """The post is surely not out: as if it had never been taken. Nothing is done for one that isn't taken."""
        ...

    def heard(self, key: str, lefts: Sequence[social.Left], now: datetime) -> None:
        """The service answered the post of this key, and said that of its budgets. What it says holds until its window ends, and its limits for good."""
        ...
