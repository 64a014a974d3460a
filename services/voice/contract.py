"""Voice's published description of itself, made from what it decodes and encodes: contracts/openapi-voice.json."""

from typing import Any

import msgspec

from services.kit.openapi import RETRY_AFTER, answer, busy, document, moved, problem, ref
from services.kit.settings import Settings
from services.voice.linking import described as linking
from services.voice.messages import LANG_OF, Question, Told
from services.voice.platforms.alexa.envelope import Envelope
from services.voice.platforms.dialogflow.requests import DialogflowRequest
from services.voice.platforms.mcp import contract as mcp
from services.voice.platforms.messenger.described import WEBHOOK, webhook
from services.voice.platforms.web.chat import ChatAnswer, ChatQuestion, question_schema


def openapi(settings: Settings) -> dict[str, Any]:
    """The OpenAPI document of a service with these `settings`: its limits are theirs."""
    schemas = _schemas()
    asked = schemas["Question"]["properties"]
    asked["locale"] = {"type": "string", "enum": list(LANG_OF)}
    asked["text"] = {"type": "string", "pattern": r"\S", "maxLength": settings.voice_text_max_chars, "examples": ["how many are out"]}
    asked["place"] = {
        "type": ["string", "null"],
        "maxLength": settings.voice_text_max_chars,
        "default": None,
        "description": "Where the asker lives, for questions that name no place",
    }
    schemas["ChatQuestion"] |= question_schema(settings)
    paths = {
        "/voice/v1/chat": _operation(
            "Chat on a web page",
            "A turn of a conversation: words, or a choice that the answer before offered. `memory` goes back with the next question, as it came; made up or "
            "changed, it is passed over.",
            "ChatQuestion",
            ref("ChatAnswer"),
        ),
        "/voice/v1/ask": _operation(
            "Ask in words",
            "One question, in English or French. What is not understood is answered with choices: 'did you mean'. Members that are not known are passed over. "
            "An access token of a linked account (`Authorization: Bearer`) has questions about one's own home and account answered.",
            "Question",
            ref("Told"),
        ),
        "/voice/v1/alexa": _alexa(),
        "/voice/v1/dialogflow": verified(
            _operation(
                "Dialogflow's webhooks",
                "CX's and ES's requests, told apart by their shape: ES's has a `queryResult`, CX's a `sessionInfo`. Each is answered in its own.",
                "DialogflowRequest",
                {"type": "object"},
            ),
            "The service agent's ID token is missing, or not one that is taken",
            [{"dialogflow": []}],
        ),
        "/voice/v1/messenger": webhook(),
        "/voice/v1/twilio": {"post": twilio()},
        **mcp.paths(),
        **linking.paths(),
    }
    for open_to_all in ("/voice/v1/ask", "/voice/v1/chat"):
        paths[open_to_all]["post"]["responses"]["429"] = problem("This address has asked a great deal in a short while", RETRY_AFTER)
    return document("voice", "Questions answered from what was last published.", paths, schemas, securitySchemes={**_SECURITY, **mcp.SECURITY})


def _schemas() -> dict[str, Any]:
    _, parts = msgspec.json.schema_components(
        [Question, Told, ChatQuestion, ChatAnswer, Envelope, DialogflowRequest], ref_template="#/components/schemas/{name}"
    )
    return {**{name: moved(part) for name, part in parts.items()}, "AlexaResponse": _ALEXA, "Webhook": WEBHOOK, **mcp.SCHEMAS, **linking.SCHEMAS}


def _alexa() -> dict[str, Any]:
    told = _operation(
        "Alexa's requests",
        "The Alexa Skills Kit's request and response, version 1.0, for skills that are web services. Requests that Amazon has not signed are not answered.",
        "Envelope",
        ref("AlexaResponse"),
    )
    signed = (("SignatureCertChainUrl", "Where the certificate is"), ("Signature-256", "Base64 of the signature of the body: RSA, PKCS #1 v1.5, SHA-256"))
    told["post"]["parameters"] = [{"name": name, "in": "header", "required": True, "description": why, "schema": {"type": "string"}} for name, why in signed]
    told["post"]["responses"] |= {
        "400": problem("Amazon did not sign this for one of our skills just now; or the body is not JSON, or not whole"),
        "404": problem("No skill is set up"),
    }
    return told


def _operation(summary: str, description: str, body: str, schema: dict[str, Any]) -> dict[str, Any]:
    no_store = {"Cache-Control": {"required": True, "schema": {"type": "string", "enum": ["no-store"]}}}
    responses = {
        "200": answer("The answer", "application/json", schema=schema, headers=no_store),
        "400": problem("The body is not JSON, or not whole"),
        "408": problem("The body did not arrive in time"),
        "413": problem("The body is larger than a question is"),
        "422": problem("A field is missing or wrong; the problem names it"),
        "503": busy(),
    }
    content = {"application/json": {"schema": ref(body)}}
    told = {"summary": summary, "description": description, "requestBody": {"required": True, "content": content}, "responses": responses, "security": []}
    return {"post": told}


def verified(operation: dict[str, Any], refused: str, security: list[Any]) -> dict[str, Any]:
    """`operation`, of a platform that proves who it is: 401 or 403 where it doesn't, 404 where the settings don't say whom to take."""
    post = operation["post"]
    post["responses"] |= {
        "401": problem("There is no token"),
        "403": problem(refused),
        "404": problem("The platform is not set up: the problem names the setting"),
    }
    return {"post": {**post, "security": security}}


def twilio() -> dict[str, Any]:
    """Twilio's own: forms in, TwiML out."""
    fields = {
        "CallSid": {"type": "string", "description": "Of a call"},
        "MessageSid": {"type": "string", "description": "Of a text message"},
        "Body": {"type": "string"},
        "Digits": {"type": "string"},
        "SpeechResult": {"type": "string"},
    }
    form = {"type": "object", "properties": fields, "additionalProperties": {"type": "string"}}
    responses = {
        "200": answer("TwiML", "text/xml"),
        "400": problem("The body is not a form, or not whole"),
        "404": problem("Twilio is not set up: the problem names the setting"),
        "403": problem("The signature is missing, not good for this address and form, or of a request long ago"),
        "408": problem("The body did not arrive in time"),
        "413": problem("The body is larger than a question is"),
        "415": problem("The body is not sent as a form"),
        "422": problem("The form is neither a call's nor a message's"),
        "503": busy(),
    }
    return {
        "summary": "Twilio's webhooks",
        "description": "Calls (CallSid) and text messages (MessageSid), answered in TwiML. A call's next turn comes to the address that the last one gave.",
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": responses,
        "security": [{"twilio": []}],
    }


_SECURITY = {
    "twilio": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Twilio-Signature",
        "description": "HMAC over the address and the form, by the account's auth token",
    },
    "dialogflow": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "ID token of Dialogflow's service agent, for the webhook's address",
    },
}
_SPEECH = {
    "type": "object",
    "required": ["type", "ssml"],
    "properties": {"type": {"type": "string", "enum": ["SSML"]}, "ssml": {"type": "string", "pattern": "^<speak>"}},
}
_ALEXA = {
    "type": "object",
    "required": ["version", "response"],
    "properties": {
        "version": {"type": "string", "enum": ["1.0"]},
        "sessionAttributes": {"type": "object", "description": "What the platform sends back with the next request of the session"},
        "response": {
            "type": "object",
            "description": "Empty where nobody asked anything",
            "properties": {
                "outputSpeech": _SPEECH,
                "shouldEndSession": {"type": "boolean"},
                "reprompt": {"type": "object", "required": ["outputSpeech"], "properties": {"outputSpeech": _SPEECH}},
                "card": {
                    "type": "object",
                    "required": ["type"],
                    "properties": {"type": {"type": "string", "enum": ["Simple", "Standard", "LinkAccount", "AskForPermissionsConsent"]}},
                },
                "directives": {"type": "array", "items": {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}}}},
                "canFulfillIntent": {"type": "object", "required": ["canFulfill"]},
            },
        },
    },
}
