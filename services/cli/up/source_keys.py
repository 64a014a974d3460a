"""The ingest keys of the sources that the embedded mode polls: made at start, so that a file that names the sources is all there is to set up."""

from collections.abc import Iterable
from pathlib import Path

from redis import Redis

from services.adapters.keys_redis import RedisKeys
from services.cli.up.folder import write_private
from services.kernel.keys import Scope
from services.kernel.polls import Polled
from services.kernel.ports.keys import KeyHolder, Rights


def ensure_source_keys(folder: Path, polled: Iterable[Polled], link: Redis) -> None:
    """Leave in `folder` a key of each source that works: the one that is there, or a new one. Raises `Unavailable`."""
    keys = RedisKeys(link)
    holders = keys.list()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for source in polled:
        path = folder / f"{source.name}.key"
        known = path.read_text() if path.exists() else ""
        if not any(_is_of(known, holder, source) for holder in holders):
            rights = Rights(scopes=frozenset({Scope.SNAPSHOTS}), formats=frozenset({source.format}))
            write_private(path, keys.create(source.name, rights) + "\n")


def _is_of(key: str, holder: KeyHolder, source: Polled) -> bool:
    may = Scope.SNAPSHOTS in holder.scopes and (not holder.formats or source.format in holder.formats)
    return may and holder.source == source.name and key.startswith(f"sgc_{holder.id}_") and holder.expires_at is None
