"""The log of one part: a file that its process appends to by itself, so that no log line is lost or blocks when the supervisor dies."""

import os
import shutil
from pathlib import Path

TAIL_BYTES = 4_096


class LogFile:
    """`<folder>/<name>.log`, and one older one beside it."""

    def __init__(self, folder: Path, name: str, max_bytes: int) -> None:
        self.path, self._max = folder / f"{name}.log", max_bytes

    def open(self) -> int:
        """A descriptor to hand to a process; the caller closes its own copy."""
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def rotate(self) -> bool:
        """Put a log that has grown past its limit aside: copied, then cut to nothing, since the process goes on appending to the same file.

        Lines written between the two steps are lost: the price of not being in the way of the process. Says whether it did anything.
        """
        try:
            if self.path.stat().st_size <= self._max:
                return False
            shutil.copyfile(self.path, self.path.with_suffix(".log.1"))
            os.truncate(self.path, 0)
        except OSError:  # a full disk: leave the log as it is, and look again later
            return False
        return True

    def last_words(self) -> str:
        """The last line that isn't empty, for the one line that says that the process died."""
        try:
            with self.path.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
                lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
        except OSError:
            return ""
        return lines[-1][:300] if lines else ""
