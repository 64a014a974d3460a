"""What a webhook carries, and how it is signed: Standard Webhooks 1.0.0 (standardwebhooks.com).

`webhook-id` is the same however often a post is sent; `webhook-timestamp` is of this try; `webhook-signature` is HMAC-SHA256 over
`{id}.{timestamp}.{body}`, one for each secret, so that a secret is replaced without a gap. contracts/webhook-v1.schema.json is made of this.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from services.kernel.ports.social import Draft

SECRET_PREFIX = "whsec_"  # noqa: S105 - how every secret begins


class Image(Struct, frozen=True):
    """A picture that goes with the text."""

    media_type: Annotated[Literal["image/png"], Meta(description="What `content` is.")]
    alt: Annotated[str, Meta(description="What it shows, in the post's language.")]
    content: Annotated[str, Meta(description="The picture, base64 (RFC 4648, section 4).")]


class PostData(Struct, frozen=True, omit_defaults=True):
    """One post."""

    id: Annotated[str, Meta(description="Names this post for ever: the same as `webhook-id`. Seen before: answer 409 or 200, and do nothing.")]
    lang: Annotated[str, Meta(description="The text's language (BCP 47).")]
    text: Annotated[str, Meta(description="What to say, plain text.")]
    answers: Annotated[str | None, Meta(description="The id of the earlier post that this one goes on from.")] = None
    thread: Annotated[str | None, Meta(description="The id of the first post about these outages; absent from the first post itself.")] = None
    picture: Annotated[Image | None, Meta(description="A picture of it; left out where it would make the body too long.")] = None


class Posted(Struct, frozen=True):
    """What a receiver gets as the body of a POST."""

    type: Annotated[Literal["post.written"], Meta(description="Others may follow: ignore those that you don't know.")]
    timestamp: Annotated[datetime, Meta(description="When the post was written; no later try changes it.", extra_json_schema={"format": "date-time"})]
    data: PostData


def id_of(draft: Draft) -> str:
    """A name without full stops, which would let two messages have one signed content, and fit for a header."""
    return "msg_" + hashlib.sha256(draft.key.encode()).hexdigest()[:40]


def body_of(draft: Draft, bytes_max: int) -> bytes:
    """The body, the same for the same draft to the byte; without the picture where it would be longer than `bytes_max`."""
    picture = Image("image/png", draft.picture.alt, base64.b64encode(draft.picture.png).decode()) if draft.picture else None
    data = PostData(id_of(draft), draft.lang, draft.text, draft.answers, draft.begun_by or draft.answers, picture)
    body = msgspec.json.encode(Posted("post.written", draft.written_at, data))
    if picture is None or len(body) <= bytes_max:
        return body
    return msgspec.json.encode(Posted("post.written", draft.written_at, msgspec.structs.replace(data, picture=None)))


def signed(message_id: str, now: datetime, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """The headers that sign `body`."""
    timestamp = str(int(now.timestamp()))
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(key, content, "sha256")).decode() for key in keys)
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures)}


def key_of(secret: str) -> bytes:
    """The key that a secret stands for. Raises ValueError, without the secret, for one that is none."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError(f"a webhook's secret is {SECRET_PREFIX} and 24 to 64 random bytes in base64")
    return key


def schema() -> dict[str, Any]:
    """The JSON Schema of the body."""
    (reference,), components = msgspec.json.schema_components([Posted], ref_template="#/$defs/{name}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Surgecast webhook, version 1", **reference, "$defs": components}
