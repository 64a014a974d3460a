"""One JSON-RPC message as it comes in: bounded, one alone, and sound enough to be handed to the library, or told what is wrong with it (JSON-RPC 2.0)."""

from typing import Any

import msgspec
from msgspec import Struct
from starlette.responses import Response

DEPTH_MAX = 24
"""Objects and lists within each other: the protocol's own messages have less than ten."""
METHOD_MAX = 128
ID_MAX = 128
PARSE_ERROR, INVALID_REQUEST = -32700, -32600
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Refused(Exception):
    """This is no message that can be answered; the text says what to do."""

    def __init__(self, code: int, detail: str, asked: str | int | None = None) -> None:
        super().__init__(detail)
        self._code, self._asked = code, asked

    def response(self) -> Response:
        """The error, as JSON-RPC has it, with 400."""
        told = {"jsonrpc": "2.0", "id": self._asked, "error": {"code": self._code, "message": str(self)}}
        return Response(_encode(told), 400, {"Cache-Control": "no-store"}, "application/json")


class Message(Struct, frozen=True):
    """A request or a notification."""

    method: str
    params: dict[str, Any]
    body: bytes
    """The message anew, as it was read here: whoever reads it next reads the same."""

    @property
    def tool(self) -> str:
        """The tool that it calls; '' where it calls none."""
        name = self.params.get("name")
        return name if self.method == "tools/call" and isinstance(name, str) else ""


def read(body: bytes) -> Message:
    """The one message in `body`. Raises `Refused`."""
    try:
        told = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(PARSE_ERROR, "This is not JSON in UTF-8, or too deeply nested. Send one JSON-RPC message.") from None
    if isinstance(told, list):
        raise Refused(INVALID_REQUEST, "Batches are not taken (MCP dropped them in 2025-06-18). Send one message a request.")
    if not isinstance(told, dict) or told.get("jsonrpc") != "2.0":
        raise Refused(INVALID_REQUEST, 'This is not a JSON-RPC message. Send an object with `"jsonrpc": "2.0"`.')
    asked = told.get("id")
    if "id" in told and not _is_id(asked):
        raise Refused(INVALID_REQUEST, f"`id` must be an integer, or a string of at most {ID_MAX} characters.")
    known = asked if isinstance(asked, str | int) else None
    method, params = told.get("method"), told.get("params", {})
    if not isinstance(method, str) or not 0 < len(method) <= METHOD_MAX:
        raise Refused(
            INVALID_REQUEST, f"`method` must be a string of at most {METHOD_MAX} characters. This server asks nothing, so that it takes no responses.", known
        )
    if not isinstance(params, dict):
        raise Refused(INVALID_REQUEST, "`params` must be an object.", known)
    if _is_deeper(told, DEPTH_MAX):
        raise Refused(INVALID_REQUEST, f"This message is nested more than {DEPTH_MAX} deep.", known)
    try:
        return Message(method, params, _encode(told))
    except UnicodeEncodeError:  # half of a surrogate pair
        raise Refused(PARSE_ERROR, "A string in this message is not Unicode text.", None) from None


def _is_id(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63) or (isinstance(value, str) and len(value) <= ID_MAX)


def _is_deeper(value: Any, left: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(left == 0 or _is_deeper(part, left - 1) for part in inside if isinstance(part, dict | list))
