"""CAP messages for tests: those of tests/fixtures/cap as they are, and others made of them."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "fixtures" / "cap"
SAMPLES = Path(os.environ.get("SURGECAST_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data" / "samples" / "cap"
SENDER = "outages@hydro.example"
BEGAN = datetime(2024, 11, 20, 10, 0, tzinfo=UTC)


def sample(name: str) -> bytes:
    """A real sample; skips the test where it isn't there."""
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"no CAP samples here: {name} is not part of the repository (set SURGECAST_SHARED)")
    return path.read_bytes()


def fixture(name: str = "alert") -> str:
    return (FIXTURES / f"{name}.xml").read_text("utf-8")


def changed(*changes: tuple[str, str], name: str = "alert") -> str:
    """A fixture with each pattern, which must be in it, replaced wherever it is."""
    text = fixture(name)
    for pattern, new in changes:
        text, count = re.subn(pattern, lambda _found, new=new: new, text, flags=re.DOTALL)
        assert count, pattern
    return text


def sent(number: int) -> str:
    """The time of message `number` of a chain, as CAP writes it, in Ottawa's winter time."""
    return (BEGAN + timedelta(minutes=number) - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%S-05:00")


def message(number: int, refers_to: tuple[int, ...] = (), kind: str = "", headline: str = "", **more: str) -> str:
    """Message `number` of a chain: an Alert, or an Update where it refers to others."""
    references = " ".join(f"{SENDER},HX-{other},{sent(other)}" for other in refers_to)
    return changed(
        ("<identifier>.*?</identifier>", f"<identifier>HX-{number}</identifier>"),
        ("<sent>.*?</sent>", f"<sent>{sent(number)}</sent>"),
        ("<msgType>.*?</msgType>", f"<msgType>{kind or ('Update' if refers_to else 'Alert')}</msgType>"),
        ("0.4</code>", f"0.4</code><references>{references}</references>" if refers_to else "0.4</code>"),
        ("<headline>.*?</headline>", f"<headline>{headline or number}</headline>"),
        *((f"<{name}>.*?</{name}>", f"<{name}>{value}</{name}>") for name, value in more.items()),
    )
