"""Customers behind a utility's HTTP API. Meets `kernel.ports.customers.CustomerDirectory`; the shape of its answers is in docs/customers.md.

We name ourselves by OAuth 2.0 client credentials (RFC 6749, section 4.4): one token for all requests, renewed before it ends, and once where it is refused.
"""

import asyncio
import time
from base64 import b64encode
from urllib.parse import quote

import httpx
import msgspec
from msgspec import Struct

from services.kernel.customers import Customer, CustomerId
from services.kernel.ports.failures import Unavailable

RENEW_S = 30.0
"""A token is renewed so long before it ends."""
LIFE_S = 300.0
"""How long a token is used whose issuer doesn't say."""
CONNECTIONS_MAX = 64


class Api(Struct, frozen=True):
    """Where it is, and who we are there."""

    url: str
    """Customers are at `{url}/customers/{id}`."""
    token_url: str
    client_id: str
    client_secret: str
    scope: str
    bytes_max: int


class _Token(Struct):
    access_token: str
    expires_in: float = LIFE_S


_decode_token = msgspec.json.Decoder(_Token).decode
_decode_customer = msgspec.json.Decoder(Customer).decode


class HttpCustomers:
    """For one event loop. Time is limited by whoever asks: see `guarded`."""

    def __init__(self, api: Api, timeout_s: float) -> None:
        """`timeout_s`: for each connection and each read."""
        self._api = api
        self._client = httpx.AsyncClient(timeout=timeout_s, follow_redirects=False, limits=httpx.Limits(max_connections=CONNECTIONS_MAX), trust_env=False)
        self._token, self._good_until = "", 0.0
        self._renewing = asyncio.Lock()

    async def find(self, customer: CustomerId) -> Customer | None:
        """Meets `CustomerDirectory.find`."""
        url = f"{self._api.url.rstrip('/')}/customers/{quote(customer, safe='')}"
        token = await self._renewed("")
        status, body = await self._send("GET", url, {"Authorization": f"Bearer {token}"})
        if status == 401:
            token = await self._renewed(token)
            status, body = await self._send("GET", url, {"Authorization": f"Bearer {token}"})
        if status == 404:
            return None
        if status != 200:
            raise Unavailable(f"The customers' API answered {status}")
        return _customer(body, customer)

    async def close(self) -> None:
        """Meets `CustomerDirectory.close`."""
        await self._client.aclose()

    async def _renewed(self, refused: str) -> str:
        """A token that is good for a while, and isn't the one that was `refused`. One renewal at a time; the others wait for it."""
        async with self._renewing:
            if self._token and self._token != refused and time.monotonic() < self._good_until:
                return self._token
            api = self._api
            form = {"grant_type": "client_credentials", **({"scope": api.scope} if api.scope else {})}
            named = b64encode(f"{quote(api.client_id, safe='')}:{quote(api.client_secret, safe='')}".encode()).decode()
            asked_at = time.monotonic()
            status, body = await self._send("POST", api.token_url, {"Authorization": f"Basic {named}"}, form)
            if status != 200:
                raise Unavailable(f"The token endpoint of the customers' API answered {status}")
            try:
                token = _decode_token(body)
            except msgspec.MsgspecError as error:
                raise Unavailable("The token endpoint of the customers' API gave no token") from error
            self._token, self._good_until = token.access_token, asked_at + max(0.0, token.expires_in - min(RENEW_S, token.expires_in / 2))
            return self._token

    async def _send(self, method: str, url: str, headers: dict[str, str], form: dict[str, str] | None = None) -> tuple[int, bytes]:
        body, headers = bytearray(), {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
        try:
            async with self._client.stream(method, url, headers=headers, data=form) as answer:
                async for piece in answer.aiter_raw():  # as it came: nothing that inflates is taken
                    body += piece
                    if len(body) > self._api.bytes_max:
                        raise Unavailable(f"The customers' API answered with more than {self._api.bytes_max} bytes")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Unavailable(f"The customers' API can't be reached ({type(error).__name__})") from error
        return answer.status_code, bytes(body)


def _customer(body: bytes, asked: CustomerId) -> Customer:
    try:
        found = _decode_customer(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unavailable(f"The customers' API answered with what is no customer ({type(error).__name__})") from None  # the text may quote them
    if found.id != asked:
        raise Unavailable("The customers' API answered with another customer than was asked for")
    return found
