"""Signing certificates from Amazon's host. Meets `kernel.ports.alexa.CertificateSource`: no redirect, few bytes, little time."""

import asyncio
import ssl
from functools import cached_property

import httpx

from services.kernel.ports.alexa import NoCertificate
from services.kernel.ports.failures import Unavailable

_PIECE_BYTES = 16 * 1024


class HttpCertificates:
    """One short-lived connection a fetch: there are a few an hour."""

    def __init__(self, timeout_s: float, bytes_max: int, trusted: ssl.SSLContext | None = None) -> None:
        """`timeout_s` for the whole fetch; `trusted` in place of the public certificate authorities, for tests."""
        self._timeout_s, self._bytes_max, self._given = timeout_s, bytes_max, trusted

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return self._given or ssl.create_default_context()

    async def fetch(self, url: str) -> bytes:
        """Meets `CertificateSource.fetch`."""
        try:
            async with asyncio.timeout(self._timeout_s), httpx.AsyncClient(verify=self._trusted, timeout=self._timeout_s) as client:
                return await self._read(client, url)
        except TimeoutError:
            raise Unavailable(f"{url} did not come within {self._timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Unavailable(f"{url}: {str(error) or type(error).__name__}") from None

    async def _read(self, client: httpx.AsyncClient, url: str) -> bytes:
        async with client.stream("GET", url, headers={"User-Agent": "surgecast", "Accept-Encoding": "identity"}) as answer:
            if answer.status_code >= 500 or answer.status_code == 429:
                raise Unavailable(f"{url} answers {answer.status_code}")
            if answer.status_code != 200:
                raise NoCertificate(f"{url} answers {answer.status_code}")
            body = bytearray()
            async for piece in answer.aiter_raw(_PIECE_BYTES):
                body += piece
                if len(body) > self._bytes_max:
                    raise NoCertificate(f"{url} has more than {self._bytes_max} bytes")
            return bytes(body)
