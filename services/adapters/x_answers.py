"""What X's answers mean (docs.x.com, "Response codes and errors", "Rate limits").

403 'duplicate content' says that the text is there already; 429 carries no Retry-After but `x-rate-limit-reset`, or, for the caps of a day,
`x-app-limit-24hour-reset` and `x-user-limit-24hour-reset` (seconds since 1970).
"""

import html
import re
import unicodedata
from datetime import UTC, datetime

import requests
import tweepy

from services.adapters.requests_outcome import never_sent
from services.kernel.ports.social import Left, Receipt, Reply

TRIPS = (AttributeError, LookupError, TypeError, ValueError)
"""What tweepy and we trip over in an answer that isn't X's."""
FAULTS = (tweepy.HTTPException, requests.RequestException, *TRIPS)
_BUDGETS = {"x-rate-limit": 900, "x-app-limit-24hour": 86_400, "x-user-limit-24hour": 86_400}
"""What headers begin with, and how long the window is that they tell of, in seconds."""
_RESET_MAX_S = 1 << 33
_GONE = "deleted or not visible"
_DETAIL_MAX = 300
_MENTIONS, _PICTURES = re.compile(r"^(@\w{1,15}\s+)+"), re.compile(r"(\s*https://t\.co/\w+)+$")


def understood(error: Exception) -> Receipt:
    """What is known of a post that wasn't answered as it should be: one of `FAULTS`."""
    if isinstance(error, tweepy.HTTPException):
        return Receipt(_meaning(error), closed_until=closed_until(error.response), detail=_told(error), budgets=budgets(error.response))
    if isinstance(error, requests.RequestException):
        return Receipt(Reply.UNREACHED if never_sent(error) else Reply.UNCERTAIN, detail=_shown(error))
    return Receipt(Reply.UNCERTAIN, detail=f"not an answer of X: {_shown(error)}")


def closed_until(response: requests.Response) -> datetime | None:
    """When the last of the budgets that are used up is filled again."""
    resets = (_reset(response, budget) for budget in _BUDGETS if response.headers.get(f"{budget}-remaining") == "0")
    return max((at for at in resets if at is not None), default=None)


def budgets(response: requests.Response) -> tuple[Left, ...]:
    """What the headers tell of the budgets that the request drew on."""
    found = []
    for budget, window_s in _BUDGETS.items():
        limit, remaining, resets_at = response.headers.get(f"{budget}-limit", ""), response.headers.get(f"{budget}-remaining", ""), _reset(response, budget)
        if limit.isdecimal() and remaining.isdecimal() and resets_at is not None:
            found.append(Left(window_s, int(limit), int(remaining), resets_at))
    return tuple(found)


def _reset(response: requests.Response, budget: str) -> datetime | None:
    told = response.headers.get(f"{budget}-reset", "")
    return datetime.fromtimestamp(int(told), UTC) if told.isdecimal() and int(told) < _RESET_MAX_S else None


def is_text(shown: str, text: str) -> bool:
    """Whether a post that is read back as `shown` says `text`: X escapes it, and writes whom it answers before it, an address of its pictures after."""
    bare = _PICTURES.sub("", _MENTIONS.sub("", html.unescape(shown)))
    return unicodedata.normalize("NFC", bare).strip() == unicodedata.normalize("NFC", text).strip()


def _meaning(error: tweepy.HTTPException) -> Reply:
    said = " ".join(map(str, error.api_messages)).lower()
    status = error.response.status_code
    if isinstance(error, tweepy.TooManyRequests):
        return Reply.LIMITED
    if status == 403 and "duplicate content" in said:
        return Reply.DUPLICATE
    if status in (400, 403) and _GONE in said:
        return Reply.REPLY_GONE
    if status == 401:
        return Reply.LOCKED_OUT
    if status == 403:
        return Reply.REFUSED
    if status >= 500:
        return Reply.FAILED
    return Reply.INVALID if status in (400, 413, 422) else Reply.REFUSED


def _told(error: tweepy.HTTPException) -> str:
    return f"{error.response.status_code} {' '.join(map(str, error.api_messages)) or error.response.reason}"[:_DETAIL_MAX]


def _shown(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_DETAIL_MAX]
