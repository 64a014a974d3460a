"""What a Mastodon server's answers mean, and what they say of the budgets (docs.joinmastodon.org, "Rate limits", "statuses"; and the server's own source).

Three budgets end a post: 300 requests in five minutes for a token, 300 posts in three hours for an account, 30 pictures in half an hour. Each answer tells of
the one of which least is left, without saying which that is; but each window ends at a multiple of its length since 1970, so the reset tells.
`X-RateLimit-Reset` is an ISO date; GoToSocial, which speaks the same API, gives seconds since 1970.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

import requests

from services.kernel.ports.social import Left, Receipt, Reply

_WINDOWS_S = (10_800, 1_800, 300)
_DETAIL_MAX = 300
_BLANK = re.compile(r"\s+")


def understood(answer: requests.Response, *, is_reply: bool) -> Receipt:
    """What the answer to a post that was not taken leaves us knowing."""
    closed_until = reset(answer) if answer.status_code == 429 or answer.headers.get("X-RateLimit-Remaining") == "0" else None
    return Receipt(_meaning(answer.status_code, is_reply), None, closed_until or _retry_after(answer), told(answer), budgets(answer))


def _meaning(status: int, is_reply: bool) -> Reply:
    if status == 429:
        return Reply.LIMITED
    if 300 <= status < 400:
        return Reply.UNREACHED  # another origin was meant: nothing of this one was posted to
    if status == 401:
        return Reply.LOCKED_OUT
    if status == 404 and is_reply:
        return Reply.REPLY_GONE
    if status >= 500:
        return Reply.FAILED
    return Reply.INVALID if status in (400, 413, 422) else Reply.REFUSED


def budgets(answer: requests.Response) -> tuple[Left, ...]:
    """The budget that the headers tell of."""
    ends, limit, remaining = reset(answer), answer.headers.get("X-RateLimit-Limit", ""), answer.headers.get("X-RateLimit-Remaining", "")
    if ends is None or not (limit.isdecimal() and remaining.isdecimal()):
        return ()
    window_s = next((length for length in _WINDOWS_S if int(ends.timestamp()) % length == 0), _WINDOWS_S[-1])
    return (Left(window_s, int(limit), int(remaining), ends),)


def reset(answer: requests.Response) -> datetime | None:
    """When the budget that the headers tell of is filled again."""
    said = answer.headers.get("X-RateLimit-Reset", "")
    try:
        return datetime.fromtimestamp(int(said), UTC) if said.isdecimal() else aware(said)
    except (ValueError, OverflowError, OSError):
        return None


def aware(said: str) -> datetime:
    """An ISO date with its time zone; UTC where it names none. Raises ValueError."""
    at = datetime.fromisoformat(said)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def told(answer: requests.Response) -> str:
    """The answer in few words, for the record."""
    if 300 <= answer.status_code < 400:
        return f"{answer.status_code}: the server says to ask {answer.headers.get('Location', 'elsewhere')}; set its own address"[:_DETAIL_MAX]
    try:
        said = answer.json()["error"]
    except (ValueError, LookupError, TypeError):
        said = answer.reason
    return f"{answer.status_code} {said}"[:_DETAIL_MAX]


def bare(text: str) -> str:
    """What is left of a text to know it by: its letters, without any space (HTML keeps the count of none)."""
    return _BLANK.sub("", unicodedata.normalize("NFC", text))


def text_of(content: str) -> str:
    """The text of a status, of its HTML; links as they were written, since what Mastodon hides of them is in it all the same."""
    reader = _Text()
    reader.feed(content)
    reader.close()
    return "".join(reader.said)


class _Text(HTMLParser):
    """Gathers what is between the tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        """One piece of it."""
        self.said.append(data)


def _retry_after(answer: requests.Response) -> datetime | None:
    wait_s, date = answer.headers.get("Retry-After", ""), answer.headers.get("Date", "")
    try:
        return parsedate_to_datetime(date) + timedelta(seconds=int(wait_s)) if wait_s.isdecimal() and date else None
    except (ValueError, OverflowError):
        return None
