"""Why a request is not taken now, and the answer that says so: 503 with a Retry-After that differs from sender to sender."""

import random
from functools import lru_cache

from msgspec import Struct
from starlette.types import Message, Send

from services.kit.http import Problem


class Refusal(Struct, frozen=True):
    """What speaks against taking more. `name` is one of a closed set: metrics count by it."""

    name: str
    title: str
    why: str


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
    answer = _problem(refusal, after_s).response()
    headers = [*answer.raw_headers, (b"connection", b"close")] if close else answer.raw_headers
    head = b"".join(b"%b: %b\r\n" % header for header in headers)
    return b"HTTP/1.1 503 Service Unavailable\r\n%b\r\n%b" % (head, bytes(answer.body) if with_body else b"")


@lru_cache(maxsize=100)
def _messages(refusal: Refusal, after_s: int) -> tuple[Message, Message]:
    answer = _problem(refusal, after_s).response()
    return {"type": "http.response.start", "status": 503, "headers": answer.raw_headers}, {"type": "http.response.body", "body": answer.body}


def _problem(refusal: Refusal, after_s: int) -> Problem:
    detail = f"{refusal.why}. Nothing was taken; send the same again in {after_s} s: repeating is safe."
    return Problem(503, refusal.name, refusal.title, detail, {"Retry-After": str(after_s)})
