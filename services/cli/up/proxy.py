"""Passes requests on to a part of the tree, or to one of several that serve alike. Pure ASGI.

A small body is read whole first, so that a slow client holds no connection to the part. A larger one is streamed, over
connections of its own: a 30 MB picture costs no memory here. What a part has had any of is never sent to another: whether it was done, only its sender's
next try can find out.
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence

import httpx
from starlette.types import Receive, Scope, Send

from services.cli.up.choice import Choice
from services.cli.up.upload import Deadlines, Gone, Slow, Upload
from services.kit.http import PROBLEM_BASE, Problem
from services.kit.logs import log
from services.kit.refusal import Refusal, send_refused
from services.kit.settings import Settings

Headers = list[tuple[bytes, bytes]]
Own = Callable[[], Mapping[str, Refusal]]

HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade")
)
"""Concern one connection, not the message (RFC 9110, section 7.6.1)."""
NOT_SENT_ON = HOP_BY_HOP | {b"expect", b"x-forwarded-for", b"x-forwarded-proto", b"x-request-id"}
"""`Expect` was answered by this server already; what we say of the client is said by us alone."""


NOT_SENT_BACK = HOP_BY_HOP | {b"date", b"server"}
"""This server says its own."""
NOT_BEGUN = (httpx.ConnectError, httpx.ConnectTimeout)
"""There was no connection, so that nothing was sent."""


class Proxy:
    """One service, by the part or the parts that it runs as, at whichever ports they are now."""

    def __init__(self, name: str, ports: Callable[[], Sequence[int]], settings: Settings, own: Own = dict) -> None:
        """`own` gives what is said on some paths where the part is down, slow or busy; it is asked then, not before: what it takes to say it is large."""
        self._own, self._retry_after_max_s = own, settings.guard_retry_after_max_s
        self._name, self._choice, self._retry_after = name, Choice(ports), settings.proxy_retry_after_s
        self._buffer_bytes = settings.proxy_body_buffer_bytes
        self._deadlines = Deadlines(settings.proxy_body_idle_s, settings.proxy_body_timeout_s)
        self._client = _client(settings, httpx.Limits(max_connections=settings.proxy_connections_max, max_keepalive_connections=32, keepalive_expiry=5))
        self._uploads = _client(settings, httpx.Limits(max_connections=settings.proxy_uploads_max, max_keepalive_connections=0))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request by asking the part."""
        request_id = _request_id(scope)
        try:
            response, port = await self._ask(scope, receive, request_id)
        except Gone:
            return
        except Slow:
            await self._too_slow(scope, receive, send, request_id)
            return
        except httpx.ReadTimeout:
            await self._sorry(scope, send, request_id, 504, "took too long to answer")
            return
        except httpx.TransportError as error:
            log.warning("origin.part_unreachable", part=self._name, request_id=request_id, error=type(error).__name__)
            await self._sorry(scope, send, request_id, 503, "is down or busy")
            return
        try:
            await send({"type": "http.response.start", "status": response.status_code, "headers": _passed_on(response.headers.raw, NOT_SENT_BACK)})
            async for chunk in response.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._choice.end(port)
            await response.aclose()

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()
        await self._uploads.aclose()

    async def _ask(self, scope: Scope, receive: Receive, request_id: str) -> tuple[httpx.Response, int]:
        """The answer of a part, its body still to come, and the part's port, which is busy until `end`."""
        upload = Upload(receive, self._deadlines) if _has_body(scope["headers"]) else None
        whole = await upload.begin(self._buffer_bytes) if upload else None
        streamed = upload if whole is None else None
        headers = [*_passed_on(scope["headers"], NOT_SENT_ON), (b"x-request-id", request_id.encode()), *_client_of(scope)]
        client = self._uploads if streamed else self._client
        why: httpx.TransportError = httpx.ConnectError("none of its processes runs")
        for port in self._choice.order():
            request = client.build_request(
                scope["method"],
                httpx.URL(scheme="http", host="127.0.0.1", port=port, raw_path=_target(scope)),
                headers=headers,
                content=streamed.rest() if streamed else whole,
                extensions={"trace": streamed.connected} if streamed else None,
            )
            self._choice.begin(port)
            try:
                return await client.send(request, stream=True), port
            except NOT_BEGUN as error:
                self._choice.end(port, refused=True)
                why = error
            except BaseException:
                self._choice.end(port)
                raise
        raise why

    async def _too_slow(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        detail = (
            f"The next piece of the body did not come within {self._deadlines.idle_s:g} s, or the whole within {self._deadlines.whole_s:g} s. Send it again."
        )
        problem = Problem(408, "slow", "Body too slow", detail, {"Connection": "close", "X-Request-Id": request_id, "Cache-Control": "no-store"})
        await problem.response()(scope, receive, send)

    async def _sorry(self, scope: Scope, send: Send, request_id: str, status: int, what: str) -> None:
        """A problem (RFC 9457) that says that trying again is safe; or words, where a platform asks."""
        own = self._own().get(scope["path"])
        if own is not None and own.instead is not None:
            await send_refused(own, self._retry_after_max_s, send)
            return
        problem = {
            "type": PROBLEM_BASE + "part-unavailable",
            "title": f"The {self._name} service {what}",
            "status": status,
            "detail": "Send the request again after the time in Retry-After. That is safe: an event that was accepted already is answered as a duplicate.",
        }
        headers: Headers = [
            (b"content-type", b"application/problem+json"),
            (b"retry-after", str(self._retry_after).encode()),
            (b"x-request-id", request_id.encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(problem).encode()})


def _client(settings: Settings, limits: httpx.Limits) -> httpx.AsyncClient:
    timeout = httpx.Timeout(settings.proxy_read_s, connect=settings.proxy_connect_s, pool=settings.proxy_connect_s)
    return httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)  # the parts are on loopback: no proxy of the environment is asked


def _target(scope: Scope) -> bytes:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


def _passed_on(headers: Headers, left_out: frozenset[bytes]) -> Headers:
    """`headers` without those named, and without those that the Connection header names."""
    named = {name.strip().lower() for key, value in headers if key.lower() == b"connection" for name in value.split(b",")}
    return [(key, value) for key, value in headers if key.lower() not in left_out and key.lower() not in named]


def _has_body(headers: Headers) -> bool:
    return any(key in (b"content-length", b"transfer-encoding") for key, _ in headers)


def _client_of(scope: Scope) -> Headers:
    client = scope.get("client")
    return [(b"x-forwarded-for", client[0].encode()), (b"x-forwarded-proto", scope["scheme"].encode())] if client else []


def _request_id(scope: Scope) -> str:
    given: bytes = next((value for key, value in scope["headers"] if key == b"x-request-id"), b"")
    return given.decode() if 0 < len(given) <= 64 and given.isascii() and given.replace(b"-", b"").isalnum() else uuid.uuid4().hex
