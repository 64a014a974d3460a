"""A front door in memory: the twin of `front_door_http`. Compares bytes where the real one compares outages."""

from services.kernel.ids import SourceName
from services.kernel.ports.polls import Fetched, Taken


class MemoryFrontDoor:
    """Meets `kernel.ports.polls.FrontDoor`."""

    def __init__(self) -> None:
        self.pictures: list[tuple[SourceName, str, Fetched]] = []
        """All that was taken, in order."""
        self.failure: Exception | None = None
        """What every call comes to while it is set."""

    def take(self, source: SourceName, format_name: str, fetched: Fetched) -> Taken:
        """Meets `FrontDoor.take`."""
        if self.failure:
            raise self.failure
        last = next((taken for name, kind, taken in reversed(self.pictures) if (name, kind) == (source, format_name)), None)
        if last is not None and fetched.at < last.at:
            return Taken(0, overtaken=True)
        self.pictures.append((source, format_name, fetched))
        return Taken(int(last is None or last.body != fetched.body))
