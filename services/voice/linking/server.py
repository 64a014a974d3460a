"""The authorization server, met through Authlib: codes with PKCE (RFC 7636), refresh tokens that change at each use, revocation (RFC 7009). It blocks."""

import logging
import secrets
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidRequestError, OAuth2Payload, OAuth2Request, grants
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from msgspec import Struct

from services.kernel.customers import CustomerId
from services.kernel.ports.clock import Clock
from services.kernel.ports.links import SCOPE, Grant, LinkStore, Secret
from services.kit.settings import Settings
from services.voice.linking.clients import Client, clients

METHODS = ["none", "client_secret_basic", "client_secret_post"]
logging.getLogger("authlib").setLevel(logging.INFO)  # below that it writes tokens


class Given(Struct, frozen=True):
    """An answer, before it is HTTP."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Asked(Struct, frozen=True):
    """A request, as far as OAuth looks at it. Of a repeated parameter `many` has all."""

    method: str
    path: str
    parameters: Mapping[str, str]
    many: Mapping[str, list[str]]
    headers: Mapping[str, str]


class _Payload(OAuth2Payload):  # type: ignore[misc]
    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    @property
    def data(self) -> Mapping[str, str]:
        return self._asked.parameters

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return defaultdict(list, self._asked.many)


class _Request(OAuth2Request):  # type: ignore[misc]
    def __init__(self, asked: Asked, origin: str) -> None:
        super().__init__(asked.method, origin + asked.path, headers=dict(asked.headers))
        self.payload, self._form = _Payload(asked), asked.parameters

    @property
    def form(self) -> Mapping[str, str]:
        return self._form

    @property
    def args(self) -> Mapping[str, str]:
        return self._form


class _Held:
    """A grant as Authlib asks about it."""

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        self.code_challenge, self.code_challenge_method = grant.challenge, "S256"

    def get_redirect_uri(self) -> str:
        return self.grant.redirect_uri

    def get_scope(self) -> str:
        return self.grant.scope

    def check_client(self, client: Client) -> bool:
        return self.grant.client == client.client_id


class _CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def save_authorization_code(self, code: str, request: _Request) -> None:
        data = request.payload.data
        self.server.keep(Secret.CODE, code, request, secrets.token_urlsafe(16), data["redirect_uri"], data["code_challenge"])

    def query_authorization_code(self, code: str, client: Client) -> _Held | None:
        grant = self.server.store.use(Secret.CODE, code, client.client_id)
        return None if grant is None else _Held(grant)

    def delete_authorization_code(self, authorization_code: _Held) -> None:
        """It was used up when it was looked up, and is kept to be known when it comes again."""

    def authenticate_user(self, authorization_code: _Held) -> CustomerId:
        return authorization_code.grant.customer


class _RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> _Held | None:
        grant = self.server.store.use(Secret.REFRESH, refresh_token, self.request.client.client_id)
        return None if grant is None else _Held(grant)

    def authenticate_user(self, refresh_token: _Held) -> CustomerId:
        return refresh_token.grant.customer

    def revoke_old_credential(self, refresh_token: _Held) -> None:
        """It was used up when it was looked up."""


class _S256(CodeChallenge):  # type: ignore[misc]
    """Always, for every client, and never in the clear."""

    SUPPORTED_CODE_CHALLENGE_METHOD: tuple[str, ...] = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is needed: send code_challenge, and code_challenge_method=S256")
        if not data.get("state"):
            raise InvalidRequestError("state is needed: make it up for each request, and compare it in the answer")
        super().validate_code_challenge(grant, redirect_uri)


class _Revocation(RevocationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> _Held | None:
        for kind in (Secret.ACCESS, Secret.REFRESH):
            if grant := self.server.store.find(kind, token_string):
                return _Held(grant)
        return None

    def revoke_token(self, token: _Held, request: _Request) -> None:
        self.server.store.end(token.grant.family)


class LinkServer(AuthorizationServer):  # type: ignore[misc]
    """Called in threads; it holds nothing of any request."""

    def __init__(self, store: LinkStore, settings: Settings, clock: Clock) -> None:
        super().__init__(scopes_supported=[SCOPE])
        self.store, self._clock, self._settings = store, clock, settings
        self.clients = clients(settings)
        make = lambda **_: secrets.token_urlsafe(32)  # noqa: E731 - as Authlib calls it
        self.register_token_generator("default", BearerTokenGenerator(make, make, lambda *_: int(settings.linking_access_s)))
        self.register_grant(_CodeGrant, [_S256(required=True)])
        self.register_grant(_RefreshGrant)
        self.register_endpoint(_Revocation)

    def query_client(self, client_id: str) -> Client | None:
        """Authlib's."""
        return self.clients.get(client_id)

    def keep(self, kind: Secret, secret: str, request: _Request, family: str, redirect_uri: str = "", challenge: str = "") -> None:
        """Keep what was granted."""
        settings = self._settings
        lives_s = {Secret.CODE: settings.linking_code_s, Secret.ACCESS: settings.linking_access_s, Secret.REFRESH: settings.linking_refresh_s}[kind]
        told = {"family": family, "client": request.client.client_id, "customer": request.user, "scope": SCOPE}
        ends = self._clock.now() + timedelta(seconds=lives_s)
        self.store.save(kind, secret, Grant(**told, expires_at=ends, redirect_uri=redirect_uri, challenge=challenge))

    def save_token(self, token: dict[str, Any], request: _Request) -> None:
        """Authlib's."""
        family = (request.authorization_code or request.refresh_token).grant.family
        token["refresh_token"] = f"{family}.{token['refresh_token']}"
        self.keep(Secret.ACCESS, token["access_token"], request, family)
        self.keep(Secret.REFRESH, token["refresh_token"], request, family)

    def create_oauth2_request(self, request: Asked | _Request) -> _Request:
        """Authlib's. The address is what customers see, whatever proxies stand between."""
        return request if isinstance(request, _Request) else _Request(request, self._settings.public_url.rstrip("/"))

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Given:
        """Authlib's."""
        return Given(status, body, dict(headers))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Authlib's: nobody listens."""
