"""Fetches the keys with which an identity provider signs its tokens: OpenID Connect Discovery 1.0, section 4, and JWK sets (RFC 7517).

The only thing in ingest, and behind voice's door for Dialogflow, that speaks HTTP to the outside. It blocks, so it is called in a thread; it follows no
redirect, reads no more than it may, takes no longer than it may, and speaks https only, but for an issuer on loopback.
"""

import http.client
import ipaddress
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import msgspec
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from services.kernel.ports.failures import Unavailable

KeySet = Mapping[tuple[str, str], PyJWK]
"""By the key's id and the algorithm that it signs with: a key is never used with another."""

_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
"""The kind of key (`kty`) for the beginning of an algorithm's name (RFC 7518, section 3.1; RFC 8037). None is symmetric."""
_PIECE_BYTES = 64 * 1024


class Issuer:
    """One identity provider, as the settings name it."""

    def __init__(self, issuer: str, jwks_url: str, algorithms: Sequence[str], timeout_s: float, bytes_max: int) -> None:
        """`jwks_url`: where its keys are; empty: where its discovery document says. `timeout_s`: for all documents together. `bytes_max`: of each."""
        self._issuer, self._jwks_url, self._algorithms = issuer, jwks_url, algorithms
        self._timeout_s, self._bytes_max = timeout_s, bytes_max

    def keys(self) -> KeySet:
        """The keys that it signs with now, in ways that are allowed. Raises `Unavailable` that says what went wrong."""
        deadline = time.monotonic() + self._timeout_s
        url = self._jwks_url or self._discovered(deadline)
        listed = self._document(url, deadline).get("keys")
        if not isinstance(listed, list):
            raise Unavailable(f"{url} is no JWK set (RFC 7517): it has no list of keys")
        keys = {(kid, key.algorithm_name): key for entry in listed for kid, key in self._usable(entry)}
        if not keys:
            raise Unavailable(f"{url} has no key that signs with {', '.join(self._algorithms)}")
        return keys

    def _discovered(self, deadline: float) -> str:
        at = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = self._document(at, deadline)
        if document.get("issuer") != self._issuer:
            raise Unavailable(f"{at} speaks for another issuer than SURGECAST_OIDC_ISSUER, which must be the same to the letter")
        url = document.get("jwks_uri")
        if not isinstance(url, str) or not is_safe(url):
            raise Unavailable(f"{at} names no https address for its keys (jwks_uri)")
        return url

    def _document(self, url: str, deadline: float) -> dict[str, Any]:
        try:
            document = msgspec.json.decode(self._body(url, deadline))
        except (HTTPError, URLError, http.client.HTTPException, OSError) as error:
            raise Unavailable(f"{url}: {getattr(error, 'reason', None) or error or type(error).__name__}") from error
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unavailable(f"{url} is not JSON") from error
        if not isinstance(document, dict):
            raise Unavailable(f"{url} is no JSON object")
        return document

    def _body(self, url: str, deadline: float) -> bytes:
        proxies = ProxyHandler({}) if _is_loopback(url) else ProxyHandler()
        request = Request(url, headers={"Accept": "application/json", "User-Agent": "surgecast"})  # noqa: S310 - checked by `is_safe`
        body = bytearray()
        with build_opener(proxies, _NoRedirect).open(request, timeout=max(0.001, deadline - time.monotonic())) as answer:
            while piece := answer.read1(_PIECE_BYTES):
                body += piece
                if len(body) > self._bytes_max:
                    raise Unavailable(f"{url} is larger than {self._bytes_max} bytes (SURGECAST_OIDC_DOCUMENT_MAX_BYTES)")
                if time.monotonic() > deadline:
                    raise Unavailable(f"{url} did not come within {self._timeout_s:g} s (SURGECAST_OIDC_TIMEOUT_S)")
        return bytes(body)

    def _usable(self, entry: Any) -> list[tuple[str, PyJWK]]:
        """What can be verified with `entry`: a key that names no algorithm may be used with each that fits its kind."""
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            return []
        named = entry.get("alg")
        fitting = [name for name in self._algorithms if named in (None, name) and _KINDS.get(name[:2]) == entry.get("kty")]
        found: list[tuple[str, PyJWK]] = []
        for name in fitting:
            try:
                found.append((str(entry.get("kid", "")), PyJWK(entry, name)))
            except (PyJWTError, ValueError, TypeError):  # one that we can't read must not hide the others
                continue
        return found


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str) -> None:
        """No other address than the one that was checked is asked: the redirect becomes an error."""
        return


def is_safe(url: str) -> bool:
    """Whether keys may be had from `url`: https, or on loopback."""
    return urlsplit(url).scheme == "https" or (urlsplit(url).scheme == "http" and _is_loopback(url))


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
