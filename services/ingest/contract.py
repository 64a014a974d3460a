"""The front door's published contracts, made from the code that they describe: contracts/event-v1.schema.json and openapi-ingest.json."""

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.ingest.alerts.take import KINDS as ALERT_KINDS
from services.ingest.answers import Answered
from services.ingest.formats import FORMATS
from services.kernel.events import OutageEvent
from services.kit.openapi import PROBLEM, RETRY_AFTER, answer, document, moved, problem, ref

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EVENT_SCHEMA_ID = "urn:surgecast:event:v1"

FIELDS = {
    "event_id": "Unique within the source. The same id sent again is a duplicate and changes nothing.",
    "outage_id": "Stable within the source for as long as the outage lasts.",
    "occurred_at": "When this became so, by the source's clock, with an offset (RFC 3339). Where there is no sequence it decides which event is newer.",
    "status": "Where the outage stands. What pictures no longer show is derived, never sent.",
    "planned": "Whether the utility took the power away on purpose.",
    "cause": "Why the power is out.",
    "crew": "How far the crew has come; null where it is not known.",
    "customers_affected": "Customers (meters) out now; null where the source does not say.",
    "customers_masked": "The source hides the exact count: customers_affected is its upper bound.",
    "started_at": "When the power went out.",
    "estimated_restoration": "When the source expects the power back; not before started_at.",
    "restored_at": "When the power came back; not before started_at.",
    "areas": "Where people are out: wards, neighbourhoods, postal FSAs, municipalities. Derived from the geometry where absent.",
    "geometry": "GeoJSON (RFC 7946) in WGS 84: rings closed, no polygon that crosses itself.",
    "devices": "The network's devices that are out, such as feeder:7F12.",
    "note": "What the operator adds in words, each language written for itself.",
    "sequence": "Only ever grows for one outage. Where given it decides, before the time, which event is newer.",
}

_PROBLEMS = {
    400: "The body is not JSON (the problem's offset says where it breaks) or XML, not whole, or broken gzip",
    401: "No good key",
    403: "The key may not send this",
    404: "There is no such format; the problem lists those there are",
    408: "The body did not arrive in time",
    413: "The body, or the number of items in it, is larger than is taken",
    415: "Content-Type, charset or Content-Encoding that is not taken",
    422: "Not one item can be used; the problem carries the counts and the results, of a CAP message all reasons",
    429: "The source is over its limit; nothing was taken: send the same again after Retry-After seconds",
    503: "The journal can't be written, or too many requests are being worked on: send the same again after Retry-After seconds",
}


def event_schema() -> dict[str, Any]:
    """The JSON Schema of an event as it may be sent."""
    (reference,), components = msgspec.json.schema_components([OutageEvent], ref_template="#/$defs/{name}")
    event = components.pop(reference["$ref"].rpartition("/")[2])
    components["Status"]["enum"].remove("clearing")
    components["Status"]["description"] = "What a source may say. A restored or cancelled outage is over."
    event["properties"] = {name: {**shape, "description": FIELDS[name]} for name, shape in sorted(event["properties"].items())}
    return {"$schema": DIALECT, "$id": EVENT_SCHEMA_ID, **event, "$defs": components}


def openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description of `app`, with the schemas that raw bodies keep FastAPI from seeing."""
    if app.openapi_schema is None:
        paths = get_openapi(title=app.title, version=app.version, routes=app.routes)["paths"]
        keys = {"key": {"type": "http", "scheme": "bearer", "description": "An ingest key, or a token of the issuer in the settings"}}
        app.openapi_schema = document("ingest", "Outage events, pictures and alerts in.", paths, _schemas(), securitySchemes=keys)
    return app.openapi_schema


def _schemas() -> dict[str, Any]:
    event = event_schema()
    parts = {name: moved(part) for name, part in event.pop("$defs").items()}
    event = {name: moved(member) for name, member in event.items() if not name.startswith("$")}
    _, answers = msgspec.json.schema_components([Answered], ref_template="#/components/schemas/{name}")
    return {**parts, **answers, "OutageEvent": event, "Batch": _BATCH, "Problem": _PROBLEM}


_BATCH = {
    "type": "object",
    "required": ["events"],
    "additionalProperties": False,
    "properties": {"events": {"type": "array", "minItems": 1, "items": ref("OutageEvent")}},
}
_PROBLEM = PROBLEM | {
    "properties": {
        **PROBLEM["properties"],
        "results": {"type": "array", "items": ref("Result"), "description": "Of a request in which each item was rejected: why, item by item"},
        "offset": {"type": "integer", "description": "Of a body that can't be read: the byte at which it breaks"},
        "formats": {"type": "array", "items": {"type": "string"}, "description": "Of an unknown format: those there are"},
        "reasons": {"type": "array", "items": {"type": "string"}, "description": "Of a CAP message: each rule that it breaks, as path: what is wrong"},
    }
}
_HEADERS = {401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}, 429: RETRY_AFTER, 503: RETRY_AFTER}


def _responses(*statuses: int) -> dict[int | str, Any]:
    taken = answer("Durable: what is accepted here is never lost", "application/json", schema=ref("Answered"))
    return {202: taken, **{status: problem(_PROBLEMS[status], _HEADERS.get(status)) for status in statuses}}


def _operation(summary: str, description: str, statuses: tuple[int, ...], **extra: Any) -> dict[str, Any]:
    security: list[dict[str, list[str]]] = [{"key": []}]
    return {
        "status_code": 202,
        "summary": summary,
        "description": description,
        "responses": _responses(*statuses),
        "openapi_extra": {"security": security, **extra},
    }


EVENTS_OPERATION = _operation(
    "Send events",
    "One event, a batch, or one event a line. A bad item never sinks its batch. Sending the same again is safe.",
    (400, 401, 403, 408, 413, 415, 422, 429, 503),
    requestBody={
        "required": True,
        "content": {
            "application/json": {"schema": {"oneOf": [ref("OutageEvent"), ref("Batch")]}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "One event a line"}},
        },
    },
)

SNAPSHOTS_OPERATION = _operation(
    "Send a picture",
    "All that the source shows at one moment; what opened, changed and closed is derived. A picture that is not newer than the last one changes nothing.",
    (400, 401, 403, 404, 408, 413, 415, 422, 429, 503),
    parameters=[
        {"name": "format", "in": "path", "required": True, "schema": {"type": "string"}, "description": "How the source publishes its picture"},
        {
            "name": "observed_at",
            "in": "query",
            "schema": {"type": "string", "format": "date-time"},
            "description": "When it was taken; else as it says, else now",
        },
        {"name": "confirm_empty", "in": "query", "schema": {"type": "boolean", "default": False}, "description": "That a picture without records is meant so"},
    ],
    requestBody={"required": True, "content": {kind: {"schema": {}} for kind in sorted({kind for one in FORMATS.values() for kind in one.media_types})}},
)

ALERTS_OPERATION = _operation(
    "Send an alert",
    "One CAP 1.2 message, by default of the Canadian profile (CAP-CP). A chain of Alert, Update and Cancel is one outage. A message that is not Actual or not "
    "Public is answered 202 with outcome rejected and the reason: it is sound, and never shown.",
    (400, 401, 403, 408, 413, 415, 422, 429, 503),
    requestBody={"required": True, "content": {kind: {"schema": {"type": "string", "description": "A CAP 1.2 alert, UTF-8"}} for kind in ALERT_KINDS}},
)
