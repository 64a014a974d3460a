"""How much room a folder's disk has left."""

import math
import shutil
from pathlib import Path

MIB = 1024 * 1024


def room_mib(folder: Path | None) -> float:
    """MiB that may still be written; infinite where there is no such folder on this machine, and nothing can be told."""
    if folder is None:
        return math.inf
    try:
        return shutil.disk_usage(folder).free / MIB
    except OSError:
        return math.inf
