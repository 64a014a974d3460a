"""Signed webhooks: each post as JSON to one receiver of a utility's own choice. Meets `kernel.ports.SocialFeed`.

What it gets, and how that is signed: `webhook_message`. Receivers keep the ids that they have seen, so that a post sent twice is taken
once. Where a request may go: `public_address`.
"""

import contextlib
import ssl
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx

from services.adapters.public_address import NotAllowed, Reach, Resolver, Target, look_at, resolve
from services.adapters.social_http import Answer, Lost, NotSent, ask
from services.adapters.webhook_message import body_of, id_of, key_of, signed
from services.kernel.ports.clock import Clock
from services.kernel.ports.social import Draft, Receipt, Reply
from services.kit.abandoned import or_abandoned
from services.kit.retry import retry_after_s

ADDRESSES_MAX = 3
"""Of a receiver's addresses, so many are tried while none can be connected to."""
ANSWER_MAX_BYTES = 4 * 1024
WAIT_MAX = timedelta(days=1)
"""Longest Retry-After that is honoured: a receiver's slip silences an account for no longer."""
PUBLIC = Reach()
_DETAIL_MAX = 300


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
        """`secrets` as `whsec_...`, all of which sign. `timeout_s`: for all of a post, half of it for finding the address. Raises
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
        return Receipt(Reply.REPEATABLE)

    def post(self, draft: Draft) -> Receipt:
        """Post `draft`."""
        body = body_of(draft, self._body_max)
        if len(body) > self._body_max:
            return Receipt(Reply.INVALID, detail=f"longer than {self._body_max} bytes")
        end_at = time.monotonic() + self._timeout_s
        try:
            target = or_abandoned(lambda: look_at(self._url, self._reach, self._resolver), self._timeout_s / 2, "resolve-webhook")
        except NotAllowed as error:
            return Receipt(Reply.REFUSED, detail=f"not sent: {error}")
        except OSError as error:  # a TimeoutError too
            return Receipt(Reply.UNREACHED, detail=_cut(f"can't be resolved: {error}"))
        now = self._clock.now()
        try:
            answer = self._send(target, signed(id_of(draft), now, body, self._keys), body, end_at)
        except NotSent as error:
            return Receipt(Reply.UNREACHED, detail=_cut(str(error)))
        except Lost as error:
            return Receipt(Reply.UNCERTAIN, detail=_cut(str(error)))
        return _receipt(answer, id_of(draft), now)

    def _send(self, target: Target, headers: dict[str, str], body: bytes, end_at: float) -> Answer:
        """To the first address that can be connected to. Raises `NotSent` and `Lost`."""
        tried = target.addresses[:ADDRESSES_MAX]
        connect_s = (end_at - time.monotonic()) / 2 / len(tried)
        for address in tried[:-1]:
            with contextlib.suppress(NotSent):
                return self._send_to(address, target, headers, body, end_at, connect_s)
        return self._send_to(tried[-1], target, headers, body, end_at, connect_s)

    def _send_to(self, address: str, target: Target, headers: dict[str, str], body: bytes, end_at: float, connect_s: float) -> Answer:
        """The name goes into `Host` and TLS only: what is connected to is the address that was looked at."""
        request = httpx.Request(
            "POST",
            target.url_by(address),
            headers={"Host": target.authority, "Content-Type": "application/json", "Connection": "close", **headers},
            content=body,
            extensions={"sni_hostname": target.host},
        )
        return ask(request, end_at - time.monotonic(), ANSWER_MAX_BYTES, proxies=False, connect_s=connect_s, trusted=self._trusted)


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
