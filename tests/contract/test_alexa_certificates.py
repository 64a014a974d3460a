"""Where signing certificates come from: over real HTTP from a host on its bad days, from a folder, and the twin."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.adapters.alexa_certificates_folder import FolderCertificates
from services.adapters.alexa_certificates_http import HttpCertificates
from services.adapters.alexa_certificates_memory import MemoryCertificates
from services.adapters.alexa_chains_folder import FolderChains
from services.adapters.alexa_chains_memory import MemoryChains
from services.kernel.ports.alexa import CertificateSource, Chain, ChainStore, NoCertificate
from services.kernel.ports.failures import Unavailable

GOOD, LIMIT = b"-----BEGIN CERTIFICATE-----\n", 1_000
BODIES = {"good.pem": GOOD, "large.pem": b"x" * (LIMIT + 1)}


class _Host(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        if name.isdigit():
            self.send_response(int(name))
            self.send_header("Location", "/echo.api/good.pem")
            self.end_headers()
        elif name == "silent.pem":
            self.server.ending.wait(5)  # type: ignore[attr-defined]
        elif name == "endless.pem":
            self.send_response(200)
            self.end_headers()
            while not self.server.ending.wait(0.02):  # type: ignore[attr-defined]
                self.wfile.write(b"x")
        else:
            body = BODIES.get(name)
            self.send_response(200 if body else 403)
            self.end_headers()
            self.wfile.write(body or b"")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Host) as server:
        server.ending = threading.Event()  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/echo.api/"
        server.ending.set()  # type: ignore[attr-defined]
        server.shutdown()


@pytest.fixture(params=["http", "folder", "memory"])
def source(request: pytest.FixtureRequest, host: str, tmp_path: Path) -> CertificateSource:
    if request.param == "http":
        return HttpCertificates(2, LIMIT)
    if request.param == "memory":
        return MemoryCertificates({host + name: body for name, body in BODIES.items()}, LIMIT)
    for name, body in BODIES.items():
        (tmp_path / name).write_bytes(body)
    return FolderCertificates(tmp_path, LIMIT)


def fetch(source: CertificateSource, url: str) -> bytes:
    return asyncio.run(source.fetch(url))


def test_what_is_there_comes_as_it_is(source: CertificateSource, host: str) -> None:
    assert fetch(source, host + "good.pem") == GOOD


@pytest.mark.parametrize("name", ["missing.pem", "large.pem"])
def test_what_is_not_there_or_too_large_is_no_certificate(source: CertificateSource, host: str, name: str) -> None:
    with pytest.raises(NoCertificate):
        fetch(source, host + name)


@pytest.mark.parametrize("status", [301, 302, 404, 410])
def test_no_redirect_is_followed(host: str, status: int) -> None:
    with pytest.raises(NoCertificate, match=str(status)):
        fetch(HttpCertificates(2, LIMIT), f"{host}{status}")


@pytest.mark.parametrize("name", ["500", "503", "429", "silent.pem", "endless.pem"])
def test_a_host_in_trouble_is_unavailable_and_holds_nobody_up(host: str, name: str) -> None:
    with pytest.raises(Unavailable):
        fetch(HttpCertificates(0.3, LIMIT), host + name)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x.pem", "http://nowhere.invalid/x.pem", "https://127.0.0.1:1/x.pem"])
def test_nobody_there(url: str) -> None:
    with pytest.raises(Unavailable):
        fetch(HttpCertificates(1, LIMIT), url)


@pytest.mark.parametrize("kind", ["folder", "memory"])
def test_the_last_chains_are_kept_one_an_address(tmp_path: Path, kind: str) -> None:
    at = datetime(2018, 9, 21, tzinfo=UTC)
    store: ChainStore = FolderChains(tmp_path / "chains", 2, LIMIT) if kind == "folder" else MemoryChains(2)
    chains = [Chain(url, GOOD, at + timedelta(hours=number)) for number, url in enumerate(("a", "b", "b", "c"))]

    async def kept() -> Sequence[Chain]:
        assert await store.all() == []
        for chain in chains:
            await store.put(chain)
            await asyncio.sleep(0.01)  # a file's time is no finer
        return await store.all()

    assert sorted(asyncio.run(kept()), key=lambda chain: chain.url) == chains[2:]


def test_a_chain_file_that_can_not_be_read_is_left_out_and_a_folder_that_can_not_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    assert asyncio.run(FolderChains(tmp_path, 2, LIMIT).all()) == []
    with pytest.raises(Unavailable):
        asyncio.run(FolderChains(tmp_path / "x.json", 2, LIMIT).put(Chain("a", GOOD, datetime(2018, 9, 21, tzinfo=UTC))))
