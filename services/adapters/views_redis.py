"""The areas' views on Redis: written by the voice cache's worker, read by every mirror. Meet `kernel.ports.ViewStore` and `ViewFeed`.

Each side is one script, so that a mirror never sees one revision's views under another's stamp. A view that is stored again as it
was keeps its revision, and no mirror fetches it twice.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from services import wire
from services.adapters.redis_link import text, told
from services.kernel.ids import AreaId, OutageKey
from services.kernel.order import EPOCH, microseconds
from services.kernel.ports.outputs import NO_EXTENTS, Extents
from services.kernel.views import Answers, Extent, Stamp, View, ViewChanges, encode_view, position_order

KEYS = (wire.VIEWS, wire.VIEWS_CHANGED, wire.VIEWS_STAMP)
GONE_MAX = 5_000
"""Outages that are over, remembered for mirrors that have not heard of it yet. With more, mirrors from before fetch everything once."""
READ_IN_ONE_GO = 50
"""Views or extents that are read without a look at what else there is to do: 1 ms of them."""
_SCRIPTS = Path(__file__).parent / "lua"
_decode_view = msgspec.json.Decoder(View).decode
_decode_extent = msgspec.json.Decoder(Extent).decode
_decode_answers = msgspec.json.Decoder(Answers).decode


class _Stored(Struct):
    """The JSON at wire.VIEWS_STAMP, as far as a mirror reads it."""

    revision: int
    stamp: Stamp


_decode_stamp = msgspec.json.Decoder(_Stored).decode


def _script(name: str) -> str:
    return (_SCRIPTS / f"{name}.lua").read_text(encoding="utf-8")


class RedisViews:
    """The writing side. For threads and processes."""

    def __init__(self, redis: Redis) -> None:
        self._publish: Any = redis.register_script(_script("views_publish"))

    def publish(self, views: Iterable[View], overall: Answers, stamp: Stamp, extents: Extents = NO_EXTENTS, *, whole: bool = False) -> bool:
        """Meets `ViewStore.publish`."""
        as_of = microseconds(stamp.as_of or EPOCH)
        arguments: list[Any] = [encode_view(stamp), *position_order(stamp.position), as_of, int(whole), int(extents.whole), wire.VIEWS_EXTENT, GONE_MAX]
        arguments += (wire.VIEWS_OVERALL, encode_view(overall))
        for view in views:
            arguments += (view.brief.area, encode_view(view))
        for key, extent in extents.changed.items():
            arguments += (wire.VIEWS_EXTENT + key, encode_view(extent) if extent else b"")
        with told():
            return bool(self._publish(keys=KEYS, args=arguments))


class RedisViewFeed:
    """The reading side, in one event loop."""

    def __init__(self, redis: AsyncRedis) -> None:
        self._redis = redis
        self._changes: Any = redis.register_script(_script("views_changes"))

    async def changes(self, revision: int) -> ViewChanges | None:
        """Meets `ViewFeed.changes`. While nothing changes, this is one GET."""
        with told():
            head = await self._redis.get(wire.VIEWS_STAMP)
            if head is None:
                return None
            stored = _decode_stamp(head)
            if stored.revision == revision:
                return ViewChanges(revision, stored.stamp)
            found = await self._changes(keys=KEYS, args=[revision])
        return await _read(*found) if found else None

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()


async def _read(head: bytes, whole: int, flat: list[bytes | None]) -> ViewChanges:
    """What changed, all of one moment; read a few at a time, so that questions are answered meanwhile: 5,000 views take 100 ms."""
    rows = {text(field or b""): body for field, body in zip(flat[::2], flat[1::2], strict=True)}
    overall = rows.pop(wire.VIEWS_OVERALL, None)
    stored = _decode_stamp(head)
    views: dict[AreaId, View] = {}
    extents: dict[OutageKey, Extent | None] = {}
    for number, (field, body) in enumerate(rows.items(), 1):
        if number % READ_IN_ONE_GO == 0:
            await asyncio.sleep(0)
        if field.startswith(wire.VIEWS_EXTENT):
            extents[OutageKey(field.removeprefix(wire.VIEWS_EXTENT))] = _decode_extent(body) if body else None
        elif body:
            views[AreaId(field)] = _decode_view(body)
    return ViewChanges(stored.revision, stored.stamp, views, None if overall is None else _decode_answers(overall), bool(whole), extents)
