"""Who may send: the ingest keys, and the issuer whose tokens are taken."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from services.cli.doctor.finding import Finding, attention, broken, ok
from services.kernel.keys import KeyState, state_of
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.keys import KeyHolder
from services.kit.settings import Settings

ENDS_SOON = timedelta(days=7)


def ingest_keys(settings: Settings, holders: Sequence[KeyHolder], clock: Clock) -> Iterator[Finding]:
    """Whether anybody can send, and whose key ends before anybody may notice."""
    now = clock.now()
    active = [holder for holder in holders if state_of(holder, now) is KeyState.ACTIVE]
    if not (active or settings.oidc_issuer):
        yield attention("Ingest keys", "there are none that are good: nobody can send. Make one with `surgecast keys create NAME`.")
        return
    ending = [holder for holder in active if holder.expires_at is not None and holder.expires_at - now < ENDS_SOON]
    for holder in ending:
        yield attention("Ingest keys", f"{holder.id} of {holder.source} ends at {holder.expires_at:%Y-%m-%d %H:%M} UTC: `surgecast keys rotate {holder.id}`")
    if not ending:
        yield ok("Ingest keys", f"{len(active)}")


def token_issuer(settings: Settings) -> Iterator[Finding]:
    """Whether the keys of the issuer can be had from here; nothing is said where none is set."""
    if not settings.oidc_issuer:
        return
    from services.adapters.issuer import Issuer  # cryptography is slow to load, and large

    issuer = Issuer(settings.oidc_issuer, settings.oidc_jwks_url, settings.oidc_algorithms, settings.oidc_timeout_s, settings.oidc_document_max_bytes)
    try:
        keys = issuer.keys()
    except Unavailable as error:
        yield broken("Token issuer", f"{error}. Tokens are taken for a while where ingest had its keys before; correct SURGECAST_OIDC_… or mend the issuer.")
    else:
        yield ok("Token issuer", f"{settings.oidc_issuer}; keys: {len({kid for kid, _ in keys})}")
