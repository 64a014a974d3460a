"""The sources of a storm of faults: one event at a time, batches, and pictures; each request again and again until it is acknowledged.

An outage's customers grow by one with each update, so that whoever looks at an output sees which update it shows.
"""

import random
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tests.chaos.record import Ended, Record, Recovery

AREAS = [f"C{number:02}" for number in range(40)]
SMALLEST = 10
"""Customers of an outage's first update: above what the privacy threshold masks."""
GIVE_UP_S = 90.0
"""A request that isn't acknowledged for so long ends the run."""


class Shared(NamedTuple):
    """What all writers work with."""

    url: str
    folder: Path
    ended: Ended
    recovery: Recovery
    stop: threading.Event


class Writer(threading.Thread):
    """One source."""

    def __init__(self, name: str, key: str, pause_s: float, shared: Shared, seed: int) -> None:
        super().__init__(name=name)
        self.source, self._pause_s, self._shared, self.chance = name, pause_s, shared, random.Random(f"{seed}-{name}")
        self.failure: str | None = None
        self._client = httpx.Client(base_url=shared.url, headers={"Authorization": f"Bearer {key}"}, timeout=20)
        self.record = Record(shared.folder / f"{name}.ndjson")
        self.number = 0

    def run(self) -> None:
        try:
            while not self._shared.stop.wait(self._pause_s):
                self.number += 1
                self.turn()
        except Exception as error:
            self.failure = f"{self.source}: {error!r}"
        finally:
            self.record.close()
            self._client.close()

    def turn(self) -> None:
        """Send one request."""
        raise NotImplementedError

    def deliver(self, path: str, body: dict[str, Any] | bytes, events: int) -> dict[str, Any]:
        """Send `body`, JSON or a CAP message, until it is acknowledged; what was answered."""
        sent: dict[str, Any] = {"content": body, "headers": {"Content-Type": "application/cap+xml"}} if isinstance(body, bytes) else {"json": body}
        give_up = time.monotonic() + GIVE_UP_S
        while True:
            begun, why = time.monotonic(), ""
            try:
                answer = self._client.post(path, **sent)
                if answer.status_code == 202:
                    self._shared.recovery.ack(begun, events)
                    return dict(answer.json())
                why = answer.text
                assert answer.status_code in (429, 502, 503), f"{answer.status_code}: {why}"
            except httpx.TransportError as error:
                why = repr(error)
            assert time.monotonic() < give_up, f"not acknowledged for {GIVE_UP_S} s: {why}"
            time.sleep(0.05)

    def over(self, outage_ids: list[str]) -> None:
        """Say, before it is sent, that these are over."""
        self._shared.ended.add([f"{self.source}:{outage_id}" for outage_id in outage_ids])


class Events(Writer):
    """A source of events: new outages, updates and ends; now and then a repeat, and an update that comes late."""

    def __init__(self, name: str, key: str, pause_s: float, shared: Shared, seed: int, batch: int = 1, open_max: int = 300) -> None:
        super().__init__(name, key, pause_s, shared, seed)
        self._batch, self._open_max = batch, open_max
        self._open: dict[str, dict[str, Any]] = {}
        self._acknowledged: list[tuple[dict[str, Any], str]] = []

    def turn(self) -> None:
        fresh = [self._next() for _ in range(self._batch)]
        repeats = self.chance.sample(self._acknowledged, 1) if self._acknowledged and self.chance.random() < 0.1 else []
        late = [self._late(event) for event, _ in self._acknowledged[-1:] if event["sequence"] > 1 and self.chance.random() < 0.2]
        body = [*fresh, *(event for event, _ in repeats), *late]
        self.over([event["outage_id"] for event in fresh if event["status"] != "active"])
        self.record.write(sent=fresh)
        results = self.deliver("/ingest/v1/events", {"events": body}, len(fresh))["results"]
        positions = {event["event_id"]: result["position"] for event, result in zip(fresh, results, strict=False)}
        again = [(result["outcome"], result.get("position")) for result in results[len(fresh) :]]
        self.record.write(acknowledged=positions, repeats=[position for _, position in repeats], late=len(late), again=again)
        self._acknowledged = [*self._acknowledged, *((event, positions[event["event_id"]]) for event in fresh)][-1_000:]

    def _next(self) -> dict[str, Any]:
        self.number += 1
        if not self._open or (len(self._open) < self._open_max and self.chance.random() < 0.3):
            event = {"outage_id": f"o{self.number}", "sequence": 0, "status": "active", "areas": [self.chance.choice(AREAS)], "started_at": _now()}
        else:
            event = self._open[self.chance.choice(list(self._open))]
        ends = event["sequence"] and self.chance.random() < 0.12
        event = event | {"event_id": f"e{self.number}", "sequence": event["sequence"] + 1, "occurred_at": _now()}
        event["customers_affected"] = SMALLEST + event["sequence"]
        if ends:
            event |= {"status": self.chance.choice(["restored", "restored", "cancelled"]), "restored_at": event["occurred_at"]}
            del self._open[event["outage_id"]]
        else:
            self._open[event["outage_id"]] = event
        return event

    def _late(self, event: dict[str, Any]) -> dict[str, Any]:
        """An update that another, acknowledged already, has overtaken."""
        self.number += 1
        late = {"event_id": f"e{self.number}", "sequence": event["sequence"] - 1, "status": "active", "customers_affected": 9_999}
        return {name: value for name, value in event.items() if name != "restored_at"} | late


class Pictures(Writer):
    """A source of whole pictures: in each, every outage has grown, two are gone and two are new."""

    def __init__(self, name: str, key: str, pause_s: float, shared: Shared, seed: int, outages: int = 60) -> None:
        super().__init__(name, key, pause_s, shared, seed)
        self._taken_at, self._born = datetime.fromtimestamp(time.time(), UTC) - timedelta(days=20), 0
        self._shown: dict[str, dict[str, Any]] = {}
        self._outages = outages

    def turn(self) -> None:
        self._taken_at += timedelta(seconds=400)
        gone = self.chance.sample(list(self._shown), 2) if self._shown else []
        for outage_id in gone:
            del self._shown[outage_id]
        for shown in self._shown.values():
            shown["customers_affected"] += 1
        while len(self._shown) < self._outages:
            self._born += 1
            self._shown[f"p{self._born}"] = {"outage_id": f"p{self._born}", "customers_affected": SMALLEST + 1, "areas": [self.chance.choice(AREAS)]}
        self.over(gone)
        picture = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None, "properties": dict(one)} for one in self._shown.values()]}
        at = self._taken_at.isoformat()
        self.record.write(sent_picture=list(map(dict, self._shown.values())), at=at)
        answer = self.deliver(f"/ingest/v1/snapshots/geojson?observed_at={at.replace('+', '%2B')}", picture, len(self._shown))
        told = {result["event_id"]: result["position"] for result in answer["results"] if result.get("event_id")}
        self.record.write(acknowledged_picture=at, acknowledged=told, rejected=answer["rejected"])


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).isoformat()
