"""A session in a file that only its owner reads. Meets `kernel.ports.SessionStore`."""

import os
from pathlib import Path

from services.kit.logs import log


class FileSession:
    """One account's. Written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> bytes | None:
        """What was saved last."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("social.session_unread", path=str(self._path), reason=str(error), effect="the account logs in anew, which services limit")
            return None

    def save(self, session: bytes) -> None:
        """Save `session` in place of the last one."""
        partial = self._path.with_name(f"{self._path.name}.{os.getpid()}.partial")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial.unlink(missing_ok=True)
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(session)
            partial.replace(self._path)
        except OSError as error:
            log.warning("social.session_unsaved", path=str(self._path), reason=str(error), effect="each start logs in anew, which services limit")
