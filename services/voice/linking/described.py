"""What voice's published description says of the authorization server."""

from typing import Any

from services.kit.openapi import BUSY, RETRY_AFTER, answer, busy, problem, ref
from services.voice.linking.addresses import AUTHORIZE, METADATA, REVOKE, TOKEN

_TEXT = {"type": "string"}
_PAGE, _NO_STORE = "text/html", {"Cache-Control": {"required": True, "schema": {"type": "string", "enum": ["no-store"]}}}
_ASKED = {
    "response_type": "`code`",
    "client_id": "A client that the settings name",
    "redirect_uri": "One of its addresses, to the letter; on 127.0.0.1 with any port",
    "state": "Made up for each request, and compared in the answer",
    "code_challenge": "PKCE (RFC 7636)",
    "code_challenge_method": "`S256`",
}
_MAY = {"scope": "`account`, which is all there is", "ui_locales": "The page's language: `en`, `fr`"}
_BODIES = {
    "408": problem("The body did not arrive in time"),
    "413": problem("The body is too large"),
    "415": problem("The body is not sent as a form"),
}
SCHEMAS: dict[str, Any] = {
    "LinkTokens": {
        "type": "object",
        "required": ["access_token", "token_type", "expires_in", "refresh_token", "scope"],
        "properties": {
            "access_token": _TEXT,
            "token_type": {"type": "string", "enum": ["Bearer"]},
            "expires_in": {"type": "integer", "description": "Seconds"},
            "refresh_token": {"type": "string", "description": "Good once: each use gives a new one"},
            "scope": _TEXT,
        },
    },
    "LinkError": {
        "type": "object",
        "description": "An error of OAuth's (RFC 6749, section 5.2)",
        "required": ["error"],
        "properties": {"error": _TEXT, "error_description": _TEXT},
    },
    "AuthorizationServer": {
        "type": "object",
        "description": "RFC 8414",
        "required": ["issuer", "authorization_endpoint", "token_endpoint", "code_challenge_methods_supported"],
        "properties": {
            **dict.fromkeys(("issuer", "authorization_endpoint", "token_endpoint", "revocation_endpoint"), _TEXT),
            "code_challenge_methods_supported": {"type": "array", "items": _TEXT},
        },
    },
}


def paths() -> dict[str, Any]:
    """The operations, by address."""
    shown, decided = _page("The page on which a customer allows it, in English or French"), _page("What the customer decided")
    shown["parameters"] = [
        {"name": name, "in": "query", "required": name in _ASKED, "description": why, "schema": _TEXT} for name, why in {**_ASKED, **_MAY}.items()
    ]
    shown["responses"]["200"] = answer("The page", _PAGE, headers=_NO_STORE)
    login = {"login": "The customer's login code", "decision": "`allow`; anything else is a no"}
    decided["requestBody"] = _form({**_ASKED, **_MAY, **login}, _ASKED)
    decided["responses"] |= {
        **_BODIES,
        "422": answer("The page again: the login code is not known", _PAGE),
        "429": answer("The page again: this address has tried too many login codes", _PAGE, headers=RETRY_AFTER),
    }
    client = {"client_id": "The client; or as HTTP Basic, with its secret", "client_secret": "Of a client that has one"}
    grant = {
        "grant_type": "`authorization_code` or `refresh_token`",
        "code": "",
        "redirect_uri": "As it was asked with",
        "code_verifier": "",
        "refresh_token": "",
    }
    return {
        AUTHORIZE: {"get": shown, "post": decided},
        TOKEN: {"post": _oauth("Tokens for a code, or for a refresh token (RFC 6749, section 5)", "LinkTokens", {**grant, **client}, ("grant_type",))},
        REVOKE: {"post": _oauth("The end of a link (RFC 7009); a token that nobody knows is no error", None, {"token": "", **client}, ("token",))},
        METADATA: {"get": _metadata()},
    }


def _page(summary: str) -> dict[str, Any]:
    where = {"Location": {"required": True, "schema": _TEXT}}
    return {
        "summary": f"Account linking: {summary[0].lower()}{summary[1:]}",
        "description": "The demo's authorization server (RFC 6749, section 4.1): 404 where there is none. Nothing here needs a script.",
        "security": [],
        "responses": {
            "303": answer("Back to the client, with a code or with what was wrong", headers=where),
            "400": _or_problem(answer("A page that says so: whoever asks is not known, or may not have answers sent there", _PAGE)),
            "404": problem("There is no authorization server here"),
            "503": _or_problem(answer(f"{BUSY}; or a page that says so, where the store of links is away", _PAGE, headers=RETRY_AFTER)),
        },
    }


def _oauth(summary: str, schema: str | None, fields: dict[str, str], required: tuple[str, ...]) -> dict[str, Any]:
    error = answer("What was wrong", "application/json", schema=ref("LinkError"))
    told = {"schema": ref(schema)} if schema else {}
    return {
        "summary": f"Account linking: {summary[0].lower()}{summary[1:]}",
        "security": [],
        "requestBody": _form(fields, required),
        "responses": {
            "200": answer("Done", "application/json", **told, headers=_NO_STORE),
            "400": _or_problem(error),
            "401": error,
            "404": problem("There is no authorization server here"),
            **_BODIES,
            "503": busy(f"{BUSY}; or the store of links is away"),
        },
    }


def _metadata() -> dict[str, Any]:
    return {
        "summary": "Account linking: what clients may know beforehand (RFC 8414)",
        "security": [],
        "responses": {
            "200": answer("The metadata", "application/json", schema=ref("AuthorizationServer")),
            "404": problem("There is no authorization server here"),
            "503": busy(),
        },
    }


def _or_problem(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "content": {**told["content"], **problem("")["content"]}}


def _form(fields: dict[str, str], required: Any) -> dict[str, Any]:
    properties = {name: {**_TEXT, **({"description": why} if why else {})} for name, why in fields.items()}
    schema = {"type": "object", "required": list(required), "properties": properties}
    return {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}
