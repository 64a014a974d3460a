"""Only what Amazon signed for our skill just now is answered; whoever sends anything else costs little, learns nothing and breaks nothing.

Each defect of the peers' verifiers is here as a test: a certificate cached that was never proved, a fetch for each made-up address, errors that become 500,
a chain proved again for each request, `//echo.api/` refused, the old `Signature` taken.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.kernel.ports.alexa import Chain
from services.kernel.ports.failures import Unavailable
from services.kit import metrics
from services.voice.api import voice_app
from services.voice.platforms.alexa.address import certificate_url
from services.voice.platforms.alexa.keys import STRANGERS_AT_ONCE, STRANGERS_FAILED, Limits, SigningKeys
from services.voice.platforms.alexa.refused import Reason, Refused
from services.voice.platforms.alexa.signature import signed as signed_by
from tests.alexa_pki import CERTIFICATE_URL, SKILL, Authority, elliptic, encoded, rsa_key, signed, stamp
from tests.contract.test_alexa import intent, posted
from tests.voice_service import AREAS, NOW, TrustedRoots, Voice, authority, no_lifespan

FOLDER = "https://s3.amazonaws.com/echo.api/"
SAID = encoded(posted(intent("OutageCountsIntent")))


@pytest.fixture
def voice() -> Voice:
    service = Voice()
    service.publish(AREAS)
    return service


def sent(voice: Voice, body: bytes = SAID, **change: Any) -> int:
    """The status of a signed request with some headers changed, or (None) left out."""
    headers = {**signed(body), **{name.replace("_", "-"): value for name, value in change.items()}}
    return voice.post("/voice/v1/alexa", body, headers={name: value for name, value in headers.items() if value is not None}).status_code


def refusals(reason: Reason) -> float:
    return float(metrics.ALEXA_REFUSED.labels(reason)._value.get())


@pytest.mark.parametrize(
    "said",
    [
        "https://s3.amazonaws.com/echo.api/echo-api-cert-16.pem",
        "https://s3.amazonaws.com:443/echo.api/echo-api-cert-16.pem",
        "https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert-16.pem",
        "https://s3.amazonaws.com//echo.api//./echo-api-cert-16.pem",
        "HTTPS://S3.AmazonAWS.com/echo.api/echo-api-cert-16.pem",
        "https://s3.amazonaws.com/echo.api/echo-api-cert-16.pem?n=1#part",
    ],
)
def test_every_way_to_write_the_address_is_the_same_one(said: str) -> None:
    assert certificate_url(said) == CERTIFICATE_URL


@pytest.mark.parametrize(
    "said",
    [
        "http://s3.amazonaws.com/echo.api/c.pem",
        "https://notamazon.com/echo.api/c.pem",
        "https://s3.amazonaws.com/EcHo.aPi/c.pem",
        "https://s3.amazonaws.com/invalid.path/c.pem",
        "https://s3.amazonaws.com:563/echo.api/c.pem",
        "https://s3.amazonaws.com:port/echo.api/c.pem",
        "https://s3.amazonaws.com/echo.api/../bucket/c.pem",
        "https://s3.amazonaws.com/echo.api/%2e%2e/bucket/c.pem",
        "https://s3.amazonaws.com/echo.api\\..\\bucket/c.pem",
        "https://s3.amazonaws.com@evil.example/echo.api/c.pem",
        "https://evil@s3.amazonaws.com/echo.api/c.pem",
        "https://s3.amazonaws.com.evil.example/echo.api/c.pem",
        "https://s3.amazonaws.com/echo.api/",
        "https://[::1/echo.api/c.pem",
        "https://s3.amazonaws.com/echo.api/c.pem\n",
        FOLDER + "x" * 600,
        "",
    ],
)
def test_an_address_that_is_not_amazons_is_refused_and_never_fetched(voice: Voice, said: str) -> None:
    with pytest.raises(Refused) as refused:
        certificate_url(said)
    assert refused.value.reason is Reason.URL
    if said.isprintable():
        assert sent(voice, SignatureCertChainUrl=said) == 400
    assert voice.certificates.asked == []


@pytest.mark.parametrize("change", [{"Signature_256": None}, {"SignatureCertChainUrl": None}, {"Signature_256": "!"}, {"Signature_256": "QUJD" * 500}])
def test_headers_that_are_missing_or_nonsense_are_refused(voice: Voice, change: dict[str, Any]) -> None:
    before = refusals(Reason.HEADERS)
    assert sent(voice, **change) == 400
    assert refusals(Reason.HEADERS) == before + 1


def test_the_old_signature_proves_nothing(voice: Voice) -> None:
    assert sent(voice, Signature=signed(SAID)["Signature-256"], Signature_256=None) == 400


def test_two_signatures_are_one_too_many() -> None:
    good = [(name.lower().encode(), value.encode()) for name, value in signed(SAID).items()]
    assert signed_by(good).url == CERTIFICATE_URL
    for doubled in (b"signature-256", b"signaturecertchainurl"):
        with pytest.raises(Refused, match="comes twice"):
            signed_by([*good, (doubled, b"x")])


@pytest.mark.parametrize(
    "spoil", [lambda body: body + b" ", lambda body: body.replace(b"en-CA", b"fr-CA"), lambda _body: b"not JSON at all", lambda _body: b""]
)
def test_a_body_that_was_changed_on_the_way_is_refused_before_it_is_read(voice: Voice, spoil: Callable[[bytes], bytes]) -> None:
    before = refusals(Reason.SIGNATURE)
    answer = voice.post("/voice/v1/alexa", spoil(SAID), headers=signed(SAID))
    assert answer.status_code == 400
    assert answer.json()["title"] == "Not a request of Alexa's"
    assert refusals(Reason.SIGNATURE) == before + 1


def test_another_key_than_the_certificates_is_refused(voice: Voice) -> None:
    assert sent(voice, Signature_256=signed(SAID, key=rsa_key("another"))["Signature-256"]) == 400


def test_a_refusal_tells_nothing_of_what_was_wrong(voice: Voice) -> None:
    answers = [
        voice.post("/voice/v1/alexa", SAID, headers=headers) for headers in ({}, {**signed(SAID), "SignatureCertChainUrl": "http://x"}, signed(b"other"))
    ]
    assert len({answer.content for answer in answers}) == 1


OTHER = Authority(NOW, "other")
CHAINS = {
    "of_another_root": lambda: OTHER.chain(),
    "for_another_name": lambda: authority().chain("echo-api.amazon.com.evil.example"),
    "expired": lambda: authority().chain(starts=-20, days=-1),
    "not_yet": lambda: authority().chain(starts=1),
    "without_the_middle": lambda: authority().chain(middle=False),
    "of_a_weak_key": lambda: authority().chain(key=rsa_key("weak", 1024)),
    "of_another_kind_of_key": lambda: authority().chain(key=elliptic()),
    "a_web_page": lambda: b"<html>sign in to the network</html>",
    "nothing": lambda: b"",
    "binary": lambda: bytes(range(256)),
    "too_many": lambda: authority().chain() * 8,
    "too_large": lambda: authority().chain() + b"\n" * 70_000,
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_a_chain_that_proves_nothing_is_refused_and_a_good_one_heals_it(voice: Voice, chain: Callable[[], bytes]) -> None:
    voice.certificates.put(CERTIFICATE_URL, chain())
    assert sent(voice) == 400
    voice.certificates.put(CERTIFICATE_URL, authority().chain())
    assert sent(voice) == 400, "not tried again within the minute"
    assert len(voice.certificates.asked) == 1
    voice.clock.moment += timedelta(seconds=61)
    assert sent(voice) == 200


def test_a_certificate_is_fetched_and_proved_once_however_its_address_is_written(voice: Voice) -> None:
    for number in range(50):
        assert sent(voice, SignatureCertChainUrl=f"{CERTIFICATE_URL}?n={number}") == 200
    assert voice.certificates.asked == [CERTIFICATE_URL]


def test_made_up_addresses_neither_grow_anything_nor_push_out_what_is_good(voice: Voice) -> None:
    assert sent(voice) == 200
    for number in range(STRANGERS_FAILED + 20):
        assert sent(voice, SignatureCertChainUrl=f"{FOLDER}{number}.pem") == 400
    assert sent(voice) == 200
    assert voice.certificates.asked.count(CERTIFICATE_URL) == 1
    assert len(voice.keys._strangers.failed) == STRANGERS_FAILED
    assert len(voice.keys._kept) == 1


def test_no_more_keys_are_kept_than_may_be(voice: Voice) -> None:
    for number in range(12):
        voice.certificates.put(f"{FOLDER}{number}.pem", authority().chain())
        assert sent(voice, SignatureCertChainUrl=f"{FOLDER}{number}.pem") == 200
    assert len(voice.keys._kept) == 8


def test_those_who_ask_at_once_share_one_fetch_and_made_up_ones_are_fetched_a_few_at_a_time(voice: Voice) -> None:
    arrived = asyncio.Event()

    class Slow:
        asked = 0

        async def fetch(self, url: str) -> bytes:
            self.asked += 1
            await arrived.wait()
            if url != CERTIFICATE_URL:
                raise Unavailable("late")
            return authority().chain()

    async def crowd() -> list[Any]:
        voice.keys._source = slow
        urls = [CERTIFICATE_URL] * 100 + [f"{FOLDER}{number}.pem" for number in range(STRANGERS_AT_ONCE + 10)]
        asking = [asyncio.create_task(voice.keys.key(url)) for url in urls]
        await asyncio.sleep(0)
        asking[0].cancel()  # who leaves does not end what the others wait for
        await asyncio.sleep(0)
        arrived.set()
        return list(await asyncio.gather(*asking, return_exceptions=True))

    slow = Slow()
    found = asyncio.run(crowd())
    assert slow.asked == 1 + STRANGERS_AT_ONCE
    assert all(key is found[1] for key in found[1:100])
    assert not isinstance(found[1], Exception)
    assert all(isinstance(answer, Refused) for answer in found[100:])


def test_a_flood_of_made_up_addresses_holds_up_no_certificate_that_was_ever_proved_nor_the_first(voice: Voice) -> None:
    elsewhere = f"{FOLDER}another-name.pem"
    asyncio.run(voice.chains.put(Chain(elsewhere, b"of a certificate that has expired", NOW)))
    voice.certificates.put(elsewhere, authority().chain())
    never = asyncio.Event()

    class Hanging:
        async def fetch(self, url: str) -> bytes:
            if url not in (CERTIFICATE_URL, elsewhere):
                await never.wait()
            return authority().chain()

    async def flooded() -> None:
        keys = SigningKeys(Hanging(), TrustedRoots(authority()), voice.clock, Limits(3_600, 60, 8), voice.chains)
        flood = [asyncio.create_task(keys.key(f"{FOLDER}{number}.pem")) for number in range(1_000)]
        await asyncio.sleep(0)
        await keys.start()
        await asyncio.wait_for(asyncio.gather(keys.key(elsewhere), keys.key(CERTIFICATE_URL)), 5)
        for asking in flood:
            asking.cancel()
        for fetching in list(keys._fetching.values()):
            fetching.cancel()

    asyncio.run(flooded())


def test_what_was_proved_before_a_start_is_good_without_amazons_host_and_only_once_proved_again(voice: Voice) -> None:
    assert sent(voice) == 200
    good = Chain(CERTIFICATE_URL, authority().chain(), NOW)
    for kept, status in ((good, 200), (Chain(CERTIFICATE_URL, OTHER.chain(), NOW), 400)):
        again = Voice()
        again.publish(AREAS)
        again.certificates.down = True
        asyncio.run(again.chains.put(kept))
        asyncio.run(again.keys.start())
        assert sent(again) == status
    voice.chains.full = True
    assert voice.alexa(later(voice, hours=2)).status_code == 200, "a disk that is full costs no answer"


def test_a_proved_key_is_renewed_within_the_hour_and_no_request_waits_for_it(voice: Voice) -> None:
    assert sent(voice) == 200
    voice.clock.moment += timedelta(minutes=50)
    body = encoded(
        posted(intent("OutageCountsIntent")) | {"request": {**posted(intent("AMAZON.HelpIntent"))["request"], "timestamp": stamp(voice.clock.moment)}}
    )

    async def asked_again() -> None:
        await voice.keys.key(CERTIFICATE_URL)
        await asyncio.gather(*voice.keys._fetching.values())

    asyncio.run(asked_again())
    assert len(voice.certificates.asked) == 2
    assert voice.alexa(body).status_code == 200
    assert len(voice.certificates.asked) == 2


def later(voice: Voice, **by: float) -> bytes:
    voice.clock.moment += timedelta(**by)
    request = posted(intent("OutageCountsIntent"))
    request["request"]["timestamp"] = stamp(voice.clock.moment)
    return encoded(request)


def test_with_amazons_host_away_a_proved_key_goes_on_while_its_certificates_are_good(voice: Voice) -> None:
    assert sent(voice) == 200
    voice.certificates.down = True
    for _ in range(3):
        assert voice.alexa(later(voice, hours=5)).status_code == 200
    assert voice.alexa(later(voice, days=31)).status_code == 400, "expired"


def test_a_key_whose_certificate_the_host_has_no_more_is_dropped(voice: Voice) -> None:
    assert sent(voice) == 200
    voice.certificates.put(CERTIFICATE_URL, b"gone")
    assert voice.alexa(later(voice, hours=2)).status_code == 400


def test_a_host_that_can_not_be_reached_is_asked_once_a_minute(voice: Voice) -> None:
    voice.certificates.down = True
    before = refusals(Reason.UNREACHABLE)
    assert [sent(voice) for _ in range(3)] == [400] * 3
    assert (refusals(Reason.UNREACHABLE), len(voice.certificates.asked)) == (before + 3, 1)


@pytest.mark.parametrize(("off_s", "status"), [(0, 200), (-149, 200), (149, 200), (-151, 400), (151, 400), (-86_400, 400)])
def test_a_request_is_taken_within_150_seconds_of_its_time(voice: Voice, off_s: float, status: int) -> None:
    for told in (stamp(NOW + timedelta(seconds=off_s)), int((NOW + timedelta(seconds=off_s)).timestamp() * 1000)):
        request = posted(intent("OutageCountsIntent"))
        request["request"]["timestamp"] = told
        assert voice.alexa(request).status_code == status


@pytest.mark.parametrize(("off_s", "status"), [(-3_599, 200), (-3_601, 400)])
def test_an_event_may_be_an_hour_late(voice: Voice, off_s: float, status: int) -> None:
    event = posted({"type": "AlexaSkillEvent.SkillEnabled", "timestamp": stamp(NOW + timedelta(seconds=off_s))})
    assert voice.alexa(event).status_code == status


def test_a_request_for_another_skill_is_refused_though_amazon_signed_it(voice: Voice) -> None:
    def asked(session: str | None, context: str | None) -> int:
        request = posted(intent("OutageCountsIntent"))
        request["session"]["application"] = {"applicationId": session} if session else None
        request["context"]["System"]["application"] = {"applicationId": context or ""}
        return voice.alexa(request).status_code

    assert asked(SKILL, SKILL) == asked(SKILL, None) == asked(None, SKILL) == 200
    before = refusals(Reason.SKILL)
    assert asked(SKILL, "amzn1.ask.skill.y") == asked("amzn1.ask.skill.y", SKILL) == asked("amzn1.ask.skill.y", None) == asked(None, None) == 400
    assert refusals(Reason.SKILL) == before + 4


def test_without_a_skill_named_nothing_is_answered_and_the_setting_is_named() -> None:
    voice = Voice()
    voice.app = voice_app(voice.mirror, voice.conversation, voice.settings, no_lifespan)
    answer = voice.alexa(SAID)
    assert (answer.status_code, answer.json()["setting"]) == (404, "SURGECAST_ALEXA_SKILL_IDS")
