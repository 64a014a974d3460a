"""Polling: asking a source for its picture, handing that in at the front door, and who polls what when."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from services.kernel.ids import SourceName
from services.kernel.polls import PollState, Validators


class Request(Struct, frozen=True):
    """What to ask a source for, and how much of it to bear. Its headers may be secrets: nobody shows them."""

    url: str
    headers: Mapping[str, str]
    known: Validators
    """Of the answer that is known already; empty: send the whole in any case."""
    max_bytes: int
    timeout_s: float
    """From the first to the last byte, redirects included."""


class Fetched(Struct, frozen=True):
    """What a source answered."""

    body: bytes | None
    """None: what is known already still holds."""
    kind: str
    """Its media type, without parameters."""
    validators: Validators
    at: datetime
    """When the source said so: its own time where that isn't ahead of ours."""


class FetchFailed(Exception):
    """The source can't be reached, or answered what can't be used."""

    def __init__(self, reason: str, retry_after_s: float = 0) -> None:
        """`retry_after_s` is what the source asked for; 0 where it didn't."""
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class Fetcher(Protocol):
    """Asks sources, in any number of threads at once."""

    def fetch(self, request: Request) -> Fetched:
        """The answer to `request`. Raises `FetchFailed`, within the time and memory that the request allows."""
        ...


class Taken(Struct, frozen=True):
    """What the front door did with a picture."""

    accepted: int
    """Events that came of it."""
    overtaken: bool = False
    """A later picture was there: nothing of this one was applied."""


class Unusable(Exception):
    """The front door can't use the picture; nothing of it was applied."""


class Busy(Exception):
    """The front door can't take the picture now, which is no fault of the source."""

    def __init__(self, reason: str, retry_after_s: float = 0) -> None:
        """`retry_after_s` is what the door asked for; 0 where it didn't."""
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class FrontDoor(Protocol):
    """Where pictures are handed in: the same as for those who push."""

    def take(self, source: SourceName, format_name: str, fetched: Fetched) -> Taken:
        """Hand in a picture. Raises `Unusable` and `Busy`. Safe to repeat."""
        ...


class Claim(Struct, frozen=True):
    """A source that the caller alone may poll, until `until`."""

    name: SourceName
    state: PollState
    until: datetime


class Polls(Protocol):
    """When each source is due, and what is remembered of it. Down: raises `Unavailable`; what was claimed is due again after its time."""

    def sync(self, names: Collection[SourceName], now: datetime) -> None:
        """These, and no others, are polled: new ones are due at `now`, those that went are forgotten."""
        ...

    def claim(self, now: datetime, until: datetime, name: SourceName | None = None) -> Claim | None:
        """The source that has been due longest, or `name` whether or not it is due; its due time moves to `until`. None where there is none."""
        ...

    def finish(self, claim: Claim, state: PollState, due: datetime) -> bool:
        """Remember `state`, and poll again at `due`. False, and nothing is changed, where another has claimed the source since."""
        ...

    def all(self) -> Mapping[SourceName, tuple[PollState, datetime]]:
        """Every polled source: what is remembered, and when it is due."""
        ...
