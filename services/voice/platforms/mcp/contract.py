"""MCP's addresses in voice's description of itself. What travels in the messages is the protocol's, and its tools', which the server lists itself."""

from typing import Any

from services.kit.openapi import BUSY, RETRY_AFTER, answer, busy, problem, ref
from services.voice.platforms.mcp.door import MODERN
from services.voice.platforms.mcp.metadata import MCP, WELL_KNOWN

SECURITY = {"account": {"type": "http", "scheme": "bearer", "description": "Access token of a linked account: only what is a customer's own needs one"}}
_NO_STORE = {"Cache-Control": {"required": True, "schema": {"type": "string", "enum": ["no-store"]}}}
_CHALLENGE = {
    "WWW-Authenticate": {"description": "Where to link an account (RFC 9728); not where SURGECAST_MCP_CHALLENGE is false", "schema": {"type": "string"}}
}
SCHEMAS: dict[str, Any] = {
    "McpMessage": {
        "type": "object",
        "description": "One request or notification of JSON-RPC 2.0; batches are not taken",
        "required": ["jsonrpc", "method"],
        "properties": {
            "jsonrpc": {"type": "string", "enum": ["2.0"]},
            "id": {"type": ["string", "integer"], "maxLength": 128, "description": "Not of a notification"},
            "method": {"type": "string", "minLength": 1, "maxLength": 128, "examples": ["tools/list"]},
            "params": {"type": "object"},
        },
    },
    "McpAnswer": {
        "type": "object",
        "required": ["jsonrpc", "id"],
        "properties": {
            "jsonrpc": {"type": "string", "enum": ["2.0"]},
            "id": {"type": ["string", "integer", "null"]},
            "result": {"type": "object"},
            "error": {"type": "object", "required": ["code", "message"], "properties": {"code": {"type": "integer"}, "message": {"type": "string"}}},
        },
    },
    "ProtectedResource": {
        "type": "object",
        "required": ["resource", "authorization_servers", "bearer_methods_supported"],
        "properties": {
            "resource": {"type": "string"},
            "authorization_servers": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "bearer_methods_supported": {"type": "array", "items": {"type": "string"}},
            "resource_name": {"type": "string"},
            "scopes_supported": {"type": "array", "items": {"type": "string"}},
        },
    },
}


def paths() -> dict[str, Any]:
    """The operations, by address."""
    return {MCP: {"post": _post()}, **{path: {"get": _metadata()} for path in WELL_KNOWN}}


def _post() -> dict[str, Any]:
    told: dict[str, Any] = {"schema": ref("McpAnswer"), "headers": _NO_STORE}
    return {
        "summary": "AI assistants: the Model Context Protocol",
        "description": f"Streamable HTTP without sessions or streams: revisions 2025-03-26, 2025-06-18, 2025-11-25, and {MODERN}. Its tools only read.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref("McpMessage")}}},
        "security": [{}, {"account": []}],
        "responses": {
            "200": answer("The answer, or an error of JSON-RPC", "application/json", **told),
            "202": answer("A notification was taken", headers=_NO_STORE),
            "400": answer("This is no message, or not one of the revision that its headers name", "application/json", **told),
            "401": problem("The token is not good, or what was asked needs one", _CHALLENGE),
            "403": problem("A page of another site asks"),
            "404": answer(
                "A session is named, of which there are none; or the method is not known (2026-07-28)", "application/problem+json", "application/json"
            ),
            "406": problem("Answers are JSON, and that is not wanted"),
            "408": problem("The body did not arrive in time"),
            "413": problem("The body is too large"),
            "415": problem("The body is not JSON"),
            "421": problem("This service is not called by that host"),
            "429": answer("Too many requests from one address", "application/json", headers=RETRY_AFTER),
            "503": answer(BUSY, "application/json", "application/problem+json", headers=RETRY_AFTER),
        },
    }


def _metadata() -> dict[str, Any]:
    kept = {"Cache-Control": {"required": True, "schema": {"type": "string"}}}
    return {
        "summary": "Who lets customers in: protected resource metadata (RFC 9728)",
        "security": [],
        "responses": {
            "200": answer("The metadata", "application/json", schema=ref("ProtectedResource"), headers=kept),
            "404": problem("No accounts can be linked"),
            "503": busy(),
        },
    }
