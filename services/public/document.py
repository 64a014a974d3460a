"""One file as it is served: its bytes, compressed once, with every header ready."""

import gzip
import re
from hashlib import blake2b

from msgspec import Struct

from services.kit.settings import Settings

Headers = list[tuple[bytes, bytes]]

HEAD_BYTES = 2048
"""A document says within this many bytes which position it reflects."""
_POSITION = re.compile(rb'(?:"position":"|surgecast-position" content="|<sc:position>)(\d+-\d+)["<]')
_KINDS = {
    "html": b"text/html; charset=utf-8",
    "json": b"application/json",
    "geojson": b"application/geo+json",
    "xml": b"application/atom+xml; charset=utf-8",
    "css": b"text/css; charset=utf-8",
    "svg": b"image/svg+xml",
    "js": b"text/javascript; charset=utf-8",
}
SECURITY: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self';"
        b" form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
]
_OPEN_DATA: Headers = [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"X-Surgecast-Position, ETag")]


class Form(Struct, frozen=True):
    """One representation of a document: plain or compressed."""

    etag: bytes
    body: bytes
    headers: Headers
    """Of a full answer."""
    unchanged: Headers
    """Of a 304: what RFC 9110, section 15.4.5 asks for, without the length."""


class Document(Struct, frozen=True):
    """One version of one file."""

    plain: Form
    compressed: Form | None
    """None where compressing is not worth it."""
    raw: bytes

    def knows(self, tags: bytes) -> bool:
        """Whether an If-None-Match names this version (weak comparison, RFC 9110, section 13.1.2)."""
        named = {tag.strip().removeprefix(b"W/") for tag in tags.split(b",")}
        return b"*" in named or self.plain.etag in named or (self.compressed is not None and self.compressed.etag in named)


def document(path: str, body: bytes, settings: Settings) -> Document:
    """The file at `path`, ready to be served."""
    digest = blake2b(body, digest_size=12).hexdigest().encode()
    squeezed = gzip.compress(body, settings.public_gzip_level, mtime=0) if len(body) >= settings.public_gzip_min_bytes else body
    headers = _headers(path, body, settings)
    # a strong tag names bytes: each representation has its own (RFC 9110, section 8.8.1)
    compressed = _form(b'"%b-gzip"' % digest, squeezed, [*headers, (b"content-encoding", b"gzip")]) if len(squeezed) < len(body) else None
    return Document(_form(b'"%b"' % digest, body, headers), compressed, body)


def cache_control(settings: Settings) -> bytes:
    """How caches may hold an answer (RFC 9111, RFC 5861): for moments while all is well, for long when we are gone."""
    return b"public, max-age=%d, stale-while-revalidate=%d, stale-if-error=%d" % (
        settings.public_max_age_s,
        settings.public_revalidate_s,
        settings.public_if_error_s,
    )


def _headers(path: str, body: bytes, settings: Settings) -> Headers:
    kind = _KINDS.get(path.rpartition(".")[2], b"application/octet-stream")
    headers = [(b"content-type", kind), (b"cache-control", cache_control(settings)), (b"vary", b"Accept-Encoding"), *SECURITY]
    if position := _POSITION.search(body, 0, HEAD_BYTES):
        headers.append((b"x-surgecast-position", position[1]))
    return headers + _OPEN_DATA if path.startswith("feeds/") else headers


def _form(etag: bytes, body: bytes, headers: Headers) -> Form:
    tagged = [*headers, (b"etag", etag)]
    unchanged = [header for header in tagged if header[0] not in (b"content-type", b"content-encoding")]
    return Form(etag, body, [*tagged, (b"content-length", b"%d" % len(body))], unchanged)
