"""Fixtures of the formats, and what they read as. For the test modules of this folder."""

import json
from pathlib import Path
from typing import Any

from services.ingest.formats import FORMATS, Limits, Sightings

FIXTURES = Path(__file__).parents[2] / "fixtures" / "formats"
LIMITS = Limits()


def published(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_bytes())


def raw(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def read(format_name: str, body: Any, limits: Limits = LIMITS) -> Sightings:
    return FORMATS[format_name].read(body if isinstance(body, bytes) else json.dumps(body).encode(), limits)
