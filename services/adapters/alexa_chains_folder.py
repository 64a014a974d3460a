"""Proved chains of certificates in a folder, a file each: processes that share it need no lock. Meets `kernel.ports.alexa.ChainStore`."""

import asyncio
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from services.kernel.ports.alexa import Chain
from services.kernel.ports.failures import Unavailable
from services.kit.logs import log

_SUFFIX = ".json"
_ROOM = 2
"""A file's size for its chain's: base64, and the address."""


class FolderChains:
    """Certificates are public: the folder hides nothing, and whoever can write to it gains nothing that a root doesn't vouch for."""

    def __init__(self, folder: Path, most: int, bytes_max: int) -> None:
        """`most` chains of `bytes_max` each."""
        self._folder, self._most, self._bytes_max = folder, most, bytes_max

    async def all(self) -> Sequence[Chain]:
        """Meets `ChainStore.all`."""
        return await asyncio.to_thread(self._read)

    async def put(self, chain: Chain) -> None:
        """Meets `ChainStore.put`."""
        await asyncio.to_thread(self._write, chain)

    def _read(self) -> list[Chain]:
        found = []
        for file in self._newest_first()[: self._most]:
            try:
                with file.open("rb") as opened:
                    found.append(msgspec.json.decode(opened.read(_ROOM * self._bytes_max), type=Chain))
            except (OSError, msgspec.DecodeError) as error:
                log.warning("alexa.chain_unreadable", file=str(file), reason=str(error))
        return found

    def _write(self, chain: Chain) -> None:
        name = sha256(chain.url.encode()).hexdigest()[:32]
        part = self._folder / f"{name}.{os.getpid()}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(msgspec.json.encode(chain))
            part.replace(self._folder / (name + _SUFFIX))
            for old in self._newest_first()[self._most :]:
                old.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"{self._folder}: {error.strerror}") from None

    def _newest_first(self) -> list[Path]:
        try:
            files = [(entry.stat().st_mtime_ns, entry.path) for entry in os.scandir(self._folder) if entry.name.endswith(_SUFFIX)]
        except OSError:
            return []
        return [Path(path) for _, path in sorted(files, reverse=True)]
