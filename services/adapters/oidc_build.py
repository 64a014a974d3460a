"""Puts together what takes an issuer's tokens, as the settings name it."""

from collections.abc import Sequence
from datetime import timedelta

from services.adapters.issuer import Issuer
from services.adapters.issuer_keys import IssuerKeys, Patience
from services.adapters.oidc_accounts import Accounts, OidcAccounts
from services.adapters.oidc_callers import Callers, OidcCallers
from services.adapters.oidc_tokens import OidcTokens, Terms
from services.kernel.ports.clock import Clock
from services.kit.settings import Settings


def oidc_tokens(settings: Settings, clock: Clock) -> OidcTokens:
    """Nothing is fetched before the first token comes."""
    terms = Terms(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        algorithms=settings.oidc_algorithms,
        leeway_s=settings.oidc_leeway_s,
        source_claim=settings.oidc_source_claim,
        sources=settings.oidc_sources,
        scope_claim=settings.oidc_scope_claim,
        scopes=settings.oidc_scopes,
        bytes_max=settings.oidc_token_max_bytes,
        cache_s=settings.key_cache_s,
        cache_max=settings.key_cache_max,
    )
    return OidcTokens(_keys(settings.oidc_issuer, settings.oidc_jwks_url, settings.oidc_algorithms, settings, clock), terms, clock)


def dialogflow_callers(settings: Settings, clock: Clock) -> OidcCallers:
    """What takes Dialogflow's own tokens; the limits are those of any issuer. Nothing is fetched before the first token comes."""
    algorithms = ("RS256",)
    callers = Callers(
        issuer=settings.dialogflow_issuer,
        audience=settings.dialogflow_audience,
        algorithms=algorithms,
        leeway_s=settings.oidc_leeway_s,
        bytes_max=settings.oidc_token_max_bytes,
        cache_s=settings.key_cache_s,
        cache_max=settings.key_cache_max,
        callers=frozenset(email.lower() for email in settings.dialogflow_callers),
    )
    return OidcCallers(_keys(settings.dialogflow_issuer, settings.dialogflow_jwks_url, algorithms, settings, clock), callers, clock)


def account_tokens(settings: Settings, clock: Clock) -> OidcAccounts:
    """What takes the access tokens of customers; the limits are those of any issuer. Nothing is fetched before the first token comes."""
    accounts = Accounts(
        issuer=settings.accounts_issuer,
        audience=settings.accounts_audience,
        algorithms=settings.oidc_algorithms,
        leeway_s=settings.oidc_leeway_s,
        bytes_max=settings.oidc_token_max_bytes,
        cache_s=settings.key_cache_s,
        cache_max=settings.key_cache_max,
        claim=settings.accounts_claim,
        scope=settings.accounts_scope,
        timeout_s=settings.customers_timeout_s,
    )
    return OidcAccounts(_keys(settings.accounts_issuer, settings.accounts_jwks_url, settings.oidc_algorithms, settings, clock), accounts, clock)


def _keys(name: str, jwks_url: str, algorithms: Sequence[str], settings: Settings, clock: Clock) -> IssuerKeys:
    issuer = Issuer(name, jwks_url, algorithms, settings.oidc_timeout_s, settings.oidc_document_max_bytes)
    patience = Patience(
        fresh=timedelta(seconds=settings.oidc_keys_fresh_s),
        max_age=timedelta(seconds=settings.oidc_keys_max_age_s),
        refetch=timedelta(seconds=settings.oidc_refetch_s),
        waiters_max=settings.oidc_waiters_max,
    )
    return IssuerKeys(issuer.keys, patience, clock)
