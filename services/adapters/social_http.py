"""One request to a social service: bounded in bytes, and in time as a whole, so that a server that sends a byte now and then holds up nobody."""

import asyncio
import ssl
from functools import cache

import httpx
from msgspec import Struct

AGENT = "surgecast"
_PIECE_BYTES = 16 * 1024
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol, httpx.LocalProtocolError)


class NotSent(Exception):
    """Surely nothing reached the service."""


class Lost(Exception):
    """It may have reached the service, whose answer did not come."""


class Answer(Struct):
    """What a service said."""

    status: int
    headers: httpx.Headers
    body: bytes = b""
    whole: bool = False
    """Whether the body is all there: it may have broken off, taken too long or been too long."""


def ask(
    request: httpx.Request, timeout_s: float, bytes_max: int, *, proxies: bool, connect_s: float | None = None, trusted: ssl.SSLContext | None = None
) -> Answer:
    """Send `request`; no redirect is followed. `timeout_s` for all of it, `connect_s` of that for connecting (half of it where none is given),
    `bytes_max` for the answer's body; `proxies`: as the environment names them.

    `trusted` stands in for the public certificate authorities. Raises `NotSent` and `Lost`.
    """
    request.headers["User-Agent"], request.headers["Accept-Encoding"] = AGENT, "identity"
    limits = httpx.Timeout(timeout_s, connect=connect_s or timeout_s / 2)  # shorter, so that what never connected is known as that
    request.extensions = {**request.extensions, "timeout": limits.as_dict()}
    begun: list[Answer] = []
    try:
        asyncio.run(_within(request, timeout_s, bytes_max, proxies, trusted or _public(), begun))
    except _NOT_SENT as error:
        raise NotSent(_shown(error)) from None
    except (httpx.HTTPError, OSError) as error:  # a TimeoutError too
        if not begun:
            raise Lost(_shown(error) if str(error) else f"not answered within {timeout_s:g} s") from None
    return begun[0]


async def _within(request: httpx.Request, timeout_s: float, bytes_max: int, proxies: bool, trusted: ssl.SSLContext, begun: list[Answer]) -> None:
    async with asyncio.timeout(timeout_s), httpx.AsyncClient(verify=trusted, trust_env=proxies, follow_redirects=False) as client:
        response = await client.send(request, stream=True)
        answer = Answer(response.status_code, response.headers)
        begun.append(answer)
        try:
            async for piece in response.aiter_raw(_PIECE_BYTES):
                answer.body = (answer.body + piece)[:bytes_max]
                if len(answer.body) == bytes_max:
                    return
            answer.whole = True
        finally:
            await response.aclose()


def _shown(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


@cache
def _public() -> ssl.SSLContext:
    return ssl.create_default_context()
