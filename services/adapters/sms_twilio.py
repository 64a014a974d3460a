"""Text messages by Twilio's REST API (twilio.com/docs/messaging/api/message-resource). Meets `kernel.ports.waiting.Courier`.

Twilio knows no idempotency key: whether a message whose answer was lost is out is asked of its list of messages. Codes: twilio.com/docs/api/errors.
"""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import Told
from services.kernel.waiting import Notice
from services.kit.logs import log

_STOPPED = 21610
_SKEW = timedelta(minutes=1)
"""How far Twilio's clock may be behind ours."""
_PAGE = 50
"""Messages looked at, newest first: that many of ours to one number since a moment ago there can't be."""


class TwilioTexts:
    """One sender: a number, or a Messaging Service."""

    def __init__(self, origin: str, account: str, token: str, sender: str, timeout_s: float) -> None:
        """`sender`: a telephone number (E.164), or the id of a Messaging Service (MG...)."""
        self._path = f"/2010-04-01/Accounts/{account}/Messages.json"
        self._sender = {"MessagingServiceSid": sender} if sender.startswith("MG") else {"From": sender}
        self._client = httpx.Client(base_url=origin, auth=(account, token), timeout=timeout_s, follow_redirects=False)

    def send(self, notice: Notice) -> Told:
        """Meets `Courier.send`."""
        try:
            response = self._client.post(self._path, data={"To": notice.waiter.address, "Body": notice.text, **self._sender})
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return Told.UNREACHED
        except httpx.HTTPError:
            return Told.UNCERTAIN
        meaning = _meaning(response)
        if meaning is not Told.SENT:
            log.warning("notices.twilio_refused", status=response.status_code, code=_code(response), meaning=meaning)
        return meaning

    def sent(self, notice: Notice) -> bool:
        """Meets `Courier.sent`."""
        assert notice.claimed_at is not None  # noqa: S101 - only what was claimed may be out
        since = notice.claimed_at - _SKEW
        try:
            response = self._client.get(self._path, params={"To": notice.waiter.address, "PageSize": _PAGE})  # no filter by date: what is queued has none yet
            response.raise_for_status()
            return any(_is(message, notice.text, since) for message in response.json()["messages"])
        except (httpx.HTTPError, LookupError, TypeError, ValueError) as error:
            raise Unavailable(f"Twilio's list of messages can't be had: {type(error).__name__}") from error


def _is(message: dict[str, Any], text: str, since: datetime) -> bool:
    return bool(message["body"] == text) and parsedate_to_datetime(message["date_created"]) >= since


def _meaning(response: httpx.Response) -> Told:
    status = response.status_code
    if status == 201:
        return Told.SENT
    if _code(response) == _STOPPED:
        return Told.STOPPED
    if status == 429:
        return Told.LIMITED
    if status in (401, 403, 404):
        return Told.REFUSED
    if status >= 500 or status < 400:
        return Told.UNCERTAIN
    return Told.INVALID


def _code(response: httpx.Response) -> int:
    try:
        return int(response.json()["code"])
    except (LookupError, TypeError, ValueError):
        return 0
