"""What the supervisor needs to know of one part of the tree."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class Part:
    """One process. Its command is asked for anew at each start: a port that was taken meanwhile is not tried for ever."""

    name: str
    """Names the log file, the metric label and the line in `/readyz`."""
    command: Callable[[int], Sequence[str]]
    """The command line that listens on the port given."""
    ready: Callable[[int], Awaitable[str]]
    """Why the process on that port does not serve yet; empty once it does. Never raises."""
    alive: Callable[[int], Awaitable[bool]] | None = None
    """Whether the process on that port works at all, ready or not. Never raises. None: not asked."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to the supervisor's own."""
    port: int | None = None
    """Where it always listens; None: a free port at each start."""
    service: str = ""
    """Of whose processes it is one, where it isn't the only one: the tree is ready while one of them serves."""
    foundation: bool = False
    """The others need it: it starts first, is waited for before any other is started (again), and stops last."""

    @property
    def serves(self) -> str:
        """The service that it gives, alone or beside others."""
        return self.service or self.name


class Health(NamedTuple):
    """Of the whole tree."""

    ready: bool
    """Whether each service is given by one part at least."""
    reasons: Mapping[str, str]
    """Each part that does not serve, and why: the spare ones too."""
