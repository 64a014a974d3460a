"""Asks sources over HTTP, trusting none of them: bounded time, bytes and redirects. Meets `kernel.ports.polls.Fetcher`.

Conditional requests: RFC 9110, section 13. `Retry-After`: section 10.2.3. `Date`, which a cache keeps as the source sent it: section 6.6.1.
"""

import asyncio
import ssl
import zlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property

import httpx

from services.kernel.polls import Validators
from services.kernel.ports.clock import Clock
from services.kernel.ports.polls import Fetched, FetchFailed, Request
from services.kit.retry import retry_after_s

REDIRECTS_MAX = 5
PIECE_BYTES = 64 * 1024
AGENT = "surgecast"
_MOVED = frozenset({301, 302, 303, 307, 308})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class HttpFetcher:
    """One client and one event loop a request: an event loop's deadline also ends a server that sends a byte now and then."""

    def __init__(self, clock: Clock, connect_s: float, read_s: float) -> None:
        """Wait `connect_s` for a connection and `read_s` for each next byte at most."""
        self._clock, self._connect_s, self._read_s = clock, connect_s, read_s

    def fetch(self, request: Request) -> Fetched:
        """Meets `Fetcher.fetch`."""
        try:
            return asyncio.run(self._within(request))
        except TimeoutError:
            raise FetchFailed(f"not answered whole within {request.timeout_s:g} s") from None
        except httpx.TimeoutException as error:
            raise FetchFailed(f"silent for too long ({type(error).__name__})") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise FetchFailed(f"can't be reached: {str(error) or type(error).__name__}") from None

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    async def _within(self, request: Request) -> Fetched:
        url = httpx.URL(request.url)
        limits = httpx.Timeout(self._read_s, connect=self._connect_s)
        headers = {"User-Agent": AGENT, "Accept-Encoding": "gzip", **request.headers, **_conditions(request.known)}
        async with asyncio.timeout(request.timeout_s), httpx.AsyncClient(timeout=limits, verify=self._trusted, trust_env=url.host not in _LOOPBACK) as client:
            for _ in range(REDIRECTS_MAX + 1):
                check_safe(url)
                async with client.stream("GET", url, headers=headers) as answer:
                    if answer.status_code not in _MOVED:
                        return await self._read(answer, request)
                    target = url.join(answer.headers.get("location", ""))
                if _origin(target) != _origin(url):
                    raise FetchFailed(f"redirects to another server ({target.host}): name the address that it should be polled at")
                url = target
        raise FetchFailed(f"redirects more than {REDIRECTS_MAX} times")

    async def _read(self, answer: httpx.Response, request: Request) -> Fetched:
        now, status = self._clock.now(), answer.status_code
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        validators = Validators(answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))
        said_at = _moment(answer.headers.get("date", ""))
        at = min(said_at, now) if said_at else now
        if status == 304 and request.known != Validators():
            return Fetched(None, kind, request.known, at)
        if status != 200:
            raise FetchFailed(f"answers {status} {answer.reason_phrase}".rstrip(), retry_after_s(answer.headers.get("retry-after", ""), now) or 0.0)
        if kind == "text/html":
            raise FetchFailed("answers with a web page (text/html), not with data")
        return Fetched(await _body(answer, request.max_bytes), kind, validators, at)


def check_safe(url: httpx.URL) -> None:
    """Raises `FetchFailed` for an address whose answers, or whose secrets, others could read or change on the way."""
    if url.scheme != "https" and not (url.scheme == "http" and url.host in _LOOPBACK):
        raise FetchFailed(f"{url.scheme}://{url.host} is not https")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _conditions(known: Validators) -> Mapping[str, str]:
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in conditions.items() if value}


async def _body(answer: httpx.Response, bytes_max: int) -> bytes:
    """The decoded body. It is decoded here, a piece at a time: the client would blow a small piece up to any size before we saw it."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip"):
        raise FetchFailed(f"answers in the coding {coding!r}, which was not asked for")
    inflate = zlib.decompressobj(wbits=31) if "gzip" in coding else None
    body, raw = bytearray(), 0
    async for piece in answer.aiter_raw(PIECE_BYTES):
        raw += len(piece)
        try:
            body += inflate.decompress(piece, bytes_max - len(body) + 1) if inflate else piece
        except zlib.error as error:
            raise FetchFailed(f"answers with broken gzip: {error}") from None
        if max(len(body), raw) > bytes_max:
            raise FetchFailed(f"answers with more than {bytes_max} bytes (max_bytes)")
    if inflate and not inflate.eof:
        raise FetchFailed("answers with gzip that ends too early")
    return bytes(body)


def _moment(text: str) -> datetime | None:
    """An HTTP date (RFC 9110, section 5.6.7); None for what is none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
