"""The public side's front door: documents by a path of few steps, everything else behind it.

Routing of the framework would cost as much again as the answer (half of the requests a second, measured).
"""

import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, quote

import msgspec
from msgspec import Struct
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.kernel.messages import LANGS, Lang
from services.kit import metrics
from services.kit.http import Problem
from services.kit.settings import Settings
from services.public.document import SECURITY, Document, cache_control
from services.public.find import Named, find
from services.public.pages import ReplyPages
from services.public.paths import language_of, preferred, site_file
from services.public.shelf import Shelf
from services.wire import site_feed

SERVICE = "public"
INNER = frozenset({"/healthz", "/readyz", "/metrics", "/openapi.json"})
"""Answered by the application behind: what every HTTP service has."""


class _Areas(Struct, frozen=True):
    areas: list[Named]


_read_areas = msgspec.json.Decoder(_Areas).decode


class PublicSide:
    """Pure ASGI: serves documents of the shelf, and hands the service's own addresses to `inner`."""

    def __init__(self, shelf: Shelf, pages: ReplyPages, settings: Settings, inner: ASGIApp) -> None:
        self._shelf, self._pages, self._settings, self._inner = shelf, pages, settings, inner
        self._security = {name.decode(): value.decode() for name, value in SECURITY}
        self._cache = cache_control(settings).decode()
        self._areas: dict[str, tuple[bytes, list[Named]]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in INNER:
            await self._inner(scope, receive, send)
            return
        started = time.perf_counter()
        route, status = await self._serve(scope, receive, send)
        method = scope["method"] if scope["method"] in ("GET", "HEAD") else "other"
        metrics.HTTP_REQUESTS.labels(SERVICE, route, method, status).inc()
        metrics.HTTP_DURATION.labels(SERVICE, route).observe(time.perf_counter() - started)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> tuple[str, int]:
        path, method = scope["path"], scope["method"]
        if method in ("GET", "HEAD") and (asked := site_file(path)) and (found := await self._shelf.fetch(asked[0])):
            return asked[1], await _send_document(found, scope, send)
        route, answer = self._other(scope, path, method)
        await answer(scope, receive, send)
        return route, answer.status_code

    def _other(self, scope: Scope, path: str, method: str) -> tuple[str, Response]:
        if method not in ("GET", "HEAD"):
            return "other", Problem(405, "read-only", "Read only", "This address takes GET and HEAD.", {"Allow": "GET, HEAD"}).response()
        headers = dict(scope["headers"])
        if path == "/":
            lang = preferred(headers.get(b"accept-language", b"").decode("latin-1"))
            return "page", RedirectResponse(f"/{lang}/", 302, self._security | {"Vary": "Accept-Language", "Cache-Control": self._cache})
        match path.strip("/").split("/"):
            case [lang] if lang in LANGS:
                return "page", RedirectResponse(f"/{lang}/", 308, self._security)
            case [lang, "areas"] if lang in LANGS:
                return "search", self._search("fr" if lang == "fr" else "en", scope["query_string"])
        return "missing", self._missing(path, headers.get(b"accept", b""))

    def _search(self, lang: Lang, query: bytes) -> Response:
        text = parse_qs(query.decode("latin-1")).get("find", [""])[0].strip()[: self._settings.public_find_chars_max]
        found = find(self._named(lang), text, self._settings.public_find_max)
        only = found.exact or (found.others[0] if len(found.others) == 1 else None)
        if only is not None:
            return RedirectResponse(f"/{lang}/areas/{quote(only.id, safe='')}", 303, self._security | {"Cache-Control": "no-store"})
        return self._page(self._pages.found(lang, text, found.others), 200)

    def _named(self, lang: Lang) -> list[Named]:
        """The areas with an outage, as the newest summary names them."""
        summary = self._shelf.find(site_feed(lang, "summary.json"))
        if summary is None:
            return []
        known = self._areas.get(lang)
        if known is None or known[0] != summary.plain.etag:
            known = self._areas[lang] = summary.plain.etag, _read_areas(summary.raw).areas
        return known[1]

    def _missing(self, path: str, accept: bytes) -> Response:
        if path.startswith("/feeds/") or b"text/html" not in accept:
            detail = "There is nothing at this address. An area without an outage may have no document. /feeds/v1/en/summary.json lists the areas with one."
            return Problem(404, "not-found", "Nothing here", detail, {"Cache-Control": self._cache}).response()
        named = language_of(path)
        return self._page(self._pages.missing([lang for lang in LANGS if named in (None, lang)]), 404)

    def _page(self, html: bytes, status: int) -> Response:
        return Response(html, status, self._security | {"Cache-Control": "no-store"}, "text/html")


async def _send_document(found: Document, scope: Scope, send: Callable[[dict[str, object]], Awaitable[None]]) -> int:
    known, compresses = b"", False
    for name, value in scope["headers"]:
        if name == b"if-none-match":
            known = value
        elif name == b"accept-encoding":
            compresses = _takes_gzip(value)
    form = found.compressed if compresses and found.compressed is not None else found.plain
    if known and found.knows(known):
        await send({"type": "http.response.start", "status": 304, "headers": form.unchanged})
        await send({"type": "http.response.body", "body": b""})
        return 304
    await send({"type": "http.response.start", "status": 200, "headers": form.headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else form.body})
    return 200


def _takes_gzip(accept_encoding: bytes) -> bool:
    """Whether gzip is named and not refused by a weight of 0 (RFC 9110, section 12.5.3)."""
    for item in accept_encoding.split(b","):
        name, _, weight = item.replace(b" ", b"").partition(b";q=")
        if name in (b"gzip", b"*"):
            return weight.strip(b"0.") != b"" or weight == b""
    return False
