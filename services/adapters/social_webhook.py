"""Signed webhooks: each post as JSON to one receiver of a utility's own choice. Meets `kernel.ports.SocialFeed`.

Signed as Standard Webhooks 1.0.0 says (standardwebhooks.com): `webhook-id`, the same however often it is sent; `webhook-timestamp`, of this
try; `webhook-signature`, HMAC-SHA256 over `{id}.{timestamp}.{body}`, one for each secret, so that a secret is replaced without a gap.
Receivers keep the ids that they have seen, so that a post sent twice is taken once. Where a request may go: `public_address`.
"""

import base64
import contextlib
import hashlib
import hmac
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import httpx
import msgspec
from msgspec import Meta, Struct

from services.adapters.public_address import NotAllowed, Reach, Resolver, Target, look_at, resolve
from services.adapters.social_http import Answer, Lost, NotSent, ask
from services.kernel.ports.clock import Clock
from services.kernel.ports.social import Draft, Receipt, Reply
from services.kit.abandoned import or_abandoned
from services.kit.retry import retry_after_s

SECRET_PREFIX = "whsec_"  # noqa: S105 - how every secret begins
ADDRESSES_MAX = 3
"""Of a receiver's addresses, so many are tried while none can be connected to."""
ANSWER_MAX_BYTES = 4 * 1024
WAIT_MAX = timedelta(days=1)
"""Longest Retry-After that is honoured: a receiver's slip silences an account for no longer."""
PUBLIC = Reach()
_DETAIL_MAX = 300


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


class WebhookFeed:
    """One receiver. Its post ids are made of the posts' own names, so that they are known before anything is sent."""

    def __init__(
        self,
        url: str,
        secrets: Sequence[str],
        timeout_s: float,
        body_max_bytes: int,
        clock: Clock,
        *,
        reach: Reach = PUBLIC,
        resolver: Resolver = resolve,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        """`secrets` as `whsec_...`, all of which sign. `timeout_s`: for resolving, for connecting (half of it), and for the request. Raises
        ValueError for bad secrets.

        `trusted` in place of the public certificate authorities.
        """
        self._url, self._reach, self._resolver, self._trusted = url, reach, resolver, trusted
        self._keys = tuple(map(key_of, secrets))
        if not self._keys:
            raise ValueError("a webhook needs a secret: its receiver can't know otherwise who sends")
        self._timeout_s, self._body_max, self._clock = timeout_s, body_max_bytes, clock

    def find(self, draft: Draft) -> Receipt:
        """A receiver can't be asked. Posting again is safe: it knows a post that it has by its id."""
        return Receipt(Reply.UNCERTAIN, id_of(draft), detail="a receiver is not asked: posting again is safe, as it knows the id")

    def post(self, draft: Draft) -> Receipt:
        """Post `draft`."""
        body = body_of(draft, self._body_max)
        if len(body) > self._body_max:
            return Receipt(Reply.INVALID, detail=f"longer than {self._body_max} bytes")
        try:
            target = or_abandoned(lambda: look_at(self._url, self._reach, self._resolver), self._timeout_s, "resolve-webhook")
        except NotAllowed as error:
            return Receipt(Reply.REFUSED, detail=f"not sent: {error}")
        except OSError as error:  # a TimeoutError too
            return Receipt(Reply.UNREACHED, detail=_cut(f"can't be resolved: {error}"))
        now = self._clock.now()
        try:
            answer = self._send(target, signed(id_of(draft), now, body, self._keys), body)
        except NotSent as error:
            return Receipt(Reply.UNREACHED, detail=_cut(str(error)))
        except Lost as error:
            return Receipt(Reply.UNCERTAIN, detail=_cut(str(error)))
        return _receipt(answer, id_of(draft), now)

    def _send(self, target: Target, headers: dict[str, str], body: bytes) -> Answer:
        """To the first address that can be connected to. Raises `NotSent` and `Lost`."""
        tried = target.addresses[:ADDRESSES_MAX]
        for address in tried[:-1]:
            with contextlib.suppress(NotSent):
                return self._send_to(address, target, headers, body, len(tried))
        return self._send_to(tried[-1], target, headers, body, len(tried))

    def _send_to(self, address: str, target: Target, headers: dict[str, str], body: bytes, sharing: int) -> Answer:
        """The name goes into `Host` and TLS only: what is connected to is the address that was looked at."""
        request = httpx.Request(
            "POST",
            target.url_by(address),
            headers={"Host": target.authority, "Content-Type": "application/json", "Connection": "close", **headers},
            content=body,
            extensions={"sni_hostname": target.host},
        )
        return ask(request, self._timeout_s, ANSWER_MAX_BYTES, proxies=False, connect_s=self._timeout_s / 2 / sharing, trusted=self._trusted)


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


def _receipt(answer: Answer, message_id: str, now: datetime) -> Receipt:
    wait_s = retry_after_s(answer.headers.get("retry-after", ""), now)
    until = None if wait_s is None else now + min(timedelta(seconds=wait_s), WAIT_MAX)
    detail = "" if answer.status < 300 else _cut(f"{answer.status} {answer.body.decode('utf-8', 'replace')}".strip())
    reply = _meaning(answer.status, until)
    known = reply in (Reply.POSTED, Reply.DUPLICATE)
    return Receipt(reply, message_id if known else None, until if reply is Reply.LIMITED else None, detail)


def _meaning(status: int, until: datetime | None) -> Reply:
    if 200 <= status < 300:
        return Reply.POSTED
    if status == 409:
        return Reply.DUPLICATE
    if status == 429 or (status == 503 and until is not None):
        return Reply.LIMITED
    if status == 401:
        return Reply.LOCKED_OUT
    if status in (400, 413, 415, 422):
        return Reply.INVALID
    return Reply.REFUSED if 300 <= status < 400 or status in (403, 404, 405, 410) else Reply.FAILED


def _cut(detail: str) -> str:
    return detail[:_DETAIL_MAX]
