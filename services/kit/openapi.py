"""The parts of an OpenAPI 3.1 document that all HTTP services have in common. What they say is held to what is answered by tests/contract/test_fuzzed.py."""

from collections.abc import Mapping
from typing import Any

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457); detail says what to do.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
HEALTH = {
    "Alive": {
        "type": "object",
        "required": ["service", "status"],
        "properties": {"service": {"type": "string"}, "status": {"type": "string", "enum": ["alive"]}},
    },
    "Ready": {
        "type": "object",
        "required": ["service", "ready", "reasons"],
        "properties": {
            "service": {"type": "string"},
            "ready": {"type": "boolean"},
            "reasons": {"type": "object", "additionalProperties": {"type": "string"}, "description": "What is not ready, and why"},
        },
    },
}
RETRY_AFTER = {"Retry-After": {"required": True, "description": "Seconds", "schema": {"type": "integer", "minimum": 0}}}
BUSY = "Too many requests are being worked on; the same again after Retry-After seconds is safe"


def ref(name: str) -> dict[str, str]:
    """A reference to the schema called `name`."""
    return {"$ref": f"#/components/schemas/{name}"}


def moved(value: Any) -> Any:
    """`value`, a schema with parts of its own in `$defs`, with its references pointing into an OpenAPI document."""
    if isinstance(value, dict):
        return {name: moved(member) for name, member in value.items()}
    if isinstance(value, list):
        return [moved(member) for member in value]
    return value.replace("#/$defs/", "#/components/schemas/") if isinstance(value, str) else value


def answer(description: str, *kinds: str, schema: dict[str, Any] | None = None, headers: dict[str, Any] | None = None) -> dict[str, Any]:
    """One response: with any of the media types `kinds`, each of `schema`; without a body where none is named."""
    told: dict[str, Any] = {"description": description}
    if kinds:
        told["content"] = {kind: {"schema": {"type": "string"} if schema is None else schema} for kind in kinds}
    return told | ({"headers": headers} if headers else {})


def problem(description: str, headers: dict[str, Any] | None = None) -> dict[str, Any]:
    """A response that is a problem."""
    return answer(description, "application/problem+json", schema=ref("Problem"), headers=headers)


def busy(why: str = BUSY) -> dict[str, Any]:
    """The answer of `kit.guard`: 503."""
    return problem(why, RETRY_AFTER)


def read_only(get: Mapping[str, Any]) -> dict[str, Any]:
    """The operations of an address that takes `GET`, described by `get`, and so `HEAD`: the same without a body (RFC 9110, section 9.3.2)."""
    responses = {status: {name: part for name, part in told.items() if name != "content"} for status, told in get["responses"].items()}
    return {"get": dict(get), "head": {**get, "summary": f"{get['summary']}: the head alone", "responses": responses}}


def health_paths() -> dict[str, Any]:
    """The addresses of `kit.http.service_app`."""

    def op(summary: str, responses: Mapping[str, Any]) -> dict[str, Any]:
        return read_only({"summary": summary, "responses": responses, "security": []})

    ready = {"schema": ref("Ready")}
    return {
        "/healthz": op("Whether it is alive", {"200": answer("It is", "application/json", schema=ref("Alive"))}),
        "/readyz": op(
            "Whether it can serve",
            {"200": answer("It can", "application/json", **ready), "503": answer("It can't yet, or no more: see its reasons", "application/json", **ready)},
        ),
        "/metrics": op("Prometheus metrics", {"200": answer("In the text format of the exposition", "text/plain")}),
        "/openapi.json": op("This document", {"200": answer("OpenAPI 3.1", "application/json", schema={"type": "object"}), "503": busy()}),
    }


def document(service: str, description: str, paths: Mapping[str, Any], schemas: Mapping[str, Any], **components: Any) -> dict[str, Any]:
    """A service's whole document: `paths` and those that each service has. A method that an address doesn't name gets 405 there, with Allow."""
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Surgecast {service}", "version": "1", "description": description},
        "paths": {**paths, **health_paths()},
        "components": {"schemas": {"Problem": PROBLEM, **HEALTH, **schemas}, **components},
    }
