"""X, by tweepy: one account, by OAuth 1.0a, or by OAuth 2.0 user context (`x_tokens`). Meets `kernel.ports.SocialFeed`.

A picture is uploaded first, by the API's version 2 (tweepy has the old one's calls only), and given its alt text. tweepy's own waiting for limits
is never used: it blocks the worker, and recurses without end where the header is missing.
"""

import base64
from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
import tweepy

from services.adapters.x_answers import FAULTS, budgets, closed_until, is_text, understood
from services.adapters.x_tokens import NoToken, XTokens
from services.kernel.ports.social import Draft, Picture, Receipt, Reply

Keys = tuple[str, str, str, str]
"""OAuth 1.0a: consumer key and secret, access token and secret."""
PICTURE_BYTES_MAX, ALT_MAX = 5_000_000, 1_000
LOOKED_AT_MAX = 100
_CLOCKS_APART = timedelta(minutes=5)
_LOOK_FAILED = {
    Reply.UNCERTAIN: Reply.UNREACHED,
    Reply.UNREACHED: Reply.UNREACHED,
    Reply.LIMITED: Reply.UNREACHED,
    Reply.FAILED: Reply.FAILED,
    Reply.LOCKED_OUT: Reply.LOCKED_OUT,
}
"""What a look's failure says of the post: to be looked for again. Whatever isn't here refuses the look itself, and will again: nobody can tell."""


class _Session(requests.Session):
    """Sends tweepy's requests to the origin that the settings name (tweepy knows one host only), before they are signed, with a time-out."""

    def __init__(self, origin: str, timeout_s: float) -> None:
        super().__init__()
        self._origin, self._timeout_s = origin.rstrip("/"), timeout_s
        self.headers["Connection"] = "close"  # posts are minutes apart: a kept connection is a dead one, and its reset leaves us in doubt

    def request(self, method: str, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """One request, to our origin. Raises `requests.RequestException`."""
        kwargs.setdefault("timeout", (self._timeout_s / 2, self._timeout_s / 2))
        kwargs.setdefault("allow_redirects", False)  # a redirected POST would come back as a GET
        return super().request(method, self._origin + urlsplit(str(url)).path, *args, **kwargs)


class XFeed:
    """One account on X. X finds out a text's language by itself."""

    def __init__(self, origin: str, access: Keys | XTokens, timeout_s: float) -> None:
        """`timeout_s`: for connecting and for the answer, together; a picture may take two thirds of that again."""
        self._tokens = access if isinstance(access, XTokens) else None
        self._signs = self._tokens is None
        keys = None if isinstance(access, XTokens) else access
        self._client, self._pictures = _client(origin, keys, timeout_s), _client(origin, keys, timeout_s / 3)
        self._user = ""

    def find(self, draft: Draft) -> Receipt:
        """Without a picture a look would be billed, and posting again tells as much: word for word, a post that is out is refused as duplicate content.

        X doesn't say that it knows a post with a picture again, so that is looked for, among what the account posted since it was written. A post
        of a moment ago may not be listed yet: leave it a minute before you believe that it is ABSENT.
        """
        if draft.picture is None:
            return Receipt(Reply.REPEATABLE)
        return self._looked_for(draft)

    def _looked_for(self, draft: Draft) -> Receipt:
        try:
            self._enter()
            self._user = self._user or str(self._client.get_me(user_auth=self._signs).json()["data"]["id"])
            since = (draft.written_at - _CLOCKS_APART).astimezone(UTC)
            answer = self._client.get_users_tweets(self._user, start_time=since, max_results=LOOKED_AT_MAX, user_auth=self._signs).json()
            out = next((post["id"] for post in answer.get("data", []) if is_text(post["text"], draft.text)), None)
            if out is not None:
                return Receipt(Reply.POSTED, str(out))
            more = "next_token" in answer["meta"]
            return Receipt(Reply.UNCERTAIN, detail=f"not among the newest {LOOKED_AT_MAX} posts, and there are more") if more else Receipt(Reply.ABSENT)
        except NoToken as known:
            return known.receipt
        except FAULTS as error:
            receipt = understood(error)  # what it says of budgets is of those for reading, which keep no post back
            return Receipt(_LOOK_FAILED.get(receipt.reply, Reply.UNCERTAIN), detail=receipt.detail)

    def post(self, draft: Draft) -> Receipt:
        """Post `draft`. A picture never costs the message: where it isn't taken, the text goes without it, and the receipt says so."""
        try:
            token = self._enter()
            receipt = self._posted(draft)
            if receipt.reply is Reply.LOCKED_OUT and self._tokens is not None:  # revoked before its time, or our clock is behind: surely not posted
                self._enter(token)
                receipt = self._posted(draft)
        except NoToken as known:
            return known.receipt
        # It is out from a try in doubt, or from before: later posts answer it, if the one look tells its id.
        return msgspec.structs.replace(receipt, remote_id=self._looked_for(draft).remote_id) if receipt.reply is Reply.DUPLICATE else receipt

    def _enter(self, stale: str = "") -> str:
        """Have an access token, where that is what X is asked with: another one than `stale`. Raises `NoToken`."""
        if self._tokens is None:
            return ""
        token = self._tokens.renewed(stale) if stale else self._tokens.bearer()
        self._client.bearer_token = self._pictures.bearer_token = token
        return token

    def _posted(self, draft: Draft) -> Receipt:
        media, missing = self._uploaded(draft.picture) if draft.picture is not None else (None, "")
        receipt = self._said(draft, media)
        if media is not None and receipt.reply is Reply.INVALID:  # it may be the picture, which is gone again
            receipt, missing = self._said(draft, None), receipt.detail
        return msgspec.structs.replace(receipt, detail=receipt.detail or (missing and f"without its picture: {missing}"))

    def _said(self, draft: Draft, media: str | None) -> Receipt:
        try:
            media_ids = [media] if media else None
            response = self._client.create_tweet(text=draft.text, in_reply_to_tweet_id=draft.answers, media_ids=media_ids, user_auth=self._signs)
            return Receipt(Reply.POSTED, str(response.json()["data"]["id"]), closed_until(response), budgets=budgets(response))
        except FAULTS as error:
            return understood(error)

    def _uploaded(self, picture: Picture) -> tuple[str | None, str]:
        """The picture's id at X; or why the post goes without, as it also does where its alt text isn't taken."""
        if len(picture.png) > PICTURE_BYTES_MAX or not 0 < len(picture.alt) <= ALT_MAX:
            return None, f"at most {PICTURE_BYTES_MAX} bytes and {ALT_MAX} letters of alt text are taken"
        asked = {"media": base64.b64encode(picture.png).decode(), "media_category": "tweet_image", "media_type": "image/png"}
        try:
            media = str(self._pictures.request("POST", "/2/media/upload", json=asked, user_auth=self._signs).json()["data"]["id"])
            told = {"id": media, "metadata": {"alt_text": {"text": picture.alt}}}
            self._pictures.request("POST", "/2/media/metadata", json=told, user_auth=self._signs)
            return media, ""
        except FAULTS as error:
            return None, understood(error).detail


def _client(origin: str, keys: Keys | None, timeout_s: float) -> tweepy.Client:
    key, secret, token, token_secret = keys or (None,) * 4
    made = tweepy.Client(consumer_key=key, consumer_secret=secret, access_token=token, access_token_secret=token_secret, return_type=requests.Response)
    made.session = _Session(origin, timeout_s)
    return made
