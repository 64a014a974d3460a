"""What Apprise's `json://` posts to: one target over real HTTP, which knows who may post and takes so much in a while. It keeps no ids and can't be asked,
as most of what Apprise reaches can't."""

import base64
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.simulators.loopback import Broken, Silent, Truncated, serving

USER, PASSWORD, TOKEN = "crew", "geheim-99", "k5k5abcdefghijklmnopqrstuv"


class Fault(Enum):
    """What goes wrong with the next message."""

    SILENT_AFTER_ACCEPT = auto()
    RESET_AFTER_ACCEPT = auto()
    TRUNCATED_AFTER_ACCEPT = auto()
    FAILED_AFTER_ACCEPT = auto()
    """500, though it is taken."""
    RESET = auto()
    DOWN = auto()
    """503, and nothing is taken."""


@dataclass
class Target:
    """What a test sets, and what it looks at."""

    now: Callable[[], float] = time.time
    messages_a_minute: int = 1_000
    faults: deque[Fault] = field(default_factory=deque)
    taken: list[str] = field(default_factory=list)
    url: str = ""
    """Apprise's, with its secrets."""

    def __post_init__(self) -> None:
        self._times: deque[float] = deque()

    async def receive(self, request: Request) -> Response:
        """`POST /hook/<token>`."""
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("authorization") != wanted or request.path_params["token"] != TOKEN:
            return Response("who are you?", 401)
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.RESET:
            return Broken()
        if fault is Fault.DOWN:
            return Response("away", 503)
        while self._times and self._times[0] <= self.now() - 60:
            self._times.popleft()
        if len(self._times) >= self.messages_a_minute:
            return Response("too many", 429)
        self._times.append(self.now())
        self.taken.append(json.loads(await request.body())["message"])
        after = {
            Fault.SILENT_AFTER_ACCEPT: Silent(),
            Fault.RESET_AFTER_ACCEPT: Broken(),
            Fault.TRUNCATED_AFTER_ACCEPT: Truncated("taken, thank you"),
            Fault.FAILED_AFTER_ACCEPT: Response("oops", 500),
        }
        return after.get(fault, Response("taken")) if fault else Response("taken")


@contextmanager
def running(target: Target) -> Iterator[Target]:
    """Serve `target` on a free port of the loopback."""
    with serving(Starlette(routes=[Route("/hook/{token}", target.receive, methods=["POST"])])) as origin:
        target.url = f"json://{USER}:{PASSWORD}@{origin.removeprefix('http://')}/hook/{TOKEN}"
        yield target
