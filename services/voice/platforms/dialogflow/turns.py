"""What a webhook's request asks, as a turn of the conversation."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from services.kernel.messages import Lang
from services.voice.conversation.turn import Memory, Platform, Turn
from services.voice.platforms.carried import unchanged
from services.voice.platforms.dialogflow.names import Names, Opening, place_of, slots_of
from services.voice.platforms.dialogflow.requests import DialogflowRequest
from services.voice.understanding.question import Intent
from services.voice.understanding.spelled import codes_written

REMEMBERED = "surgecast"
"""The session parameter (CX) and the context (ES) that carry our memory."""
SLOTS_MAX = 8


def turn_of(asked: DialogflowRequest, names: Names, chars_max: int) -> Turn | None:
    """The turn; None where the conversation begins. An intent that the agent understood goes before words, which are for us to understand."""
    named = names.meant(*_names(asked))
    if named is Opening.WELCOME:
        return None
    filled, kept = _filled(asked), _kept(asked)
    place, words = place_of(filled, chars_max) or place_of(kept, chars_max), _words(asked)[:chars_max]
    rest = Turn(
        platform=Platform.DIALOGFLOW,
        lang=lang_of(asked),
        slots=slots_of({**kept, **filled}, chars_max, SLOTS_MAX),
        asker=_caller(asked)[:chars_max],
        session=session_of(asked),
        memory=_memory(asked),
    )
    if isinstance(named, Intent) and (named is not Intent.UNKNOWN or not words):
        return replace(rest, intent=named, place=place)
    return replace(rest, words=words, home=place) if words else replace(rest, intent=Intent.UNKNOWN)


def lang_of(asked: DialogflowRequest) -> Lang:
    """The language that is spoken: 'fr-CA', 'fr-ca' and 'fr' alike."""
    code = asked.query_result.language_code if asked.query_result else asked.language_code
    return "fr" if code.lower().startswith("fr") else "en"


def session_of(asked: DialogflowRequest) -> str:
    """The conversation's name."""
    return asked.session or (asked.session_info.session if asked.session_info else "")


def retry_key(asked: DialogflowRequest) -> str:
    """What is the same where Dialogflow asks again, '' where it doesn't say. One answer of CX may call several webhooks: where and what for is part of it."""
    known = asked.detect_intent_response_id or asked.response_id
    tag, page = asked.fulfillment_info and asked.fulfillment_info.tag, asked.page_info and asked.page_info.current_page
    matched = asked.intent_info and asked.intent_info.display_name
    return "\n".join((known, session_of(asked), tag or "", page or "", matched or "")) if known else ""


def _names(asked: DialogflowRequest) -> tuple[str, ...]:
    """What the agent calls what it understood, the surest first."""
    if (result := asked.query_result) is not None:
        return result.action, result.intent.display_name
    tag = asked.fulfillment_info.tag if asked.fulfillment_info else ""
    return tag, asked.intent_info.display_name if asked.intent_info else "", asked.trigger_event, asked.trigger_intent


def _words(asked: DialogflowRequest) -> str:
    """What was typed, said or keyed."""
    if asked.query_result is not None:
        return asked.query_result.query_text.strip()
    return (asked.text or codes_written(asked.transcript, lang_of(asked)) or asked.dtmf_digits).strip()


def _filled(asked: DialogflowRequest) -> Mapping[str, Any]:
    """What this turn named."""
    if asked.query_result is not None:
        return asked.query_result.parameters or {}
    parameters = (asked.intent_info.parameters if asked.intent_info else None) or {}
    return {name: value.resolved_value or value.original_value for name, value in parameters.items()}


def _kept(asked: DialogflowRequest) -> Mapping[str, Any]:
    """What earlier turns named: the forms that CX has filled in."""
    return (asked.session_info.parameters if asked.session_info else None) or {}


def _caller(asked: DialogflowRequest) -> str:
    """The caller's number, where a telephone called (E.164)."""
    original = asked.original_detect_intent_request
    for payload in (asked.payload, original.payload if original else None):
        telephony = (payload or {}).get("telephony")
        if isinstance(telephony, Mapping) and isinstance(telephony.get("caller_id"), str):
            return str(telephony["caller_id"])
    return ""


def _memory(asked: DialogflowRequest) -> Memory:
    if asked.query_result is None:
        return unchanged(_kept(asked).get(REMEMBERED) or {})
    ours = f"/contexts/{REMEMBERED}"
    return unchanged(next((context.parameters or {} for context in asked.query_result.output_contexts if context.name.endswith(ours)), {}))
