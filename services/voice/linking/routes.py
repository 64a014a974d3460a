"""The authorization server's addresses: authorization page, tokens, revocation, and its description of itself (RFC 8414)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar
from urllib.parse import parse_qs

import msgspec
from authlib.oauth2.rfc6749 import OAuth2Error
from starlette.requests import Request
from starlette.responses import Response

from services.kernel.messages import Lang, Wording
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.links import SCOPE, LinkStore
from services.kit import metrics
from services.kit.http import Problem
from services.kit.settings import Settings
from services.voice import bodies
from services.voice.linking.addresses import AUTHORIZE, METADATA, REVOKE, TOKEN
from services.voice.linking.page import lang_of, page
from services.voice.linking.server import METHODS, Asked, Given, LinkServer
from services.voice.shares import Shares, address_of

PARAMETERS_MAX = 20
BODY_MAX = 16 * 1024
_UNKNOWN = "unknown"
"""Whose tries those of addresses are that stand for nobody in particular (`sharer`): all of theirs together."""
T = TypeVar("T")


class Linking:
    """One a process."""

    def __init__(self, store: LinkStore, wordings: Mapping[Lang, Wording], settings: Settings, clock: Clock) -> None:
        self._store, self._wordings, self._settings = store, wordings, settings
        self._server = LinkServer(store, settings, clock)
        self._tries = Shares(settings.linking_logins_per_minute, settings.linking_logins_per_minute, settings.voice_askers_kept, clock)

    def routes(self) -> dict[tuple[str, str], Callable[[Request], Awaitable[Response]]]:
        """Each method and path, with who answers it."""
        return {
            ("GET", AUTHORIZE): self.show,
            ("POST", AUTHORIZE): self.decide,
            ("POST", TOKEN): self.token,
            ("POST", REVOKE): self.revoke,
            ("GET", METADATA): self.metadata,
        }

    async def show(self, request: Request) -> Response:
        """The authorization page, for a request that is sound."""
        asked = _asked(request, request.url.query)
        return await self._shown(asked, self._page(asked))

    async def decide(self, request: Request) -> Response:
        """What the customer decided: back to the client with a code or a refusal, or the page again."""
        asked = await self._posted(request)
        return await self._shown(asked, self._decided(request, asked))

    async def _shown(self, asked: Asked, answering: Awaitable[Response]) -> Response:
        """What a customer sees: also of a store that is away they hear in words, where a client would get a problem."""
        try:
            return await answering
        except Problem as problem:
            away = page(self._wording(asked), {}, failure="link-down", status=problem.status)
            away.headers.update(problem.headers)
            return away

    async def _page(self, asked: Asked) -> Response:
        return await self._refused(asked) or page(self._wording(asked), asked.parameters, asked.parameters["client_id"])

    async def _decided(self, request: Request, asked: Asked) -> Response:
        failed = await self._refused(asked)
        if failed:
            return failed
        parameters, wording = asked.parameters, self._wording(asked)
        customer = None
        if parameters.get("decision") == "allow":
            if wait_s := self._tries.wait_s(address_of(request) or _UNKNOWN):
                metrics.LINKINGS.labels("login", "limited").inc()
                limited = page(wording, parameters, parameters["client_id"], failure="link-limited", status=429)
                limited.headers["Retry-After"] = str(wait_s)
                return limited
            customer = await self._blocking(lambda: self._store.login(parameters.get("login", "").strip().upper()[:64]))
            metrics.LINKINGS.labels("login", "wrong" if customer is None else "granted").inc()
            if customer is None:
                return page(wording, parameters, parameters["client_id"], failure="link-wrong", status=422)

        def answer() -> Given:
            grant = self._server.get_consent_grant(asked)
            given: Given = self._server.create_authorization_response(grant.request, grant_user=customer, grant=grant)
            return given

        return _http(await self._blocking(answer))

    async def token(self, request: Request) -> Response:
        """Tokens for a code, or for a refresh token (RFC 6749, section 5)."""
        asked = await self._posted(request)
        given = await self._oauth(lambda: self._server.create_token_response(asked))
        metrics.LINKINGS.labels("token", "granted" if given.status == 200 else "refused").inc()
        return _http(given)

    async def revoke(self, request: Request) -> Response:
        """The end of a link (RFC 7009); a token that nobody knows is no error."""
        asked = await self._posted(request)
        return _http(await self._oauth(lambda: self._server.create_endpoint_response("revocation", asked)))

    async def metadata(self, _request: Request) -> Response:
        """What clients may know beforehand (RFC 8414)."""
        origin = self._settings.public_url.rstrip("/")
        told = {
            "issuer": origin,
            "authorization_endpoint": origin + AUTHORIZE,
            "token_endpoint": origin + TOKEN,
            "revocation_endpoint": origin + REVOKE,
            "scopes_supported": [SCOPE],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": METHODS,
            "revocation_endpoint_auth_methods_supported": METHODS,
            "code_challenge_methods_supported": ["S256"],
            "ui_locales_supported": ["en", "fr"],
        }
        return Response(msgspec.json.encode(told), media_type="application/json", headers={"Cache-Control": "public, max-age=300"})

    async def _refused(self, asked: Asked) -> Response | None:
        """Why this is no request for a link: told here, unless it is known where answers to the client may go."""
        parameters = asked.parameters
        client = self._server.query_client(parameters.get("client_id", ""))
        repeated = any(len(values) > 1 for values in asked.many.values())
        if client is None or repeated or not client.check_redirect_uri(parameters.get("redirect_uri", "")):
            metrics.LINKINGS.labels("login", "refused").inc()
            return page(self._wording(asked), {}, failure="link-bad", status=400)
        try:
            await self._blocking(lambda: self._server.get_consent_grant(asked))
        except (OAuth2Error, ValueError) as error:
            metrics.LINKINGS.labels("login", "refused").inc()
            if isinstance(error, OAuth2Error) and error.redirect_uri:
                status, body, headers = error()
                return _http(Given(status, body, dict(headers)))
            return page(self._wording(asked), {}, failure="link-bad", status=400)
        return None

    async def _oauth(self, answer: Callable[[], Given]) -> Given:
        try:
            return await self._blocking(answer)
        except ValueError:  # Authlib won't quote what can't be quoted
            return Given(400, {"error": "invalid_request"}, {})

    async def _blocking(self, ask: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(ask)
        except Unavailable as error:
            raise Problem(503, "unavailable", "Linking is down", "The store of links can't be used just now. Try again.", {"Retry-After": "5"}) from error

    async def _posted(self, request: Request) -> Asked:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise Problem(415, "not-a-form", "Not a form", "Send application/x-www-form-urlencoded (RFC 6749, appendix B).")
        body = await bodies.read(request, BODY_MAX, self._settings.voice_body_timeout_s)
        return _asked(request, body.decode("utf-8", "replace"))

    def _wording(self, asked: Asked) -> Wording:
        return self._wordings[lang_of(asked.parameters, asked.headers.get("accept-language", ""))]


def _asked(request: Request, encoded: str) -> Asked:
    try:
        many = parse_qs(encoded, keep_blank_values=True, max_num_fields=PARAMETERS_MAX)
    except ValueError as error:
        raise Problem(400, "too-many", "Too many parameters", f"Send at most {PARAMETERS_MAX}.") from error
    headers = {name.title(): value for name, value in request.headers.items()} | dict(request.headers.items())
    return Asked(request.method, request.url.path, {name: values[0] for name, values in many.items()}, many, headers)


def _http(given: Given) -> Response:
    """As HTTP. After a form was posted browsers must ask for the next page anew, without it (RFC 9700, section 4.12)."""
    status = 303 if given.status == 302 else given.status
    body = given.body if isinstance(given.body, str) else msgspec.json.encode(given.body)
    return Response(body, status, {**given.headers, "Cache-Control": "no-store", "Pragma": "no-cache", "Referrer-Policy": "no-referrer"})
