"""Tokens of an identity provider at the front door: its real keys, its rotations, its bad days, and those who forge."""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from pydantic import ValidationError

from services.adapters.chains_memory import MemoryChains
from services.adapters.issuer_keys import IssuerKeys, Patience
from services.adapters.oidc_build import oidc_tokens
from services.ingest.api import application
from services.ingest.formats import FORMATS
from services.ingest.main import build
from services.kernel.ports.failures import Unavailable
from services.kit.clock import SystemClock
from services.kit.metrics import AUTH_FAILURES
from services.kit.settings import Settings
from tests.asgi import lifespan
from tests.builders import SetClock
from tests.contract.ingest_door import Door, door_over, event
from tests.simulators.issuer import AUDIENCE, CLIENT, CLIENT_SECRET, Fault, SimulatedIssuer, forged, issuer


class Stage:
    """A front door that trusts a simulated issuer, and what a sender with a token is told."""

    def __init__(self, door: Door, idp: SimulatedIssuer, settings: dict[str, Any]) -> None:
        self.idp, self.door, self.clock = idp, door, SetClock(SystemClock().now())
        told = Settings(_env_file=None, oidc_issuer=idp.url, oidc_audience=AUDIENCE, **{"oidc_timeout_s": 2.0, **settings})
        door.clock.time = self.clock.now()
        self.tokens = oidc_tokens(told, self.clock)
        app = application(door.journal, door.keys, self.clock, told, FORMATS, MemoryChains(), tokens=self.tokens)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ingest")
        self.sent = 0

    @property
    def keys(self) -> IssuerKeys:
        return self.tokens._keys

    async def send(self, token: str) -> httpx.Response:
        self.sent += 1
        return await self.client.post("/ingest/v1/events", json=event(self.sent), headers={"Authorization": f"Bearer {token}"})

    def status(self, token: str) -> int:
        return self.door.run(self.send(token)).status_code

    def refused(self, token: str, reason: str, status: int = 401) -> str:
        counter = AUTH_FAILURES.labels(reason)._value
        before, taken = counter.get(), len(self.door.entries())
        answer = self.door.run(self.send(token))
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
        assert (counter.get(), len(self.door.entries())) == (before + 1, taken)
        assert len(token) < 40 or token[-40:] not in answer.text
        return str(answer.json()["detail"])

    def fetched(self) -> None:
        """Wait for a fetch that is under way behind."""

        async def done() -> None:
            if self.keys._fetching:
                await self.keys._fetching

        self.door.run(done())


@contextmanager
def _staged(**settings: Any) -> Iterator[Stage]:
    with issuer() as idp, door_over("memory") as door:
        yield Stage(door, idp, settings)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with _staged() as made:
        yield made


def test_a_token_from_the_issuer_s_own_endpoint_names_the_source_and_its_scopes(stage: Stage) -> None:
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": CLIENT_SECRET, "audience": AUDIENCE}
    token = httpx.post(f"{stage.idp.url}/token", data=form, trust_env=False).json()["access_token"]
    assert stage.status(token) == 202
    assert [str(entry.key) for entry in stage.door.entries()] == [f"{CLIENT}:o1"]
    assert stage.status(stage.door.key("other").removeprefix("Bearer ")) == 202, "ingest keys are good as ever"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_rotated_key_is_found_and_the_old_one_ends_with_its_publication(algorithm: str) -> None:
    with _staged() as stage:
        old = stage.idp.token()
        assert stage.status(old) == 202
        stage.idp.rotate("next", algorithm, keep=True)
        stage.clock.move(seconds=11)
        assert stage.status(stage.idp.token()) == 202, "an unknown key is looked for at once"
        assert stage.status(old) == 202, "both are published"
        stage.idp.rotate("last", algorithm)
        stage.clock.move(seconds=40)
        assert stage.status(stage.idp.token()) == 202
        assert "does not publish" in stage.refused(old, "token_invalid")


def test_unknown_keys_make_no_more_than_one_fetch_in_a_while_however_many_ask() -> None:
    with _staged(guard_target_s=60.0) as stage:  # the guard takes a slow issuer for a crowd
        stage.status(stage.idp.token())
        assert stage.idp.asked == 2, "discovery and keys"
        stage.clock.move(seconds=11)

        async def attack() -> set[int]:
            tokens = [stage.idp.token(head={"kid": f"made-up-{number}"}) for number in range(40)]
            return {answer.status_code for answer in await asyncio.gather(*map(stage.send, tokens))}

        assert stage.door.run(attack()) <= {401, 503}
        assert stage.door.run(attack()) == {401}
        assert stage.idp.asked == 4
        assert stage.status(stage.idp.token()) == 202


def test_few_requests_wait_for_an_issuer_that_hangs_and_the_others_are_told_at_once() -> None:
    answers, hour = threading.Event(), timedelta(hours=1)

    def fetch() -> dict[Any, Any]:
        answers.wait(10)
        return {}

    async def story() -> None:
        keys = IssuerKeys(fetch, Patience(hour, hour, hour, waiters_max=8), SetClock())
        asking = [asyncio.ensure_future(keys.find(f"made-up-{number}", "RS256")) for number in range(30)]
        try:
            async with asyncio.timeout(5):
                refused = await asyncio.gather(*asking[8:], return_exceptions=True)
            assert {type(error) for error in refused} == {Unavailable}
            asking[0].cancel()
            await asyncio.sleep(0)
            asking.append(asyncio.ensure_future(keys.find("another", "RS256")))
            await asyncio.sleep(0)
            assert not any(one.done() for one in (*asking[1:8], asking[-1])), "who leaves makes room for another"
        finally:
            answers.set()
        assert await asyncio.gather(*asking[1:8], asking[-1]) == [None] * 8

    asyncio.run(story())


def test_an_issuer_that_is_down_stops_nobody_whose_keys_are_known_for_as_long_as_a_day(stage: Stage) -> None:
    assert stage.status(stage.idp.token()) == 202
    stage.idp.fault = Fault.DOWN
    for hours in (1, 22):
        stage.clock.move(hours=hours)
        assert stage.status(stage.idp.token(exp=int(stage.clock.now().timestamp()) + 60)) == 202
        stage.fetched()
    stage.clock.move(hours=1, seconds=11)
    detail = stage.refused(stage.idp.token(exp=int(stage.clock.now().timestamp()) + 60), "unavailable", 503)
    assert "Ingest keys still work" in detail
    stage.idp.fault = None
    stage.clock.move(seconds=11)
    assert stage.status(stage.idp.token(exp=int(stage.clock.now().timestamp()) + 60)) == 202


def test_stale_keys_are_fetched_behind_while_they_are_used(stage: Stage) -> None:
    stage.status(stage.idp.token())
    stage.clock.move(seconds=301)
    assert stage.status(stage.idp.token()) == 202
    stage.fetched()
    assert stage.idp.asked == 4
    assert stage.status(stage.idp.token()) == 202
    assert stage.idp.asked == 4


def test_a_key_that_was_withdrawn_in_a_quiet_hour_is_not_good_once_more(stage: Stage) -> None:
    old = stage.idp.token()
    assert stage.status(old) == 202
    stage.idp.rotate("rsa-2", "RS256")
    stage.clock.move(seconds=299)
    assert stage.status(stage.idp.token(kid="rsa-1", jti="2")) == 202, "known to be good a moment ago"
    stage.clock.move(seconds=302)
    stage.refused(stage.idp.token(kid="rsa-1", jti="3", exp=int(time.time()) + 3600), "token_invalid")


@pytest.mark.parametrize("fault", list(Fault))
def test_where_keys_were_never_had_a_token_gets_503_and_an_ingest_key_is_good(fault: Fault) -> None:
    with _staged(oidc_timeout_s=0.4) as stage:
        stage.idp.fault = fault
        stage.refused(stage.idp.token(), "unavailable", 503)
        asked = stage.idp.asked
        stage.refused(stage.idp.token(), "unavailable", 503)
        assert stage.idp.asked == asked, "it is left alone for a while"
        assert stage.status(stage.door.key("other").removeprefix("Bearer ")) == 202
        stage.idp.fault = None
        stage.clock.move(seconds=11)
        assert stage.status(stage.idp.token()) == 202


NOW = int(time.time())


@pytest.mark.parametrize(
    ("claims", "reason", "said"),
    [
        ({"exp": NOW - 3600}, "token_expired", "has expired"),
        ({"aud": "https://another.example"}, "token_claims", "aud: this token is not for"),
        ({"iss": "https://another.example"}, "token_claims", "iss: this token is not of"),
        ({"nbf": NOW + 3600}, "token_claims", "not valid yet"),
        ({"iat": NOW + 3600}, "token_claims", "not valid yet"),
        ({"without": "exp"}, "token_claims", "exp: this token has no such claim"),
        ({"without": "aud"}, "token_claims", "aud: this token"),
        ({"without": "iss"}, "token_claims", "iss: this token"),
        ({"without": "client_id"}, "token_claims", "client_id: what this token says there is no name of a source"),
        ({"client_id": "Not A Source"}, "token_claims", "client_id: "),
        ({"client_id": ["oms"]}, "token_claims", "client_id: "),
        ({"exp": "soon"}, "token_invalid", "not valid"),
    ],
)
def test_a_token_whose_claims_do_not_do_is_told_which(stage: Stage, claims: dict[str, Any], reason: str, said: str) -> None:
    assert said in stage.refused(stage.idp.token(**claims), reason)


@pytest.mark.parametrize("scope", ["", "openid surgecast:everything", [], 7, None])
def test_a_token_without_a_scope_of_ours_may_do_nothing(stage: Stage, scope: Any) -> None:
    assert "may not send events" in stage.refused(stage.idp.token(scope=scope), "scope", 403)


def test_clocks_may_differ_by_the_leeway_and_a_remembered_token_ends_with_it(stage: Stage) -> None:
    now = int(time.time())
    token = stage.idp.token(nbf=now + 20, iat=now + 20, exp=now + 25)
    assert stage.status(token) == 202
    assert stage.status(stage.idp.token(exp=now - 20)) == 202
    stage.clock.move(seconds=25)
    assert stage.status(token) == 202, "remembered, and within the leeway"
    stage.clock.move(seconds=4)
    stage.door.run(stage.tokens.verify(token))
    stage.clock.at += timedelta(seconds=now + 55 - stage.clock.at.timestamp())
    stage.refused(token, "token_expired")


def test_forged_tokens_are_refused_without_asking_the_issuer_more_than_once(stage: Stage) -> None:
    claims = jwt.decode(good := stage.idp.token(), options={"verify_signature": False})
    head, body, signature = good.split(".")
    other = SimulatedIssuer(stage.idp.url)
    jwk = {**other.published[0], "kid": "rsa-1"}
    hmac = jwt.api_jws.PyJWS()
    hmac._algorithms["HS256"].prepare_key = lambda key: key  # type: ignore[method-assign] # it would not use a public key as a secret
    for token in [
        forged(claims, {"alg": "none", "kid": "rsa-1"}, b"x"),
        forged(claims, {"alg": "None", "kid": "rsa-1"}, b"x"),
        hmac.encode(json.dumps(claims).encode(), stage.idp.public_pem(), "HS256", {"kid": "rsa-1"}),
        forged(claims, {"alg": "ES256", "kid": "rsa-1"}, b"x" * 64),
        forged(claims, {"alg": ["RS256"], "kid": "rsa-1"}, b"x"),
        forged(claims, {"alg": "RS256", "kid": ["rsa-1"]}, b"x"),
        forged(claims, {"alg": "RS256", "kid": "rsa-1", "crit": ["b64"], "b64": False}, b"x"),
        other.token(head={"jwk": jwk, "jku": "http://127.0.0.1:1/jwks"}),
        f"{head}.{body}.{signature[:-8]}AAAAAAAA",
        f"{head}.{forged({**claims, 'client_id': 'other'}, {}).split('.')[1]}.{signature}",
        "a.b.c",
        base64.urlsafe_b64encode(b"[" * 5_000).decode().rstrip("=") + ".e30.x",
        "x" * 9_000 + ".e30.x",
        forged({}, {"alg": "RS256", "kid": "k" * 4_000}, b"x"),
    ]:
        stage.refused(token, "token_invalid")
    assert stage.idp.asked == 2
    assert stage.status(good) == 202


def test_claims_can_be_read_from_elsewhere_and_sources_be_listed() -> None:
    told = {
        "oidc_source_claim": "azp",
        "oidc_sources": {"0f8b-GUID": "oms-west"},
        "oidc_scope_claim": "realm_access.roles",
        "oidc_scopes": {"Sender": "events"},
    }
    with _staged(**told) as stage:
        assert stage.status(stage.idp.token(azp="0f8b-GUID", realm_access={"roles": ["Sender", "other", 1]})) == 202
        assert [str(entry.key) for entry in stage.door.entries()] == ["oms-west:o1"]
        assert "not listed in SURGECAST_OIDC_SOURCES" in stage.refused(stage.idp.token(azp="oms-west"), "token_claims")
        stage.refused(stage.idp.token(azp="0f8b-GUID", realm_access=["Sender"]), "scope", 403)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"oidc_issuer": "https://id.example"}, "oidc_audience"),
        ({"oidc_issuer": "http://id.example", "oidc_audience": "a"}, "oidc_issuer"),
        ({"oidc_jwks_url": "http://127.0.0.1.example/jwks"}, "oidc_jwks_url"),
        ({"oidc_algorithms": ["HS256"]}, "oidc_algorithms"),
        ({"oidc_algorithms": ["none"]}, "oidc_algorithms"),
        ({"oidc_scopes": {"x": "everything"}}, "oidc_scopes"),
    ],
)
def test_settings_that_would_let_anyone_in_are_refused_at_start(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Settings(_env_file=None, **settings)


def test_the_service_as_it_is_put_together_takes_tokens(redis_url: str) -> None:
    async def sent() -> httpx.Response:
        app = build(Settings(_env_file=None, journal_url=redis_url, oidc_issuer=idp.url, oidc_audience=AUDIENCE))
        async with lifespan(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ingest") as client:
            return await client.post("/ingest/v1/events", json=event(1), headers={"Authorization": f"Bearer {idp.token()}"})

    with issuer() as idp:
        assert asyncio.run(sent()).json()["accepted"] == 1
