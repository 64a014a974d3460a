"""Mastodon, by Mastodon.py: one account on one server, by its access token. Meets `kernel.ports.SocialFeed`.

An `Idempotency-Key` is kept for an hour: posted again within it, a post is answered with the status that is out, and not posted twice. What an answer
means is judged by the answer itself and not by what the library makes of it: of a budget's date that it can't read it makes an error, though the status is
out. Its own waiting for limits is never used, nor its time-out, which is one for each read.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

import msgspec
import requests
from mastodon import Mastodon
from mastodon.errors import MastodonError, MastodonNetworkError

from services.adapters.mastodon_answers import aware, bare, budgets, reset, text_of, told, understood
from services.adapters.mastodon_session import Session
from services.adapters.requests_outcome import never_sent
from services.kernel.forms import Form, mastodon
from services.kernel.lengths import LINK_LENGTH
from services.kernel.ports.social import Draft, Receipt, Reply

Visibility = Literal["public", "unlisted", "private"]
_SPOKEN = "4.4.0"
"""The version whose ways Mastodon.py takes; else it would ask the server for its own before a picture."""
_PAGE, _PAGES_MAX, _DETAIL_MAX = 40, 10, 300
_CLOCKS_APART = timedelta(minutes=5)
"""By how much a server's clock may be behind ours."""


class MastodonFeed:
    """One account."""

    def __init__(self, origin: str, token: str, timeout_s: float, visibility: Visibility = "public") -> None:
        """`origin`: the server's, such as `https://mastodon.social`. `timeout_s`: for all that one post takes, its picture included."""
        self._origin, self._token, self._timeout_s, self._visibility = origin.rstrip("/"), token.strip(), timeout_s, visibility

    def post(self, draft: Draft) -> Receipt:
        """Post `draft`. A picture never costs the message: where it isn't taken, the text goes without it, and the receipt says so."""
        picture, missing = None, ""
        if draft.picture is not None:
            shown = self._show(draft)
            if shown.reply in (Reply.UNREACHED, Reply.LOCKED_OUT):
                return shown
            picture, missing = shown.remote_id, shown.detail
        with Session(self._timeout_s / 2 if draft.picture else self._timeout_s) as session:
            receipt = self._say(session, draft, picture)
            if picture is not None and receipt.reply is Reply.INVALID:  # it may be the picture: one that isn't ready, or is gone
                receipt, missing = self._say(session, draft, None), receipt.detail
        return msgspec.structs.replace(receipt, detail=receipt.detail or (missing and f"without its picture: {missing}"))

    def find(self, draft: Draft) -> Receipt:
        """Look for `draft` among what the account has posted since it was written.

        Within the hour, posting again what is ABSENT is safe even while a try in doubt still goes on: its key sees to that.
        """
        with Session(self._timeout_s) as session:
            client = self._client(session)
            account, fault = self._read(session, client.me)
            if fault is not None:
                return fault
            try:
                return self._found(draft, session, client, account["id"])
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                return Receipt(Reply.FAILED, detail=f"not an answer of Mastodon: {type(error).__name__} {error}"[:_DETAIL_MAX])

    def _found(self, draft: Draft, session: Session, client: Mastodon, account: str) -> Receipt:
        since, before = draft.written_at - _CLOCKS_APART, None
        for _ in range(_PAGES_MAX):
            page, fault = self._read(session, partial(client.account_statuses, account, exclude_reblogs=True, limit=_PAGE, max_id=before))
            if fault is not None:
                return fault
            for status in page:
                if aware(status["created_at"]) < since:
                    return Receipt(Reply.ABSENT)
                before = status["id"]
                if _is(draft, status):
                    return Receipt(Reply.POSTED, str(before))
            if not page:
                return Receipt(Reply.ABSENT)
        return Receipt(Reply.UNCERTAIN, detail=f"more than {_PAGE * _PAGES_MAX} posts since it was written")

    def form(self) -> Form | None:
        """The form of a post as this server is configured; None where it can't be asked now."""
        with Session(self._timeout_s) as session:
            instance, _ = self._read(session, self._client(session).instance_v2)
            if instance is None:
                return None
            try:
                rules = instance["configuration"]["statuses"]
                return mastodon(int(rules["max_characters"]), int(rules.get("characters_reserved_per_url", LINK_LENGTH)))
            except (LookupError, TypeError, ValueError, AttributeError):
                return mastodon()

    def _say(self, session: Session, draft: Draft, picture: str | None) -> Receipt:
        client, key = self._client(session), quote(draft.key, safe=" :|/")  # a header is Latin-1
        reply, detail = self._asked(
            lambda: client.status_post(
                draft.text,
                in_reply_to_id=draft.answers,
                media_ids=[picture] if picture else None,
                visibility=self._visibility,
                language=draft.lang.partition("-")[0],
                idempotency_key=key,
            )
        )
        answer = session.answer
        if answer is None:
            return Receipt(reply, detail=detail)
        if answer.status_code >= 300:
            return understood(answer, is_reply=draft.answers is not None)
        status_id = _member(answer, "id")
        if status_id is None:
            return Receipt(Reply.UNCERTAIN, detail=f"not an answer of Mastodon: {told(answer)}")
        return Receipt(Reply.POSTED, status_id, reset(answer) if answer.headers.get("X-RateLimit-Remaining") == "0" else None, budgets=budgets(answer))

    def _show(self, draft: Draft) -> Receipt:
        """Upload the picture: POSTED with its id, or why not."""
        picture = draft.picture
        if picture is None:
            return Receipt(Reply.ABSENT)
        with Session(self._timeout_s / 2) as session:
            client = self._client(session)
            reply, detail = self._asked(lambda: client.media_post(picture.png, mime_type="image/png", description=picture.alt))
            if session.answer is None:
                return Receipt(reply, detail=detail)
            if session.answer.status_code >= 300:
                receipt = understood(session.answer, is_reply=False)
                return Receipt(receipt.reply, detail=receipt.detail)
            picture_id = _member(session.answer, "id")
            return Receipt(Reply.POSTED, picture_id, detail="" if picture_id else "its upload was answered with no id")

    def _read(self, session: Session, ask: Callable[[], object]) -> tuple[Any, Receipt | None]:
        """What a question is answered with, or why it isn't; nothing can be in doubt about a question."""
        reply, detail = self._asked(ask)
        answer = session.answer
        if answer is None:
            return None, Receipt(Reply.UNREACHED if reply is Reply.UNCERTAIN else reply, detail=detail)
        if answer.status_code >= 300:
            return None, understood(answer, is_reply=False)
        try:
            return answer.json(), None
        except ValueError:
            return None, Receipt(Reply.FAILED, detail=f"not an answer of Mastodon: {told(answer)}")

    def _asked(self, ask: Callable[[], object]) -> tuple[Reply, str]:
        """Ask; where no answer is kept, what that leaves us knowing, and why."""
        try:
            ask()
        except MastodonNetworkError as error:
            cause = error.__context__ or error
            return Reply.UNREACHED if never_sent(cause) else Reply.UNCERTAIN, self._shown(cause)
        except (MastodonError, AttributeError, LookupError, TypeError, ValueError) as error:  # what it makes of an answer, which is looked at itself
            return Reply.UNCERTAIN, self._shown(error)
        return Reply.UNCERTAIN, "no answer was kept"

    def _shown(self, error: BaseException) -> str:
        said = f"{type(error).__name__}: {error}"
        return (said.replace(self._token, "(token)") if self._token else said)[:_DETAIL_MAX]

    def _client(self, session: Session) -> Mastodon:
        return Mastodon(
            access_token=self._token,
            api_base_url=self._origin,
            ratelimit_method="throw",
            mastodon_version=_SPOKEN,
            version_check_mode="created",
            session=session,
            user_agent="surgecast",
        )


def _is(draft: Draft, status: Any) -> bool:
    return bare(text_of(status["content"])) == bare(draft.text) and status.get("language") in (None, draft.lang.partition("-")[0])


def _member(answer: requests.Response, name: str) -> str | None:
    try:
        return str(answer.json()[name])
    except (ValueError, LookupError, TypeError):
        return None
