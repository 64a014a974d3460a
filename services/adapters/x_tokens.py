"""X's OAuth 2.0 user context: access tokens of two hours, each got for a refresh token that is good for one time and comes back as another one.

(docs.x.com, "OAuth 2.0 Authorization Code Flow with PKCE".) The newest refresh token is all that stands between an account and being authorised
anew by a person: it is kept before it is needed, and one process at a time gets tokens for it.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from services.adapters.social_http import Answer, Lost, NotSent, ask
from services.kernel.ports.clock import Clock
from services.kernel.ports.social import Receipt, Reply, SessionStore

_ANSWER_MAX_BYTES = 64 * 1024
_EARLY = timedelta(minutes=1)
"""A token that ends within this is renewed before it is used: a post with its picture takes less."""
_DETAIL_MAX = 300
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_AGAIN = "authorise the account anew, and put its new refresh token in place of the old one"


class NoToken(Exception):
    """Nothing was posted, as there is no access token; the receipt says why."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.detail)
        self.receipt = receipt


class _Tokens(Struct, frozen=True):
    """What is kept."""

    given: str
    """A digest of the refresh token that the account was set up with: another one means that it was authorised anew."""
    refresh: str
    access: str = ""
    ends_at: datetime | None = None


class _Answer(Struct, frozen=True):
    """What X grants (RFC 6749, section 5.1)."""

    access_token: str
    expires_in: int
    refresh_token: str


class XTokens:
    """One account's."""

    def __init__(self, origin: str, client: tuple[str, str], refresh_token: str, timeout_s: float, store: SessionStore, clock: Clock) -> None:
        """`client`: the app's id and secret, which is empty for a public client. `refresh_token`: the one that the account was authorised with;
        the newest one is in `store`."""
        self._address, self._client, self._store, self._clock = f"{origin.rstrip('/')}/2/oauth2/token", client, store, clock
        self._timeout_s, self._proxies = timeout_s, httpx.URL(origin).host not in _LOOPBACK
        self._first = _Tokens(hashlib.sha256(refresh_token.encode()).hexdigest(), refresh_token)
        self._now = self._first

    def bearer(self) -> str:
        """An access token that is good for a minute at least. Raises `NoToken`."""
        return self._now.access if self._is_good(self._now) else self.renewed("")

    def renewed(self, stale: str) -> str:
        """One in place of `stale`, which X no longer honours. Raises `NoToken`."""
        with self._store.alone(self._timeout_s) as alone:
            if not alone:
                raise NoToken(Receipt(Reply.UNREACHED, detail="another worker has been renewing the account's tokens for long"))
            kept = self._kept()
            if not self._is_good(kept) or kept.access == stale:
                kept = self._granted(kept)
                self._store.save(msgspec.json.encode(kept))
            self._now = kept
        return self._now.access

    def _is_good(self, tokens: _Tokens) -> bool:
        return bool(tokens.access) and tokens.ends_at is not None and tokens.ends_at - self._clock.now() > _EARLY

    def _kept(self) -> _Tokens:
        """The newest that are known: of the store, or what this process itself was given, where that couldn't be kept."""
        stored = self._store.load()
        try:
            kept = msgspec.json.decode(stored, type=_Tokens) if stored else self._now
        except msgspec.DecodeError:  # a half-written or foreign file: a ValidationError too
            kept = self._now
        return kept if kept.given == self._first.given else self._now

    def _granted(self, kept: _Tokens) -> _Tokens:
        before = msgspec.json.encode(kept)
        self._store.save(before)
        if self._store.load() != before:
            raise NoToken(
                Receipt(Reply.REFUSED, detail="the account's tokens can't be kept: once they are renewed, the old ones are void. Mend the data folder")
            )
        key, secret = self._client
        form = {"grant_type": "refresh_token", "refresh_token": kept.refresh, "client_id": key}
        headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()} if secret else {}
        try:
            answer = ask(httpx.Request("POST", self._address, data=form, headers=headers), self._timeout_s, _ANSWER_MAX_BYTES, proxies=self._proxies)
        except (NotSent, Lost) as error:
            raise NoToken(Receipt(Reply.UNREACHED, detail=f"no access token: {error}"[:_DETAIL_MAX])) from None
        return self._read(answer, kept)

    def _read(self, answer: Answer, kept: _Tokens) -> _Tokens:
        if answer.status == 200:
            try:
                told = msgspec.json.decode(answer.body, type=_Answer)
            except msgspec.DecodeError:
                raise NoToken(Receipt(Reply.UNREACHED, detail="no access token: what came is not an answer of X")) from None
            return _Tokens(kept.given, told.refresh_token, told.access_token, self._clock.now() + timedelta(seconds=told.expires_in))
        said = _said(answer)
        if answer.status == 429:
            raise NoToken(Receipt(Reply.LIMITED, detail=f"no access token: 429 {said}"))
        if answer.status >= 500:
            raise NoToken(Receipt(Reply.UNREACHED, detail=f"no access token: {answer.status} {said}"))
        raise NoToken(Receipt(Reply.LOCKED_OUT, detail=f"no access token: {answer.status} {said}; {_AGAIN}"))


def _said(answer: Answer) -> str:
    try:
        told: Any = msgspec.json.decode(answer.body)
        return f"{told['error']}: {told['error_description']}"[:_DETAIL_MAX]
    except (msgspec.DecodeError, LookupError, TypeError):
        return "(no reason given)"
