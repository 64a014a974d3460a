"""A Bluesky server (PDS) over real HTTP, with the rules that PDS 0.4.217 keeps for one account's posts, sessions and budgets.

Texts are counted in graphemes and bytes, keys must be TIDs, blobs must be there, sessions expire and are refreshed, and each answer's headers tell the
tightest of the budgets drawn on. It shares no code with the adapter that it tests; tests/contract/test_bluesky_pds.py holds both against the real server.
"""

import base64
import hashlib
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count
from typing import Any

import jwt
import regex
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.loopback import Broken, Dripping, Silent, Truncated, serving

DID, HANDLE, APP_PASSWORD = "did:plc:ewvi7nxzyoun6zhxrhs64oiz", "outages.example.com", "abcd-efgh-ijkl-mnop"
COLLECTION = "app.bsky.feed.post"
HOUR_S, DAY_S = 3600, 86_400
ACCESS_S, REFRESH_S, GRACE_S = 2 * HOUR_S, 90 * DAY_S, 2 * HOUR_S
_SECRET = "the simulator's own, 32 bytes or more"
_TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_CID = re.compile(r"baf[a-z2-7]{50,}")


class Fault(Enum):
    """What goes wrong with the next call of a method."""

    SILENT_AFTER_ACCEPT = auto()
    """It is done, and the answer never comes."""
    RESET_AFTER_ACCEPT = auto()
    """It is done, and the connection breaks before the answer."""
    TRUNCATED_AFTER_ACCEPT = auto()
    """It is done, and half of the answer comes."""
    DRIPPING_AFTER_ACCEPT = auto()
    """It is done, and the answer comes a byte at a time."""
    FAILED_AFTER_ACCEPT = auto()
    """500, though it is done."""
    RESET = auto()
    """The connection breaks, and nothing is done."""
    DOWN = auto()
    """503, and nothing is done."""
    PROXY = auto()
    """502 with a page of a proxy's, which isn't JSON; nothing is done."""
    GIBBERISH = auto()
    """200 with JSON that isn't the protocol's; nothing is done."""
    MOVED = auto()
    """A redirect; nothing is done."""
    TAKEN_DOWN = auto()
    """401: the account is closed."""


@dataclass
class Budget:
    """So many points a window, which begins with the first."""

    limit: int
    window_s: int
    ends_at: float = 0
    left: int = 0

    def draw(self, points: int, now: float) -> bool:
        """Whether there was enough; what there was is gone either way."""
        if now >= self.ends_at:
            self.ends_at, self.left = now + self.window_s, self.limit
        enough = self.left >= points
        self.left = max(0, self.left - points)
        return enough

    def headers(self) -> dict[str, str]:
        policy = f"{self.limit};w={self.window_s}"
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(int(self.ends_at)),
            "RateLimit-Policy": policy,
        }


class Refused(Exception):
    """The protocol's error: a status, a name, and words."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.answer = JSONResponse({"error": error, "message": message}, status)


def invalid(message: str, error: str = "InvalidRequest") -> Refused:
    return Refused(400, error, message)


@dataclass
class BlueskyApi:
    """The server's state: what a test sets, and what it looks at."""

    now: Callable[[], float] = time.time
    hour: Budget = field(default_factory=lambda: Budget(5_000, HOUR_S))
    day: Budget = field(default_factory=lambda: Budget(35_000, DAY_S))
    logins: Budget = field(default_factory=lambda: Budget(30, 300))
    logins_a_day: Budget = field(default_factory=lambda: Budget(300, DAY_S))
    everything: Budget = field(default_factory=lambda: Budget(3_000, 300))
    password: str = APP_PASSWORD
    blob_max: int = 2_000_000
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    commits: int = 0
    calls: list[str] = field(default_factory=list)
    faults: defaultdict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    url: str = ""

    def __post_init__(self) -> None:
        self._blobs: dict[str, int] = {}
        self._next_refresh: dict[str, str] = {}
        self._expires: dict[str, float] = {}
        self._jti = count(1)

    def texts(self) -> list[str]:
        return [record["text"] for record in self.records.values()]

    def forget_sessions(self) -> None:
        """As when the app password is revoked: no refresh token holds."""
        self._expires.clear()

    def delete(self, uri: str) -> None:
        """As the account's owner may at any time."""
        del self.records[uri.rpartition("/")[2]]

    async def answer(self, request: Request) -> Response:
        """`/xrpc/<method>`."""
        method = request.path_params["nsid"].rpartition(".")[2]
        self.calls.append(method)
        fault = self.faults[method].popleft() if self.faults[method] else None
        before = _before(fault)
        if before is not None:
            return before
        request.state.headers, request.state.drawn = {}, []
        body = await request.body()
        try:
            self._draw(request, [self.everything], 1)
            answer: Response = JSONResponse(getattr(self, f"_{method}")(request, body))
        except Refused as refused:
            answer = refused.answer
        answer.headers.update(request.state.headers)
        return _after(fault, answer)

    def _createSession(self, request: Request, body: bytes) -> dict[str, Any]:
        self._draw(request, [self.logins_a_day, self.logins], 1)
        wanted = json.loads(body)
        if (wanted["identifier"], wanted["password"]) != (HANDLE, self.password):
            raise Refused(401, "AuthenticationRequired", "Invalid identifier or password")
        return self._session(f"r{next(self._jti)}")

    def _refreshSession(self, request: Request, body: bytes) -> dict[str, Any]:
        jti = self._holder(request, "com.atproto.refresh")["jti"]
        if self._expires.get(jti, 0) <= self.now():
            raise invalid("Token has been revoked", "ExpiredToken")
        self._expires[jti] = min(self._expires[jti], self.now() + GRACE_S)
        return self._session(self._next_refresh.setdefault(jti, f"r{next(self._jti)}"))

    def _session(self, jti: str) -> dict[str, Any]:
        self._expires.setdefault(jti, self.now() + REFRESH_S)
        tokens = {"accessJwt": self._token("com.atproto.appPass", ACCESS_S, None), "refreshJwt": self._token("com.atproto.refresh", REFRESH_S, jti)}
        endpoint = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.url}
        return {**tokens, "did": DID, "handle": HANDLE, "active": True, "didDoc": {"id": DID, "service": [endpoint]}}

    def _putRecord(self, request: Request, body: bytes) -> dict[str, Any]:
        self._holder(request, "com.atproto.appPass")
        self._draw(request, [self.hour, self.day], 2)
        wanted = json.loads(body)
        if wanted["repo"] not in (DID, HANDLE):
            raise Refused(401, "AuthenticationRequired", "Authentication Required")
        rkey, record = wanted["rkey"], wanted["record"]
        self._judge(wanted["collection"], rkey, record)
        cid, same = _cid(record), self.records.get(rkey) == record
        self.records[rkey] = record
        self.commits += not same
        commit = {} if same else {"commit": {"cid": _cid(self.commits), "rev": rkey}}
        return {"uri": f"at://{DID}/{COLLECTION}/{rkey}", "cid": cid, "validationStatus": "valid", **commit}

    def _getRecord(self, request: Request, body: bytes) -> dict[str, Any]:
        wanted = request.query_params
        record = self.records.get(wanted["rkey"]) if (wanted["repo"], wanted["collection"]) == (DID, COLLECTION) else None
        uri = f"at://{wanted['repo']}/{wanted['collection']}/{wanted['rkey']}"
        if record is None:
            raise invalid(f"Could not locate record: {uri}", "RecordNotFound")
        return {"uri": uri, "cid": _cid(record), "value": record}

    def _uploadBlob(self, request: Request, body: bytes) -> dict[str, Any]:
        self._holder(request, "com.atproto.appPass")
        if len(body) > self.blob_max:
            raise Refused(413, "PayloadTooLarge", "request entity too large")
        cid = _cid(list(body), codec=0x55)
        self._blobs[cid] = len(body)
        return {"blob": {"$type": "blob", "ref": {"$link": cid}, "mimeType": request.headers["content-type"], "size": len(body)}}

    def _judge(self, collection: str, rkey: str, record: dict[str, Any]) -> None:
        if collection != COLLECTION or record.get("$type") != COLLECTION or not _TID.fullmatch(rkey):
            raise invalid("Invalid record key")
        text, langs = record["text"], record.get("langs", [])
        if len(text.encode()) > 3_000:
            raise invalid("Record/text must not be longer than 3000 bytes")
        if len(regex.findall(r"\X", text)) > 300:
            raise invalid("Record/text must not be longer than 300 graphemes")
        if len(langs) > 3 or not _TIME.fullmatch(record["createdAt"]):
            raise invalid("Record/langs or Record/createdAt")
        self._judge_parts(record)

    def _judge_parts(self, record: dict[str, Any]) -> None:
        for facet in record.get("facets", []):
            if facet["index"]["byteStart"] < 0 or facet["index"]["byteEnd"] < 0:
                raise invalid("Record/facets")
        for end in ("root", "parent") if "reply" in record else ():
            if not (record["reply"][end]["uri"].startswith("at://") and _CID.fullmatch(record["reply"][end]["cid"])):
                raise invalid(f"Record/reply/{end}")
        for image in record.get("embed", {}).get("images", []):
            if self._blobs.get(image["image"]["ref"]["$link"]) != image["image"]["size"] or not isinstance(image["alt"], str):
                raise invalid("Could not find blob", "BlobNotFound")

    def _draw(self, request: Request, budgets: list[Budget], points: int) -> None:
        """From each; the headers tell of one that is used up, or else the one with least left of all that the request drew on."""
        enough = [budget.draw(points, self.now()) for budget in budgets]
        request.state.drawn = [*request.state.drawn, *budgets]
        tightest = next((budget for budget, was in zip(budgets, enough, strict=True) if not was), None)
        request.state.headers = (tightest or min(request.state.drawn, key=lambda budget: budget.left)).headers()
        if tightest is not None:
            raise Refused(429, "RateLimitExceeded", "Rate Limit Exceeded")

    def _token(self, scope: str, holds_s: int, jti: str | None) -> str:
        claims = {"scope": scope, "sub": DID, "iat": int(self.now()), "exp": int(self.now()) + holds_s, **({"jti": jti} if jti else {})}
        return jwt.encode(claims, _SECRET, "HS256")

    def _holder(self, request: Request, scope: str) -> dict[str, Any]:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not bearer:
            raise Refused(401, "AuthMissing", "Authentication Required")
        try:
            claims: dict[str, Any] = jwt.decode(bearer, _SECRET, ["HS256"], options={"verify_exp": False, "verify_iat": False})
        except jwt.PyJWTError:
            raise invalid("Token could not be verified", "InvalidToken") from None
        if claims["scope"] != scope:
            raise invalid("Bad token scope", "InvalidToken")
        if claims["exp"] <= self.now():
            raise invalid("Token has expired", "ExpiredToken")
        return claims


def _before(fault: Fault | None) -> Response | None:
    if fault is Fault.RESET:
        return Broken()
    if fault is Fault.DOWN:
        return JSONResponse({"error": "NotEnoughResources", "message": "Server is busy"}, 503)
    if fault is Fault.PROXY:
        return Response("<html>Bad gateway</html>", 502, media_type="text/html")
    if fault is Fault.GIBBERISH:
        return JSONResponse(["upstream"])
    if fault is Fault.MOVED:
        return Response(status_code=301, headers={"location": "/elsewhere"})
    return JSONResponse({"error": "AccountTakedown", "message": "Account has been taken down"}, 401) if fault is Fault.TAKEN_DOWN else None


def _after(fault: Fault | None, answer: Response) -> Response:
    if fault is Fault.FAILED_AFTER_ACCEPT:
        return JSONResponse({"error": "InternalServerError", "message": "Internal Server Error"}, 500)
    if fault is Fault.RESET_AFTER_ACCEPT:
        return Broken()
    if fault is Fault.TRUNCATED_AFTER_ACCEPT:
        return Truncated(answer.body, media_type="application/json")
    if fault is Fault.DRIPPING_AFTER_ACCEPT:
        return Dripping()
    return Silent() if fault is Fault.SILENT_AFTER_ACCEPT else answer


def _cid(what: Any, codec: int = 0x71) -> str:
    """In the form of a CID (version 1, SHA-256, base32), of JSON where a server's is of CBOR."""
    digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).digest()
    return "b" + base64.b32encode(bytes((1, codec, 0x12, 32)) + digest).decode().lower().rstrip("=")


@contextmanager
def running(api: BlueskyApi) -> Iterator[BlueskyApi]:
    """Serve `api` on a free port of the loopback."""
    with serving(routed(lambda: api)) as api.url:
        yield api


def routed(api: Callable[[], BlueskyApi]) -> Starlette:
    """What serves whatever `api` gives at the time."""

    async def answer(request: Request) -> Response:
        return await api().answer(request)

    return Starlette(routes=[Route("/xrpc/{nsid}", answer, methods=["GET", "POST"])])
