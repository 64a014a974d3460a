"""Notices on Messenger, within 24 hours of somebody's last word. Meets `kernel.ports.waiting.Courier`.

The Send API knows no idempotency key: whether a message whose answer was lost is out is asked of the conversation
(developers.facebook.com/documentation/business-messaging/messenger-platform/conversations), for which the page's token needs `pages_manage_metadata`
and `pages_read_engagement`. What errors mean: messenger_http.py. Nothing is tried twice in a row: a worker doesn't sleep.
"""

from datetime import datetime, timedelta
from typing import Any

import httpx

from services.adapters.messenger_http import meaning
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.messenger import Sending
from services.kernel.ports.waiting import Told
from services.kernel.waiting import Notice
from services.kit.logs import log

_SKEW = timedelta(minutes=1)
"""How far Messenger's clock may be behind ours."""
_PAGE = 25
"""Messages of the conversation that are looked at, newest first."""
_MEANT = {
    Sending.SENT: Told.SENT,
    Sending.LIMITED: Told.LIMITED,
    Sending.CLOSED: Told.INVALID,
    Sending.REFUSED: Told.INVALID,
    Sending.UNAVAILABLE: Told.STOPPED,
    Sending.LOCKED_OUT: Told.REFUSED,
    Sending.FAILED: Told.UNCERTAIN,  # the API answered, and need not know what became of it
}


class MessengerNotices:
    """One page's."""

    def __init__(self, origin: str, version: str, token: str, timeout_s: float) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=f"{origin.rstrip('/')}/{version}/", timeout=timeout_s, headers=headers, follow_redirects=False)

    def send(self, notice: Notice) -> Told:
        """Meets `Courier.send`."""
        body = {"recipient": {"id": notice.waiter.address}, "messaging_type": "UPDATE", "message": {"text": notice.text}}
        try:
            response = self._client.post("me/messages", json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return Told.UNREACHED
        except httpx.HTTPError:
            return Told.UNCERTAIN
        sending = meaning(response)
        if sending is not Sending.SENT:
            log.warning("notices.messenger_refused", status=response.status_code, meaning=sending)
        return _MEANT[sending]

    def sent(self, notice: Notice) -> bool:
        """Meets `Courier.sent`."""
        assert notice.claimed_at is not None  # noqa: S101 - only what was claimed may be out
        since, fields = notice.claimed_at - _SKEW, f"messages.limit({_PAGE}){{message,created_time}}"
        try:
            response = self._client.get("me/conversations", params={"platform": "messenger", "user_id": notice.waiter.address, "fields": fields})
            response.raise_for_status()
            conversations = response.json()["data"]
            return any(_is(message, notice.text, since) for each in conversations for message in each["messages"]["data"])
        except (httpx.HTTPError, LookupError, TypeError, ValueError) as error:
            raise Unavailable(f"the conversation on Messenger can't be had: {type(error).__name__}") from error


def _is(message: dict[str, Any], text: str, since: datetime) -> bool:
    return bool(message.get("message") == text) and datetime.strptime(message["created_time"], "%Y-%m-%dT%H:%M:%S%z") >= since
