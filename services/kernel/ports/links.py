"""What the demo's authorization server keeps: logins, and what was granted. Only hashes of secrets are kept. It blocks: asked in threads."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from services.kernel.customers import CustomerId

SCOPE = "account"
"""All that can be granted."""
ACCESS_KEPT = 4
"""Access tokens of one family that are good at a time: a client that renews without end takes no more room."""


class Secret(StrEnum):
    """What a secret is good for."""

    CODE = "code"
    """Turned into tokens, once (RFC 6749, section 4.1.2)."""
    ACCESS = "access"
    REFRESH = "refresh"
    """Turned into new tokens, once (RFC 9700, section 4.14.2)."""


class Grant(Struct, frozen=True, kw_only=True):
    """What a customer allowed a client."""

    family: str
    """The same for a code and all tokens that come of it: they end together."""
    client: str
    customer: CustomerId
    scope: str
    expires_at: datetime
    redirect_uri: str = ""
    challenge: str = ""
    """Of the code's PKCE (RFC 7636), by S256."""


def family_of(secret: str) -> str:
    """The family of a refresh token, which it begins with: so one that was used need not be kept to be known when it comes again."""
    return secret.partition(".")[0]


class LinkStore(Protocol):
    """Down: raises `Unavailable`."""

    def add_login(self, code: str, customer: CustomerId) -> None:
        """`customer` logs in with `code` from now on, besides those before."""
        ...

    def login(self, code: str) -> CustomerId | None:
        """Whose login code this is."""
        ...

    def save(self, kind: Secret, secret: str, grant: Grant) -> None:
        """Keep what `secret` stands for. Raises `Unavailable` where as much is kept as may be; what has expired makes room first."""
        ...

    def find(self, kind: Secret, secret: str) -> Grant | None:
        """What `secret` stands for; None where it is unknown, expired, used or ended."""
        ...

    def use(self, kind: Secret, secret: str, client: str) -> Grant | None:
        """As `find`, for once, in one atomic step. Of another client: None, and nothing changes.

        The second time ends the whole family: somebody else has the secret. A refresh token (see `family_of`) is not kept for that.
        """
        ...

    def end(self, family: str) -> None:
        """End a code and all tokens that came of it."""
        ...
