"""Puts together what knows customers, as the settings name it. What is heavy is loaded only where it is set up."""

from collections.abc import Callable
from functools import cache

from services.adapters.customers_guarded import GuardedCustomers
from services.adapters.guarded import Bounds, Guarded, bounds
from services.adapters.linked_accounts import LinkedAccounts
from services.kernel.ports.clock import Clock
from services.kernel.ports.customers import AccountTokens, CustomerDirectory
from services.kernel.ports.links import LinkStore
from services.kit.settings import Settings


def directory(settings: Settings, clock: Clock) -> CustomerDirectory | None:
    """The customers' directory; None where none is set up."""
    inner = _directory(settings)
    if inner is None:
        return None
    guarded = Guarded("customers", limits(settings), clock)
    return GuardedCustomers(inner, guarded, clock, settings.customers_fresh_s, settings.customers_kept)


def limits(settings: Settings) -> Bounds:
    """What asking for a customer, or whose a token is, may cost."""
    return bounds(settings.customers_timeout_s, settings.customers_lookups_max, settings.customers_open_after, settings.customers_open_s)


def _directory(settings: Settings) -> CustomerDirectory | None:
    if settings.customers_api_url:
        from services.adapters.customers_http import Api, HttpCustomers

        secret = settings.customers_api_client_secret.get_secret_value()
        named = (settings.customers_api_client_id, secret, settings.customers_api_scope)
        return HttpCustomers(
            Api(settings.customers_api_url, settings.customers_api_token_url, *named, settings.customers_api_max_bytes), settings.customers_timeout_s
        )
    if settings.customers_url:
        from services.adapters.customers_sql import SqlCustomers

        return SqlCustomers(settings.customers_url, settings.customers_timeout_s, settings.customers_threads)
    return None


def links(settings: Settings, clock: Clock) -> Callable[[], LinkStore] | None:
    """What the demo's authorization server keeps, made at the first need; None where there is none."""
    if not settings.linking_url:
        return None

    @cache
    def made() -> LinkStore:
        from services.adapters.links_sql import SqlLinks

        return SqlLinks(settings.linking_url, settings.customers_timeout_s, clock, settings.linking_grants_max)

    return made


def account_tokens(settings: Settings, clock: Clock, store: Callable[[], LinkStore] | None = None) -> AccountTokens | None:
    """What tells whose an access token is: the utility's issuer, or else `store`; None where no accounts can be linked."""
    if settings.accounts_issuer:
        from services.adapters import oidc_build  # cryptography is slow to load, and large

        return oidc_build.account_tokens(settings, clock)
    return None if store is None else LinkedAccounts(store, Guarded("accounts", limits(settings), clock))
