"""What a Bluesky server's answers mean, and what they say of the budgets.

Errors are names in a JSON body (atproto.com/specs/xrpc); budgets are `RateLimit-*` headers, with the length of the window in `RateLimit-Policy`
(`5000;w=3600`) and seconds since 1970 in `RateLimit-Reset`. They tell of one budget of those that the call drew on: the one with least left, so that they speak
of calls of all kinds (3,000 in five minutes) until about 2,000 of an hour's 2,500 posts are spent. A 429 carries no Retry-After.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from atproto_client.exceptions import ModelError, RequestErrorBase
from atproto_core.exceptions import AtProtocolError

from services.kernel.ports.social import Left, Receipt, Reply

ERRORS = (AtProtocolError, httpx.HTTPError, httpx.InvalidURL, AttributeError, LookupError, TypeError, ValueError)
"""What atproto, and we, raise for what a server does; the last ones for an answer that isn't Bluesky's."""
WRITES = {3600, 86_400}
"""The windows of the budgets that posts draw on, in seconds."""
POINTS_A_POST = 2
"""What `putRecord` draws, whether it makes the record or finds it (measured on PDS 0.4.217)."""
_CLOSED = {"AccountTakedown", "AccountDeactivated", "AccountSuspended", "AccountNotFound", "RepoTakendown", "RepoDeactivated", "RepoSuspended"}
_STALE = {"ExpiredToken", "InvalidToken", "BadJwtAudience"}
_UNCONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol, httpx.InvalidURL)
_POLICY = re.compile(r"\d+;\s*w=(\d+)")
_DETAIL_MAX = 300


def understood(error: Exception) -> Receipt:
    """What `error`, of posting, leaves us knowing."""
    said_why = "not an answer of Bluesky's" if isinstance(error, ModelError) else str(error) or repr(error.__cause__)  # a ModelError shows all, tokens too
    detail = f"{type(error).__name__}: {said_why}"[:_DETAIL_MAX]
    response = error.response if isinstance(error, RequestErrorBase) else None
    if response is None:
        never = isinstance(error, _UNCONNECTED) or isinstance(error.__cause__, _UNCONNECTED)
        return Receipt(Reply.UNREACHED if never else Reply.UNCERTAIN, detail=detail)
    reply = _meaning(response.status_code, error_name(error))
    said = left(response.headers)
    closed_until = said.resets_at if said is not None and reply is Reply.LIMITED else closed(said)
    return Receipt(reply, closed_until=closed_until, detail=detail, budgets=in_posts(said))


def error_name(error: Exception) -> str:
    """The protocol's name of the error; '' where it has none."""
    response = error.response if isinstance(error, RequestErrorBase) else None
    return str(getattr(response.content, "error", None) or "") if response is not None else ""


def is_stale(error: Exception) -> bool:
    """Whether it was the token that was not honoured, which another may be."""
    if not isinstance(error, RequestErrorBase) or error.response is None:
        return False
    name = error_name(error)
    return name in _STALE or (error.response.status_code == 401 and name not in _CLOSED)


def left(headers: Mapping[str, str]) -> Left | None:
    """What the headers say of the tightest budget, in the service's own points or requests."""
    window = _POLICY.match(headers.get("ratelimit-policy", ""))
    numbers = [headers.get(f"ratelimit-{name}", "") for name in ("limit", "remaining", "reset")]
    if window is None or not all(number.isdecimal() for number in numbers):
        return None
    limit, remaining, reset = map(int, numbers)
    return Left(int(window[1]), limit, remaining, datetime.fromtimestamp(reset, UTC))


def closed(said: Left | None) -> datetime | None:
    """Until when what is left is too little for one more post."""
    return said.resets_at if said is not None and said.window_s in WRITES and said.remaining < POINTS_A_POST else None


def in_posts(said: Left | None) -> tuple[Left, ...]:
    """The budget of posts, in posts; none where the headers spoke of another one."""
    if said is None or said.window_s not in WRITES:
        return ()
    return (Left(said.window_s, said.limit // POINTS_A_POST, said.remaining // POINTS_A_POST, said.resets_at),)


def _meaning(status: int, name: str) -> Reply:
    if status == 429:
        return Reply.LIMITED
    if status == 401 or name in _CLOSED or name in _STALE:
        return Reply.LOCKED_OUT
    if status >= 500 and status != 501:
        return Reply.FAILED
    return Reply.INVALID if name and status in (400, 413) else Reply.REFUSED


def body(response: Any) -> Mapping[str, Any]:
    """The answer's body. Raises `TypeError` for what isn't Bluesky's."""
    if not isinstance(response.content, dict):
        raise TypeError(f"no JSON object: {response.content!r}"[:_DETAIL_MAX])
    return response.content
