"""Askers told apart without knowing who they are: a keyed hash in place of a telephone number or a platform's id.

Without a key it would be no secret: there are only so many telephone numbers to try.
"""

import os
import secrets
from hashlib import blake2b
from pathlib import Path

from services.kit.logs import log
from services.kit.settings import Settings

_KEY_BYTES = 32


class Askers:
    """Names askers. Processes with one key give one person one name."""

    def __init__(self, key: bytes) -> None:
        """`key`: of any length but none; what is over 64 bytes is hashed first."""
        self._key = key if len(key) <= blake2b.MAX_KEY_SIZE else blake2b(key).digest()

    def name(self, platform: str, asker: str) -> str:
        """A name for `asker`, a platform's own id; '' for ''."""
        return blake2b(f"{platform}\n{asker}".encode(), key=self._key, digest_size=12).hexdigest() if asker else ""


def askers(settings: Settings) -> Askers:
    """With the key of the settings, or else of a file in the data folder, made where it is missing."""
    return Askers(settings.asker_key.get_secret_value().encode() or _kept(settings.data / "voice" / "asker.key"))


def _kept(path: Path) -> bytes:
    """The key at `path`. Where none can be kept it is this process's alone: then nobody is known again by another, or after a restart."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            made = path.with_name(f"{path.name}.{os.getpid()}")
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_hex(_KEY_BYTES))
            try:
                os.link(made, path)  # whole or not at all; another process may have come first
            except FileExistsError:
                pass
            finally:
                made.unlink()
        if key := path.read_bytes().strip():
            return key
    except OSError as error:
        log.warning("voice.asker_key_not_kept", path=str(path), reason=str(error), what_to_do="Set SURGECAST_ASKER_KEY.")
    return secrets.token_bytes(_KEY_BYTES)
