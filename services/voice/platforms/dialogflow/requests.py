"""What Dialogflow posts: CX's `WebhookRequest` (v3) and ES's (v2), as far as we look. Unknown fields are passed over, as the protocol asks.

https://docs.cloud.google.com/dialogflow/cx/docs/concept/webhook, https://docs.cloud.google.com/dialogflow/es/docs/fulfillment-webhook
"""

from typing import Any

from msgspec import Struct, field


class CxParameter(Struct, frozen=True, rename="camel"):
    """A part of what was said, in CX."""

    original_value: Any = None
    resolved_value: Any = None


class CxIntent(Struct, frozen=True, rename="camel"):
    """What the agent understood."""

    display_name: str = ""
    parameters: dict[str, CxParameter] | None = None


class CxFulfillment(Struct, frozen=True, rename="camel"):
    """Which fulfilment of the agent calls."""

    tag: str = ""


class CxPage(Struct, frozen=True, rename="camel"):
    """Where in the agent the conversation is."""

    current_page: str = ""


class CxSession(Struct, frozen=True, rename="camel"):
    """The conversation, and what it remembers."""

    session: str = ""
    parameters: dict[str, Any] | None = None


class EsContext(Struct, frozen=True, rename="camel"):
    """What an ES conversation remembers under one name."""

    name: str = ""
    parameters: dict[str, Any] | None = None


class EsIntent(Struct, frozen=True, rename="camel"):
    """What an ES agent understood."""

    display_name: str = ""


class EsQuery(Struct, frozen=True, rename="camel"):
    """ES's account of what was said."""

    query_text: str = ""
    language_code: str = ""
    action: str = ""
    parameters: dict[str, Any] | None = None
    intent: EsIntent = EsIntent()
    output_contexts: list[EsContext] = field(default_factory=list)


class EsOriginal(Struct, frozen=True, rename="camel"):
    """What reached ES from the platform before it."""

    payload: dict[str, Any] | None = None


class DialogflowRequest(Struct, frozen=True, rename="camel"):
    """Either of them: ES has a `queryResult`, CX has not."""

    detect_intent_response_id: str = ""
    language_code: str = ""
    text: str = ""
    transcript: str = ""
    trigger_intent: str = ""
    trigger_event: str = ""
    dtmf_digits: str = ""
    fulfillment_info: CxFulfillment | None = None
    intent_info: CxIntent | None = None
    page_info: CxPage | None = None
    session_info: CxSession | None = None
    payload: dict[str, Any] | None = None

    response_id: str = ""
    session: str = ""
    query_result: EsQuery | None = None
    original_detect_intent_request: EsOriginal | None = None
