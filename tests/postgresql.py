"""A PostgreSQL server of the tests' own, on loopback, from Debian's binaries, in a temporary folder."""

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian keeps each version's `bin`; other systems have it in the PATH."""


class NoPostgres(Exception):
    """Why there is no server to test on."""


@contextmanager
def running() -> Iterator[str]:
    """The URL of a new, empty server. Raises `NoPostgres`."""
    if importlib.util.find_spec("psycopg") is None:
        raise NoPostgres("the driver psycopg is not installed")
    initdb, user = _program("initdb"), _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="surgecast-postgresql-"))
    try:
        password = secrets.token_hex(16)
        (folder / "password").write_text(password)
        if user is not None:
            for path in (folder, folder / "password"):
                shutil.chown(path, user)
        told = ("-D", folder / "data", "-U", "surgecast", "-A", "scram-sha-256", "--pwfile", folder / "password", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        made = subprocess.run([initdb, *told], user=user, cwd=folder, capture_output=True, text=True, check=False)
        if made.returncode:
            raise NoPostgres(f"initdb failed: {made.stderr.strip()}")
        port = _free_port()
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off -c max_connections=50"
        control = [_program("pg_ctl"), "-D", str(folder / "data"), "-l", str(folder / "log"), "-w"]
        if subprocess.run([*control, "-t", "60", "-o", options, "start"], user=user, cwd=folder, stdout=subprocess.DEVNULL, check=False).returncode:
            raise NoPostgres(f"it didn't start: {(folder / 'log').read_text()[-500:]}")
        try:
            yield f"postgresql+psycopg://surgecast:{password}@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], user=user, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> str:
    found = shutil.which(name) or max(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]), default=None)
    if found is None:
        raise NoPostgres(f"there is no {name} on this machine (Debian: apt-get install postgresql)")
    return str(found)


def _unprivileged() -> str | None:
    """PostgreSQL never runs as root."""
    if os.geteuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    user = next((name for name in ("postgres", "nobody") if name in names), None)
    if user is None:
        raise NoPostgres("this is root, whom PostgreSQL refuses, and there is nobody else")
    return user


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
