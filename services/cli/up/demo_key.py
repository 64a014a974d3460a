"""The key that the embedded mode makes for its owner, so that the first event needs no set-up."""

from pathlib import Path

from services.cli.up.folder import write_private
from services.kernel.ids import SourceName
from services.kernel.keys import SCOPES
from services.kernel.ports import Keys

DEMO_SOURCE = SourceName("demo")


def ensure_demo_key(path: Path, keys: Keys) -> None:
    """Leave a key at `path` that works: the one that is there, or a new one where it is missing or not known any more. Raises `Unavailable`."""
    known = path.read_text().strip() if path.exists() else ""
    if known and any(holder.source == DEMO_SOURCE and known.startswith(f"sgc_{holder.id}_") for holder in keys.list()):
        return
    write_private(path, keys.create(DEMO_SOURCE, SCOPES) + "\n")
