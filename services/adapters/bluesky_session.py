"""One account's session with its Bluesky server (PDS), by atproto: made once, kept, refreshed.

`createSession` is limited to 30 in five minutes and 300 a day (docs.bsky.app, "Rate limits"), so a session outlives the process; an access
token holds two hours, a refresh token 90 days. The client's own `login` is not used: it refreshes in the middle of a call, so that nobody can tell
whether the call itself was ever made.
"""

from collections.abc import Iterator
from time import monotonic
from typing import Any

import httpx
import msgspec
from atproto_client import models
from atproto_client.client.raw import ClientRaw
from atproto_client.client.session import get_session_pds_endpoint
from atproto_client.request import Request
from msgspec import Struct

from services.adapters.bluesky_answers import ERRORS, error_name, is_stale, understood
from services.kernel.ports.social import Receipt, Reply, SessionStore

_DEADLINE = "surgecast.deadline"
_SURELY_NOT = {Reply.FAILED: Reply.UNREACHED, Reply.UNCERTAIN: Reply.UNREACHED, Reply.INVALID: Reply.REFUSED}
"""What an answer to anything before the post itself leaves us knowing of the post."""


class Unsent(Exception):
    """The post was surely not sent, as what has to come before it failed: `receipt` says why."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.detail)
        self.receipt = receipt


class _Session(Struct, frozen=True):
    """What is kept. Of the account and the server that it says, and of no other."""

    origin: str
    identifier: str
    did: str
    access: str
    refresh: str
    endpoint: str


class BlueskyAccount:
    """Speaks to the server as the account."""

    def __init__(self, origin: str, identifier: str, app_password: str, store: SessionStore) -> None:
        self._origin, self._identifier, self._app_password = origin.rstrip("/"), identifier, app_password
        self._store = store
        # Posts are minutes apart: a kept connection is a dead one, and its reset leaves us in doubt.
        self._request = Request(limits=httpx.Limits(max_keepalive_connections=0), event_hooks={"response": [_hurry]})
        self._session: _Session | None = None

    def did(self, deadline: float) -> str:
        """The account's own lasting name. Raises `Unsent`."""
        return self._current(deadline).did

    def query(self, nsid: str, params: Any, deadline: float) -> Any:
        """What a question that anybody may ask is answered. Raises any of `ERRORS`, or `Unsent`."""
        return self._client(self._current(deadline).endpoint).invoke_query(nsid, params=params, **_bounds(deadline))

    def procedure(self, nsid: str, deadline: float, **sent: Any) -> Any:
        """The answer to what only the account may do; `sent` is as atproto's `invoke_procedure` takes it.

        With a token that is not honoured it was not done, and is done with a new one. Raises any of `ERRORS`, which are of the call itself; or
        `Unsent`, where no session was to be had.
        """
        session = self._current(deadline)
        try:
            return self._as(session, nsid, deadline, sent)
        except ERRORS as error:
            if not is_stale(error):
                raise
        session = self._renewed(session, deadline)
        try:
            return self._as(session, nsid, deadline, sent)
        except ERRORS as error:
            if is_stale(error):
                self._keep(None)
            raise

    def _as(self, session: _Session, nsid: str, deadline: float, sent: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {session.access}"}
        return self._client(session.endpoint).invoke_procedure(nsid, headers=headers, **sent, **_bounds(deadline))

    def _current(self, deadline: float) -> _Session:
        self._session = self._session or self._stored()
        return self._session or self._created(deadline)

    def _renewed(self, stale: _Session, deadline: float) -> _Session:
        stored = self._stored()
        if stored is not None and stored.access != stale.access:  # another process on the same store was sooner
            self._session = stored
            return stored
        try:
            headers = {"Authorization": f"Bearer {stale.refresh}"}
            made = self._client(stale.endpoint).com.atproto.server.refresh_session(headers=headers, **_bounds(deadline))
        except ERRORS as error:
            if is_stale(error):
                return self._created(deadline)
            raise unsent(error) from error
        return self._made(made)

    def _created(self, deadline: float) -> _Session:
        data = models.ComAtprotoServerCreateSession.Data(identifier=self._identifier, password=self._app_password)
        try:
            made = self._client(self._origin).com.atproto.server.create_session(data, **_bounds(deadline))
        except ERRORS as error:
            if error_name(error) == "AuthFactorTokenRequired":
                raise Unsent(Receipt(Reply.LOCKED_OUT, detail="this is the account's own password: give an app password")) from error
            raise unsent(error) from error
        return self._made(made)

    def _made(self, made: Any) -> _Session:
        endpoint = get_session_pds_endpoint(made) or self._origin
        if self._origin.startswith("https:") and not endpoint.startswith("https:"):
            endpoint = self._origin
        session = _Session(self._origin, self._identifier, made.did, made.access_jwt, made.refresh_jwt, endpoint)
        self._keep(session)
        return session

    def _keep(self, session: _Session | None) -> None:
        self._session = session
        self._store.save(msgspec.json.encode(session))

    def _stored(self) -> _Session | None:
        try:
            session = msgspec.json.decode(self._store.load() or b"null", type=_Session | None)
        except msgspec.DecodeError:
            return None
        return session if session is not None and (session.origin, session.identifier) == (self._origin, self._identifier) else None

    def _client(self, endpoint: str) -> Any:
        return ClientRaw(endpoint, self._request)


def unsent(error: Exception) -> Unsent:
    """What an error before the post leaves us knowing of the post."""
    receipt = understood(error)
    reply = _SURELY_NOT.get(receipt.reply, receipt.reply)
    return Unsent(Receipt(reply, closed_until=receipt.closed_until if reply is Reply.LIMITED else None, detail=receipt.detail))


def _bounds(deadline: float) -> dict[str, Any]:
    """Half of what is left for connecting, half for the answer. A redirected POST would come back as a GET: none is followed."""
    left_s = deadline - monotonic()
    if left_s <= 0:
        raise Unsent(Receipt(Reply.UNREACHED, detail="the time-out has passed before it came to posting"))
    return {"timeout": httpx.Timeout(left_s / 2), "follow_redirects": False, "extensions": {_DEADLINE: deadline}}


def _hurry(response: httpx.Response) -> None:
    stream, deadline = response.stream, response.request.extensions[_DEADLINE]
    if isinstance(stream, httpx.SyncByteStream):
        response.stream = _Hurried(stream, deadline)


class _Hurried(httpx.SyncByteStream):
    """A body that has to be whole by the deadline: httpx itself waits for each byte anew."""

    def __init__(self, stream: httpx.SyncByteStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if monotonic() > self._deadline:
                raise httpx.ReadTimeout("the answer is not whole in time")
            yield chunk

    def close(self) -> None:
        self._stream.close()
