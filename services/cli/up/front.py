"""The one origin of the embedded mode: the public side in this process, ingest and voice passed on to theirs, and the health of the whole tree."""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from services.cli.up.part import Health
from services.cli.up.readers import REFUSED, Readers
from services.kit import metrics
from services.kit.guard import Guard, Told
from services.kit.http import Problem
from services.kit.line import Waiting
from services.kit.prompt import Posted
from services.kit.refusal import Refusal

READ_ONLY = Problem(405, "read-only", "Read only", "This address takes GET and HEAD.", {"Allow": "GET, HEAD"})
METRICS = "/metrics"
Asked = Callable[[], Awaitable[Health]]


class Origin:
    """Gives each request to whom it belongs, by its path."""

    def __init__(self, public: Guard, passed_on: Mapping[str, ASGIApp], health: Asked, readers: Readers) -> None:
        """`passed_on` maps the first folder of a path to who serves it; everything else is `public`'s. `readers` may read the metrics."""
        self._public, self._passed_on, self._health, self._readers = public, dict(passed_on), health, readers
        self._own = {"/healthz": self._healthz, "/readyz": self._readyz, METRICS: self._metrics}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; start-up and shutdown are the public side's."""
        if scope["type"] != "http":
            await self._public(scope, receive, send)
            return
        path: str = scope["path"]
        if own := self._own.get(path):
            if scope["method"] not in ("GET", "HEAD"):
                await READ_ONLY.response()(scope, receive, send)
            elif path == METRICS and not self._readers.may(scope):
                await REFUSED.response()(scope, receive, send)
            else:
                await own(send)
        else:
            await self._passed_on.get(_folder(scope), self._public)(scope, receive, send)

    def refuses(self, head: Scope) -> Refusal | None:
        """As `Guard.refuses`, for what the public side serves."""
        return self._public.refuses(head) if self._publics(head) else None

    prompted: Collection[str] = ()
    """Nothing here is answered at once."""

    def prompt(self, _posted: Posted) -> None:
        """As `Guard.prompt`."""

    def ask(self, scope: Scope, told: Told) -> Waiting | None:
        """As `Guard.ask`: what the public side serves is decided on by its guard; ingest and voice have their own, and the tree's health is always told."""
        if self._publics(scope):
            return self._public.ask(scope, told)
        told(None)
        return None

    def _publics(self, scope: Scope) -> bool:
        return scope["path"] not in self._own and _folder(scope) not in self._passed_on

    async def _healthz(self, send: Send) -> None:
        await _answer(send, 200, json.dumps({"service": "origin", "status": "alive"}))

    async def _readyz(self, send: Send) -> None:
        (parts_ready, reasons), public = await self._health(), await self._public_unready()
        ready = parts_ready and not public
        body = json.dumps({"service": "origin", "ready": ready, "reasons": {**reasons, **public}})
        await _answer(send, 200 if ready else 503, body)

    async def _public_unready(self) -> dict[str, str]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._public), base_url="http://public") as client:
            answer = await client.get("/readyz")
        return {"public": reasons_in(answer)} if answer.status_code != 200 else {}

    async def _metrics(self, send: Send) -> None:
        body, kind = metrics.exposition()
        await _answer(send, 200, body, kind)


def _folder(scope: Scope) -> str:
    path: str = scope["path"]
    return path.split("/", 2)[1] if path.startswith("/") else ""  # `OPTIONS *` names no path


def reasons_in(answer: httpx.Response) -> str:
    """What a `/readyz` gave as its reasons, in one line."""
    try:
        reasons = answer.json()["reasons"]
        return "; ".join(f"{name}: {why}" for name, why in reasons.items()) or f"answered {answer.status_code}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"answered {answer.status_code}"


async def _answer(send: Send, status: int, body: str | bytes, kind: str = "application/json") -> None:
    raw = body.encode() if isinstance(body, str) else body
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(raw)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": raw})
