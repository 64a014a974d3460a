"""The keys that Alexa signs with: proved once per certificate and an hour, not once per request."""

import asyncio
import re
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from msgspec import Struct

from services.kernel.ports.alexa import CertificateSource, Chain, ChainStore, NoCertificate
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kit import metrics
from services.kit.bounded import Bounded
from services.kit.logs import Sparing, log
from services.voice.platforms.alexa.address import FOLDER, HOST
from services.voice.platforms.alexa.chain import Roots, Signer, signer
from services.voice.platforms.alexa.refused import LOG_EVERY_S, Reason, Refused

_of_strangers = Sparing(LOG_EVERY_S)

STRANGERS_AT_ONCE, STRANGERS_FAILED = 4, 64
"""Fetches of addresses that anybody may have made up, and failures of theirs that are remembered."""
LIKELY_AT_ONCE, LIKELY_FAILED = 16, 128
"""The same of those named as Amazon has always named its certificates: there are 111 of them, so that each failure is remembered, each is fetched once in
`retry_s`, and none waits longer than the others before it in the line take."""
_LIKELY = re.compile(rf"https://{re.escape(HOST + FOLDER)}echo-api-cert(-[0-9]{{1,2}})?\.pem")
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


class _Lane:
    """Addresses that have fetches and a memory of failures for themselves: one kind of them takes neither from another."""

    def __init__(self, at_once: int, failed: int, *, waits: bool) -> None:
        """Beyond so many fetches `at_once`, an address `waits` for its turn, or is refused."""
        self.turns, self._at_once, self._waits = asyncio.Semaphore(at_once), at_once, waits
        self.fetching = 0
        self.failed: Bounded[_Failed] = Bounded(failed)

    @property
    def is_full(self) -> bool:
        """Whether one more is to be refused."""
        return self.fetching >= self._at_once and not self._waits


class SigningKeys:
    """By the address of the certificate, as `certificate_url` gives it. Only what was proved is kept; what failed, apart, so that it pushes out nothing.

    Whoever floods us with made-up addresses holds up no certificate that was ever proved here, nor for long the first that Amazon uses.
    """

    def __init__(self, source: CertificateSource, roots: Roots, clock: Clock, limits: Limits, store: ChainStore) -> None:
        self._source, self._roots, self._clock, self._limits, self._store = source, roots, clock, limits, store
        self._kept: Bounded[_Kept] = Bounded(limits.most)
        self._known: Bounded[bool] = Bounded(limits.most)
        """Addresses of which something was proved, here or before this start."""
        self._proved = _Lane(limits.most, limits.most, waits=True)
        self._likely = _Lane(LIKELY_AT_ONCE, LIKELY_FAILED, waits=True)
        self._strangers = _Lane(STRANGERS_AT_ONCE, STRANGERS_FAILED, waits=False)
        self._fetching: dict[str, asyncio.Task[Signer]] = {}
        self._storing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take up what was proved before this start, and have it fetched anew: nobody waits for Amazon's host, which a storm may have taken from us."""
        for chain in await self._store.all():
            self._known.put(chain.url, True)
            now = self._clock.now()
            try:
                self._keep(chain.url, await asyncio.to_thread(signer, chain.pem, self._roots, now), min(chain.at, now))
            except Refused as refused:
                log.info("alexa.chain_no_longer_good", url=chain.url, detail=str(refused))
            self._fetch(chain.url)

    def known(self, url: str) -> RSAPublicKey | None:
        """The key of the certificate at `url`, where it was proved and needs no renewing yet; else ask for `key`."""
        kept = self._kept.get(url)
        return kept.signer.key if kept is not None and self._clock.now() < kept.renew_at else None

    async def key(self, url: str) -> RSAPublicKey:
        """The key of the certificate at `url`. Where the host can't be reached, one proved before goes on being used while its certificates are good: a storm
        may take Amazon's host from us, and must not take the skill. Raises `Refused`.
        """
        now, kept = self._clock.now(), self._kept.get(url)
        if kept is not None and now < kept.renew_at:
            return kept.signer.key
        lane = self._lane(url)
        failed = lane.failed.get(url)
        resting = failed is not None and now < failed.until
        if kept is not None and (now < kept.fresh_until or (failed is not None and now < kept.signer.good_until)):
            if not resting:
                self._fetch(url)
            return kept.signer.key
        if failed is not None and resting:
            raise Refused(failed.refused.reason, f"{failed.refused} (found at the last try)")
        if url not in self._fetching and lane.is_full:
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
            lane = self._lane(url)
            lane.fetching += 1
            fetching = self._fetching[url] = asyncio.create_task(self._fetched(url, lane))
            fetching.add_done_callback(lambda done: done.cancelled() or done.exception())  # heard, even where all who waited have left
        return fetching

    def _lane(self, url: str) -> _Lane:
        if self._known.get(url):
            return self._proved
        return self._likely if _LIKELY.fullmatch(url) else self._strangers

    async def _fetched(self, url: str, lane: _Lane) -> Signer:
        try:
            async with lane.turns:
                pem = await self._source.fetch(url)
            now = self._clock.now()
            proved = await asyncio.to_thread(signer, pem, self._roots, now)
        except Unavailable as error:
            raise self._fail(url, lane, Refused(Reason.UNREACHABLE, str(error))) from None
        except NoCertificate as error:
            raise self._fail(url, lane, Refused(Reason.CHAIN, str(error))) from None
        except Refused as refused:
            raise self._fail(url, lane, refused) from None
        finally:
            del self._fetching[url]
            lane.fetching -= 1
        self._known.put(url, True)
        self._keep(url, proved, now)
        lane.failed.forget(url)
        storing = asyncio.create_task(self._put(Chain(url, pem, now)))
        self._storing.add(storing)
        storing.add_done_callback(self._storing.discard)
        metrics.ALEXA_CERTIFICATES.labels("proved").inc()
        log.info("alexa.certificate_proved", url=url, good_until=proved.good_until.isoformat())
        return proved

    def _keep(self, url: str, proved: Signer, at: datetime) -> None:
        """Use what was fetched `at` that time."""
        fresh_s = self._limits.fresh_s
        self._kept.put(url, _Kept(proved, *(min(proved.good_until, at + timedelta(seconds=fresh_s * share)) for share in (_RENEWED_AT, 1.0))))

    async def _put(self, chain: Chain) -> None:
        """Keep it for the next start; no request waits for that."""
        try:
            await self._store.put(chain)
        except Unavailable as error:
            log.warning("alexa.chain_not_kept", url=chain.url, reason=str(error))

    def _fail(self, url: str, lane: _Lane, refused: Refused) -> Refused:
        is_kept = self._kept.get(url) is not None
        if refused.reason is not Reason.UNREACHABLE:
            self._kept.forget(url)  # the host answers, and no longer with what was proved
        lane.failed.put(url, _Failed(refused, self._clock.now() + timedelta(seconds=self._limits.retry_s)))
        metrics.ALEXA_CERTIFICATES.labels(refused.reason).inc()
        if lane is self._strangers:  # anybody can make up an address
            _of_strangers.info("alexa.certificate_failed", refused.reason, url=url, detail=str(refused))
        else:
            (log.warning if is_kept else log.info)("alexa.certificate_failed", url=url, reason=refused.reason, detail=str(refused))
        return refused
