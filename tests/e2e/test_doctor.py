"""`surgecast doctor` finds what is wrong, and says what to do."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from services.adapters.ledger_upgrade import upgrade
from services.cli.doctor.command import tell
from services.cli.doctor.finding import Finding, Verdict, attention, broken, ok
from services.cli.doctor.machine import machine
from services.cli.doctor.stores import stores
from services.kit.settings import Settings
from tests.tree import free_port


def _about(findings: Iterator[Finding], about: str) -> list[Finding]:
    found = [finding for finding in findings if finding.about == about]
    assert found, f"nothing is said about {about}"
    return found


def test_a_fresh_machine_is_well(tmp_path: Path) -> None:
    findings = [*machine(Settings(data=tmp_path / "data"), free_port()), *stores(Settings(data=tmp_path / "data"))]
    assert not [finding for finding in findings if finding.verdict is Verdict.BROKEN]
    assert not (tmp_path / "data").exists(), "the doctor changes nothing"


def test_a_healthy_journal_and_ledger_are_well(tmp_path: Path, redis_url: str) -> None:
    settings = Settings(data=tmp_path, journal_url=redis_url, ledger_url=f"sqlite:///{tmp_path}/ledger.sqlite3")
    assert _about(stores(settings), "Ledger")[0].verdict is Verdict.ATTENTION
    upgrade(settings.ledger)
    verdicts = {finding.about: finding.verdict for finding in stores(settings)}
    assert verdicts.pop("Ingest keys") is Verdict.ATTENTION, "there are none yet"
    assert set(verdicts.values()) == {Verdict.OK}


@pytest.mark.parametrize(("name", "value", "usual"), [("appendfsync", "everysec", "always"), ("maxmemory-policy", "allkeys-lru", "noeviction")])
def test_a_journal_that_could_lose_events_is_broken(tmp_path: Path, redis_url: str, name: str, value: str, usual: str) -> None:
    with redis.Redis.from_url(redis_url) as link:
        link.config_set(name, value)
        try:
            (finding,) = _about(stores(Settings(data=tmp_path, journal_url=redis_url)), "Journal settings")
        finally:
            link.config_set(name, usual)
    assert finding.verdict is Verdict.BROKEN
    assert f"Set it to {usual}" in finding.says


def test_a_journal_that_is_down_is_broken(tmp_path: Path) -> None:
    (finding,) = _about(stores(Settings(data=tmp_path, journal_url=f"redis://127.0.0.1:{free_port()}/0")), "Redis")
    assert finding.verdict is Verdict.BROKEN


def test_a_port_of_somebody_else_is_broken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.listen()
        other.settimeout(0.1)
        (finding,) = _about(machine(Settings(data=tmp_path), other.getsockname()[1]), "Origin")
    assert finding.verdict is Verdict.BROKEN
    assert "PORT" in finding.says


def test_what_is_unsafe_or_half_done_needs_attention(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "demo.key").write_text("k")
    (tmp_path / "demo.key").chmod(0o644)
    found = {finding.about: finding for finding in machine(Settings(data=tmp_path, x_consumer_key="k", timezone="Mars/Olympus"), free_port())}
    assert found["Data folder"].verdict is Verdict.ATTENTION
    assert "chmod 600" in found["Demo key"].says
    assert found["Posts to X"].verdict is Verdict.ATTENTION
    assert "SURGECAST_X_ACCESS_TOKEN" in found["Posts to X"].says
    assert found["Time zone"].verdict is Verdict.BROKEN


def test_only_what_is_broken_makes_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell([ok("A", "fine"), attention("B", "[bold] is said as it is")]) == 0
    assert tell([ok("A", "fine"), broken("C", "mend it")]) == 1
    said = capsys.readouterr().out
    assert "[bold] is said as it is" in said
    assert "broken          C: mend it" in said
