"""A reply as Dialogflow takes it: CX's `WebhookResponse` (v3) and ES's (v2). Members that would be empty are left out: a wrong kind of empty is refused."""

from collections.abc import Sequence
from typing import Any

import msgspec

from services.voice.conversation.turn import Memory, Reply
from services.voice.platforms.dialogflow.turns import REMEMBERED
from services.voice.platforms.speech import ssml

TEXT_MAX = 4_000
"""Characters of an answer: with its speech and its markup well within the 64 KiB that a webhook may answer."""
TURNS_KEPT = 20
"""Turns for which ES keeps a context; each of ours begins them anew."""


def cx(text: str, memory: Memory, chips: Sequence[str] = (), reply: Reply | None = None, line: str = "") -> dict[str, Any]:
    """CX: text and speech; chips for what may be asked next. An empty memory removes what the session keeps.

    Where the asker wants a person, a handover, and a call's transfer to `line` (E.164).
    """
    text = text[:TEXT_MAX]
    messages: list[dict[str, Any]] = [{"text": {"text": [text]}}, {"outputAudioText": {"ssml": ssml(text, TEXT_MAX)}}]
    if chips:
        options = [{"text": chip} for chip in chips]
        messages.append({"payload": {"richContent": [[{"type": "chips", "options": options}]]}})
    if reply is not None and reply.hands_over:
        messages.append({"liveAgentHandoff": {"metadata": {"reason": "asked", "intent": str(reply.intent)}}})
        if line:
            messages.append({"telephonyTransferCall": {"phoneNumber": line}})
    kept = msgspec.to_builtins(memory) or None
    return {"fulfillmentResponse": {"mergeBehavior": "REPLACE", "messages": messages}, "sessionInfo": {"parameters": {REMEMBERED: kept}}}


def es(text: str, memory: Memory, session: str, chips: Sequence[str] = ()) -> dict[str, Any]:
    """ES: text; quick replies for what may be asked next; the memory in a context, which ends where there is none."""
    text = text[:TEXT_MAX]
    messages: list[dict[str, Any]] = [{"text": {"text": [text]}}]
    if chips:
        messages.append({"quickReplies": {"title": text, "quickReplies": list(chips)}})
    kept = msgspec.to_builtins(memory)
    context: dict[str, Any] = {"name": f"{session}/contexts/{REMEMBERED}", "lifespanCount": TURNS_KEPT if kept else 0}
    if kept:
        context["parameters"] = kept
    return {"fulfillmentText": text, "fulfillmentMessages": messages} | ({"outputContexts": [context]} if session else {})
