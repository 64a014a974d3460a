"""Alexa's Proactive Events API. Meets `kernel.ports.alexa.ProactiveEvents`.

Facts: 'Proactive Events API' (Alexa Skills Kit): 202 taken, 400, 403, 409 the same reference again, 429, and 432 where a customer had enough for now. The token
is had by client credentials (RFC 6749, section 4.4).
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from services.kernel.ports.alexa import MESSAGE_ALERT, Message, Sent
from services.kernel.ports.failures import Unavailable

SCOPE = "alexa::proactive_events"
_EARLY_S = 60.0
"""A token is not used in its last minute."""
_MEANT = {202: Sent.ACCEPTED, 409: Sent.DUPLICATE, 429: Sent.LIMITED, 432: Sent.ENOUGH, 400: Sent.REFUSED, 403: Sent.FORBIDDEN}


class HttpProactiveEvents:
    """One client for a process; the token is kept in memory until just before it ends."""

    def __init__(self, url: str, token_url: str, client_id: str, client_secret: str, timeout_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`url`: the stage to send to, live or development."""
        self._url, self._token_url, self._credentials, self._monotonic = url, token_url, (client_id, client_secret), monotonic
        self._client = httpx.Client(timeout=timeout_s, headers={"User-Agent": "surgecast"})
        self._token, self._token_until = "", 0.0

    def send(self, message: Message) -> Sent:
        """Meets `ProactiveEvents.send`."""
        answer = self._posted(message)
        if answer.status_code == 401:  # ended before its time
            self._token = ""
            answer = self._posted(message)
        meant = _MEANT.get(answer.status_code)
        if meant is None:
            raise Unavailable(f"the Proactive Events API answers {answer.status_code}")
        return meant

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _posted(self, message: Message) -> httpx.Response:
        try:
            return self._client.post(self._url, json=event(message), headers={"Authorization": f"Bearer {self._bearer()}"})
        except httpx.HTTPError as error:
            raise Unavailable(f"the Proactive Events API: {type(error).__name__}") from None

    def _bearer(self) -> str:
        if self._token and self._monotonic() < self._token_until:
            return self._token
        client_id, secret = self._credentials
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "scope": SCOPE}
        answer = self._client.post(self._token_url, data=form)
        try:
            told: Any = answer.json() if answer.status_code == 200 else None
            self._token, lives_s = str(told["access_token"]), float(told["expires_in"])
        except (ValueError, TypeError, KeyError):
            raise Unavailable(f"Amazon gives no token ({answer.status_code}): are SURGECAST_ALEXA_CLIENT_ID and _SECRET those of the skill?") from None
        self._token_until = self._monotonic() + lives_s - _EARLY_S
        return self._token


def event(message: Message) -> dict[str, Any]:
    """`message` as the API has it: the schema AMAZON.MessageAlert.Activated, to one customer."""
    return {
        "timestamp": _moment(message.at),
        "referenceId": message.reference,
        "expiryTime": _moment(message.until),
        "event": {
            "name": MESSAGE_ALERT,
            "payload": {
                "state": {"status": "UNREAD", "freshness": "NEW"},
                "messageGroup": {"creator": {"name": message.sender}, "count": 1, **({"urgency": "URGENT"} if message.urgent else {})},
            },
        },
        "localizedAttributes": [],
        "relevantAudience": {"type": "Unicast", "payload": {"user": message.user}},
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.00Z")
