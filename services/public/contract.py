"""The public side's published description of itself: contracts/openapi-public.json. What it says of documents is held to what workers render by tests."""

from collections.abc import Mapping
from typing import Any

from services.kernel.events import Cause, Crew
from services.kernel.messages import LANGS
from services.kit.openapi import answer, busy, document, problem, read_only, ref
from services.kit.settings import Settings

PAGE, SCRIPT = "text/html", "text/javascript"
_TEXT: dict[str, Any] = {"type": "string"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_FLAG: dict[str, Any] = {"type": "boolean"}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
_MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_CAUSE: dict[str, Any] = {"type": "string", "enum": [cause.value for cause in Cause]}
_CREW: dict[str, Any] = {"enum": [*(crew.value for crew in Crew), None]}


def openapi(settings: Settings) -> dict[str, Any]:
    """The OpenAPI document of a service with these `settings`: its limits are theirs."""
    lang = {"name": "lang", "in": "path", "required": True, "schema": {"type": "string", "enum": list(LANGS)}}
    area = {"name": "area", "in": "path", "required": True, "schema": {**_TEXT, "minLength": 1}, "description": "An area's id, as summary.json has it"}
    asset = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "enum": ["site.css", "age.js", "chat.js", "mark.svg"]}}
    find_max = settings.public_find_chars_max
    text = {"name": "find", "in": "query", "schema": _TEXT, "description": f"A name, an id or a postal code; what is beyond {find_max} characters is left out"}
    accepts = {"name": "Accept-Language", "in": "header", "schema": _TEXT}
    paths = {
        "/": _leads("The page in the reader's language", "302", (accepts,)),
        "/{lang}": _leads("The same with its slash", "308", (lang,)),
        "/{lang}/": _reads("The status page", (lang,), PAGE),
        "/{lang}/areas/{area}": _reads("An area's page", (lang, area), PAGE),
        "/{lang}/areas": _finds((lang, text)),
        "/feeds/v1/{lang}/summary.json": _reads("All areas with an outage", (lang,), "application/json", ref("Summary")),
        "/feeds/v1/{lang}/outages.geojson": _reads("All open outages (RFC 7946)", (lang,), "application/geo+json", ref("Outages")),
        "/feeds/v1/{lang}/atom.xml": _reads("What changed last (RFC 4287)", (lang,), "application/atom+xml"),
        "/feeds/v1/{lang}/areas/{area}.json": _reads("One area with an outage", (lang, area), "application/json", ref("Area")),
        "/assets/{name}": _reads("Style, scripts and mark of the pages", (asset,), "text/css", kinds=(SCRIPT, "image/svg+xml"), stamped=False),
    }
    return document("public", "Feeds and pages, read-only, as files that workers have rendered.", paths, SCHEMAS)


def _header(required: bool = True) -> dict[str, Any]:
    return {"required": required, "schema": _TEXT}


def _reads(
    summary: str, parameters: tuple[dict[str, Any], ...], kind: str, schema: dict[str, Any] | None = None, *, kinds: tuple[str, ...] = (), stamped: bool = True
) -> dict[str, Any]:
    headers = {name: _header() for name in ("ETag", "Cache-Control", "Vary", *(["X-Surgecast-Position"] if stamped else []))}
    known = {"name": "If-None-Match", "in": "header", "schema": _TEXT, "description": "The ETag of what the reader has"}
    responses = {
        "200": answer("As of X-Surgecast-Position" if stamped else "As it is", kind, *kinds, schema=schema, headers=headers),
        "304": answer("Not changed since", headers=headers),
        "404": _missing(),
        "503": busy(),
    }
    return read_only({"summary": summary, "parameters": [*parameters, known], "responses": responses, "security": []})


def _missing() -> dict[str, Any]:
    told = problem("Nothing is published here; an area without an outage may have no document")
    told["content"][PAGE] = {"schema": {**_TEXT, "description": "Where Accept names text/html, and it is no feed"}}
    return told


def _leads(summary: str, status: str, parameters: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    responses = {status: answer("Where it is", headers={"Location": _header()}), "404": _missing(), "503": busy()}
    return read_only({"summary": summary, "parameters": list(parameters), "responses": responses, "security": []})


def _finds(parameters: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    responses = {
        "200": answer("Several areas, or none", PAGE, headers={"Cache-Control": _header()}),
        "303": answer("It is one area: its page", headers={"Location": _header()}),
        "404": _missing(),
        "503": busy(),
    }
    return read_only({"summary": "Find an area", "parameters": list(parameters), "responses": responses, "security": []})


def _object(properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """An object with all of `properties`, and maybe others: readers should pass over what they don't know."""
    return {"type": "object", "required": list(properties), "properties": dict(properties), **more}


_STAMP = {
    "position": {"type": "string", "pattern": "^[0-9]+-[0-9]+$", "description": "Grows with the journal: two documents with one position say the same"},
    "as_of": _TIME,
    "stale_sources": {
        "type": "array",
        "items": _object({"source": _TEXT, "last_heard": _MAYBE_TIME}),
        "description": "Sources that have gone quiet: what is told of their outages may have changed since",
    },
}
_TOTALS = {
    "outages": _COUNT,
    "customers_affected": {**_COUNT, "description": "Each masked count at its upper bound"},
    "customers_masked": _FLAG,
    "planned": {**_COUNT, "description": "How many of the outages are planned work"},
}
_LINE = {
    "id": _TEXT,
    "name": _TEXT,
    **_TOTALS,
    "cause": _CAUSE,
    "crew": _CREW,
    "started_at": _MAYBE_TIME,
    "estimated_restoration": {**_MAYBE_TIME, "description": "By when all outages with an estimate are expected to be over"},
    "estimate_passed": _FLAG,
    "unestimated": {**_COUNT, "description": "How many outages have no estimate"},
    "updated_at": _MAYBE_TIME,
}
_OUTAGE = {
    "outage_id": _TEXT,
    "source": _TEXT,
    "customers_affected": {"type": ["integer", "null"], "minimum": 0, "description": "Null where the source gives none, and where it is masked"},
    "customers_masked": _FLAG,
    "planned": _FLAG,
    "cause": _CAUSE,
    "crew": _CREW,
    "started_at": _MAYBE_TIME,
    "estimated_restoration": _MAYBE_TIME,
    "estimate_passed": {**_FLAG, "description": "The estimate is over and power is not back: a new one is awaited"},
    "areas": {"type": "array", "items": _TEXT},
    "updated_at": _TIME,
    "note": {"type": ["string", "null"], "description": "What the operator adds, in the document's language"},
}
_GEOMETRY = {"type": ["object", "null"], "required": ["type", "coordinates"], "properties": {"type": _TEXT, "coordinates": {"type": "array"}}}
_FEATURE = _object({"type": {"enum": ["Feature"]}, "id": _TEXT, "geometry": _GEOMETRY, "properties": ref("Outage")})
SCHEMAS = {
    "Summary": _object({**_STAMP, **_TOTALS, "areas": {"type": "array", "items": ref("AreaLine")}}),
    "AreaLine": _object(_LINE),
    "Area": _object({**_STAMP, **_LINE, "largest": {"type": "array", "items": ref("Outage"), "description": "The outages with the most customers"}}),
    "Outage": _object(_OUTAGE),
    "Outages": _object({**_STAMP, "type": {"enum": ["FeatureCollection"]}, "features": {"type": "array", "items": _FEATURE}}),
}
"""Of the documents; the words are the feeds' own vocabulary."""
