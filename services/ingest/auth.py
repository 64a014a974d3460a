"""Who sends: the ingest key of a request (RFC 6750), and what it may do."""

from starlette.requests import Request

from services.kernel.keys import Scope
from services.kernel.ports.keys import KeyCheck, KeyHolder
from services.kit.http import Problem

KEY_CHARS_MAX = 512
"""No key of ours is near as long: a longer one isn't worth hashing."""


async def holder_of(request: Request, keys: KeyCheck, scope: Scope) -> KeyHolder:
    """Whom the request's key names. Raises `Problem` 401 without a good key, 403 where it lacks `scope`, and `Unavailable`."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        raise _unauthorized("Send an ingest key: Authorization: Bearer KEY. `surgecast keys create NAME` makes one.", "Bearer")
    holder = await keys.verify(key) if len(key) <= KEY_CHARS_MAX else None
    if holder is None:
        raise _unauthorized("This ingest key is unknown or revoked. `surgecast keys list` shows those there are.", 'Bearer error="invalid_token"')
    if scope not in holder.scopes:
        detail = f"This ingest key may not send {scope}. Make one that may: `surgecast keys create NAME`."
        raise Problem(403, "scope", "Not allowed", detail, {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'})
    return holder


def _unauthorized(detail: str, challenge: str) -> Problem:
    return Problem(401, "unauthorized", "No good key", detail, {"WWW-Authenticate": challenge})
