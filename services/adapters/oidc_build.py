"""Puts together what takes an issuer's tokens, as the settings name it."""

from datetime import timedelta

from services.adapters.issuer import Issuer
from services.adapters.issuer_keys import IssuerKeys, Patience
from services.adapters.oidc_tokens import OidcTokens, Terms
from services.kernel.ports.clock import Clock
from services.kit.settings import Settings


def oidc_tokens(settings: Settings, clock: Clock) -> OidcTokens:
    """Nothing is fetched before the first token comes."""
    issuer = Issuer(settings.oidc_issuer, settings.oidc_jwks_url, settings.oidc_algorithms, settings.oidc_timeout_s, settings.oidc_document_max_bytes)
    patience = Patience(
        fresh=timedelta(seconds=settings.oidc_keys_fresh_s),
        max_age=timedelta(seconds=settings.oidc_keys_max_age_s),
        refetch=timedelta(seconds=settings.oidc_refetch_s),
        waiters_max=settings.oidc_waiters_max,
    )
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
    return OidcTokens(IssuerKeys(issuer.keys, patience, clock), terms, clock)
