"""What the doctor says of those who may send."""

from datetime import timedelta

import pytest

from services.adapters.keys_memory import MemoryKeys
from services.cli.doctor.finding import Verdict
from services.cli.doctor.senders import ingest_keys, token_issuer
from services.kernel.ids import SourceName
from services.kernel.ports.keys import Rights
from services.kit.settings import Settings
from tests.builders import SetClock
from tests.simulators.issuer import AUDIENCE, Fault, issuer

OMS = SourceName("oms")


@pytest.mark.parametrize(("days", "verdict", "says"), [(None, Verdict.OK, "1"), (8, Verdict.OK, "1"), (6, Verdict.ATTENTION, "surgecast keys rotate")])
def test_a_key_that_ends_soon_is_pointed_at_until_it_is_rotated(days: int | None, verdict: Verdict, says: str) -> None:
    clock = SetClock()
    keys, ends = MemoryKeys(clock), clock.now() + timedelta(days=days) if days else None
    keys.create(OMS, Rights(scopes=frozenset({"events"}), expires_at=ends))
    (finding,) = ingest_keys(Settings(_env_file=None), keys.list(), clock)
    assert finding.verdict is verdict
    assert says in finding.says
    keys.rotate(keys.list()[0].id, timedelta(hours=1), clock.now() + timedelta(days=90))
    (finding,) = ingest_keys(Settings(_env_file=None), keys.list(), clock)
    assert finding.verdict is Verdict.OK
    clock.move(days=91)
    (finding,) = ingest_keys(Settings(_env_file=None), keys.list(), clock)
    assert "nobody can send" in finding.says


def test_an_issuer_that_cannot_be_used_is_broken_with_the_reason() -> None:
    assert list(token_issuer(Settings(_env_file=None))) == []
    with issuer() as idp:
        settings = Settings(_env_file=None, oidc_issuer=idp.url, oidc_audience=AUDIENCE)
        (finding,) = token_issuer(settings)
        assert (finding.verdict, finding.says) == (Verdict.OK, f"{idp.url}; keys: 1")
        for fault, said in {Fault.DOWN: "Service Unavailable", Fault.OTHER_ISSUER: "same to the letter", Fault.PLAIN_KEYS: "no https address"}.items():
            idp.fault = fault
            (finding,) = token_issuer(settings)
            assert finding.verdict is Verdict.BROKEN
            assert said in finding.says
