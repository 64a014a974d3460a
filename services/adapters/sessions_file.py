"""A session in a file that only its owner reads. Meets `kernel.ports.SessionStore`."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.kit.logs import log

_LOOK_S = 0.02


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
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)
        except OSError as error:
            log.warning("social.session_unsaved", path=str(self._path), reason=str(error), effect="each start logs in anew, which services limit")

    @contextmanager
    def alone(self, wait_s: float) -> Iterator[bool]:
        """Be the only one to renew it: a lock that ends with its process, however that ends. Where none can be had, nobody is alone."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self._path.with_name(f"{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            log.warning("social.session_unlocked", path=str(self._path), reason=str(error), effect="the session is not renewed")
            yield False
            return
        try:
            yield _locked(handle, time.monotonic() + wait_s)
        finally:
            os.close(handle)


def _locked(handle: int, until: float) -> bool:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK_S)
        else:
            return True
