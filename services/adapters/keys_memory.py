"""The ingest keys in a dict: the twin of keys_redis and key_check_redis."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from services.adapters.keys_redis import new_key
from services.kernel.ids import SourceName
from services.kernel.keys import expired, holder_of, key_digest, replaced, successor_of
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.keys import KeyHolder, Rights
from services.kit.clock import SystemClock


class MemoryKeys:
    """Meets `kernel.ports.Keys` and `kernel.ports.KeyCheck`. While `down` is true every call raises `Unavailable`, but for keys seen before."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.down = False
        self._clock = clock or SystemClock()
        self._stored: dict[str, KeyHolder] = {}
        self._seen: dict[str, KeyHolder] = {}
        self._used: dict[str, datetime] = {}

    def _up(self) -> None:
        if self.down:
            raise Unavailable("The keys in memory are set down.")

    def create(self, source: SourceName, rights: Rights | Iterable[str]) -> str:
        """Meets `Keys.create`."""
        key = new_key()
        self.restore(key, source, rights)
        return key

    def restore(self, key: str, source: SourceName, rights: Rights | Iterable[str]) -> None:
        """Meets `Keys.restore`."""
        holder = holder_of(key, source, rights, self._clock.now())
        self._up()
        self._stored[key_digest(key)] = holder

    def list(self) -> Sequence[KeyHolder]:
        """Meets `Keys.list`."""
        self._up()
        return sorted(self._stored.values(), key=lambda holder: (holder.created_at, holder.id))

    def used(self) -> Mapping[str, datetime]:
        """Meets `Keys.used`."""
        self._up()
        return dict(self._used)

    def rotate(self, key_id: str, overlap: timedelta, expires_at: datetime | None = None) -> str | None:
        """Meets `Keys.rotate`."""
        self._up()
        for digest, old in self._stored.items():
            if old.id == key_id:
                key, now = new_key(), self._clock.now()
                successor = successor_of(old, key, now, expires_at)
                self._stored |= {digest: replaced(old, successor, now, overlap), key_digest(key): successor}
                return key
        return None

    def revoke(self, key_id: str) -> bool:
        """Meets `Keys.revoke`; there is no cache here that outlives the key."""
        self._up()
        ended = [digest for digest, holder in self._stored.items() if holder.id == key_id]
        for digest in ended:
            del self._stored[digest]
        self._used.pop(key_id, None)
        return bool(ended)

    async def verify(self, key: str) -> KeyHolder | None:
        """Meets `KeyCheck.verify`."""
        digest, now = key_digest(key), self._clock.now()
        if self.down and digest in self._seen:
            return self._seen[digest]
        self._up()
        holder = self._stored.get(digest)
        if holder is None:
            self._seen.pop(digest, None)
            return None
        self._seen[digest] = holder
        if not expired(holder, now):
            self._used[holder.id] = now.replace(microsecond=0)
        return holder

    async def settle(self) -> None:
        """Nothing is noted later here."""
