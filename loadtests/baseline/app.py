"""Its front door: each event of a batch becomes one task a channel, and the batch is acknowledged once all are in the queue."""

import asyncio
from datetime import datetime

from fastapi import FastAPI
from kombu import pools
from pydantic import BaseModel

from loadtests.baseline.tasks import CHANNELS, celery, deliver


class Event(BaseModel):
    """An event, of the same shape as ours."""

    event_id: str
    outage_id: str
    occurred_at: datetime
    status: str
    customers_affected: int = 0
    cause: str | None = None
    crew: str | None = None
    started_at: datetime | None = None
    estimated_restoration: datetime | None = None
    areas: list[str] = []
    geometry: dict[str, object] | None = None
    devices: list[str] = []
    note: dict[str, str] = {}


class Batch(BaseModel):
    """What one request brings."""

    events: list[Event]


app = FastAPI(title="The naive design")


@app.get("/readyz")
async def readyz() -> dict[str, bool]:
    """Whether it answers."""
    return {"ready": True}


@app.post("/events", status_code=202)
async def events(batch: Batch) -> dict[str, int]:
    """Queue everything, then acknowledge."""
    await asyncio.to_thread(queue, [event.model_dump(mode="json") for event in batch.events])
    return {"accepted": len(batch.events)}


def queue(found: list[dict[str, object]]) -> None:
    """One producer for the whole batch: opening one a task would be slower still."""
    with pools.producers[celery.connection_for_write()].acquire(block=True) as producer:
        for event in found:
            for channel in CHANNELS:
                deliver.apply_async((channel, event), producer=producer)
