"""The key that the embedded mode makes for its owner, so that the first event needs no set-up."""

from pathlib import Path

from redis import Redis

from services import wire
from services.adapters.keys_redis import RedisKeys
from services.adapters.redis_link import told
from services.cli.up.folder import write_private
from services.kernel.ids import SourceName
from services.kernel.keys import SCOPES, looks_like_key

DEMO_SOURCE = SourceName("demo")


def ensure_demo_key(path: Path, link: Redis) -> None:
    """Leave a key at `path` that works: the one that is there, or a new one where it is missing or was revoked. Raises `Unavailable`."""
    keys = RedisKeys(link)
    restore_demo_key(path, link)
    known = _read(path)
    if not (known and any(holder.source == DEMO_SOURCE and known.startswith(f"sgc_{holder.id}_") for holder in keys.list())):
        write_private(path, keys.create(DEMO_SOURCE, SCOPES) + "\n")
    with told():
        link.set(wire.DEMO_KEY, 1)


def restore_demo_key(path: Path, link: Redis) -> bool:
    """Where Redis lost its data, make the key at `path` good again, so that senders go on with it. False where nothing was lost. Raises `Unavailable`."""
    with told():
        if link.exists(wire.DEMO_KEY):
            return False
    known = _read(path)
    if not looks_like_key(known):
        return False
    RedisKeys(link).restore(known, DEMO_SOURCE, SCOPES)
    with told():
        link.set(wire.DEMO_KEY, 1)
    return True


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""
