"""How many bytes of bodies may be at hand: a few large ones need as much memory as many small ones, whatever the guard lets in (I9)."""

from services.kit.http import Problem
from services.kit.refusal import Refusal, refused


class Room:
    """Memory for the bodies that are being read and worked on in this process."""

    def __init__(self, bytes_max: int, retry_after_max_s: int) -> None:
        self.bytes_max, self._retry_after_max_s = bytes_max, retry_after_max_s
        self.bytes = 0

    def refusal(self) -> Problem:
        """503."""
        why = f"Too busy: {self.bytes} bytes are being worked on (SURGECAST_INGEST_INFLIGHT_MAX_BYTES is {self.bytes_max})"
        return refused(Refusal("busy", "Busy", why), self._retry_after_max_s)


class Slot:
    """The bytes that one request holds, given back as it ends, however it does."""

    def __init__(self, room: Room) -> None:
        self._room, self.held = room, 0

    def __enter__(self) -> "Slot":
        return self

    def __exit__(self, *_: object) -> None:
        self._room.bytes -= self.held
        self.held = 0

    def hold(self, total: int) -> None:
        """Hold `total` bytes, counting those held before. Raises `Problem` 503 where that is more than is left for all."""
        more = total - self.held
        if more <= 0:
            return
        if self._room.bytes + more > self._room.bytes_max:
            raise self._room.refusal()
        self._room.bytes += more
        self.held = total
