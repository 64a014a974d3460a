"""Due polls and their states in memory: the twin of `polls_redis`, for one process."""

from collections.abc import Collection, Mapping
from datetime import datetime
from threading import Lock

from services.kernel.ids import SourceName
from services.kernel.polls import PollState
from services.kernel.ports.polls import Claim


class MemoryPolls:
    """Meets `kernel.ports.polls.Polls`. Never down."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._due: dict[SourceName, datetime] = {}
        self._states: dict[SourceName, PollState] = {}

    def sync(self, names: Collection[SourceName], now: datetime) -> None:
        """Meets `Polls.sync`."""
        with self._lock:
            self._due = {name: self._due.get(name, now) for name in names}
            self._states = {name: state for name, state in self._states.items() if name in self._due}

    def claim(self, now: datetime, until: datetime, name: SourceName | None = None) -> Claim | None:
        """Meets `Polls.claim`."""
        with self._lock:
            if name is None:
                name = min((due for due in self._due if self._due[due] <= now), key=lambda due: (self._due[due], due), default=None)
            if name not in self._due:
                return None
            self._due[name] = until
            return Claim(name, self._states.get(name, PollState()), until)

    def finish(self, claim: Claim, state: PollState, due: datetime) -> bool:
        """Meets `Polls.finish`."""
        with self._lock:
            if self._due.get(claim.name) != claim.until:
                return False
            self._due[claim.name], self._states[claim.name] = due, state
            return True

    def all(self) -> Mapping[SourceName, tuple[PollState, datetime]]:
        """Meets `Polls.all`."""
        with self._lock:
            return {name: (self._states.get(name, PollState()), due) for name, due in self._due.items()}
