"""Heads that were refused before, byte for byte: a client that asks again while its service is full sends the same head again.

To read a head costs as much as all else about its refusal. What the parser made of one is what it would make of the same bytes once more; so no second way
of reading requests comes in. Whether the request is refused is asked anew each time.
"""

from msgspec import Struct
from starlette.types import Scope

HEADS_KEPT_MAX = 1_000
HEAD_KEPT_MAX_BYTES = 2_000
HEAD_KEPT_MAX_FIELDS = 64
_END = b"\r\n\r\n"


class Head(Struct, frozen=True):
    """What the parser made of a head."""

    scope: Scope
    """What a door is asked with: type, method, path and headers."""
    body_bytes: int


class Heads:
    """At most `HEADS_KEPT_MAX`. What comes then begins anew: who sends a new head each time only makes his own refusals as dear as they were."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Head] = {}

    def known(self, read: bytes) -> Head | None:
        """The head of `read`, where that is known, and one whole request with its body. Nothing else may have been read of it before."""
        if not self._kept:
            return None
        end = read.find(_END) + len(_END)
        head = self._kept.get(read[:end])
        return head if head is not None and len(read) == end + head.body_bytes else None

    def keep(self, read: bytes, scope: Scope) -> None:
        """Keep the head of `read`, which the parser took, by itself and whole, for one request that `scope` is of, and for nothing besides.

        Only where what comes after the first empty line is as long as that request's body can the parser have seen the head end there, too.
        """
        end = read.find(_END) + len(_END)
        told = [value for name, value in scope["headers"] if name == b"content-length"]
        framed = any(name == b"transfer-encoding" for name, _ in scope["headers"])
        body = len(read) - end
        if end > HEAD_KEPT_MAX_BYTES or len(scope["headers"]) > HEAD_KEPT_MAX_FIELDS or framed or told not in ([b"%d" % body], *([[]] if not body else ())):
            return
        if not read.startswith(b"%b " % scope["method"].encode()):
            return  # empty lines before it, which are no part of a head
        if len(self._kept) >= HEADS_KEPT_MAX:
            self._kept.clear()
        self._kept[read[:end]] = Head(scope, body)
