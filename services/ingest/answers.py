"""What a sender is told: one result an item, and the counts."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

import msgspec
from msgspec import UNSET, Struct, UnsetType

from services.kernel.events import OutageEvent
from services.kernel.outage import Acceptance
from services.kernel.ports.journal import Answer
from services.kernel.views import Position, position_order


class Result(Struct, frozen=True, omit_defaults=True):
    """What became of one item."""

    event_id: str | None
    """None where the item has none that can be read."""
    outcome: Acceptance
    position: Position | None = None
    index: int | None = None
    """Of a rejected item: which one of the request it was, from 0."""
    error: str | None = None
    """`field: what is wrong`, of a rejected item."""

    @classmethod
    def of(cls, event: OutageEvent, answer: Answer) -> Self:
        """The result of an event that went to the journal."""
        return cls(event.event_id, answer.outcome, answer.position)


class Answered(Struct, frozen=True):
    """The answer to a request."""

    accepted: int
    duplicate: int
    stale: int
    rejected: int
    position: Position | None
    """Everything acknowledged here, now or earlier, is at or before it."""
    results: Sequence[Result]
    unchanged: int | UnsetType = UNSET
    """Of a picture: outages shown just as in the picture before."""

    @classmethod
    def of(cls, results: Sequence[Result], unchanged: int | UnsetType = UNSET, **counts: int) -> Self:
        """The answer that `results` add up to; `counts` say otherwise where one result stands for many items."""
        tally: Counter[str] = Counter(result.outcome for result in results)
        tally.update(counts)
        newest = max((result.position for result in results if result.position), key=position_order, default=None)
        return cls(tally["accepted"], tally["duplicate"], tally["stale"], tally["rejected"], newest, results, unchanged)

    @property
    def nothing_taken(self) -> bool:
        """Whether each item was rejected."""
        return bool(self.rejected) and not (self.accepted or self.duplicate or self.stale or self.unchanged)

    @property
    def counts(self) -> dict[str, int]:
        """By outcome."""
        return {outcome.value: getattr(self, outcome.value) for outcome in Acceptance}

    def members(self) -> dict[str, Any]:
        """As members of a problem."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return {name: value for name, value in plain.items() if name != "position"}


encode_answer = msgspec.json.Encoder().encode
