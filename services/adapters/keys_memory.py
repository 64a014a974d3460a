"""The ingest keys in a dict: the twin of keys_redis."""

from collections.abc import Iterable, Sequence

from services.adapters.keys_redis import holder_of, new_key
from services.kernel.ids import SourceName
from services.kernel.keys import key_digest
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.keys import KeyHolder
from services.kit.clock import SystemClock


class MemoryKeys:
    """Meets `kernel.ports.Keys` and `kernel.ports.KeyCheck`. While `down` is true every call raises `Unavailable`, but for keys seen before."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.down = False
        self._clock = clock or SystemClock()
        self._stored: dict[str, KeyHolder] = {}
        self._seen: dict[str, KeyHolder] = {}

    def _up(self) -> None:
        if self.down:
            raise Unavailable("The keys in memory are set down.")

    def create(self, source: SourceName, scopes: Iterable[str]) -> str:
        """Meets `Keys.create`."""
        key, holder = new_key(source, scopes, self._clock.now())
        self._up()
        self._stored[key_digest(key)] = holder
        return key

    def restore(self, key: str, source: SourceName, scopes: Iterable[str]) -> None:
        """Meets `Keys.restore`."""
        holder = holder_of(key, source, scopes, self._clock.now())
        self._up()
        self._stored[key_digest(key)] = holder

    def list(self) -> Sequence[KeyHolder]:
        """Meets `Keys.list`."""
        self._up()
        return sorted(self._stored.values(), key=lambda holder: (holder.created_at, holder.id))

    def revoke(self, key_id: str) -> bool:
        """Meets `Keys.revoke`; there is no cache here that outlives the key."""
        self._up()
        ended = [digest for digest, holder in self._stored.items() if holder.id == key_id]
        for digest in ended:
            del self._stored[digest]
        return bool(ended)

    async def verify(self, key: str) -> KeyHolder | None:
        """Meets `KeyCheck.verify`."""
        digest = key_digest(key)
        if self.down and digest in self._seen:
            return self._seen[digest]
        self._up()
        holder = self._stored.get(digest)
        if holder:
            self._seen[digest] = holder
        else:
            self._seen.pop(digest, None)
        return holder
