"""The X API over real HTTP, with the rules that X documents for `POST /2/tweets` and `DELETE /2/tweets/:id` (docs.x.com, transcribed August 2026).

Signatures are verified (OAuth 1.0a, HMAC-SHA1, nonces and times too), texts weighed, duplicates refused, and the budgets of the account's tier kept
(`x_tiers`), by a clock that may be a storm's. Every request is on record. It shares no code with the adapter that it tests.
"""

import html
import json
import re
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint
from oauthlib.oauth1.rfc5849.errors import OAuth1Error
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.loopback import Broken, Silent, Truncated, serving
from tests.simulators.x_media import Media, Upload
from tests.simulators.x_oauth2 import Grants
from tests.simulators.x_tiers import Account as Account
from tests.simulators.x_tiers import Budget as Budget
from tests.simulators.x_tiers import account as account

CREDENTIALS = ("consumerkey0123456789abc", "consumer-secret", "12345-accesstoken0123456789", "access-secret")
USER = "12345"
_URL = re.compile(r"https?://\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|ca|io|gov|info|example)\b", re.IGNORECASE)
_LIGHT = re.compile("[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")


class Fault(Enum):
    """What goes wrong with the next post."""

    SILENT_AFTER_ACCEPT = auto()
    """It is posted, and the answer never comes."""
    RESET_AFTER_ACCEPT = auto()
    """It is posted, and the connection breaks before the answer."""
    TRUNCATED_AFTER_ACCEPT = auto()
    """It is posted, and the answer breaks off."""
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
    created_at: float = 0.0
    media: tuple[Upload, ...] = ()

    @property
    def shown(self) -> str:
        """Its text as it is read back: escaped, and with an address for its pictures."""
        return html.escape(self.text, quote=False) + (f" https://t.co/m{self.id}" if self.media else "")


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


@dataclass(frozen=True)
class Asked:
    """One signed request to post, for the record."""

    at: float
    status: int
    text: str
    dollars: float
    room_again_at: float
    """From when on one message would be taken, if nothing else is asked for: `at` where it would be now, infinity where it never would."""


class XApi:
    """The service's state: what a test sets, and what it looks at."""

    def __init__(self, now: Callable[[], float] = time.time, user: Budget | None = None, app: Budget | None = None, terms: Account | None = None) -> None:
        """`terms`: those of the tier; `user` and `app` in place of its budgets of a quarter of an hour and of a day."""
        self.now, self.account = now, terms or account("pro")
        self.account.user, self.account.app = user or self.account.user, app or self.account.app
        self.tweets: list[Tweet] = []
        self.media = Media(now)
        self.grants = Grants(now)
        self.faults: deque[Fault] = deque()
        self.requests = 0
        self.record: list[Asked] = []
        self.message_posts = 1
        """How many posts make one message: a language each."""
        self.url = ""
        self._signed, self._ids = _Signed(_Keys()), 1_000

    @property
    def user(self) -> Budget:
        """Of a quarter of an hour, the user's."""
        return self.account.user

    @user.setter
    def user(self, budget: Budget) -> None:
        self.account.user = budget

    @property
    def app(self) -> Budget:
        """Of a day, the app's."""
        return self.account.app

    @app.setter
    def app(self, budget: Budget) -> None:
        self.account.app = budget

    async def post(self, request: Request) -> Response:
        """`POST /2/tweets`."""
        self.requests += 1
        body = await request.body()
        if not self._authentic(request, body):
            return _problem(401, "Unauthorized", "Unauthorized")
        text, before, now = str(json.loads(body).get("text", "")), len(self.tweets), self.now()
        answer = self._answered(text, body, now)
        posted = len(self.tweets) > before  # whatever the answer says
        dollars = self.account.price(len(links_in(text))) if posted else 0.0
        self.account.spent += dollars
        self.record.append(Asked(now, 201 if posted else answer.status_code, text, dollars, self.account.room_again_at(self.message_posts, now)))
        return answer

    def _answered(self, text: str, body: bytes, now: float) -> Response:
        for budget in self.account.budgets():
            budget.roll(now)
        if self.account.month is not None and self.account.month.left == 0:
            return self._limited(_capped())
        if any(budget.left == 0 for budget in self.account.budgets()):
            return self._limited(_problem(429, "Too Many Requests", "Too Many Requests"))
        if not self.account.affords(self.account.price(len(links_in(text)))):
            return self._limited(_problem(402, "CreditsDepleted", "Your enrolled account does not have any credits to fulfill this request."))
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.RESET:
            return Broken()
        if fault is Fault.DOWN:
            return _problem(503, "Service Unavailable", "Service Unavailable")
        if fault is Fault.GIBBERISH:
            return JSONResponse(["upstream"], 503)
        for budget in self.account.budgets():
            budget.take(now)
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

    async def upload(self, request: Request) -> Response:
        """`POST /2/media/upload`."""
        body = await request.body()
        return self.media.upload(body) if self._authentic(request, body) else _problem(401, "Unauthorized", "Unauthorized")

    async def metadata(self, request: Request) -> Response:
        """`POST /2/media/metadata`."""
        body = await request.body()
        return self.media.metadata(body) if self._authentic(request, body) else _problem(401, "Unauthorized", "Unauthorized")

    async def me(self, request: Request) -> Response:
        """`GET /2/users/me`."""
        if not self._authentic(request, b""):
            return _problem(401, "Unauthorized", "Unauthorized")
        return JSONResponse({"data": {"id": USER, "name": "Example Hydro", "username": "examplehydro"}})

    async def timeline(self, request: Request) -> Response:
        """`GET /2/users/:id/tweets`, newest first."""
        if not self._authentic(request, b""):
            return _problem(401, "Unauthorized", "Unauthorized")
        asked = request.query_params
        since, most = datetime.fromisoformat(asked["start_time"]).timestamp(), int(asked.get("max_results", 10))
        if request.path_params["id"] != USER or not 5 <= most <= 100:
            return _problem(400, "Invalid Request", "One or more parameters to your request was invalid.")
        found = [tweet for tweet in reversed(self.tweets) if tweet.created_at >= since]
        told = [{"id": tweet.id, "text": tweet.shown} for tweet in found[:most]]
        meta: dict[str, Any] = {"result_count": len(told)} | ({"next_token": "7140dibdnow9c7"} if len(found) > most else {})
        return JSONResponse({"meta": meta} | ({"data": told} if told else {}))

    def _authentic(self, request: Request, body: bytes) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer":
            return self.grants.honours(token)
        valid, _ = self._signed.validate_request(str(request.url), request.method, body.decode(), dict(request.headers))
        return bool(valid)

    def _judge(self, wanted: dict[str, Any]) -> Response:
        text, answered = wanted.get("text", ""), wanted.get("reply", {}).get("in_reply_to_tweet_id")
        if not text or weight(text) > 280:
            return _problem(400, "Invalid Request", "One or more parameters to your request was invalid.", errors=[{"message": "Your Tweet text is too long."}])
        media = self.media.attached(wanted.get("media", {}).get("media_ids", []))
        if media is None:
            return _problem(400, "Invalid Request", "One or more parameters to your request was invalid.", errors=[{"message": "Your media IDs are invalid."}])
        if any(tweet.text == text and not (tweet.media or media) for tweet in self.tweets):  # X doesn't say that it knows those with pictures again
            return _problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
        if answered is not None and all(tweet.id != answered for tweet in self.tweets):
            return _problem(403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you.")
        self._ids += 1
        self.tweets.append(Tweet(str(self._ids), text, answered, self.now(), tuple(media)))
        return JSONResponse({"data": {"id": str(self._ids), "text": text}}, 201)

    def _after(self, fault: Fault | None, answer: Response) -> Response:
        if fault is Fault.FAILED_AFTER_ACCEPT:
            return _problem(503, "Service Unavailable", "Service Unavailable")
        if fault is Fault.RESET_AFTER_ACCEPT:
            return Broken()
        if fault is Fault.TRUNCATED_AFTER_ACCEPT:
            return Truncated(bytes(answer.body))
        return Silent() if fault is Fault.SILENT_AFTER_ACCEPT else answer

    def _limited(self, answer: Response) -> Response:
        told = self.user.headers("x-rate-limit") | self.app.headers("x-app-limit-24hour")
        if self.account.user_day is not None:
            told |= self.account.user_day.headers("x-user-limit-24hour")
        for name, value in told.items():
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


def _capped() -> Response:
    """What a month's cap is told with: no header names it, and none says until when."""
    told = {"product_name": "standard-basic", "title": "UsageCapExceeded", "period": "Monthly", "scope": "Product"}
    return JSONResponse({**told, "detail": "Usage cap exceeded: Monthly product cap", "type": "https://api.twitter.com/2/problems/usage-capped"}, 429)


@contextmanager
def running(api: XApi) -> Iterator[XApi]:
    """Serve `api` on a free port of the loopback."""
    app = Starlette(
        routes=[
            Route("/2/tweets", api.post, methods=["POST"]),
            Route("/2/tweets/{id}", api.delete, methods=["DELETE"]),
            Route("/2/oauth2/token", api.grants.token, methods=["POST"]),
            Route("/2/media/upload", api.upload, methods=["POST"]),
            Route("/2/media/metadata", api.metadata, methods=["POST"]),
            Route("/2/users/me", api.me),
            Route("/2/users/{id}/tweets", api.timeline),
        ]
    )
    with serving(app) as api.url:
        yield api
