"""A Mastodon server's API over real HTTP, with the rules that it documents (docs.joinmastodon.org) and those of its source (4.x): tokens and their scopes,
idempotency keys for an hour, the length of a text, pictures used once, replies that need what they answer, and four budgets: 300 requests in five minutes for
a token, 300 posts in three hours, 30 pictures and 30 deletions in half an hour. Windows end at multiples of their length; the headers tell of the budget
that has the least left, with an ISO date. It shares no code with the adapter that it tests.
"""

import json
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from html import escape
from typing import Any

import regex
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.loopback import Broken, Dripping, Silent, Truncated, serving

TOKEN, SCOPES = "ZA-Yj3aBD8U8Cm7lKUp-lm9O9BmDgdhHzDeqsY8tlL0", ("read", "write")
ACCOUNT = "109348684732234567"
_LINK = re.compile(r"(?<![\w@/#$])https?://(?:[\w-]+\.)+(?:ca|com|org|net)(?:[/?][\w./?=&#%-]*[\w/=])?")
_PNG = b"\x89PNG\r\n\x1a\n"


class Fault(Enum):
    """What goes wrong with the next post."""

    SILENT_AFTER_ACCEPT = auto()
    """It is posted, and the answer never comes."""
    DRIPPING_AFTER_ACCEPT = auto()
    """It is posted, and the answer comes a byte now and then."""
    RESET_AFTER_ACCEPT = auto()
    """It is posted, and the connection breaks before the answer."""
    TRUNCATED_AFTER_ACCEPT = auto()
    """It is posted, and the answer breaks off."""
    UNDATED_AFTER_ACCEPT = auto()
    """It is posted, and the budget's date can't be read."""
    GIBBERISH_AFTER_ACCEPT = auto()
    """It is posted, and a proxy answers 200 with a page of its own."""
    RESET = auto()
    """The connection breaks, and nothing is posted."""
    DOWN = auto()
    """503, and nothing is posted."""
    PROXY_DOWN = auto()
    """502 with a page of a proxy's."""
    FAILED_AFTER_ACCEPT = auto()
    """500, though it is posted."""
    SUSPENDED = auto()
    """403: the login is disabled."""
    BUSY = auto()
    """429 of something in front of the server: no headers but Retry-After."""
    MOVED = auto()
    """301 to another name of the server's."""


_ACCEPTED = [fault for fault in Fault if fault.name.endswith("AFTER_ACCEPT")]


@dataclass
class Status:
    """One post that is out."""

    id: str
    text: str
    language: str | None
    visibility: str
    in_reply_to: str | None
    media: list[str]
    at: float

    def shown(self) -> dict[str, Any]:
        """As the API tells it (without the members that nobody here reads)."""
        paragraphs = "".join(f"<p>{_marked(part)}</p>" for part in self.text.split("\n\n"))
        return {
            "id": self.id,
            "created_at": _iso(self.at, "milliseconds"),
            "content": paragraphs,
            "language": self.language,
            "in_reply_to_id": self.in_reply_to,
        }


@dataclass
class Budget:
    """So many requests a window, which ends at a multiple of its length."""

    limit: int
    window_s: int
    ends_at: float = 0
    used: int = 0

    def roll(self, now: float) -> None:
        if now >= self.ends_at:
            self.ends_at, self.used = now - now % self.window_s + self.window_s, 0

    @property
    def left(self) -> int:
        return self.limit - self.used

    def headers(self, now: float) -> dict[str, str]:
        self.roll(now)
        ends = _iso(self.ends_at + now % 1, "microseconds")
        return {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": str(max(self.left, 0)), "X-RateLimit-Reset": ends}


@dataclass
class MastodonApi:
    """The server's state: what a test sets, and what it looks at."""

    now: Callable[[], float] = time.time
    scopes: tuple[str, ...] = SCOPES
    maximum: int = 500
    link: int = 23
    calls: Budget = field(default_factory=lambda: Budget(300, 300))
    posts: Budget = field(default_factory=lambda: Budget(300, 10_800))
    uploads: Budget = field(default_factory=lambda: Budget(30, 1_800))
    deletions: Budget = field(default_factory=lambda: Budget(30, 1_800))
    statuses: list[Status] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)
    """The description of each, by its id."""
    unready: set[str] = field(default_factory=set)
    media_fault: Response | None = None
    faults: deque[Fault] = field(default_factory=deque)
    requests: list[str] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._keys: dict[str, tuple[float, str]] = {}
        self._serial = 0

    async def answer(self, request: Request) -> Response:
        """Any request: authentication, the budgets of calls, then the endpoint's own."""
        name, scope, budget = self._known(request)
        self.requests.append(f"{request.method} {request.url.path}")
        if name == "instance":
            return JSONResponse({"configuration": {"statuses": {"max_characters": self.maximum, "characters_reserved_per_url": self.link}}})
        now = self.now()
        for each in filter(None, (self.calls, budget)):
            each.roll(now)
            each.used += 1
            if each.left < 0:
                return _error(429, "Too many requests", each.headers(now))
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _error(401, "The access token is invalid")
        if not {scope, scope.split(":")[0]} & set(self.scopes):
            return _error(403, "This action is outside the authorized scopes")
        made: Response = await getattr(self, f"_{name}")(request)
        tightest = min((self.calls, *([self.posts] if name == "post" else [])), key=lambda budget: (budget.left, budget is not self.posts))
        for header, value in tightest.headers(now).items():
            made.headers.setdefault(header, value)
        return made

    def _known(self, request: Request) -> tuple[str, str, Budget | None]:
        path, method = request.url.path, request.method
        if path == "/api/v2/instance":
            return "instance", "", None
        if path.endswith("/media"):
            return "upload", "write:media", self.uploads
        if method == "DELETE":
            return "delete", "write:statuses", self.deletions
        return ("post", "write:statuses", None) if method == "POST" else ("me" if path.endswith("credentials") else "list", "read:statuses", None)

    async def _post(self, request: Request) -> Response:
        form, fault, now = await request.form(), self.faults.popleft() if self.faults else None, self.now()
        if fault is not None and fault not in _ACCEPTED:
            return _failed(fault, self.url)
        key = request.headers.get("idempotency-key")
        kept_until, status_id = self._keys.get(key or "", (0.0, ""))
        if now < kept_until:
            return _after(fault, JSONResponse(next(status for status in self.statuses if status.id == status_id).shown()))
        refused = self._refusal({name: str(value) for name, value in form.items()}, [str(media) for media in form.getlist("media_ids[]")])
        if refused is not None:
            return refused
        self.posts.roll(now)
        if self.posts.left == 0:
            return _error(429, "Too many requests")
        self.posts.used += 1
        self._serial += 1
        status = Status(
            str((int(now * 1000) << 16) + self._serial),
            str(form["status"]),
            str(form["language"]) if "language" in form else None,
            str(form.get("visibility", "public")),
            str(form["in_reply_to_id"]) if "in_reply_to_id" in form else None,
            [str(media) for media in form.getlist("media_ids[]")],
            now,
        )
        self.statuses.append(status)
        if key:
            self._keys[key] = (now + 3_600, status.id)
        return _after(fault, JSONResponse(status.shown()))

    def _refusal(self, form: dict[str, str], media: list[str]) -> Response | None:
        text = form.get("status", "")
        if not text.strip() and not media:
            return _error(422, "Validation failed: Text can't be blank")
        if length(text, self.link) > self.maximum:
            return _error(422, f"Validation failed: Text character limit of {self.maximum} exceeded")
        if "in_reply_to_id" in form and all(status.id != form["in_reply_to_id"] for status in self.statuses):
            return _error(404, "The post you are trying to reply to does not appear to exist.")
        if any(each in self.unready for each in media):
            return _error(422, "Cannot attach files that have not finished processing. Try again in a moment!")
        if any(each not in self.pictures or any(each in status.media for status in self.statuses) for each in media):
            return _error(422, "Media not found or already attached to another post")
        return None

    async def _upload(self, request: Request) -> Response:
        form = await request.form()
        if self.media_fault is not None:
            return self.media_fault
        file = form["file"]
        if isinstance(file, str) or not (await file.read()).startswith(_PNG):
            return _error(422, "Validation failed: File content type is invalid")
        media_id = str(len(self.pictures) + 1)
        self.pictures[media_id] = str(form.get("description", ""))
        return JSONResponse({"id": media_id, "type": "image", "url": "x", "description": self.pictures[media_id]})

    async def _delete(self, request: Request) -> Response:
        status_id = request.url.path.rsplit("/", 1)[1]
        gone = [status for status in self.statuses if status.id == status_id]
        self.delete(status_id)
        return JSONResponse(gone[0].shown()) if gone else _error(404, "Record not found")

    def delete(self, status_id: str) -> None:
        """Take a post away, as the account's owner may at any time."""
        self.statuses = [status for status in self.statuses if status.id != status_id]

    async def _me(self, request: Request) -> Response:
        return JSONResponse({"id": ACCOUNT, "username": "hydro", "acct": "hydro"})

    async def _list(self, request: Request) -> Response:
        if f"/{ACCOUNT}/" not in request.url.path:
            return _error(404, "Record not found")
        before = int(request.query_params.get("max_id", 2**63))
        newest = [status.shown() for status in reversed(self.statuses) if int(status.id) < before]
        return JSONResponse(newest[: min(int(request.query_params.get("limit", 20)), 40)])


def length(text: str, link: int = 23) -> int:
    """How long a text is: its letters, every link counted as `link`."""
    plain, links = _LINK.subn("", text)
    return link * links + len(regex.findall(r"\X", plain))


class _Counted(Dripping):
    """Says how much will come: clients wait for that much at once, if they don't take care."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def counted(message: dict[str, Any]) -> None:
            await send(message | {"headers": [(b"content-length", b"200")]} if message["type"] == "http.response.start" else message)

        await super().__call__(scope, receive, counted)


def _failed(fault: Fault, url: str) -> Response:
    if fault is Fault.RESET:
        return Broken()
    if fault is Fault.PROXY_DOWN:
        return Response("<html>Bad Gateway</html>", 502, media_type="text/html")
    if fault is Fault.BUSY:
        return Response("slow down", 429, {"Retry-After": "120"})
    if fault is Fault.MOVED:
        return Response("", 301, {"Location": f"{url}/elsewhere"})
    return _error(403, "Your login is currently disabled") if fault is Fault.SUSPENDED else _error(503, "There was a temporary problem serving your request")


def _after(fault: Fault | None, answer: Response) -> Response:
    match fault:
        case None:
            return answer
        case Fault.SILENT_AFTER_ACCEPT:
            return Silent()
        case Fault.DRIPPING_AFTER_ACCEPT:
            return _Counted()
        case Fault.RESET_AFTER_ACCEPT:
            return Broken()
        case Fault.TRUNCATED_AFTER_ACCEPT:
            return Truncated(answer.body)
        case Fault.UNDATED_AFTER_ACCEPT:
            answer.headers["X-RateLimit-Reset"] = "soon"
            return answer
        case Fault.GIBBERISH_AFTER_ACCEPT:
            return Response("<html>Welcome to the hotel's network</html>", media_type="text/html")
    return _error(500, "Internal server error")


def _error(status: int, error: str, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps({"error": error}), status, headers, media_type="application/json")


def _iso(at: float, digits: str) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec=digits).replace("+00:00", "Z")


def _marked(text: str) -> str:
    """As Mastodon marks it up: the ends of a long link hidden, lines broken."""
    parts, at = [], 0
    for link in _LINK.finditer(text):
        address = escape(link.group())
        parts += [
            escape(text[at : link.start()], quote=False),
            f'<a href="{address}"><span class="invisible">{address[:8]}</span><span>{address[8:]}</span></a>',
        ]
        at = link.end()
    return "".join([*parts, escape(text[at:], quote=False)]).replace("\n", "<br />")


@contextmanager
def running(api: MastodonApi) -> Iterator[MastodonApi]:
    """Serve `api` on a free port of the loopback."""
    routes = [
        "/api/v2/instance",
        "/api/v1/statuses",
        "/api/v1/statuses/{id}",
        "/api/v2/media",
        "/api/v1/accounts/verify_credentials",
        "/api/v1/accounts/{id}/statuses",
    ]
    app = Starlette(routes=[Route(path, api.answer, methods=["GET", "POST", "DELETE"]) for path in routes])
    with serving(app) as api.url:
        yield api
