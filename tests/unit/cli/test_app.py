"""The command line: quick, plain, and each process with its own code only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from services.cli.app import app
from services.cli.failure import Failure
from services.cli.replay.command import key_from
from services.cli.serving import channels_named
from services.cli.up.command import listen
from services.cli.up.folder import DataFolder
from services.cli.up.logfile import LogFile
from services.wire import Channel

ROOT = Path(__file__).parents[3]


def _run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services", *words], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


def test_help_names_every_command() -> None:
    said = _run("--help").stdout
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert len(commands) > 10
    assert not [name for name in commands if f" {name} " not in said]


def test_help_is_instant_since_it_imports_nothing_heavy() -> None:
    code = "import sys, services.cli.app; print(*sorted(sys.modules))"
    modules = set(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())
    light = {"app", "app_messages", "environment", "failure"}
    assert {name for name in modules if name.startswith("services")} == {"services", "services.cli", *(f"services.cli.{name}" for name in light)}
    assert not modules & {
        "celery",
        "fastapi",
        "httpx",
        "sqlalchemy",
        "redis",
        "pydantic",
        "shapely",
        "numpy",
        "msgspec",
        "jinja2",
        "prometheus_client",
        "uvicorn",
    }


@pytest.mark.parametrize(
    ("words", "environment", "code", "says"),
    [
        (("up",), {"PORT": "eighty"}, 1, "SURGECAST_PORT"),
        (("up",), {"SURGECAST_REDIS_TIMEOUT_S": "soon"}, 1, "SURGECAST_REDIS_TIMEOUT_S"),
        (("up",), {"SURGECAST_REDIS_SERVER": "no-such-server", "PORT": "0"}, 1, "no-such-server"),
        (("up",), {"SURGECAST_ACCOUNTS": "pyproject.toml", "PORT": "0"}, 1, "SURGECAST_ACCOUNTS: pyproject.toml"),
        (("up",), {"SURGECAST_SOCIAL_POLICY": "pyproject.toml", "PORT": "0"}, 1, "SURGECAST_SOCIAL_POLICY: pyproject.toml"),
        (("worker", "--channel", "pigeons"), {}, 1, "voice_cache, site, social"),
        (("replay", "nosuch.ndjson"), {}, 2, "nosuch.ndjson"),
        (("replay", "pyproject.toml", "--speed", "max"), {}, 1, "No ingest key"),
        (("fly",), {}, 2, "fly"),
        (("keys", "list"), {"SURGECAST_JOURNAL_URL": "redis://127.0.0.1:1/0"}, 1, "SURGECAST_JOURNAL_URL"),
        (("keys", "create", "No Such Name"), {"SURGECAST_JOURNAL_URL": "redis://127.0.0.1:1/0"}, 1, "source"),
    ],
)
def test_what_is_wrong_is_one_plain_sentence(words, environment, code, says, tmp_path: Path) -> None:
    done = _run(*words, **{"SURGECAST_DATA": str(tmp_path / "data"), "COLUMNS": "200", **environment})
    assert done.returncode == code, done
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_the_channels_asked_for_are_taken_once_each() -> None:
    assert channels_named([]) == list(Channel)
    assert channels_named(["site", "site"]) == [Channel.SITE]


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    held = DataFolder(tmp_path / "data")
    assert held.path.stat().st_mode & 0o777 == 0o700
    with pytest.raises(Failure, match="already runs"):
        DataFolder(tmp_path / "data")
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match="SURGECAST_DATA"):
        DataFolder(tmp_path / "file")


def test_a_port_that_is_taken_is_said_plainly() -> None:
    with listen(0, 1) as taken, pytest.raises(Failure, match="can't be used"):
        listen(taken.getsockname()[1], 1)


def test_a_key_file_without_a_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "demo.key"
    with pytest.raises(Failure, match="surgecast up"):
        key_from(path)
    path.write_text("two words\n")
    with pytest.raises(Failure, match="doesn't hold"):
        key_from(path)


def test_a_log_past_its_limit_is_put_aside_and_appended_to_further(tmp_path: Path) -> None:
    log = LogFile(tmp_path, "part", 100)
    descriptor = log.open()
    os.write(descriptor, b"old\n" * 50)
    assert log.rotate()
    assert not log.rotate()
    os.write(descriptor, b"first\nlast words\n\n")
    os.close(descriptor)
    assert (tmp_path / "part.log.1").read_text() == "old\n" * 50
    assert (tmp_path / "part.log").read_text() == "first\nlast words\n\n", "appending goes on at the new end, without a hole"
    assert log.last_words() == "last words"
