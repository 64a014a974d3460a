"""What one account's desk holds back, in a Redis hash. Meets `kernel.ports.Drawer`."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec
import redis

from services import wire
from services.adapters.redis_link import text, told
from services.kernel.ids import EVERYWHERE, AreaId
from services.kernel.planning.memory import Kept, Waiting
from services.kernel.planning.spending import NOTHING_SEEN, Seen
from services.kit.logs import log

_T = TypeVar("_T")
_waiting = msgspec.json.Decoder(Waiting).decode
_seen = msgspec.json.Decoder(Seen).decode


class RedisDrawer:
    """One field an area, and one for what came lately."""

    def __init__(self, link: redis.Redis, account: str) -> None:
        self._link, self._key = link, wire.drawer(account)
        self._unread: set[str] = set()

    def all(self) -> Kept:
        """Meets `Drawer.all`."""
        with told():
            found: Any = self._link.hgetall(self._key)
        fields = {AreaId(text(area)): value for area, value in found.items()}
        seen = fields.pop(EVERYWHERE, None)
        waiting = {area: one for area, value in fields.items() if (one := self._read(area, value, _waiting)) is not None}
        return Kept(waiting, (self._read(EVERYWHERE, seen, _seen) if seen else None) or NOTHING_SEEN)

    def _read(self, field: AreaId, value: bytes, decode: Callable[[bytes], _T]) -> _T | None:
        """What a field says; None, as if it were lost, where that can't be read: another version wrote it, or somebody by hand."""
        try:
            return decode(value)
        except msgspec.DecodeError as error:
            if field not in self._unread:
                self._unread.add(field)
                log.warning("social.drawer_unread", key=self._key, field=field, reason=str(error), effect="it is learnt again")
            return None

    def keep(self, changed: Kept, gone: Iterable[AreaId]) -> None:
        """Meets `Drawer.keep`."""
        dropped = sorted(gone)
        fields: Any = {area: msgspec.json.encode(one) for area, one in changed.waiting.items()}
        with told(), self._link.pipeline(transaction=True) as pipe:
            if dropped:
                pipe.hdel(self._key, *dropped)
            pipe.hset(self._key, mapping=fields | {EVERYWHERE: msgspec.json.encode(changed.seen)})
            pipe.execute()
