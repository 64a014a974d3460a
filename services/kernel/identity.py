"""Which outage of the last picture is which of this one, for feeds whose own numbers mean nothing beyond one picture.

An outage is its start and its place. Several may share both (in a hurricane, hundreds do), and the place moves as the feed
gathers outages into clusters and parts them again. So each outage of the new picture is matched with one known: first with
the same start and place, then with the same start nearby. What matches none is new.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import TypeVar

import msgspec
from msgspec import Struct

from services.kernel.events import Condition, Point
from services.kernel.ids import OutageId
from services.kernel.nearest import Place, kilometres, nearest_first
from services.kernel.order import microseconds
from services.kernel.picture import Picture, Seen, digest, place_of

Start = datetime | None
WhenWhere = tuple[Start, Place | None]
Key = TypeVar("Key")
Value = TypeVar("Value")


class Unlisted(Struct, frozen=True):
    """A cluster that gives only how many outages it stands for, and their customers in all."""

    place: Place
    count: int
    customers: int | None = None
    masked: bool = False


class Named(Struct, frozen=True):
    """A picture's outages with their ids."""

    conditions: Mapping[OutageId, Condition]
    kept: frozenset[OutageId]
    """Known outages that an unlisted cluster may stand for: not shown, but not gone."""


def resolve(shown: Sequence[Condition], unlisted: Iterable[Unlisted], before: Picture, same_place_km: float, cluster_reach_km: float) -> Named:
    """Name each outage in `shown` by those known from `before`, and account for the `unlisted`.

    An outage that moved by more than `same_place_km` is another one; an unlisted cluster stands for outages no farther from
    it than `cluster_reach_km`.
    """
    matching = _Matching(shown, before.seen)
    matching.where_they_were()
    matching.nearby(same_place_km)
    kept, remainders = _account_for(unlisted, shown, {known: before.seen[known] for known in matching.free}, cluster_reach_km)
    matching.free -= kept
    rest = _Matching(remainders, {known: before.seen[known] for known in matching.free})
    rest.where_they_were()
    matching.free -= set(rest.named.values())
    matching.out_of_the_unlisted(cluster_reach_km)
    in_use = set(before.seen)
    return Named(matching.conditions(in_use) | rest.conditions(in_use), frozenset(kept))


class _Matching:
    """Pairs of one outage shown and one known, each in at most one pair."""

    def __init__(self, shown: Sequence[Condition], seen: Mapping[OutageId, Seen]) -> None:
        self.shown, self.seen = shown, seen
        self.named: dict[int, OutageId] = {}
        self.free = set(seen)

    def pair(self, indexes: Iterable[int], known: Iterable[OutageId]) -> None:
        """Pair these, in their order, until either runs out."""
        for index, outage_id in zip(indexes, known, strict=False):
            self.named[index] = outage_id
            self.free.discard(outage_id)

    def _unpaired(self) -> list[tuple[int, Condition]]:
        return [(index, one) for index, one in enumerate(self.shown) if index not in self.named]

    def where_they_were(self) -> None:
        """Same start, same place. Among twins, first those that did not change, then the rest in the order of the picture."""
        for unchanged in (True, False):
            known = _grouped(((seen.started_at, seen.place, unchanged and seen.digest), outage_id) for outage_id, seen in self._free_in_order())
            now = _grouped(((one.started_at, place_of(one), unchanged and digest(one)), index) for index, one in self._unpaired())
            for key, indexes in now.items():
                self.pair(indexes, known.get(key, ()))

    def nearby(self, km: float) -> None:
        """Same start, no farther than `km`, nearest first. Outages without a start are never taken for one that moved."""
        known = [(_when_where(seen.started_at, seen.place), outage_id) for outage_id, seen in self._free_in_order() if seen.started_at]
        now = [(_when_where(one.started_at, place_of(one)), index) for index, one in self._unpaired() if one.started_at]
        self._pair_nearest(_grouped(now), _grouped(known), km)

    def out_of_the_unlisted(self, km: float) -> None:
        """An outage that stood for the rest of an unlisted cluster turns out to be one that is now shown by itself."""
        known = [(_when_where(None, seen.place), outage_id) for outage_id, seen in self._free_in_order() if seen.started_at is None]
        now = [(_when_where(None, place_of(one)), index) for index, one in self._unpaired()]
        self._pair_nearest(_grouped(now), _grouped(known), km)

    def _pair_nearest(self, now: Mapping[WhenWhere, list[int]], known: Mapping[WhenWhere, list[OutageId]], km: float) -> None:
        """Whole places are compared, not single outages: hundreds of twins cost no more than one."""
        counts_now, counts_known = _counts(now), _counts(known)
        for start, here_now in counts_now.items():
            for here, there, count in nearest_first(here_now, counts_known.get(start, {}), km):
                left, right = now[start, here], known[start, there]
                self.pair(left[:count], right[:count])
                del left[:count], right[:count]

    def _free_in_order(self) -> list[tuple[OutageId, Seen]]:
        """What is not paired yet: outages that the last picture showed come before those that it already missed."""
        return sorted(((known, self.seen[known]) for known in self.free), key=lambda row: (row[1].missing_since_picture, row[0]))

    def conditions(self, in_use: set[OutageId]) -> dict[OutageId, Condition]:
        """Every outage shown, by its name: the known one's, or a new one that is not in `in_use` (which grows)."""
        ordinals: defaultdict[WhenWhere, int] = defaultdict(int)
        result: dict[OutageId, Condition] = {}
        for index, one in enumerate(self.shown):
            outage_id = self.named.get(index)
            if outage_id is None:
                key = (one.started_at, place_of(one))
                outage_id = _new_id(*key, ordinals[key])
                while outage_id in in_use:
                    ordinals[key] += 1
                    outage_id = _new_id(*key, ordinals[key])
                in_use.add(outage_id)
            result[outage_id] = msgspec.structs.replace(one, outage_id=outage_id)
        return result


class _Candidate(Struct, frozen=True):
    """An outage that may be one of an unlisted cluster's."""

    name: str
    known: OutageId | None
    """Its id, where it is not shown by itself."""
    place: Place
    customers: int
    masked: bool

    @property
    def at_least(self) -> int:
        """A masked count is an upper bound: the outage has one customer or more."""
        return min(1, self.customers) if self.masked else self.customers


def _account_for(clusters: Iterable[Unlisted], shown: Sequence[Condition], free: Mapping[OutageId, Seen], km: float) -> tuple[set[OutageId], list[Condition]]:
    """The known outages that `clusters` may stand for, and one outage a cluster for what they leave of its number and customers.

    Feeds merge tiles of several zooms: an outage may be in a cluster and shown by itself. So both those shown nearby and those
    known nearby are taken for members, nearest first, as long as their customers fit into the cluster's.
    """
    clusters = list(clusters)
    if not clusters:
        return set(), []
    candidates = [
        _Candidate(str(index), None, place, one.customers_affected or 0, one.customers_masked)
        for index, one in enumerate(shown)
        if (place := place_of(one)) is not None
    ]
    candidates += [
        _Candidate(known, known, seen.place, seen.customers or 0, seen.masked) for known, seen in free.items() if seen.place is not None and seen.started_at
    ]
    kept: set[OutageId] = set()
    remainders: list[Condition] = []
    for cluster in clusters:
        members, remainder = _members(cluster, candidates, km)
        candidates = [candidate for candidate in candidates if candidate not in members]
        kept.update(member.known for member in members if member.known is not None)
        remainders.extend(remainder)
    return kept, remainders


def _members(cluster: Unlisted, candidates: Sequence[_Candidate], km: float) -> tuple[list[_Candidate], list[Condition]]:
    near = sorted((apart, row.name, row) for row in candidates if (apart := kilometres(cluster.place, row.place)) <= km)
    members: list[_Candidate] = []
    left = cluster.customers
    for _, _, row in near:
        if len(members) < cluster.count and (left is None or row.at_least <= left):
            members.append(row)
            left = None if left is None else left - row.at_least
    unclear = sum(row.customers - row.at_least for row in members)
    if len(members) == cluster.count and (left is None or left <= unclear):
        return members, []
    masked = cluster.masked or unclear > 0
    rest = Condition(outage_id=OutageId("rest"), customers_affected=left, customers_masked=masked, geometry=Point(list(cluster.place)))
    return members, [rest]


def _counts(places: Mapping[WhenWhere, Sequence[object]]) -> dict[Start, dict[Place, int]]:
    """How many there are at each place, of each start."""
    counts: defaultdict[Start, dict[Place, int]] = defaultdict(dict)
    for (start, place), several in places.items():
        if place is not None:
            counts[start][place] = len(several)
    return counts


def _grouped(rows: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    groups: defaultdict[Key, list[Value]] = defaultdict(list)
    for key, value in rows:
        groups[key].append(value)
    return groups


def _when_where(start: Start, place: Place | None) -> WhenWhere:
    return start, place


def _new_id(start: Start, place: Place | None, ordinal: int) -> OutageId:
    began = "" if start is None else microseconds(start)
    return OutageId(blake2b(f"{began}|{place}|{ordinal}".encode(), digest_size=8).hexdigest())
