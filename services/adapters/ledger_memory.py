"""The ledger in memory: the twin of `ledger_sql`. Forgets all at the end of the process."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from services.kernel.approval import Act, Case, NotAllowed, Rule, Standing, opened, step, ticked
from services.kernel.delivery import STANDS, Delivery, HeldFor, Outcome, Written
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Post
from services.kernel.ports.social import Asked
from services.kernel.views import Position


class MemoryLedger:
    """Meets `kernel.ports.Ledger` and `kernel.ports.Approvals`. Never down."""

    def __init__(self) -> None:
        self._cases: dict[tuple[str, str, str], Case] = {}
        self._posts: dict[tuple[str, str, str], Written] = {}
        self._count = 0

    def newest(self, channel: str, account: str, areas: Iterable[AreaId]) -> dict[AreaId, Written]:
        """The newest post about each of these areas that has any."""
        wanted = set(areas)
        return {written.area: written for key, written in self._posts.items() if key[:2] == (channel, account) and written.area in wanted}

    def write(
        self, channel: str, account: str, post: Post, texts: Mapping[str, str], position: Position, now: datetime, approval: Rule | None = None
    ) -> tuple[Written, int]:
        """Write `post` down, queued or held in each language, and fold its area's older unsent deliveries."""
        key = (channel, account, post.id)
        if key in self._posts:
            return self._posts[key], 0
        folded = self._fold(channel, account, post.area, now)
        outcome, held_for = Outcome.QUEUED, None
        if approval is not None:
            self._cases[key] = opened(texts, approval, now)
            outcome, held_for = STANDS[self._cases[key].standing(now)]
        made = []
        for lang, text in texts.items():
            self._count += 1
            made.append(Delivery(self._count, lang, text, outcome, now, held_for, error=""))
        self._posts[key] = Written(post.id, post.area, post.kind, post.said, post.before, position, now, tuple(made), approval is not None)
        return self._posts[key], folded

    def start(self, delivery: int, now: datetime, attempts: int | None = None) -> str | None:
        """Record that a delivery is `SENDING`, count the attempt, and give the text to send; None where it may not be sent."""
        key, before = next((key, one) for key, written in self._posts.items() for one in written.deliveries if one.id == delivery)
        if (case := self._cases.get(key)) is not None:
            begun = [one.at for one in self._posts[key].deliveries if one.is_said or one.outcome is Outcome.SENDING]
            if not case.may_send(before.lang, before.text, min(begun, default=now)):
                if before.is_unsent and case.standing(now) is Standing.EXPIRED:
                    self._change(delivery, outcome=Outcome.EXPIRED, held_for=None, at=now)
                return None
        if before.is_waiting or not before.is_open or attempts not in (None, before.attempts):
            return None
        self._change(delivery, outcome=Outcome.SENDING, held_for=None, attempts=before.attempts + 1, at=now)
        return before.text

    def tick(self, now: datetime) -> list[Asked]:
        """Escalate, and expire, what has waited for people for so long."""
        changed = []
        for key in list(self._cases):
            if self._posts[key].is_waiting and (after := ticked(self._cases[key], now)) is not self._cases[key]:
                self._stands(key, after, now)
                changed.append(self._asked(key))
        return changed

    def waiting(self, now: datetime) -> list[Asked]:
        """Those that wait or were rejected, oldest first."""
        self.tick(now)
        return [self._asked(key) for key in self._cases if self._posts[key].is_waiting]

    def find(self, number: int) -> Asked | None:
        """One of them, or one that no longer waits."""
        return self._asked(list(self._cases)[number - 1]) if 0 < number <= len(self._cases) else None

    def take(self, number: int, act: Act, now: datetime) -> Asked:
        """Do `act`: all or nothing. Raises `NotAllowed`."""
        if not 0 < number <= len(self._cases):
            raise NotAllowed(f"There is no message {number} to approve.")
        key = list(self._cases)[number - 1]
        ended = next((one.held_for or one.outcome for one in self._posts[key].deliveries if not one.is_unsent), None)
        if ended is not None:
            raise NotAllowed(f"It can't be changed any more: it is {ended.replace('_', ' ')}.")
        self._stands(key, step(self._cases[key], act, now), now)
        return self._asked(key)

    def _stands(self, key: tuple[str, str, str], case: Case, now: datetime) -> None:
        self._cases[key] = case
        outcome, held_for = STANDS[case.standing(now)]
        for one in self._posts[key].deliveries:
            if one.is_unsent:
                at = one.at if (one.outcome, one.held_for) == (outcome, held_for) else now
                self._change(one.id, outcome=outcome, held_for=held_for, text=case.newest.texts[one.lang], at=at)

    def _asked(self, key: tuple[str, str, str]) -> Asked:
        written, number = self._posts[key], list(self._cases).index(key) + 1
        outcomes = tuple((one.lang, one.outcome, one.held_for) for one in written.deliveries)
        return Asked(number, key[0], key[1], written.area, written.kind, written.post, self._cases[key], outcomes)

    def mark(self, delivery: int, outcome: Outcome, now: datetime, *, held_for: HeldFor | None = None, remote_id: str | None = None, error: str = "") -> None:
        """Record where a delivery stands."""
        self._change(delivery, outcome=outcome, held_for=held_for, remote_id=remote_id, error=error, at=now)

    def remote_id(self, channel: str, account: str, post: str, lang: str) -> str | None:
        """The service's own id of a post in one language."""
        written = self._posts.get((channel, account, post))
        return next((delivery.remote_id for delivery in written.deliveries if delivery.lang == lang), None) if written else None

    def _fold(self, channel: str, account: str, area: AreaId, now: datetime) -> int:
        older = [written for key, written in self._posts.items() if key[:2] == (channel, account) and written.area == area]
        superseded = [delivery.id for written in older for delivery in written.deliveries if delivery.is_unsent]
        for delivery in superseded:
            self._change(delivery, outcome=Outcome.FOLDED, held_for=None, at=now)
        return len(superseded)

    def _change(self, delivery: int, **changes: object) -> None:
        for key, written in self._posts.items():
            if any(one.id == delivery for one in written.deliveries):
                changed = tuple(msgspec.structs.replace(one, **changes) if one.id == delivery else one for one in written.deliveries)
                self._posts[key] = msgspec.structs.replace(written, deliveries=changed)
