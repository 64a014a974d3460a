"""The keys that Alexa signs with: proved once per certificate and an hour, not once per request."""

import asyncio
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from msgspec import Struct

from services.kernel.ports.alexa import CertificateSource, NoCertificate
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kit import metrics
from services.kit.bounded import Bounded
from services.kit.logs import log
from services.voice.platforms.alexa.chain import Roots, Signer, signer
from services.voice.platforms.alexa.refused import Reason, Refused

FAILED_MAX, FETCHES_MAX = 64, 16
"""Addresses remembered to have failed, and those fetched at one time: made-up ones can't make either grow."""
_RENEWED_AT = 0.75
"""Share of its time after which a key in use is renewed, while it goes on being used: no request waits for it."""


class Limits(Struct, frozen=True):
    """How long what is known may be used."""

    fresh_s: float
    """A proved key is used for this long before it is proved anew."""
    retry_s: float
    """What failed is not tried again for this long."""
    most: int
    """Keys kept."""


class _Kept(Struct, frozen=True):
    signer: Signer
    renew_at: datetime
    fresh_until: datetime


class _Failed(Struct, frozen=True):
    refused: Refused
    until: datetime


class SigningKeys:
    """By the address of the certificate, as `certificate_url` gives it. Only what was proved is kept; what failed, apart, so that it pushes out nothing."""

    def __init__(self, source: CertificateSource, roots: Roots, clock: Clock, limits: Limits) -> None:
        self._source, self._roots, self._clock, self._limits = source, roots, clock, limits
        self._kept: Bounded[_Kept] = Bounded(limits.most)
        self._failed: Bounded[_Failed] = Bounded(FAILED_MAX)
        self._fetching: dict[str, asyncio.Task[Signer]] = {}

    async def key(self, url: str) -> RSAPublicKey:
        """The key of the certificate at `url`. Where the host can't be reached, one proved before goes on being used while its certificates are good: a storm
        may take Amazon's host from us, and must not take the skill. Raises `Refused`.
        """
        now, kept = self._clock.now(), self._kept.get(url)
        if kept is not None and now < kept.renew_at:
            return kept.signer.key
        failed = self._failed.get(url)
        resting = failed is not None and now < failed.until
        if kept is not None and (now < kept.fresh_until or (failed is not None and now < kept.signer.good_until)):
            if not resting:
                self._fetch(url)
            return kept.signer.key
        if failed is not None and resting:
            raise Refused(failed.refused.reason, f"{failed.refused} (found at the last try)")
        if url not in self._fetching and len(self._fetching) >= FETCHES_MAX and kept is None:
            raise Refused(Reason.UNREACHABLE, "too many other certificates are being fetched")
        try:
            return (await asyncio.shield(self._fetch(url))).key  # one who leaves must not end what others wait for
        except Refused as refused:
            if kept is not None and refused.reason is Reason.UNREACHABLE and now < kept.signer.good_until:
                return kept.signer.key
            raise

    def _fetch(self, url: str) -> "asyncio.Task[Signer]":
        """The one fetch of `url` that is under way."""
        fetching = self._fetching.get(url)
        if fetching is None:
            fetching = self._fetching[url] = asyncio.create_task(self._fetched(url))
            fetching.add_done_callback(lambda done: done.cancelled() or done.exception())  # heard, even where all who waited have left
        return fetching

    async def _fetched(self, url: str) -> Signer:
        try:
            pem = await self._source.fetch(url)
            now = self._clock.now()
            proved = await asyncio.to_thread(signer, pem, self._roots, now)
        except Unavailable as error:
            raise self._fail(url, Refused(Reason.UNREACHABLE, str(error))) from None
        except NoCertificate as error:
            raise self._fail(url, Refused(Reason.CHAIN, str(error))) from None
        except Refused as refused:
            raise self._fail(url, refused) from None
        finally:
            del self._fetching[url]
        fresh_s = self._limits.fresh_s
        self._kept.put(url, _Kept(proved, *(min(proved.good_until, now + timedelta(seconds=fresh_s * share)) for share in (_RENEWED_AT, 1.0))))
        self._failed.forget(url)
        metrics.ALEXA_CERTIFICATES.labels("proved").inc()
        log.info("alexa.certificate_proved", url=url, good_until=proved.good_until.isoformat())
        return proved

    def _fail(self, url: str, refused: Refused) -> Refused:
        tell = log.info if self._kept.get(url) is None else log.warning  # anybody can make up an address
        if refused.reason is not Reason.UNREACHABLE:
            self._kept.forget(url)  # the host answers, and no longer with what was proved
        self._failed.put(url, _Failed(refused, self._clock.now() + timedelta(seconds=self._limits.retry_s)))
        metrics.ALEXA_CERTIFICATES.labels(refused.reason).inc()
        tell("alexa.certificate_failed", url=url, reason=refused.reason, detail=str(refused))
        return refused
