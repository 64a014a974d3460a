"""Signing certificates from a folder, in place of Amazon's host: for development, and for tests. Meets `kernel.ports.alexa.CertificateSource`."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from services.kernel.ports.alexa import NoCertificate
from services.kernel.ports.failures import Unavailable


class FolderCertificates:
    """What Amazon's host has at `/echo.api/NAME` is the file NAME."""

    def __init__(self, folder: Path, bytes_max: int) -> None:
        self._folder, self._bytes_max = folder, bytes_max

    async def fetch(self, url: str) -> bytes:
        """Meets `CertificateSource.fetch`."""
        return await asyncio.to_thread(self._read, Path(urlsplit(url).path).name)

    def _read(self, name: str) -> bytes:
        try:
            with (self._folder / name).open("rb") as file:
                body = file.read(self._bytes_max + 1)
        except (FileNotFoundError, IsADirectoryError):
            raise NoCertificate(f"{name} is not in {self._folder}") from None
        except OSError as error:
            raise Unavailable(f"{self._folder}: {error.strerror}") from None
        if len(body) > self._bytes_max:
            raise NoCertificate(f"{name} has more than {self._bytes_max} bytes")
        return body
