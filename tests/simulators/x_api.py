"""The X API over real HTTP, with the rules that X documents for `POST /2/tweets` and `DELETE /2/tweets/:id` (docs.x.com, transcribed August 2026).

Signatures are verified (OAuth 1.0a, HMAC-SHA1, nonces and times too), texts weighed, duplicates refused, and both budgets kept: 100 posts a
quarter of an hour and user, 10,000 a day and app. It shares no code with the adapter that it tests.
"""

import json
import re
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint
from oauthlib.oauth1.rfc5849.errors import OAuth1Error
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.loopback import Broken, Silent, serving

CREDENTIALS = ("consumerkey0123456789abc", "consumer-secret", "12345-accesstoken0123456789", "access-secret")
WINDOW_S, DAY_S = 900, 86_400
_URL = re.compile(r"https?://\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|ca|io|gov|info|example)\b", re.IGNORECASE)
_LIGHT = re.compile("[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")


class Fault(Enum):
    """What goes wrong with the next post."""

    SILENT_AFTER_ACCEPT = auto()
    """It is posted, and the answer never comes."""
    RESET_AFTER_ACCEPT = auto()
    """It is posted, and the connection breaks before the answer."""
    RESET = auto()
    """The connection breaks, and nothing is posted."""
    DOWN = auto()
    """503, and nothing is posted."""
    FAILED_AFTER_ACCEPT = auto()
    """503, though it is posted."""
    NO_PERMISSION = auto()
    """403: the app may only read."""
    GIBBERISH = auto()
    """503 with a page of a proxy's, as JSON that isn't X's."""


@dataclass
class Tweet:
    """One post that is out."""

    id: str
    text: str
    in_reply_to: str | None


class _Keys(RequestValidator):
    """Knows one app and one user."""

    enforce_ssl = False

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[tuple[str, str]] = set()

    @property
    def client_key_length(self) -> tuple[int, int]:
        return 10, 60

    @property
    def access_token_length(self) -> tuple[int, int]:
        return 10, 60

    @property
    def nonce_length(self) -> tuple[int, int]:
        return 8, 60

    dummy_client = dummy_access_token = "nobody-at-all"

    def validate_timestamp_and_nonce(
        self, client_key: str, timestamp: str, nonce: str, request: Any, request_token: str | None = None, access_token: str | None = None
    ) -> bool:
        fresh = abs(int(timestamp) - time.time()) < 300 and (timestamp, nonce) not in self._seen
        self._seen.add((timestamp, nonce))
        return fresh

    def validate_client_key(self, client_key: str, request: Any) -> bool:
        return client_key == CREDENTIALS[0]

    def validate_access_token(self, client_key: str, token: str, request: Any) -> bool:
        return token == CREDENTIALS[2]

    def get_client_secret(self, client_key: str, request: Any) -> str:
        return CREDENTIALS[1]

    def get_access_token_secret(self, client_key: str, token: str, request: Any) -> str:
        return CREDENTIALS[3]


class _Signed(SignatureOnlyEndpoint):
    """Also verifies the user's token, which oauthlib leaves to the resource endpoint."""

    def validate_request(self, uri: str, http_method: str = "GET", body: Any = None, headers: Any = None) -> tuple[bool, Any]:
        try:
            request = self._create_request(uri, http_method, body, headers)
            self._check_transport_security(request)
            self._check_mandatory_parameters(request)
        except OAuth1Error:
            return False, None
        known = self.request_validator.validate_timestamp_and_nonce(request.client_key, request.timestamp, request.nonce, request)
        known = known and self.request_validator.validate_client_key(request.client_key, request)
        known = known and self.request_validator.validate_access_token(request.client_key, request.resource_owner_key, request)
        return bool(known and self._check_signature(request)), request


@dataclass
class Budget:
    """So many requests a window, which begins with the first."""

    limit: int
    window_s: int
    ends_at: float = 0
    left: int = 0

    def take(self, now: float) -> None:
        self.roll(now)
        self.left -= 1

    def roll(self, now: float) -> None:
        if now >= self.ends_at:
            self.ends_at, self.left = now + self.window_s, self.limit

    def headers(self, name: str) -> dict[str, str]:
        return {f"{name}-limit": str(self.limit), f"{name}-remaining": str(self.left), f"{name}-reset": str(int(self.ends_at))}


@dataclass
class XApi:
    """The service's state: what a test sets, and what it looks at."""

    now: Callable[[], float] = time.time
    user: Budget = field(default_factory=lambda: Budget(100, WINDOW_S))
    app: Budget = field(default_factory=lambda: Budget(10_000, DAY_S))
    tweets: list[Tweet] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    requests: int = 0
    url: str = ""

    def __post_init__(self) -> None:
        self._signed, self._ids = _Signed(_Keys()), 1_000

    async def post(self, request: Request) -> Response:
        """`POST /2/tweets`."""
        self.requests += 1
        body = await request.body()
        if not self._authentic(request, body):
            return _problem(401, "Unauthorized", "Unauthorized")
        self.user.roll(self.now())
        self.app.roll(self.now())
        if self.user.left == 0 or self.app.left == 0:
            return self._limited(_problem(429, "Too Many Requests", "Too Many Requests"))
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.RESET:
            return Broken()
        if fault is Fault.DOWN:
            return _problem(503, "Service Unavailable", "Service Unavailable")
        if fault is Fault.GIBBERISH:
            return JSONResponse(["upstream"], 503)
        self.user.take(self.now())
        self.app.take(self.now())
        if fault is Fault.NO_PERMISSION:
            return self._limited(_problem(403, "Forbidden", "You are not permitted to perform this action."))
        return self._limited(self._after(fault, self._judge(json.loads(body))))

    async def delete(self, request: Request) -> Response:
        """`DELETE /2/tweets/:id`."""
        if not self._authentic(request, b""):
            return _problem(401, "Unauthorized", "Unauthorized")
        before = len(self.tweets)
        self.tweets = [tweet for tweet in self.tweets if tweet.id != request.path_params["id"]]
        return JSONResponse({"data": {"deleted": len(self.tweets) < before}})

    def _authentic(self, request: Request, body: bytes) -> bool:
        valid, _ = self._signed.validate_request(str(request.url), request.method, body.decode(), dict(request.headers))
        return bool(valid)

    def _judge(self, wanted: dict[str, Any]) -> Response:
        text, answered = wanted.get("text", ""), wanted.get("reply", {}).get("in_reply_to_tweet_id")
        if not text or weight(text) > 280:
            return _problem(400, "Invalid Request", "One or more parameters to your request was invalid.", errors=[{"message": "Your Tweet text is too long."}])
        if any(tweet.text == text for tweet in self.tweets):
            return _problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
        if answered is not None and all(tweet.id != answered for tweet in self.tweets):
            return _problem(403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you.")
        self._ids += 1
        self.tweets.append(Tweet(str(self._ids), text, answered))
        return JSONResponse({"data": {"id": str(self._ids), "text": text}}, 201)

    def _after(self, fault: Fault | None, answer: Response) -> Response:
        if fault is Fault.FAILED_AFTER_ACCEPT:
            return _problem(503, "Service Unavailable", "Service Unavailable")
        if fault is Fault.RESET_AFTER_ACCEPT:
            return Broken()
        return Silent() if fault is Fault.SILENT_AFTER_ACCEPT else answer

    def _limited(self, answer: Response) -> Response:
        for name, value in (self.user.headers("x-rate-limit") | self.app.headers("x-app-limit-24hour")).items():
            answer.headers[name] = value
        return answer


def weight(text: str) -> int:
    """The weighted length of a text (twitter-text, configuration 3): every URL, bare domains too, is 23."""
    plain, links = _URL.subn("", unicodedata.normalize("NFC", text))
    return 23 * links + sum(1 if _LIGHT.match(letter) else 2 for letter in plain)


def links_in(text: str) -> list[str]:
    """What X would make a link of, and bill for."""
    return _URL.findall(text)


def _problem(status: int, title: str, detail: str, **more: Any) -> Response:
    return JSONResponse({"title": title, "detail": detail, "type": "about:blank", "status": status, **more}, status, media_type="application/problem+json")


@contextmanager
def running(api: XApi) -> Iterator[XApi]:
    """Serve `api` on a free port of the loopback."""
    app = Starlette(routes=[Route("/2/tweets", api.post, methods=["POST"]), Route("/2/tweets/{id}", api.delete, methods=["DELETE"])])
    with serving(app) as api.url:
        yield api
