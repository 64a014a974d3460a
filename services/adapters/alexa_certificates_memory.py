"""Signing certificates in memory: the twin of `alexa_certificates_http`."""

from collections.abc import Mapping

from services.kernel.ports.alexa import NoCertificate
from services.kernel.ports.failures import Unavailable


class MemoryCertificates:
    """Meets `kernel.ports.alexa.CertificateSource`."""

    def __init__(self, chains: Mapping[str, bytes] | None = None, bytes_max: int = 64 * 1024) -> None:
        self._chains, self._bytes_max = dict(chains or {}), bytes_max
        self.asked: list[str] = []
        self.down = False
        """While it is set, the host can't be reached."""

    def put(self, url: str, body: bytes) -> None:
        """What is at `url` from now on."""
        self._chains[url] = body

    async def fetch(self, url: str) -> bytes:
        """Meets `CertificateSource.fetch`."""
        self.asked.append(url)
        if self.down:
            raise Unavailable(f"{url} can't be reached")
        if url not in self._chains:
            raise NoCertificate(f"{url} answers 404")
        if len(self._chains[url]) > self._bytes_max:
            raise NoCertificate(f"{url} has more than {self._bytes_max} bytes")
        return self._chains[url]
