"""A Facebook Page at the Graph API (v25.0) over real HTTP: feed, photos, published posts, with the rules and errors that its reference gives.

Kept: the page's token and the proof by the app's secret, lengths, duplicates, the limit of a day and its usage headers. It shares no code with
the adapter that it tests.
"""

import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.simulators.loopback import Broken, Silent, Truncated, serving

PAGE, TOKEN, APP_SECRET = "104523918273645", "EAAGpagetoken0123456789", "app-secret-0123456789abcdef"
PROOF = hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
PHOTO_S = 86_400
"""How long a photo that no post shows is kept."""
DUPLICATES_S = 3_600
"""How long a text is remembered; Facebook doesn't tell."""


class Fault(Enum):
    """What goes wrong with the next call."""

    SILENT_AFTER_ACCEPT = auto()
    RESET_AFTER_ACCEPT = auto()
    TRUNCATED_AFTER_ACCEPT = auto()
    RESET = auto()
    DOWN = auto()
    """500 with code 2, and nothing is posted."""
    FAILED_AFTER_ACCEPT = auto()
    """500 with code 2, though it is posted."""
    GIBBERISH = auto()
    """502 with a proxy's page."""
    GIBBERISH_200 = auto()
    """200 with a proxy's page."""


@dataclass
class PagePost:
    """One post that is out."""

    id: str
    message: str
    created_at: float
    alt: str | None = None


@dataclass
class FacebookApi:
    """One page: what a test sets, and what it looks at."""

    now: Callable[[], float] = time.time
    calls_a_window: int = 1_000_000
    window_s: int = 86_400
    usage: Callable[[float, float], dict[str, str]] | None = None
    """Makes the usage headers of the per cent used and the minutes until calls are taken again; None: as for a page's token."""
    posts: list[PagePost] = field(default_factory=list)
    photos_uploaded: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Their alt texts, and when."""
    faults: deque[Fault] = field(default_factory=deque)
    photo_faults: deque[Fault] = field(default_factory=deque)
    errors: deque[Response] = field(default_factory=deque)
    """What the next calls are answered with instead."""
    requests: list[Request] = field(default_factory=list)
    url: str = ""
    _ends_at: float = 0
    _calls: int = 0

    async def feed(self, request: Request) -> Response:
        """`POST /{page}/feed`."""
        return await self._posted(request)

    async def photos(self, request: Request) -> Response:
        """`POST /{page}/photos`, with `published=false`: one is attached to a post afterwards, for as long as a day."""
        form = await request.form()
        if (refusal := self._at_the_door(request, dict(form))) is not None:
            return refusal
        if (fault := self.photo_faults.popleft() if self.photo_faults else None) is not None:
            return {Fault.RESET: Broken(), Fault.SILENT_AFTER_ACCEPT: Silent(), Fault.GIBBERISH_200: PlainTextResponse("<html>upstream")}.get(fault) or error(
                500, 2, "An unexpected error has occurred. Please retry your request later.", transient=True
            )
        source = await form["source"].read()  # type: ignore[union-attr]
        if form.get("published") != "false" or not source.startswith(b"\x89PNG\r\n\x1a\n") or len(source) > 10_000_000:
            return self._told(error(400, 324, "Missing or invalid image file", 2069019))
        number = f"9{len(self.photos_uploaded)}"
        self.photos_uploaded[number] = (str(form.get("alt_text_custom", "")), self.now())
        return self._told(JSONResponse({"id": number}))

    async def published_posts(self, request: Request) -> Response:
        """`GET /{page}/published_posts?fields=&since=&limit=`, newest first."""
        if (refusal := self._at_the_door(request, dict(request.query_params))) is not None:
            return refusal
        since, limit = float(request.query_params["since"]), int(request.query_params["limit"])
        if limit > 100:
            return self._told(error(400, 100, "Param limit must be a number between 1 and 100"))
        newest = [post for post in reversed(self.posts) if post.created_at >= since]
        told = [{"id": post.id, "message": post.message, "created_time": _moment(post.created_at)} for post in newest[:limit]]
        paging = {"cursors": {"after": "QVFI"}} | ({"next": "https://graph.facebook.com/more"} if len(newest) > limit else {})
        return self._told(JSONResponse({"data": told, "paging": paging} if told else {"data": []}))

    async def delete(self, request: Request) -> Response:
        """`DELETE /{post}`."""
        self.posts = [post for post in self.posts if post.id != request.path_params["post"]]
        return JSONResponse({"success": True})

    async def _posted(self, request: Request) -> Response:
        form = await request.form()
        if (refusal := self._at_the_door(request, dict(form))) is not None:
            return refusal
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.RESET:
            return Broken()
        if fault is Fault.DOWN:
            return error(500, 2, "An unexpected error has occurred. Please retry your request later.", transient=True)
        if fault in (Fault.GIBBERISH, Fault.GIBBERISH_200):
            return PlainTextResponse("<html>upstream", 502 if fault is Fault.GIBBERISH else 200)
        return self._after(fault, self._told(self._judge(str(form.get("message", "")), form.get("attached_media[0]"))))

    def _judge(self, message: str, attached: Any) -> Response:
        alt, at = self.photos_uploaded.get(json.loads(attached)["media_fbid"], (None, 0.0)) if attached else (None, 0.0)
        if not message or len(message) > 63_206 or (attached and (alt is None or self.now() - at > PHOTO_S)):
            return error(400, 100, "Invalid parameter")
        if any(post.message == message and self.now() - post.created_at < DUPLICATES_S for post in self.posts):
            return error(400, 506, "Duplicate status message", 1455006)
        number = 1_000 + len(self.requests)
        self.posts.append(PagePost(f"{PAGE}_{number}", message, self.now(), alt))
        return JSONResponse({"id": f"{PAGE}_{number}"})

    def _at_the_door(self, request: Request, given: dict[str, Any]) -> Response | None:
        self.requests.append(request)
        if self.errors:
            return self.errors.popleft()
        if request.headers.get("Authorization") != f"Bearer {TOKEN}" and given.get("access_token") != TOKEN:
            return error(401, 190, "Invalid OAuth access token - Cannot parse access token")
        if given.get("appsecret_proof") != PROOF:
            return error(400, 100, "Invalid appsecret_proof provided in the API argument")
        if request.path_params["page"] != PAGE:
            return error(400, 100, "Unsupported post request. Object with ID does not exist, or missing permissions", 33)
        if self.now() >= self._ends_at:
            self._ends_at, self._calls = self.now() + self.window_s, 0
        if self._calls >= self.calls_a_window:
            return self._told(error(400, 80001, "There have been too many calls to this Page account. Wait a bit and try again."))
        self._calls += 1
        return None

    def _told(self, answer: Response) -> Response:
        percent = 100 * self._calls / self.calls_a_window
        minutes = (self._ends_at - self.now()) / 60 if percent >= 100 else 0
        answer.headers.update((self.usage or page_usage)(percent, minutes))
        return answer

    def _after(self, fault: Fault | None, answer: Response) -> Response:
        instead = {
            Fault.FAILED_AFTER_ACCEPT: error(500, 2, "An unexpected error has occurred. Please retry your request later.", transient=True),
            Fault.RESET_AFTER_ACCEPT: Broken(),
            Fault.SILENT_AFTER_ACCEPT: Silent(),
            Fault.TRUNCATED_AFTER_ACCEPT: Truncated(bytes(answer.body)),
        }
        return instead.get(fault, answer) if fault else answer


def page_usage(percent: float, minutes: float) -> dict[str, str]:
    """The header that answers to a page's token carry."""
    usage = {"type": "pages", "call_count": int(percent), "total_cputime": 1, "total_time": 2, "estimated_time_to_regain_access": int(minutes)}
    return {"x-business-use-case-usage": json.dumps({PAGE: [usage, usage | {"type": "messenger", "call_count": 100, "estimated_time_to_regain_access": 999}]})}


def error(status: int, code: int, message: str, subcode: int | None = None, *, transient: bool = False) -> Response:
    """An error as the Graph API tells it."""
    told: dict[str, Any] = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    told |= ({"error_subcode": subcode} if subcode else {}) | ({"is_transient": True} if transient else {})
    return JSONResponse({"error": told}, status)


def _moment(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(at))


@contextmanager
def running(api: FacebookApi) -> Iterator[FacebookApi]:
    """Serve `api` on a free port of the loopback."""
    app = Starlette(
        routes=[
            Route("/v25.0/{page}/feed", api.feed, methods=["POST"]),
            Route("/v25.0/{page}/photos", api.photos, methods=["POST"]),
            Route("/v25.0/{page}/published_posts", api.published_posts),
            Route("/v25.0/{post}", api.delete, methods=["DELETE"]),
        ]
    )
    with serving(app) as origin:
        api.url = origin
        yield api
