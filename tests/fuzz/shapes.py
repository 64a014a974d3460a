"""What schemathesis can't know of us: how our media types are written, and what real bodies look like. Its hooks, and the tests that use it, are these."""

import json
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies as st

from tests.mutants import BODIES, PERSONAL, format_of, mangled, mutated, with_personal, written

MARK = "zqx7personal"
"""Stands in every place of a body where personal data would: it must come out nowhere."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "missing_required_header",
    "ignored_auth",
)
"""A sound request may be refused, and of a batch with a bad item the rest is taken: whether each body that fits the schema is taken is no check of ours."""
_KINDS = {"json": "application/json", "xml": "application/xml", "csv": "text/csv"}
_MARKED = {name: MARK for name in PERSONAL if name != "note"}
_CAP = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "fixtures" / "cap").iterdir())]
_EVENT: dict[str, Any] = {
    "event_id": "e1", "outage_id": "o1", "occurred_at": "2024-11-20T10:00:00Z", "status": "active", "planned": False, "cause": "weather", "crew": "en_route",
    "customers_affected": 1250, "started_at": "2024-11-20T09:00:00Z", "estimated_restoration": None, "areas": ["K2G"], "devices": ["feeder:7F12"],
    "geometry": {"type": "Polygon", "coordinates": [[[-75.7, 45.3], [-75.6, 45.3], [-75.6, 45.4], [-75.7, 45.3]]]},
    "note": {"en": "A pole is down.", "fr": "Un poteau est tombé."}, "sequence": 4,
}  # fmt: skip


@schemathesis.serializer("application/x-ndjson")
def _lines(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else b"\n".join(json.dumps(item).encode() for item in (value if isinstance(value, list) else [value]))


@schemathesis.serializer("text/csv", "application/cap+xml", "application/geo+json")
def _as_it_is(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass") if isinstance(value, str) else json.dumps(value).encode()


@st.composite
def pictures(draw: Any) -> tuple[str, str, bytes]:
    """The format, media type and body of a picture: real but for one place, and leaking personal data where it is JSON."""
    name = draw(st.sampled_from(sorted(BODIES)))
    body, suffix = BODIES[name], Path(name).suffix[1:]
    if suffix == "json" and draw(st.booleans()):
        body = written(with_personal(mutated(json.loads(body), draw), _MARKED))
    elif draw(st.booleans()):
        body = mangled(body, draw)
    return draw(st.sampled_from([format_of(name)] * 4 + ["geojson", "csv"])), _KINDS[suffix], body


@st.composite
def events(draw: Any) -> tuple[str, bytes]:
    """Media type and body of one event, a batch, or lines: real but for some places."""
    several = [mutated(_EVENT | {"event_id": f"e{draw(st.integers(0, 99))}", "outage_id": f"o{draw(st.integers(0, 9))}"}, draw) for _ in range(3)]
    if draw(st.booleans()):
        return "application/x-ndjson", b"\n".join(map(written, several))
    body = written(several[0] if draw(st.booleans()) else {"events": several})
    return "application/json", body if draw(st.booleans()) else mangled(body, draw)


@st.composite
def alerts(draw: Any) -> tuple[str, bytes]:
    """Media type and body of a CAP message, mangled."""
    return "application/cap+xml", mangled(draw(st.sampled_from(_CAP)), draw)


@schemathesis.hook
def before_generate_case(context: Any, strategy: Any) -> Any:
    """Every second case of these addresses has a body of real shape, names somebody, or asks for an area that there is."""
    path = context.operation.path
    if path.endswith("/snapshots/{format}"):
        real = st.builds(_picture, strategy, pictures())
    elif path.endswith("/events"):
        real = st.builds(_body, strategy, events())
    elif path.endswith("/alerts"):
        real = st.builds(_body, strategy, alerts())
    elif path.endswith("/voice/v1/ask"):
        real = st.builds(_asked, strategy, st.sampled_from(["is my power out?", "panne à", "K2G 1A1", "\ud800", "report", "how many"]))
    elif path.endswith("/{lang}/areas"):
        real = st.builds(_found, strategy, st.sampled_from(["k2g", "Nepean", "K1", "<b>", "é" * 200]))
    elif "{area}" in path:
        real = st.builds(_area, strategy, st.sampled_from(["K2G", "K1A", "unplaced"]))
    else:
        return strategy
    return st.booleans().flatmap(lambda is_real: real if is_real else strategy)


def _area(case: Any, area: str) -> Any:
    case.path_parameters["area"] = area
    return case


def _found(case: Any, words: str) -> Any:
    case.query = {"find": words}
    return case


def _picture(case: Any, picture: tuple[str, str, bytes]) -> Any:
    case.path_parameters["format"] = picture[0]
    return _body(case, picture[1:])


def _body(case: Any, body: tuple[str, bytes]) -> Any:
    case.media_type, case.body = body
    return case


def _asked(case: Any, words: str) -> Any:
    return _body(case, ("application/json", json.dumps({"text": f"{words} {MARK}", "locale": "fr-CA", "place": MARK}).encode()))
