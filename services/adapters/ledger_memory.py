"""The ledger in memory: the twin of `ledger_sql`. Forgets all at the end of the process."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from services.kernel.delivery import Delivery, HeldFor, Outcome, Written
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Post
from services.kernel.views import Position


class MemoryLedger:
    """Meets `kernel.ports.Ledger`. Never down."""

    def __init__(self) -> None:
        self._posts: dict[tuple[str, str, str], Written] = {}
        self._count = 0

    def newest(self, channel: str, account: str, areas: Iterable[AreaId]) -> dict[AreaId, Written]:
        """The newest post about each of these areas that has any."""
        wanted = set(areas)
        return {written.area: written for key, written in self._posts.items() if key[:2] == (channel, account) and written.area in wanted}

    def write(self, channel: str, account: str, post: Post, texts: Mapping[str, str], position: Position, now: datetime) -> tuple[Written, int]:
        """Write `post` down, queued in each language, and fold its area's older open deliveries."""
        key = (channel, account, post.id)
        if key in self._posts:
            return self._posts[key], 0
        folded = self._fold(channel, account, post.area, now)
        made = []
        for lang, text in texts.items():
            self._count += 1
            made.append(Delivery(self._count, lang, text, Outcome.QUEUED, now, error=""))
        self._posts[key] = Written(post.id, post.area, post.kind, post.said, post.before, position, now, tuple(made))
        return self._posts[key], folded

    def start(self, delivery: int, now: datetime) -> None:
        """Record that a delivery is `SENDING`, and count the attempt."""
        before = self._delivery(delivery)
        self._change(delivery, outcome=Outcome.SENDING, held_for=None, attempts=before.attempts + 1, at=now)

    def mark(self, delivery: int, outcome: Outcome, now: datetime, *, held_for: HeldFor | None = None, remote_id: str | None = None, error: str = "") -> None:
        """Record where a delivery stands."""
        self._change(delivery, outcome=outcome, held_for=held_for, remote_id=remote_id, error=error, at=now)

    def remote_id(self, channel: str, account: str, post: str, lang: str) -> str | None:
        """The service's own id of a post in one language."""
        written = self._posts.get((channel, account, post))
        return next((delivery.remote_id for delivery in written.deliveries if delivery.lang == lang), None) if written else None

    def _fold(self, channel: str, account: str, area: AreaId, now: datetime) -> int:
        older = [written for key, written in self._posts.items() if key[:2] == (channel, account) and written.area == area]
        superseded = [delivery.id for written in older for delivery in written.deliveries if delivery.is_open and delivery.outcome is not Outcome.SENDING]
        for delivery in superseded:
            self._change(delivery, outcome=Outcome.FOLDED, held_for=None, at=now)
        return len(superseded)

    def _delivery(self, delivery: int) -> Delivery:
        return next(one for written in self._posts.values() for one in written.deliveries if one.id == delivery)

    def _change(self, delivery: int, **changes: object) -> None:
        for key, written in self._posts.items():
            if any(one.id == delivery for one in written.deliveries):
                changed = tuple(msgspec.structs.replace(one, **changes) if one.id == delivery else one for one in written.deliveries)
                self._posts[key] = msgspec.structs.replace(written, deliveries=changed)
