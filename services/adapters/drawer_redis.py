"""What one account's desk holds back, in a Redis hash. Meets `kernel.ports.Drawer`."""

from collections.abc import Iterable
from typing import Any

import msgspec
import redis

from services import wire
from services.adapters.redis_link import text, told
from services.kernel.ids import EVERYWHERE, AreaId
from services.kernel.planning.memory import Kept, Waiting
from services.kernel.planning.spending import Seen

_waiting = msgspec.json.Decoder(Waiting).decode
_seen = msgspec.json.Decoder(Seen).decode


class RedisDrawer:
    """One field an area, and one for what came lately."""

    def __init__(self, link: redis.Redis, account: str) -> None:
        self._link, self._key = link, wire.drawer(account)

    def all(self) -> Kept:
        """Meets `Drawer.all`."""
        with told():
            found: Any = self._link.hgetall(self._key)
        fields = {AreaId(text(area)): value for area, value in found.items()}
        seen = fields.pop(EVERYWHERE, None)
        return Kept({area: _waiting(value) for area, value in fields.items()}, _seen(seen) if seen else Seen())

    def keep(self, changed: Kept, gone: Iterable[AreaId]) -> None:
        """Meets `Drawer.keep`."""
        dropped = sorted(gone)
        fields: Any = {area: msgspec.json.encode(one) for area, one in changed.waiting.items()}
        with told(), self._link.pipeline(transaction=True) as pipe:
            if dropped:
                pipe.hdel(self._key, *dropped)
            pipe.hset(self._key, mapping=fields | {EVERYWHERE: msgspec.json.encode(changed.seen)})
            pipe.execute()
