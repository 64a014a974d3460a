"""A request's body, bounded and decoded, or a problem that says what to mend."""

from typing import TypeVar

import msgspec
from starlette.requests import Request

from services.kit.http import Problem
from services.kit.logs import Sparing
from services.kit.within import within

T = TypeVar("T")
_log = Sparing(10.0)


async def read(request: Request, limit: int, timeout_s: float) -> bytes:
    """The body, of at most `limit` bytes.

    Raises `Problem` 413 as soon as it is longer, 408 where it takes longer than `timeout_s`, and 400 where the asker left before it was whole.
    """
    try:
        return await within(_whole(request, limit), timeout_s)
    except TimeoutError as error:
        raise Problem(408, "slow", "The question is too slow", f"It did not arrive within {timeout_s:g} s. Ask again.") from error


async def _whole(request: Request, limit: int) -> bytes:
    """`Request.stream` would cost more than the reading."""
    body, more = b"", True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            _log.info("voice.question_cut_off", "left", bytes=len(body))
            raise Problem(400, "cut-off", "The question was cut off", "The asker left before the whole question had come.")
        body += message.get("body", b"")
        if len(body) > limit:
            raise Problem(413, "too-large", "The question is too large", f"Send at most {limit} bytes.", limit=limit)
        more = message.get("more_body", False)
    return body


def decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """`body` as what `decoder` reads. Raises `Problem`: 400 where it isn't JSON, 422 where a field is missing or wrong, with its name."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        field = path.rstrip("`").lstrip(".") or (reason.split("`")[1] if "missing required field" in reason else "")
        raise Problem(
            422, "invalid-field", "A field is missing or wrong", f"{reason}. Correct {f'`{field}`' if field else 'the object'} and ask again.", field=field
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "not-json", "The body is not JSON", f"{error}. Send one JSON object in UTF-8.") from error
