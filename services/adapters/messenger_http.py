"""The Graph API's Send API, by httpx. Meets `kernel.ports.messenger.MessengerApi`.

What the errors mean (developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes): 4, 17, 32, 613 too many calls;
1, 2, 1200 and `is_transient` trouble of its own; 10 with subcode 2018278 (formerly 2018065) outside the 24 hours; 551 and 10 with 2018108 the person
can't be written to; 190 the token. The token goes in the Authorization header: an address ends in logs.
"""

import asyncio
import random
from collections.abc import Mapping
from typing import Any

import httpx

from services.kernel.ports.messenger import Sending

_LIMITS, _TRANSIENT, _OUTSIDE = {4, 17, 32, 613}, {1, 2, 1200}, {2018278, 2018065}
_AGAIN = (Sending.LIMITED, Sending.FAILED)


class HttpMessenger:
    """One page. Tries again what was not sent, as far as the API says, a bounded number of times."""

    def __init__(self, origin: str, version: str, token: str, timeout_s: float, tries: int, wait_max_s: float) -> None:
        """`timeout_s` for one call, `wait_max_s` the longest wait between two: where the API asks for more, it is given up."""
        self._token, self._version = token, version
        self._timeout_s, self._tries, self._wait_max_s = timeout_s, tries, wait_max_s
        self._origin = origin.rstrip("/")
        self._client: httpx.AsyncClient | None = None

    async def send(self, to: str, message: Mapping[str, Any]) -> Sending:
        """Meets `MessengerApi.send`."""
        body = {"recipient": {"id": to}, "messaging_type": "RESPONSE", "message": message}
        for attempt in range(1, self._tries + 1):
            sending, wait_s = await self._post(body)
            wait_s = wait_s or random.uniform(0.5, 1) * self._wait_max_s / 2 ** (self._tries - attempt)  # Retry-After where there is one, else backoff
            if sending not in _AGAIN or attempt == self._tries or wait_s > self._wait_max_s:
                break
            await asyncio.sleep(wait_s)
        return sending

    async def typing(self, to: str) -> None:
        """Meets `MessengerApi.typing`."""
        await self._post({"recipient": {"id": to}, "sender_action": "typing_on"})

    async def locale(self, of: str) -> str:
        """Meets `MessengerApi.locale`."""
        try:
            answer = await self._call("GET", of, params={"fields": "locale"})
            told = answer.json().get("locale", "") if answer.status_code == 200 else ""
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, AttributeError):
            return ""
        return told if isinstance(told, str) else ""

    async def close(self) -> None:
        """Meets `MessengerApi.close`."""
        if self._client is not None:
            await self._client.aclose()

    async def _post(self, body: Mapping[str, Any]) -> tuple[Sending, float]:
        """What became of it, and how long the API wants to be left alone, in seconds, where it says so."""
        try:
            answer = await self._call("POST", "me/messages", json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL):
            return Sending.FAILED, 0
        except (httpx.HTTPError, TimeoutError):
            return Sending.UNCERTAIN, 0
        after = answer.headers.get("Retry-After", "")
        return meaning(answer), float(after) if after.isdecimal() else 0

    async def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        if self._client is None:
            self._client = httpx.AsyncClient(base_url=f"{self._origin}/{self._version}/", timeout=self._timeout_s)
        async with asyncio.timeout(self._timeout_s):
            return await self._client.request(method, path, headers={"Authorization": f"Bearer {self._token}"}, **options)


def meaning(answer: httpx.Response) -> Sending:
    """What the Send API made of a message, by its answer."""
    if answer.status_code == 200:
        return Sending.SENT
    try:
        error = answer.json()["error"]
        code, subcode, transient = error.get("code"), error.get("error_subcode"), error.get("is_transient")
    except (ValueError, LookupError, TypeError, AttributeError):
        return Sending.LIMITED if answer.status_code == 429 else Sending.FAILED if answer.status_code >= 500 else Sending.REFUSED
    if answer.status_code == 429 or code in _LIMITS:
        return Sending.LIMITED
    if code == 190:
        return Sending.LOCKED_OUT
    if code == 10 and subcode in _OUTSIDE:
        return Sending.CLOSED
    if code == 551 or (code == 10 and subcode == 2018108):
        return Sending.UNAVAILABLE
    return Sending.FAILED if transient or code in _TRANSIENT or answer.status_code >= 500 else Sending.REFUSED
