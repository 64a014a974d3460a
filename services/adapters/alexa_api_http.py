"""Alexa's API over HTTPS: device addresses and progressive responses. Meets `kernel.ports.alexa.AlexaApi`.

Facts: 'Enhance Your Skill With Address Information' and 'Send the User a Progressive Response' (Alexa Skills Kit).
"""

import asyncio
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
from msgspec import Struct

from services.kernel.ports.alexa import Caller, NotAllowed
from services.kernel.ports.failures import Unavailable

HOSTS = frozenset({"https://api.amazonalexa.com", "https://api.eu.amazonalexa.com", "https://api.fe.amazonalexa.com"})
"""A customer's token goes nowhere else, whatever a request says."""
_ANSWER_MAX_BYTES = 16 * 1024


class _Address(Struct, rename="camel"):
    country_code: str | None = None
    postal_code: str | None = None


class HttpAlexaApi:
    """One pool of connections. For one event loop."""

    def __init__(self, timeout_s: float, calls_max: int, instead: str = "") -> None:
        """`timeout_s` for each call, and no more than `calls_max` at a time; `instead`: origin to ask in place of Alexa's, for tests."""
        self._timeout_s, self._instead, self._calls, self._calls_max = timeout_s, instead, 0, calls_max
        self._client = httpx.AsyncClient(
            timeout=timeout_s, limits=httpx.Limits(max_connections=calls_max), headers={"User-Agent": "surgecast", "Accept-Encoding": "identity"}
        )

    async def postal_code(self, caller: Caller) -> str:
        """Meets `AlexaApi.postal_code`."""
        path = f"/v1/devices/{quote(caller.device, safe='')}/settings/address/countryAndPostalCode"
        status, body = await self._asked("GET", caller, path)
        if status == 204:
            return ""
        if status == 403:
            raise NotAllowed
        try:
            found = msgspec.json.decode(body, type=_Address) if status == 200 else None
        except msgspec.DecodeError:
            found = None
        if found is None:
            raise Unavailable(f"asked for a postal code, Alexa's API answers {status}")
        return (found.postal_code or "").strip().upper()

    async def say_meanwhile(self, caller: Caller, request_id: str, ssml: str) -> None:
        """Meets `AlexaApi.say_meanwhile`."""
        said = {"header": {"requestId": request_id}, "directive": {"type": "VoicePlayer.Speak", "speech": ssml}}
        status, _ = await self._asked("POST", caller, "/v1/directives", json=said)
        if not 200 <= status < 300:
            raise Unavailable(f"told to say something meanwhile, Alexa's API answers {status}")

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    async def _asked(self, method: str, caller: Caller, path: str, **options: Any) -> tuple[int, bytes]:
        if not self._instead and caller.endpoint not in HOSTS:
            raise Unavailable(f"{caller.endpoint[:100]!r} is not Alexa's API")
        if self._calls >= self._calls_max:
            raise Unavailable(f"{self._calls_max} calls of Alexa's API are under way (SURGECAST_ALEXA_API_CALLS_MAX)")
        self._calls += 1
        try:
            async with asyncio.timeout(self._timeout_s):
                request = self._client.build_request(
                    method, (self._instead or caller.endpoint) + path, headers={"Authorization": f"Bearer {caller.token}"}, **options
                )
                answer = await self._client.send(request, stream=True)
                try:
                    return answer.status_code, await _body(answer)
                finally:
                    await answer.aclose()
        except TimeoutError:
            raise Unavailable(f"Alexa's API did not answer within {self._timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Unavailable(f"Alexa's API: {type(error).__name__}") from None  # its text may hold the token
        finally:
            self._calls -= 1


async def _body(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > _ANSWER_MAX_BYTES:
            raise ValueError("larger than any answer")
    return bytes(body)
