"""Who may ask customers for their accounts: clients, and where answers to them may be sent."""

import hmac
import re

from authlib.oauth2.rfc6749 import ClientMixin

from services.kernel.ports.links import SCOPE
from services.kit.settings import Settings

_LOOPBACK = re.compile(r"\A(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?(?=/)")


class Client(ClientMixin):  # type: ignore[misc] # authlib has no types
    """One client as Authlib asks about it: with a secret where it has one, and with PKCE always."""

    def __init__(self, name: str, redirect_uris: tuple[str, ...], secret: str) -> None:
        self.client_id, self._redirect_uris, self._secret = name, redirect_uris, secret

    def get_client_id(self) -> str:
        """Its name."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: each request names where its answer goes."""
        return

    def get_allowed_scope(self, scope: str | None) -> str:
        """There is one scope, whatever was asked for beside it."""
        return SCOPE

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is one of the client's, to the letter (RFC 9700, section 2.1); but for the port on loopback (RFC 8252, section 7.3)."""
        return any(redirect_uri == known or _same_but_port(redirect_uri, known) for known in self._redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether this is its secret."""
        return bool(self._secret) and hmac.compare_digest(self._secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """A client with a secret names itself by it; one without can't."""
        return (method == "none") != bool(self._secret)

    def check_response_type(self, response_type: str) -> bool:
        """Codes only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Codes, and refresh tokens."""
        return grant_type in ("authorization_code", "refresh_token")


def clients(settings: Settings) -> dict[str, Client]:
    """The clients that the settings name."""
    secrets = settings.linking_client_secrets
    known = {name: secret.get_secret_value() for name, secret in secrets.items()}
    return {name: Client(name, uris, known.get(name, "")) for name, uris in settings.linking_clients.items()}


def _same_but_port(asked: str, known: str) -> bool:
    here = _LOOPBACK.match(known)
    return here is not None and _LOOPBACK.sub(r"\1", asked) == _LOOPBACK.sub(r"\1", known)
