"""Bluesky, by atproto, with an app password. Meets `kernel.ports.SocialFeed`.

A post is put under a key of our own (`com.atproto.repo.putRecord`), so that handed over again it is the same post: nothing that goes wrong in between
can make two of it. Its `remote_id` is its AT-URI. A server takes an answer to a post that is gone, and shows it under 'post not found'; so the post that
is answered is looked up first, which also gives its cid and the root of its thread, as a reference needs both.
"""

from time import monotonic
from typing import Any

from atproto_client import models

from services.adapters.bluesky_answers import ERRORS, body, closed, error_name, in_posts, left, understood
from services.adapters.bluesky_record import COLLECTION, PICTURE_BYTES_MAX, answering, record, shown, tid
from services.adapters.bluesky_session import BlueskyAccount, Unsent, unsent
from services.kernel.ports.social import Draft, Picture, Receipt, Reply, SessionStore

_NOT_FOUND = "RecordNotFound"


class BlueskyFeed:
    """One account on Bluesky, or on any server of the AT Protocol."""

    def __init__(self, origin: str, identifier: str, app_password: str, timeout_s: float, store: SessionStore) -> None:
        """`identifier`: handle, DID or e-mail address. `timeout_s`: for all that a post takes; half of it is kept for the post itself."""
        self._account = BlueskyAccount(origin, identifier, app_password, store)
        self._timeout_s = timeout_s

    def find(self, draft: Draft) -> Receipt:
        """Look for the record of `draft`. A try that is still under way may yet make it: posting again is safe all the same."""
        try:
            deadline = monotonic() + self._timeout_s
            uri = f"at://{self._account.did(deadline)}/{COLLECTION}/{tid(draft)}"
            return Receipt(Reply.ABSENT) if self._looked_up(uri, deadline) is None else Receipt(Reply.POSTED, uri)
        except Unsent as known:
            return known.receipt

    def post(self, draft: Draft) -> Receipt:
        """Post `draft`. DUPLICATE: it was there already, word for word."""
        start = monotonic()
        try:
            made, without = self._prepared(draft, start + self._timeout_s / 2)
            answer = self._account.procedure("com.atproto.repo.putRecord", start + self._timeout_s, data=made, input_encoding="application/json")
            said = left(answer.headers)
            reply = Reply.POSTED if body(answer).get("commit") else Reply.DUPLICATE
            return Receipt(reply, str(body(answer)["uri"]), closed(said), without, in_posts(said))
        except Unsent as known:
            return known.receipt
        except ERRORS as error:
            return understood(error)

    def _prepared(self, draft: Draft, deadline: float) -> tuple[Any, str]:
        """What is put, and why it is without its picture, if it is. Raises `Unsent`."""
        did = self._account.did(deadline)
        reply = self._thread(draft.answers, did, deadline) if draft.answers is not None else None
        embed, without = self._uploaded(draft.picture, deadline) if draft.picture is not None else (None, "")
        try:
            made = record(draft, reply, embed)
            return models.ComAtprotoRepoPutRecord.Data(repo=did, collection=COLLECTION, rkey=tid(draft), record=made), without
        except ERRORS as error:
            raise Unsent(Receipt(Reply.INVALID, detail=str(error))) from error

    def _thread(self, answered: str, did: str, deadline: float) -> Any:
        ours = answered.startswith(f"at://{did}/")
        found = self._looked_up(answered, deadline) if ours else None
        if found is None:
            raise Unsent(Receipt(Reply.REPLY_GONE, detail=f"{answered} is not there"))
        try:
            return answering(found["uri"], found["cid"], found["value"])
        except ERRORS as error:
            raise unsent(error) from error

    def _looked_up(self, uri: str, deadline: float) -> Any:
        """The record at `uri`, None where there is none. Raises `Unsent`."""
        try:
            repo, collection, rkey = uri.removeprefix("at://").split("/")
            params = models.ComAtprotoRepoGetRecord.Params(repo=repo, collection=collection, rkey=rkey)
        except ValueError:  # it is of another service
            return None
        try:
            return body(self._account.query("com.atproto.repo.getRecord", params, deadline))
        except ERRORS as error:
            if error_name(error) == _NOT_FOUND:
                return None
            raise unsent(error) from error

    def _uploaded(self, picture: Picture, deadline: float) -> tuple[Any, str]:
        """The picture, to be put in the record; or why the post goes without: what it says is worth more. Raises `Unsent`."""
        if len(picture.png) > PICTURE_BYTES_MAX:
            return None, f"without its picture: {len(picture.png)} bytes are more than {PICTURE_BYTES_MAX}"
        try:
            now = monotonic()  # a slow upload leaves the post its time
            answer = self._account.procedure("com.atproto.repo.uploadBlob", now + (deadline - now) / 2, content=picture.png, input_encoding="image/png")
            return shown(picture, body(answer)["blob"]), ""
        except ERRORS as error:
            receipt = understood(error)
            if receipt.reply in (Reply.INVALID, Reply.FAILED, Reply.UNCERTAIN):
                return None, f"without its picture: {receipt.detail}"
            raise unsent(error) from error
