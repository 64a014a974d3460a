"""Why a request is not taken now, and the answer that says so: 503 with a Retry-After that differs from sender to sender; or words, where a platform asks."""

import random
from functools import lru_cache
from http import HTTPStatus

from msgspec import Struct
from starlette.responses import Response
from starlette.types import Message, Send

from services.kit.http import Problem


class Instead(Struct, frozen=True):
    """Sent in place of a problem, where only an answer in the asker's own protocol is heard by anybody. A constant: who sent the request isn't known."""

    status: int
    media_type: str
    body: bytes


class Refusal(Struct, frozen=True):
    """What speaks against taking more. `name` is one of a closed set: metrics count by it."""

    name: str
    title: str
    why: str
    platform: str = ""
    """Which platform is refused, where that is counted."""
    instead: Instead | None = None


BUSY = Refusal("busy", "Busy", "Too busy: more requests are being worked on than can be answered in time")


def refused(refusal: Refusal, retry_after_max_s: int) -> Problem:
    """503. Those who are refused together are told different times, so that they don't come back together."""
    return _problem(refusal, _after_s(retry_after_max_s))


async def send_refused(refusal: Refusal, retry_after_max_s: int, send: Send) -> None:
    """The same, sent as cheaply as can be: when it is needed, there are thousands of them."""
    start, body = _messages(refusal, _after_s(retry_after_max_s))
    await send(start)
    await send(body)


def refusal_bytes(refusal: Refusal, retry_after_max_s: int, *, with_body: bool, close: bool) -> bytes:
    """The same as it goes on the wire, for a server that refuses before it calls the application."""
    return _on_the_wire(refusal, _after_s(retry_after_max_s), with_body, close)


def _after_s(most: int) -> int:
    return 1 + int(random.random() * most)  # `randint` takes ten times as long, and there are thousands


@lru_cache(maxsize=400)
def _on_the_wire(refusal: Refusal, after_s: int, with_body: bool, close: bool) -> bytes:
    answer = _answer(refusal, after_s)
    headers = [*answer.raw_headers, (b"connection", b"close")] if close else answer.raw_headers
    head = b"".join(b"%b: %b\r\n" % header for header in headers)
    status = HTTPStatus(answer.status_code)
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, status.phrase.encode(), head, bytes(answer.body) if with_body else b"")


@lru_cache(maxsize=400)
def _messages(refusal: Refusal, after_s: int) -> tuple[Message, Message]:
    answer = _answer(refusal, after_s)
    return {"type": "http.response.start", "status": answer.status_code, "headers": answer.raw_headers}, {"type": "http.response.body", "body": answer.body}


def _answer(refusal: Refusal, after_s: int) -> Response:
    instead = refusal.instead
    if instead is None:
        return _problem(refusal, after_s).response()
    headers = {"Cache-Control": "no-store", **({} if instead.status < 400 else {"Retry-After": str(after_s)})}
    return Response(instead.body, instead.status, headers, instead.media_type)


def _problem(refusal: Refusal, after_s: int) -> Problem:
    detail = f"{refusal.why}. Nothing was taken; send the same again in {after_s} s: repeating is safe."
    return Problem(503, refusal.name, refusal.title, detail, {"Retry-After": str(after_s)})
