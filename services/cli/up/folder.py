"""The data folder: ours alone, one tree at a time, and the demo key in it."""

import fcntl
import os
import shutil
from pathlib import Path

from services.cli.failure import Failure

LOCK_NAME, KEY_NAME, LOGS_NAME, METRICS_NAME = "up.lock", "demo.key", "logs", "metrics"


class DataFolder:
    """`$SURGECAST_DATA`, held for as long as this object lives."""

    def __init__(self, path: Path) -> None:
        """Make the folder where it is missing, and take its lock. Raises `Failure` where it can't be written, or another tree runs on it."""
        self.path = path.resolve()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            self._lock = os.open(self.path / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Failure(f"The data folder {self.path} can't be used: {error.strerror}. Name another one in SURGECAST_DATA.") from None
        self._take()

    @property
    def logs(self) -> Path:
        """One log for each part."""
        return self.path / LOGS_NAME

    @property
    def key_file(self) -> Path:
        """Holds the demo key."""
        return self.path / KEY_NAME

    def fresh_metrics(self) -> Path:
        """An empty folder for the numbers that the tree's processes share; those of the tree before are history."""
        folder = self.path / METRICS_NAME
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        return folder

    def _take(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 20, 0).decode(errors="replace").strip() or "unknown"
            raise Failure(f"Surgecast already runs on {self.path} (process {holder}). Stop it first, or name another folder in SURGECAST_DATA.") from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)


def write_private(path: Path, text: str) -> None:
    """Put `text` at `path` in one step, readable by its owner alone from the first byte on."""
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    partial.replace(path)
