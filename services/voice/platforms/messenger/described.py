"""The webhook in voice's OpenAPI document."""

from typing import Any

from services.kit.openapi import answer, busy, problem, read_only, ref

_TEXT: dict[str, Any] = {"type": "string"}
_NOT_SET_UP = problem("Messenger is not set up: the problem names the setting")


def webhook() -> dict[str, Any]:
    """The operations of `/voice/v1/messenger`."""
    asked = [
        {"name": name, "in": "query", "required": True, "description": why, "schema": _TEXT}
        for name, why in (("hub.mode", "`subscribe`"), ("hub.verify_token", "The word that was entered with the address"), ("hub.challenge", "Sent back"))
    ]
    signature = {"name": "X-Hub-Signature-256", "in": "header", "required": True, "schema": _TEXT, "description": "sha256= and the hex HMAC of the body"}
    verify = {
        "summary": "Facebook asks whether the address is ours",
        "parameters": asked,
        "responses": {"200": answer("The challenge", "text/plain"), "403": problem("The word is not ours"), "404": _NOT_SET_UP, "503": busy()},
        "security": [],
    }
    hear = {
        "summary": "Messenger's events",
        "description": "A batch, signed with the app's secret. Answered at once; after that the people in it are, through the Send API.",
        "parameters": [signature],
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref("Webhook")}}},
        "responses": {
            "200": answer("EVENT_RECEIVED", "text/plain"),
            "400": problem("The body is not JSON, or not whole"),
            "403": problem("The signature is missing, or not the app's of this body"),
            "408": problem("The body did not arrive in time"),
            "413": problem("The batch is too large"),
            "422": problem("A field is missing or wrong; the problem names it"),
            "404": _NOT_SET_UP,
            "503": busy(),
        },
        "security": [],
    }
    return {**read_only(verify), "post": hear}


WEBHOOK: dict[str, Any] = {
    "type": "object",
    "required": ["object"],
    "properties": {
        "object": _TEXT,
        "entry": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"messaging": {"type": "array", "description": "Events, each read by itself; unknown ones are passed over"}},
            },
        },
    },
}
