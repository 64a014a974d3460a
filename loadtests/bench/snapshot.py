"""A large picture: 5 MB with 5,000 outages, all of them new. How long until it is acknowledged, and how much memory does it take?

`python -m loadtests.bench.snapshot [RUNS]`. A fresh ingest process a run: what one picture took is what the process grew by.
"""

import json
import sys
import time
from pathlib import Path
from statistics import median

import httpx

from loadtests.bench.figures import row
from loadtests.bench.service import ingest
from services import wire

ASKED_S, ASKED_MIB, OUTAGES, POINTS = 1.0, 150, 5_000, 18


def picture() -> bytes:
    """GeoJSON, as an outage map publishes it."""
    return json.dumps({"type": "FeatureCollection", "features": [feature(number) for number in range(OUTAGES)]}).encode()


def feature(number: int) -> dict[str, object]:
    """One outage of about 1,000 bytes."""
    west, south = -76 + number % 100 / 100, 45 + number // 100 / 100
    ring = [[round(west + step / 1e3, 5), round(south + step % 7 * step / 1e5, 5)] for step in range(POINTS)]
    ring = sorted(ring, key=lambda point: point[0])
    top = [[point[0], round(point[1] + 0.01, 5)] for point in reversed(ring)]
    properties = {
        "outage_id": f"o{number}", "customers_affected": 5 + number % 900, "areas": [f"K{number % 9}G"], "cause": "weather", "crew": "assigned",
        "started_at": "2024-11-20T20:04:00Z", "estimated_restoration": "2024-11-21T04:30:00Z",
    }  # fmt: skip
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [[*ring, *top, ring[0]]]}}


def main(runs: int) -> None:
    """Print what was measured."""
    body, took, grown = picture(), [], []
    for _ in range(runs):
        with (
            ingest() as served,
            httpx.Client(base_url=f"http://127.0.0.1:{served.port}", headers={"Authorization": f"Bearer {served.key}"}, timeout=60) as client,
        ):
            client.post("/ingest/v1/snapshots/geojson?observed_at=2024-11-20T20:00:00Z", json={"type": "FeatureCollection", "features": []})
            before = served.now_mib()
            Path(f"/proc/{served.pid}/clear_refs").write_text("5")  # the peak counts from here
            started = time.perf_counter()
            answer = client.post("/ingest/v1/snapshots/geojson?observed_at=2024-11-20T21:04:00Z", content=body, headers={"Content-Type": "application/json"})
            took.append(time.perf_counter() - started)
            grown.append(served.peak_mib() - before)
            if answer.status_code != 202 or answer.json()["accepted"] != OUTAGES or served.link.xlen(wire.JOURNAL) != OUTAGES:
                raise SystemExit(f"not all accepted: {answer.status_code} {answer.text[:300]}")
    print(f"a picture of {len(body) / 1e6:.2f} MB with {OUTAGES:,} outages")
    print(row("to acknowledged, durable", took, "s", f"under {ASKED_S:g}"))
    print(row("memory at most, beyond what the process had", grown, "MiB", f"under {ASKED_MIB}"))
    if median(took) >= ASKED_S or median(grown) >= ASKED_MIB:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
