"""Shapes are checked, mended and placed in a thread: however long one takes, the event loop goes on answering."""

import asyncio
import json
import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.adapters.chains_memory import MemoryChains
from services.adapters.journal_memory import MemoryJournal
from services.ingest.accept import Accept
from services.ingest.alerts.take import Alerts
from services.ingest.areas.places import Nowhere, Outage
from services.ingest.batches import split_json
from services.ingest.formats import FORMATS
from services.ingest.pictures import Asked, Pictures
from services.kit.settings import Settings
from tests.builders import NOW, SOURCE, SetClock
from tests.cap import BEGAN, fixture

SETTINGS = Settings(_env_file=None)
LINE = {"type": "LineString", "coordinates": [[-75.7, 45.4], [-75.6, 45.4]]}
POINT = {"type": "Point", "coordinates": [-75.7, 45.4]}


class Noting(Nowhere):
    """Notes in which thread outages are placed."""

    def __init__(self) -> None:
        self.in_loops: list[bool] = []

    def placed(self, outages: Sequence[Outage]) -> Sequence[Outage]:
        self.in_loops.append(threading.current_thread() is threading.main_thread())
        return outages


def event(geometry: object) -> str:
    return json.dumps({"event_id": "e", "outage_id": "o", "occurred_at": NOW.isoformat(), "status": "active", "geometry": geometry})


@pytest.mark.parametrize(
    ("body", "in_loop"),
    [
        (event(POINT), True),
        (event(LINE), False),
        (event(LINE).replace("LineString", "L\\u0069neString"), False),
        (event(POINT).replace("}}", '}, "note": {"fr": "\\u00c9valuation"}}'), True),
    ],
    ids=["point", "line", "escaped", "an accent, escaped"],
)
def test_an_event_with_a_shape_is_judged_beside_the_loop(body: str, in_loop: bool) -> None:
    noting = Noting()
    answered = asyncio.run(Accept(MemoryJournal(), SetClock(NOW), SETTINGS, noting).batch(SOURCE, body.encode(), split_json))
    assert answered.counts["accepted"] == 1
    assert noting.in_loops == [in_loop]


def test_a_picture_is_read_beside_the_loop_however_small() -> None:
    noting = Noting()
    picture = {"features": [{"type": "Feature", "properties": {"outage_id": "o"}, "geometry": LINE}]}
    asyncio.run(Pictures(MemoryJournal(), SetClock(NOW), SETTINGS, FORMATS, noting).take(SOURCE, Asked("geojson", NOW), json.dumps(picture).encode()))
    assert noting.in_loops
    assert not any(noting.in_loops)


def test_an_alert_is_told_beside_the_loop_however_short() -> None:
    noting = Noting()
    clock = SetClock(BEGAN + timedelta(hours=1))
    asyncio.run(Alerts(MemoryJournal(), MemoryChains(), clock, SETTINGS, noting).take(SOURCE, fixture().encode()))
    assert noting.in_loops == [False]
