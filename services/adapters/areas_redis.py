"""The area catalogue on Redis. Meets `kernel.ports.AreaStore`.

A catalogue may have tens of megabytes: it is written in pieces under a key of its own, which nobody reads until the head names it. The head,
the names and the removal of the catalogue before are one transaction.
"""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct
from redis import Redis, WatchError

from services import wire
from services.adapters.redis_link import told
from services.kernel.areas import Area, AreaName, Catalogue
from services.kernel.ids import AreaId
from services.kernel.ports.failures import CatalogueConflict, Unavailable

PIECE_BYTES = 1024 * 1024
"""About as much is written in one command, so that none holds the server up."""
SCAN = 50
"""Areas asked for in one command."""
STAGED_S = 3_600
"""A catalogue that is not in place after this long had a writer that died."""
READ_TRIES = 3


class _Head(Struct, frozen=True):
    """The JSON at wire.CATALOGUE."""

    revision: str
    layers: tuple[str, ...]
    areas: int


_encode = msgspec.json.Encoder().encode
_decode_head = msgspec.json.Decoder(_Head).decode
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Area).decode


class RedisAreas:
    """For threads and processes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def revision(self) -> str:
        """Meets `AreaStore.revision`."""
        head = self._head()
        return head.revision if head else ""

    def read(self) -> Catalogue:
        """Meets `AreaStore.read`. A catalogue that was replaced while it was read is incomplete, and the new one is read."""
        for _ in range(READ_TRIES):
            head = self._head()
            if head is None:
                return Catalogue()
            areas = {area.id: area for area in self._areas(head)}
            if len(areas) == head.areas:
                return Catalogue(head.revision, head.layers, tuple(sorted(areas.values(), key=lambda area: (area.kind, area.id))))
        raise Unavailable("The area catalogue in Redis is not whole, or is being replaced again and again. If it stays so, load it anew: surgecast areas load.")

    def replace(self, catalogue: Catalogue, names: Mapping[AreaId, AreaName]) -> Catalogue:
        """Meets `AreaStore.replace`."""
        number = int(catalogue.revision.partition("-")[0] or 0) + 1
        after = msgspec.structs.replace(catalogue, revision=f"{number}-{secrets.token_hex(4)}")
        staged = wire.catalogue_areas(after.revision)
        with told():
            for piece in _pieces(after):
                self._redis.hset(staged, mapping=dict[Any, Any](piece))
                self._redis.expire(staged, STAGED_S)
            self._put_in_place(catalogue.revision, after, names)
        return after

    def _put_in_place(self, before: str, after: Catalogue, names: Mapping[AreaId, AreaName]) -> None:
        with self._redis.pipeline(transaction=True) as step:
            step.watch(wire.CATALOGUE)  # type: ignore[no-untyped-call]
            if self.revision() != before:
                raise CatalogueConflict("Another area catalogue was loaded meanwhile.")
            step.multi()
            step.set(wire.CATALOGUE, _encode(_Head(after.revision, after.layers, len(after.areas))))
            step.persist(wire.catalogue_areas(after.revision))
            step.delete(wire.CATALOGUE_NAMES)
            if names:
                step.hset(wire.CATALOGUE_NAMES, mapping={area: _encode(name) for area, name in names.items()})
            step.unlink(wire.catalogue_areas(before))
            try:
                step.execute()
            except WatchError:
                raise CatalogueConflict("Another area catalogue was loaded meanwhile.") from None

    def _head(self) -> _Head | None:
        with told():
            stored: Any = self._redis.get(wire.CATALOGUE)
        return _decode_head(stored) if stored else None

    def _areas(self, head: _Head) -> Iterator[Area]:
        with told():
            for _, packed in self._redis.hscan_iter(wire.catalogue_areas(head.revision), count=SCAN):
                yield _unpack(packed)


def _pieces(catalogue: Catalogue) -> Iterator[dict[AreaId, bytes]]:
    piece: dict[AreaId, bytes] = {}
    size = 0
    for area in catalogue.areas:
        piece[area.id] = packed = _pack(area)
        size += len(packed)
        if size >= PIECE_BYTES:
            yield piece
            piece, size = {}, 0
    if piece:
        yield piece
