"""A Facebook Page by the Graph API. Meets `kernel.ports.SocialFeed`.

Posts on a page have no threads: what a post answers is not told, it stands on its own. A picture is uploaded first, unpublished, its alt text in
`alt_text_custom`, and then attached to the post (Graph API reference, "Page Photos", "Page Feed"): a photo published as such is no post that the page
would refuse the second time, and one that isn't taken would keep the words back.

What the errors mean ("Handle Errors", "Rate Limits"): 4, 17, 32, 341, 613, 80001 and 368 with subcode 1390008 too much; 190 and 102 the
token; 10 and 200 to 299 a permission; 368 blocked for a policy; 506 the text is there already; 1 and 2 trouble of its own, after which
a post may be out all the same (arsduo/koala#699 saw eight). How much of a limit is used is told in per cent: see `_budgets`.
"""

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
import msgspec

from services.adapters.social_http import Answer, Lost, NotSent, ask
from services.kernel.ports.clock import Clock
from services.kernel.ports.social import Draft, Left, Picture, Receipt, Reply

LOOKED_AT_MAX = 100
"""Posts that `find` looks at: the most that one call gives."""
_ANSWER_MAX_BYTES, _LIST_MAX_BYTES = 64 * 1024, 8 * 1024 * 1024
_SKEW = timedelta(minutes=1)
"""How far Facebook's clock may be behind ours."""
_DETAIL_MAX = 300
_LIMITED, _LOCKED_OUT, _OF_ITS_OWN = {4, 17, 32, 341, 613, 80001}, {102, 190}, {1, 2}
_TOO_FAST, _NO_SUCH_OBJECT = 1390008, 33
_DAY_S, _HOUR_S = 86_400, 3_600
_NUMBER_MAX = 1e6
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class FacebookFeed:
    """One page."""

    def __init__(self, origin: str, version: str, page: str, token: str, app_secret: str, timeout_s: float, clock: Clock) -> None:
        """`page`: its id. `token`: of the page, with pages_manage_posts, and pages_read_engagement to look for posts. `app_secret` proves that
        the token is used by its app; empty: not proved. `timeout_s`: for one call as a whole; a picture may take half as long
        again. Raises ValueError for a page that is no id.
        """
        if not (page.isascii() and page.isdigit()):
            raise ValueError("a Facebook page is named by its id, which is a number")
        self._base, self._timeout_s, self._clock = f"{origin.rstrip('/')}/{version}/{page}", timeout_s, clock
        self._headers = {"Authorization": f"Bearer {token}"}  # an address ends in logs
        self._proof = {"appsecret_proof": hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()} if app_secret else {}
        self._proxies = httpx.URL(origin).host not in _LOOPBACK

    def post(self, draft: Draft) -> Receipt:
        """Post `draft`. It has no idempotency key; a text that was posted a moment ago is refused as a duplicate.

        A picture never costs the message: where it isn't taken, the text goes without it, and the receipt says so.
        """
        photo, missing = self._uploaded(draft.picture) if draft.picture is not None else (None, "")
        receipt = self._said(draft, photo)
        if photo is not None and receipt.reply is Reply.INVALID:  # it may be the picture
            receipt, missing = self._said(draft, None), receipt.detail
        return msgspec.structs.replace(receipt, detail=receipt.detail or (missing and f"without its picture: {missing}"))

    def _said(self, draft: Draft, photo: str | None) -> Receipt:
        form = {"message": draft.text, **self._proof} | ({"attached_media[0]": json.dumps({"media_fbid": photo})} if photo else {})
        request = httpx.Request("POST", f"{self._base}/feed", headers=self._headers, data=form)
        return self._asked(request, _ANSWER_MAX_BYTES, _posted, self._timeout_s)

    def _uploaded(self, picture: Picture) -> tuple[str | None, str]:
        """The picture's id, or why the post goes without. One that no post shows is seen by nobody, however often it is uploaded."""
        form = {"published": "false", "alt_text_custom": picture.alt, **self._proof}
        files = {"source": ("map.png", picture.png, "image/png")}
        request = httpx.Request("POST", f"{self._base}/photos", headers=self._headers, data=form, files=files)
        receipt = self._asked(request, _ANSWER_MAX_BYTES, lambda told: Receipt(Reply.POSTED, str(told["id"])), self._timeout_s / 2)
        return receipt.remote_id, receipt.detail

    def find(self, draft: Draft) -> Receipt:
        """Look for `draft` among the page's newest posts, by its text and from when it was written on. A post of a moment ago may not be listed yet:
        leave it a minute before you believe that it is ABSENT."""
        since = str(int((draft.written_at - _SKEW).timestamp()))
        asked = {"fields": "id,message,created_time", "since": since, "limit": str(LOOKED_AT_MAX), **self._proof}
        request = httpx.Request("GET", f"{self._base}/published_posts", headers=self._headers, params=asked)
        return self._asked(request, _LIST_MAX_BYTES, lambda told: _found(told, draft.text), self._timeout_s)

    def _asked(self, request: httpx.Request, bytes_max: int, read: Any, timeout_s: float) -> Receipt:
        try:
            answer = ask(request, timeout_s, bytes_max, proxies=self._proxies)
        except NotSent as error:
            return Receipt(Reply.UNREACHED, detail=str(error)[:_DETAIL_MAX])
        except Lost as error:
            return Receipt(Reply.UNCERTAIN, detail=str(error)[:_DETAIL_MAX])
        told = _json(answer)
        try:
            receipt = read(told) if answer.status == 200 else _refusal(answer.status, told)
        except (LookupError, TypeError, AttributeError):
            receipt = Receipt(Reply.UNCERTAIN, detail=f"{answer.status}, and not an answer of the Graph API")
        return self._with_usage(receipt, answer)

    def _with_usage(self, receipt: Receipt, answer: Answer) -> Receipt:
        """`receipt`, with what the headers say of the limits."""
        now = self._clock.now()
        budgets, wait_min = [], 0.0
        for window_s, usage in _usages(answer.headers):
            spent = max(_number(usage, name) for name in ("call_count", "total_time", "total_cputime"))
            wait_min = max(wait_min, _number(usage, "estimated_time_to_regain_access"))
            budgets.append(Left(window_s, 100, max(0, 100 - int(spent)), now + timedelta(seconds=window_s)))
        until = now + min(timedelta(minutes=wait_min), timedelta(seconds=_DAY_S)) if wait_min else None
        return msgspec.structs.replace(receipt, budgets=tuple(budgets), closed_until=until)


def _posted(told: Mapping[str, Any]) -> Receipt:
    return Receipt(Reply.POSTED, str(told["id"]))


def _found(told: Mapping[str, Any], text: str) -> Receipt:
    for post in told["data"]:
        if _plain(post.get("message", "")) == _plain(text):
            return Receipt(Reply.POSTED, str(post["id"]))
    if "next" in told.get("paging", {}):
        return Receipt(Reply.UNCERTAIN, detail=f"not among the newest {LOOKED_AT_MAX} posts, and there are more")
    return Receipt(Reply.ABSENT)


def _plain(text: str) -> str:
    """Without what Facebook may write in another way."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _refusal(status: int, told: Mapping[str, Any]) -> Receipt:
    error = told.get("error", {})
    detail = f"{status} {error.get('message', '')} (code {error.get('code', '?')}, subcode {error.get('error_subcode', '-')})"
    return Receipt(_meaning(status, error), detail=detail[:_DETAIL_MAX])


def _meaning(status: int, error: Mapping[str, Any]) -> Reply:
    code, subcode = error.get("code"), error.get("error_subcode")
    if status == 429 or code in _LIMITED or (code == 368 and subcode == _TOO_FAST):
        return Reply.LIMITED
    if code == 506:
        return Reply.DUPLICATE
    if status == 401 or code in _LOCKED_OUT or "appsecret_proof" in str(error.get("message")):
        return Reply.LOCKED_OUT
    if code in _OF_ITS_OWN or error.get("is_transient") or status >= 500:
        return Reply.FAILED
    may_not = code in (10, 368) or (isinstance(code, int) and 200 <= code < 300) or (code == 100 and subcode == _NO_SUCH_OBJECT)
    return Reply.INVALID if status in (400, 413, 422) and not may_not else Reply.REFUSED


def _usages(headers: httpx.Headers) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """What is said of each limit, with the length of its window in seconds: calls with a page's token count by the day, others by the hour.

    In per cent of what the page's number of engaged people allows, 4,800 calls for each. As a budget of 100 it errs on the safe side: one post
    takes far less than one of them, and the next answer tells anew.
    """
    by_business = _object(headers.get("x-business-use-case-usage"))
    for usages in by_business.values():
        yield from ((_DAY_S, usage) for usage in usages if isinstance(usage, dict) and usage.get("type") == "pages") if isinstance(usages, list) else ()
    for name, window_s in (("x-page-usage", _DAY_S), ("x-app-usage", _HOUR_S)):
        if usage := _object(headers.get(name)):
            yield window_s, usage


def _number(usage: Mapping[str, Any], name: str) -> float:
    value = usage.get(name)
    return min(float(value), _NUMBER_MAX) if isinstance(value, int | float) and value > 0 else 0.0


def _object(text: str | bytes | None) -> Mapping[str, Any]:
    try:
        told = msgspec.json.decode(text or b"{}")
    except msgspec.DecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _json(answer: Answer) -> Mapping[str, Any]:
    return _object(answer.body) if answer.whole else {}
