"""Real shapes of outage data with something wrong in them: for whatever must read or refuse any body at all."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

FIXTURES = Path(__file__).parent / "fixtures" / "formats"
Draw = Callable[[st.SearchStrategy[Any]], Any]

BODIES = {path.name: path.read_bytes() for path in sorted(FIXTURES.iterdir())}
NASTY: list[Any] = [
    None,
    True,
    "",
    "x" * 5_000,
    "\x00\x1b[2J",
    "NaN",
    -1,
    0,
    2**63,
    10**400,
    10**4_000,
    float("inf"),
    float("nan"),
    "\ud800",
    1e308,
    -0.0,
    [],
    {},
    [[[]]],
    {"x": 1e300},
    "9" * 500,
    "0001-01-01T00:00:00",
]
PERSONAL = {
    "crewName": "Pat Example", "AssignedTo": "Pat Example", "callback": "613-555-0123", "phone": "613-555-0123", "address": "12 Example Street",
    "SPID": "8002243210",
    "email": "pat@example.org", "message": "ask Pat Example", "reporter": {"name": "Pat Example"},
    "note": "Pat Example", "contact": ["Pat Example"],
}  # fmt: skip


def format_of(name: str) -> str:
    return Path(name).stem.partition("_")[0]


def mutated(value: Any, draw: Draw) -> Any:
    """`value` with one place in it changed to something nasty."""
    inner = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not inner or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(NASTY))
    at = draw(st.sampled_from(inner))
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at] = mutated(value[at], draw)
    return copy


def written(value: Any) -> bytes:
    """`value` as JSON, or as near to it as `value` allows: numbers of any length, NaN, and halves of characters stay what they are."""
    return json.dumps(value).encode("utf-8")


def mangled(body: bytes, draw: Draw) -> bytes:
    """`body` with some bytes in it replaced, and maybe cut off."""
    start, length = draw(st.integers(0, len(body))), draw(st.integers(0, 40))
    put = draw(st.binary(max_size=12) | st.sampled_from([b"", b"<", b"{", b"NaN", b"1e400", b'"', b"\n,", b"&#0;", b"<a/>", b"\xed\xa0\x80", b"\\ud800"]))
    body = body[:start] + put + body[start + length :]
    return body[: draw(st.integers(0, len(body)))] if draw(st.integers(0, 3)) == 0 else body


def with_personal(value: Any, personal: dict[str, Any] = PERSONAL) -> Any:
    """`value` with personal data in each of its records, as real feeds leak it."""
    if isinstance(value, list):
        return [with_personal(inner, personal) for inner in value]
    if not isinstance(value, dict) or "coordinates" in value:
        return value
    return {**personal, **{key: with_personal(inner, personal) for key, inner in value.items()}}
