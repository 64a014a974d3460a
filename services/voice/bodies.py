"""A request's body, bounded and decoded, or a problem that says what to mend."""

from typing import TypeVar

import msgspec
from starlette.requests import Request

from services.kit.http import Problem

T = TypeVar("T")


async def read(request: Request, limit: int) -> bytes:
    """The body, of at most `limit` bytes. Raises `Problem` 413 as soon as it is longer."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Problem(413, "too-large", "The question is too large", f"Send at most {limit} bytes.", limit=limit)
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
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem(400, "not-json", "The body is not JSON", f"{error}. Send one JSON object in UTF-8.") from error
