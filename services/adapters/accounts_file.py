"""The accounts that posts go to, out of the YAML file that SURGECAST_ACCOUNTS names. Secrets are named in it, never written: a file or a variable has each.

docs/channels.md has an example of each service.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml
from msgspec import Meta, Struct

from services.kernel.accounts import Scope, Service
from services.kernel.ids import AreaId
from services.kernel.messages import LANGS, Lang
from services.kernel.planning.tiers import STANDARD, OwnTerms, Terms, Tier, X
from services.kit.yaml_text import plain

BYTES_MAX = 1024 * 1024
ACCOUNTS_MAX = 200
_Url = Annotated[str, Meta(pattern=r"^https?://[^\s/@?#]+(/[^\s@?#]*)?$")]
_NAME = r"^[a-z0-9][a-z0-9._-]{0,59}$"


class AccountsError(ValueError):
    """The file can't be used; the text says where and what to do."""


class Secret(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a secret is kept: one of the two."""

    file: str | None = None
    env: str | None = None

    def read(self) -> str:
        """The secret. Raises `AccountsError` where it isn't there."""
        if (self.file is None) == (self.env is None):
            raise AccountsError("a secret has either `file` or `env`")
        if self.env is not None:
            value = os.environ.get(self.env, "")
            if not value:
                raise AccountsError(f"the variable {self.env} is empty or not set")
            return value
        try:
            value = Path(self.file or "").read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise AccountsError(f"{self.file} can't be read: {error}") from None
        if not value:
            raise AccountsError(f"{self.file} is empty")
        return value


class Account(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="service"):
    """What every account has."""

    name: Annotated[str, Meta(pattern=_NAME)]
    """In the ledger, for ever: one that is renamed begins anew."""
    languages: Annotated[tuple[Lang, ...], Meta(min_length=1)] = LANGS
    areas: frozenset[AreaId] = frozenset()
    pictures: bool = True
    """A map goes with each post, where it is known where its area lies."""
    limits: OwnTerms = OwnTerms()

    def __post_init__(self) -> None:
        """Raises ValueError for terms that make no sense."""
        _ = self.terms

    @property
    def terms(self) -> Terms:
        """What it may post, and what a post costs."""
        return self.limits.instead_of(self._known_terms)

    @property
    def _known_terms(self) -> Terms:
        return STANDARD.get(self.service, Terms())

    @property
    def service(self) -> Service:
        """What it is on."""
        return Service(str(self.__struct_config__.tag))

    @property
    def scope(self) -> Scope:
        """What it tells, and to whom."""
        return Scope(languages=self.languages, areas=self.areas, pictures=self.pictures)


class XAccount(Account, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="x"):
    """OAuth 1.0a user context: the app's key and the account's token. Or OAuth 2.0's: the app's client, and a refresh token of the account."""

    consumer_key: Secret | None = None
    consumer_secret: Secret | None = None
    access_token: Secret | None = None
    access_token_secret: Secret | None = None
    client_id: str = ""
    client_secret: Secret | None = None
    """None: the client is a public one."""
    refresh_token: Secret | None = None
    tier: Tier = Tier.PAY_PER_USE

    def __post_init__(self) -> None:
        """Raises ValueError unless it has all of the one or all of the other."""
        super().__post_init__()
        first, second = self.keys, (self.client_id or None, self.refresh_token)
        if None in (first if any(first) else second) or (any(first) and any((*second, self.client_secret))):
            raise ValueError("an x account has consumer_key, consumer_secret, access_token and access_token_secret, or else client_id and refresh_token")

    @property
    def keys(self) -> tuple[Secret | None, ...]:
        """Those of OAuth 1.0a."""
        return self.consumer_key, self.consumer_secret, self.access_token, self.access_token_secret

    @property
    def _known_terms(self) -> Terms:
        return X[self.tier]


class MastodonAccount(Account, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="mastodon"):
    """An account on a server that speaks Mastodon's API."""

    url: _Url
    token: Secret
    visibility: Literal["public", "unlisted"] = "public"


class BlueskyAccount(Account, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="bluesky"):
    """An account on Bluesky, or another server of the AT Protocol."""

    handle: str
    app_password: Secret
    url: _Url = "https://bsky.social"


class FacebookAccount(Account, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="facebook"):
    """A Facebook Page."""

    page: str
    token: Secret
    app_secret: Secret
    url: _Url = "https://graph.facebook.com"
    version: str = "v25.0"


class WebhookAccount(Account, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="webhook"):
    """A receiver of signed webhooks."""

    url: _Url
    secrets: Annotated[tuple[Secret, ...], Meta(min_length=1, max_length=2)]
    """Two while one is being replaced: both sign."""
    ports: frozenset[int] = frozenset({443})
    networks: tuple[str, ...] = ()
    """Networks that aren't public and may be reached all the same."""
    plain_http: bool = False
    """Also without TLS, into `networks` only."""


class AppriseAccount(Account, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="apprise"):
    """Anything that Apprise reaches."""

    target: Secret
    """The Apprise URL, which is a secret as a whole."""


AnyAccount = XAccount | MastodonAccount | BlueskyAccount | FacebookAccount | WebhookAccount | AppriseAccount


class Fault(Struct, frozen=True):
    """An account that can't be used, which leaves the others as they are."""

    service: str
    """As the file has it; empty where it has none that is known."""
    why: str
    """Which account, what is wrong with it, and what to do."""


def load(path: Path | None) -> list[AnyAccount]:
    """The accounts of the file; none where none is named. Raises `AccountsError`, also where only one of them is wrong."""
    accounts, faults = read(path)
    if faults:
        raise AccountsError(faults[0].why)
    return accounts


def read(path: Path | None) -> tuple[list[AnyAccount], list[Fault]]:
    """The accounts of the file that can be used, and what is wrong with the others. Raises `AccountsError` for a file that can't be read at all."""
    accounts, faults = list[AnyAccount](), list[Fault]()
    for number, entry in enumerate(_entries(path) if path else ()):
        named = entry.get("service") if isinstance(entry, dict) else None
        service = Service(named) if named in list(Service) else ""
        try:
            account: AnyAccount = msgspec.convert(entry, AnyAccount)
        except msgspec.ValidationError as error:
            why = str(error) if " - at `$" in str(error) else f"{error} - at `$`"
            faults.append(Fault(service, f"{path}: {why.replace('`$', f'`$.accounts[{number}]')}. docs/channels.md has an example."))
            continue
        if any((account.service, account.name) == (other.service, other.name) for other in accounts):
            faults.append(Fault(service, f"{path}: there are two {service} accounts called {account.name}: give the second one a name of its own"))
            continue
        accounts.append(account)
    return accounts, faults


def _entries(path: Path) -> list[Any]:
    try:
        if path.stat().st_size > BYTES_MAX:
            raise AccountsError(f"{path} is larger than {BYTES_MAX} bytes")
        told: Any = plain(path.read_text("utf-8")) or {}
        return msgspec.convert(told, _File).accounts
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise AccountsError(f"{path} can't be read: {error}") from None
    except msgspec.ValidationError as error:
        raise AccountsError(f"{path}: {error}. docs/channels.md has an example.") from None


class _File(Struct, forbid_unknown_fields=True):
    accounts: Annotated[list[Any], Meta(max_length=ACCOUNTS_MAX)] = []
