"""What every HTTP service has: health, readiness, metrics, request ids, and errors that say what to do (RFC 9457)."""

import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import Counter, Histogram
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit import metrics
from services.kit.logs import REQUEST_ID, log

Readiness = Callable[[], Awaitable[Mapping[str, str]]]
"""Gives each thing that is not ready and why; empty means ready."""
Description = Callable[[], dict[str, Any]]

PROBLEM_BASE = "urn:surgecast:problem:"


class Problem(Exception):
    """An answer that is an error: raised anywhere in a request, sent as application/problem+json."""

    def __init__(self, status: int, name: str, title: str, detail: str, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        """`name` is the problem's type; `detail` says what to do; `members` are extension members (RFC 9457, section 3.2)."""
        super().__init__(detail)
        self.status, self.headers = status, dict(headers or {})
        self.body = {"type": PROBLEM_BASE + name, "title": title, "status": status, "detail": detail, **members}

    def response(self) -> Response:
        """The problem as an answer."""
        return JSONResponse(self.body, self.status, self.headers, "application/problem+json")


def service_app(service: str, ready: Readiness, described: Description | None = None, **options: Any) -> FastAPI:
    """A FastAPI application with `/healthz`, `/readyz`, `/metrics` and `/openapi.json`, whose errors are problems. Wrap it in `Observed` last.

    `described` gives its OpenAPI document, where its routes don't say it all.
    """
    app = FastAPI(title=f"Surgecast {service}", docs_url=None, redoc_url=None, redirect_slashes=False, **options)

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"service": service, "status": "alive"})

    async def readyz(_request: Request) -> Response:
        reasons = await ready()
        return JSONResponse({"service": service, "ready": not reasons, "reasons": dict(reasons)}, 503 if reasons else 200)

    async def metrics_page(_request: Request) -> Response:
        body, kind = metrics.exposition()
        return Response(body, media_type=kind)

    for path, answer in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", metrics_page)):
        app.add_api_route(path, answer, methods=["GET", "HEAD"], include_in_schema=False)

    async def as_problem(_request: Request, error: Exception) -> Response:
        return problem_response(service, error)

    if described is not None:
        app.openapi = described  # type: ignore[method-assign] # FastAPI's documented way to amend it
    for kind in (Problem, HTTPException, Exception):
        app.add_exception_handler(kind, as_problem)
    return app


def problem_response(service: str, error: Exception) -> Response:
    """The answer to a request that ended in `error`; one that is our fault is logged."""
    if isinstance(error, Problem):
        return error.response()
    if isinstance(error, HTTPException):
        hint = _HINTS.get(error.status_code, str(error.detail))
        return Problem(error.status_code, f"http-{error.status_code}", str(error.detail), hint, error.headers).response()
    log.error(f"{service}.request_failed", exc_info=error)
    return Problem(500, "internal", "Internal error", "This is our fault and has been logged. Try again; nothing was half done.").response()


_HINTS = {
    404: "There is nothing at this address. docs/architecture.md lists the paths.",
    405: "This address does not take that method. See the Allow header.",
}


class Observed:
    """Pure ASGI (a middleware of Starlette's base class would cost more than the answer): times, counts and names each request."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of `app` under observation."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500
        name = request_id(scope["headers"])

        def observe(message: Message) -> Awaitable[None]:  # no coroutine: what is below is awaited
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", name.encode())]
            return send(message)

        named = REQUEST_ID.set(name)
        try:
            await self.app(scope, receive, observe)
        finally:
            REQUEST_ID.reset(named)
            route = getattr(scope.get("route"), "path", "other")
            count, duration = observers(self.service, route, _METHODS.get(scope["method"], "other"), status)
            count.inc()
            duration.observe(time.perf_counter() - started)


@lru_cache(maxsize=1_000)
def observers(service: str, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """The metrics of one kind of request: finding them by their labels would cost as much as the rest of this."""
    return metrics.HTTP_REQUESTS.labels(service, route, method, status), metrics.HTTP_DURATION.labels(service, route)


_METHODS = {method: method for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}


def request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """What the request is called: as whoever sent it calls it, where that can be a name; else a name of our own."""
    for name, value in headers:
        if name == b"x-request-id" and len(value) <= 64 and value.isascii() and value.replace(b"-", b"").isalnum():
            return str(value, "ascii")
    return f"{random.getrandbits(128):032x}"  # a name and no secret: not worth a call of the kernel
