"""X, by tweepy: OAuth 1.0a for one account. Meets `kernel.ports.SocialFeed`.

What the answers mean (docs.x.com, "Response codes and errors", "Rate limits"): 403 'duplicate content' says that the text is there
already; 429 carries no Retry-After but `x-rate-limit-reset`, or, for the caps of a day, `x-app-limit-24hour-reset` and
`x-user-limit-24hour-reset` (seconds since 1970). tweepy's own waiting for limits is never used: it blocks the worker, and recurses
without end where the header is missing.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import tweepy

from services.adapters.requests_outcome import never_sent
from services.kernel.ports.social import Draft, Receipt, Reply

_BUDGETS = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")
_GONE = "deleted or not visible"
_DETAIL_MAX = 300


class _Session(requests.Session):
    """Sends tweepy's requests to the origin that the settings name (tweepy knows one host only), before they are signed, with a time-out."""

    def __init__(self, origin: str, timeout_s: float) -> None:
        super().__init__()
        self._origin, self._timeout_s = origin.rstrip("/"), timeout_s
        self.headers["Connection"] = "close"  # posts are minutes apart: a kept connection is a dead one, and its reset leaves us in doubt

    def request(self, method: str, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """One request, to our origin. Raises `requests.RequestException`."""
        kwargs.setdefault("timeout", (self._timeout_s / 2, self._timeout_s / 2))
        kwargs.setdefault("allow_redirects", False)  # a redirected POST would come back as a GET
        return super().request(method, self._origin + urlsplit(str(url)).path, *args, **kwargs)


class XFeed:
    """One account on X. X finds out a text's language by itself."""

    def __init__(self, origin: str, credentials: tuple[str, str, str, str], timeout_s: float) -> None:
        """`credentials`: consumer key and secret, access token and secret. `timeout_s`: for connecting and for the answer, together."""
        key, secret, token, token_secret = credentials
        self._client = tweepy.Client(
            consumer_key=key, consumer_secret=secret, access_token=token, access_token_secret=token_secret, return_type=requests.Response
        )
        self._client.session = _Session(origin, timeout_s)

    def find(self, draft: Draft) -> Receipt:
        """A look would be billed, and posting again tells as much: word for word, a post that is out is refused as duplicate content."""
        return Receipt(Reply.REPEATABLE)

    def post(self, draft: Draft) -> Receipt:
        """Post `draft`."""
        try:
            response = self._client.create_tweet(text=draft.text, in_reply_to_tweet_id=draft.answers)
            return Receipt(Reply.POSTED, str(response.json()["data"]["id"]), _closed_until(response))
        except tweepy.TooManyRequests as error:
            return Receipt(Reply.LIMITED, closed_until=_closed_until(error.response), detail=_detail(error))
        except tweepy.HTTPException as error:
            return Receipt(_meaning(error), closed_until=_closed_until(error.response), detail=_detail(error))
        except requests.RequestException as error:
            return Receipt(Reply.UNREACHED if never_sent(error) else Reply.UNCERTAIN, detail=_shown(error))
        except (AttributeError, LookupError, TypeError, ValueError) as error:  # what tweepy and we trip over in an answer that isn't X's
            return Receipt(Reply.UNCERTAIN, detail=f"not an answer of X: {_shown(error)}")


def _meaning(error: tweepy.HTTPException) -> Reply:
    said = " ".join(map(str, error.api_messages)).lower()
    status = error.response.status_code
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


def _closed_until(response: requests.Response) -> datetime | None:
    """When the last of the budgets that are used up is filled again."""
    resets = [
        int(response.headers[f"{budget}-reset"])
        for budget in _BUDGETS
        if response.headers.get(f"{budget}-remaining") == "0" and response.headers.get(f"{budget}-reset", "").isdigit()
    ]
    return datetime.fromtimestamp(max(resets), UTC) if resets else None


def _detail(error: tweepy.HTTPException) -> str:
    return f"{error.response.status_code} {' '.join(map(str, error.api_messages)) or error.response.reason}"[:_DETAIL_MAX]


def _shown(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_DETAIL_MAX]
