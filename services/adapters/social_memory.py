"""A social service in memory, with X's rules: the twin of `social_x`."""

from datetime import datetime, timedelta
from itertools import count

from msgspec import Struct

from services.kernel import forms
from services.kernel.ports.clock import Clock
from services.kernel.ports.social import Draft, Left, Receipt, Reply

WINDOW = timedelta(minutes=15)
POSTS_A_WINDOW = 100


class Posted(Struct, frozen=True):
    """One post that is out."""

    remote_id: str
    text: str
    lang: str
    in_reply_to: str | None


class MemoryFeed:
    """One account. Refuses duplicates and what is too long, and limits to so many posts a window, as X does."""

    def __init__(self, clock: Clock, posts_a_window: int = POSTS_A_WINDOW) -> None:
        self._clock, self._limit = clock, posts_a_window
        self._ids = count(1)
        self._window_ends: datetime | None = None
        self._left = posts_a_window
        self.posted: list[Posted] = []

    def find(self, draft: Draft) -> Receipt:
        """Look for `draft`."""
        found = next((post.remote_id for post in self.posted if post.text == draft.text), None)
        return Receipt(Reply.POSTED, found) if found else Receipt(Reply.ABSENT)

    def post(self, draft: Draft) -> Receipt:
        """Post `draft`."""
        text, lang, in_reply_to = draft.text, draft.lang, draft.answers
        now = self._clock.now()
        if self._window_ends is None or now >= self._window_ends:
            self._window_ends, self._left = now + WINDOW, self._limit
        if self._left == 0:
            return Receipt(Reply.LIMITED, None, self._window_ends, "429 Too Many Requests", self._budgets(self._window_ends))
        self._left -= 1
        budgets = self._budgets(self._window_ends)
        closed_until = self._window_ends if self._left == 0 else None
        reply = self._judge(text, in_reply_to)
        if reply is not Reply.POSTED:
            return Receipt(reply, closed_until=closed_until, detail=reply.value, budgets=budgets)
        self.posted.append(Posted(str(next(self._ids)), text, lang, in_reply_to))
        return Receipt(Reply.POSTED, self.posted[-1].remote_id, closed_until, budgets=budgets)

    def delete(self, remote_id: str) -> None:
        """Take a post away, as the account's owner may at any time."""
        self.posted = [post for post in self.posted if post.remote_id != remote_id]

    def _budgets(self, ends: datetime) -> tuple[Left, ...]:
        return (Left(int(WINDOW.total_seconds()), self._limit, self._left, ends),)

    def _judge(self, text: str, in_reply_to: str | None) -> Reply:
        if not text or not forms.X.fits(text):
            return Reply.INVALID
        if any(post.text == text for post in self.posted):
            return Reply.DUPLICATE
        if in_reply_to is not None and all(post.remote_id != in_reply_to for post in self.posted):
            return Reply.REPLY_GONE
        return Reply.POSTED
