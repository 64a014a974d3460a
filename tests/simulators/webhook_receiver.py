"""A receiver of signed webhooks as Standard Webhooks 1.0.0 asks receivers to be: signature, time, ids seen. It shares no code with the adapter."""

import base64
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.loopback import Broken, Dripping, Silent, Truncated, serving

SECRET = "whsec_" + base64.b64encode(b"this is thirty-two secret bytes!").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"these were twenty-four b").decode()
TOLERANCE_S = 300


class Fault(Enum):
    """What goes wrong with the next message."""

    SILENT_AFTER_ACCEPT = auto()
    RESET_AFTER_ACCEPT = auto()
    RESET = auto()
    DOWN = auto()
    """500, and nothing is taken."""
    FAILED_AFTER_ACCEPT = auto()
    """500, though it is taken."""
    TRUNCATED = auto()
    """Taken, and the answer's body breaks off."""
    DRIPPING = auto()
    """Taken, and the answer's body never ends."""
    MOVED = auto()
    """307 to an address of its own, with which a receiver could turn us on somebody else."""


@dataclass
class Receiver:
    """What a test sets, and what it looks at."""

    secret: str = SECRET
    now: Callable[[], float] = time.time
    status_when_seen: int = 409
    faults: deque[Fault] = field(default_factory=deque)
    answers: deque[Response] = field(default_factory=deque)
    """What the next messages are answered with instead, nothing being taken."""
    taken: list[dict[str, Any]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    requests: list[Request] = field(default_factory=list)
    url: str = ""

    async def receive(self, request: Request) -> Response:
        """`POST /hook`."""
        self.requests.append(request)
        body = await request.body()
        if self.answers:
            return self.answers.popleft()
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.RESET:
            return Broken()
        if fault is Fault.DOWN:
            return Response("oops", 500)
        if fault is Fault.MOVED:
            return Response(None, 307, {"location": "/elsewhere"})
        return self._after(fault, self._judge(request, body))

    async def elsewhere(self, request: Request) -> Response:
        """Must never be asked."""
        self.requests.append(request)
        return Response("stolen")

    def _judge(self, request: Request, body: bytes) -> Response:
        message_id, sent_at = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        if abs(int(sent_at) - self.now()) > TOLERANCE_S:
            return JSONResponse({"error": "too old or too new"}, 400)
        key = base64.b64decode(self.secret.split("_", 1)[1])
        wanted = base64.b64encode(hmac.new(key, f"{message_id}.{sent_at}.".encode() + body, hashlib.sha256).digest()).decode()
        given = [entry.partition(",") for entry in request.headers["webhook-signature"].split(" ")]
        if not any(version == "v1" and hmac.compare_digest(signature, wanted) for version, _, signature in given):
            return JSONResponse({"error": "not signed by who I know"}, 401)
        if message_id in self.ids:
            return Response(None, self.status_when_seen)
        self.ids.add(message_id)
        self.taken.append(json.loads(body))
        return Response(None, 204)

    def _after(self, fault: Fault | None, answer: Response) -> Response:
        instead = {
            Fault.FAILED_AFTER_ACCEPT: Response("oops", 500),
            Fault.RESET_AFTER_ACCEPT: Broken(),
            Fault.SILENT_AFTER_ACCEPT: Silent(),
            Fault.TRUNCATED: Truncated("taken, thank you"),
            Fault.DRIPPING: Dripping(),
        }
        return instead.get(fault, answer) if fault else answer


@contextmanager
def running(receiver: Receiver, certificate: Path | None = None) -> Iterator[Receiver]:
    """Serve `receiver` on a free port of the loopback."""
    app = Starlette(routes=[Route("/hook", receiver.receive, methods=["POST"]), Route("/elsewhere", receiver.elsewhere, methods=["POST"])])
    with serving(app, certificate) as origin:
        receiver.url = origin + "/hook"
        yield receiver
