"""The Graph API's Messenger side over real HTTP, with the rules that its pages give for `POST /me/messages` and `GET /{psid}` (Graph v25.0).

Kept: the page's token, the 24 hours, sizes, a rate limit, people who have blocked the page. It shares no code with the adapter that it tests.
"""

import asyncio
import json
import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

TOKEN = "EAAGpagetoken0123456789"
WINDOW_S = 24 * 3_600


@dataclass
class MessengerSim:
    """One page: what a test sets, and what it looks at."""

    heard: dict[str, float] = field(default_factory=dict)
    """When each person last wrote, in seconds since 1970: without one they can't be written to."""
    locales: dict[str, str] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    faults: deque[Response] = field(default_factory=deque)
    """What the next calls are answered with instead."""
    silent_s: float = 0
    calls_left: int = 1_000_000
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    written: list[tuple[str, float]] = field(default_factory=list)
    """To whom each of these went, and when."""
    typed: list[str] = field(default_factory=list)
    calls: int = 0
    url: str = ""

    async def messages(self, request: Request) -> Response:
        """`POST /v25.0/me/messages`."""
        self.calls += 1
        body = json.loads(await request.body())
        if (refusal := self._at_the_door(request)) is not None:
            return refusal
        person = body["recipient"]["id"]
        if person in self.blocked:
            return error(400, 551, "This person isn't available right now.", 1545041)
        if time.time() - self.heard.get(person, 0) > WINDOW_S:
            return error(400, 10, "This message is sent outside of allowed window.", 2018278)
        if body.get("sender_action") == "typing_on":
            self.typed.append(person)
            return JSONResponse({"recipient_id": person})
        if body.get("messaging_type") not in ("RESPONSE", "UPDATE") or (fault := wrong(body["message"])):
            return error(400, 100, f"Invalid parameter: {fault if body.get('messaging_type') else 'messaging_type'}")
        self.sent.append((person, body["message"]))
        self.written.append((person, time.time()))
        if self.silent_s:
            await asyncio.sleep(self.silent_s)
        return JSONResponse({"recipient_id": person, "message_id": f"m_{len(self.sent)}"})

    async def profile(self, request: Request) -> Response:
        """`GET /v25.0/{psid}?fields=locale`."""
        if (refusal := self._at_the_door(request)) is not None:
            return refusal
        person = request.path_params["psid"]
        return JSONResponse({"id": person} | ({"locale": self.locales[person]} if person in self.locales else {}))

    async def conversations(self, request: Request) -> Response:
        """`GET /v25.0/me/conversations?platform=messenger&user_id={psid}&fields=messages.limit(n){message,created_time}`."""
        if (refusal := self._at_the_door(request)) is not None:
            return refusal
        asked = request.query_params
        limit = re.fullmatch(r"messages\.limit\((\d+)\)\{message,created_time\}", asked["fields"])
        if asked["platform"] != "messenger" or limit is None:
            return error(400, 100, "Invalid parameter")
        said = [
            {"id": f"m_{number}", "message": told.get("text", ""), "created_time": time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(at))}
            for number, ((_, told), (person, at)) in enumerate(zip(self.sent, self.written, strict=True))
            if person == asked["user_id"]
        ]
        return JSONResponse({"data": [{"id": "t_1", "messages": {"data": said[::-1][: int(limit[1])]}}] if said else []})

    def _at_the_door(self, request: Request) -> Response | None:
        if self.faults:
            return self.faults.popleft()
        if request.headers.get("Authorization") != f"Bearer {TOKEN}" and request.query_params.get("access_token") != TOKEN:
            return error(401, 190, "Invalid OAuth access token.")
        self.calls_left -= 1
        return error(400, 613, "Calls to this API have exceeded the rate limit.") if self.calls_left < 0 else None


def wrong(message: dict[str, Any]) -> str:
    """The first thing about `message` that the Send API would not take; '' where it takes it."""
    template = message.get("attachment", {}).get("payload")
    text = template["text"] if template else message.get("text", "")
    if not 0 < len(text) <= (640 if template else 2_000):
        return "text"
    if template and not (
        template["template_type"] == "button" and 0 < len(template["buttons"]) <= 3 and all(len(b["title"]) <= 20 for b in template["buttons"])
    ):
        return "buttons"
    replies = message.get("quick_replies")
    if replies is not None and not 0 < len(replies) <= 13:
        return "quick_replies"
    fits = (reply["content_type"] == "text" and 0 < len(reply["title"]) <= 20 and 0 < len(reply["payload"]) <= 1_000 for reply in replies or ())
    return "" if all(fits) else "quick_replies: title or payload"


def error(status: int, code: int, message: str, subcode: int | None = None, *, transient: bool = False, **headers: str) -> Response:
    """An error as the Graph API tells it."""
    told: dict[str, Any] = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    told |= ({"error_subcode": subcode} if subcode else {}) | ({"is_transient": True} if transient else {})
    return JSONResponse({"error": told}, status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def gibberish(status: int) -> Response:
    """What a proxy before the API may say."""
    return PlainTextResponse("<html>upstream", status)


@contextmanager
def running(sim: MessengerSim) -> Iterator[MessengerSim]:
    """Serve `sim` on a free port of the loopback."""
    app = Starlette(
        routes=[
            Route("/v25.0/me/messages", sim.messages, methods=["POST"]),
            Route("/v25.0/me/conversations", sim.conversations),
            Route("/v25.0/{psid}", sim.profile),
        ]
    )
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", http="h11", loop="asyncio", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started, "the simulator did not start within 10 s"
    sim.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield sim
    finally:
        server.should_exit = True
        thread.join(10)
