"""Writers at the front door while the master of the journal moves. What they were told is safe is held against the journal of the new master."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import redis

from tests.sentinels import PATIENCE_S

WRITERS, BATCH = 4, 20
JOURNAL = "surgecast:v1:journal"


@dataclass
class Told:
    """What the front door acknowledged: event id -> position, and when the last acknowledgement came."""

    positions: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    failure: str | None = None
    """What ended a writer."""
    gap_s: float = 0.0
    last_at: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self, results: list[dict[str, str]]) -> None:
        with self.lock:
            now = time.monotonic()
            self.gap_s, self.last_at = max(self.gap_s, now - self.last_at), now
            self.positions |= {result["event_id"]: result["position"] for result in results}


class Writers:
    """Threads that each send batch after batch, every one again until it is acknowledged."""

    def __init__(self, url: str, key: str, pause_s: float = 0.05) -> None:
        self.told, self._url, self._key, self._pause_s, self._stop = Told(), url, key, pause_s, threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def __enter__(self) -> Told:
        for thread in self._threads:
            thread.start()
        return self.told

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, writer: int) -> None:
        number = 0
        with httpx.Client(base_url=self._url, headers={"Authorization": f"Bearer {self._key}"}, timeout=15) as client:
            while not self._stop.is_set():
                number += 1
                events = [_event(f"{writer}-{number}-{place}") for place in range(BATCH)]
                while not self._sent(client, events) and not self._stop.is_set():
                    time.sleep(0.02)
                time.sleep(self._pause_s)

    def _sent(self, client: httpx.Client, events: list[dict[str, object]]) -> bool:
        try:
            answer = client.post("/ingest/v1/events", json={"events": events})
        except httpx.TransportError:
            return False
        if answer.status_code != 202:
            if answer.status_code != 503:
                self.told.failure = f"{answer.status_code}: {answer.text}"
            self.told.refused += 1
            return False
        self.told.acknowledged(answer.json()["results"])
        return True


def _event(event_id: str) -> dict[str, object]:
    return {
        "event_id": event_id,
        "outage_id": f"o-{event_id}",
        "occurred_at": "2026-01-01T12:00:00Z",
        "status": "active",
        "customers_affected": 7,
        "areas": ["K2G"],
    }


def lost(told: Told, link: "redis.Redis") -> list[str]:
    """The event ids that were acknowledged at a position where the journal of today has nothing, or something else."""
    kept: dict[str, str] = {}
    for identifier, fields in link.xrange(JOURNAL):  # type: ignore[union-attr]
        kept[identifier.decode()] = fields[b"e"].decode()
    return [event_id for event_id, position in told.positions.items() if f'"event_id":"{event_id}"' not in kept.get(position, "")]


def under_load(told: Told, act: Callable[[], None], more: int = 400) -> float:
    """Let some be acknowledged, `act`, and return once as many more are: the longest silence meanwhile, in seconds."""
    _await_more(told, more)
    with told.lock:
        told.gap_s = 0.0
    act()
    _await_more(told, more)
    return told.gap_s


def _await_more(told: Told, more: int) -> None:
    wanted, give_up = len(told.positions) + more, time.monotonic() + PATIENCE_S
    while len(told.positions) < wanted:
        assert told.failure is None, told.failure
        assert time.monotonic() < give_up, f"{wanted - len(told.positions)} acknowledgements are missing after {PATIENCE_S:g} s; {told.refused} refusals"
        time.sleep(0.02)
