"""What an agent's authors call things, and what that is here: a table, with the operator's own names before ours."""

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from services.voice.understanding.question import Intent

PLACES = ("postal_code", "postal", "place", "area", "city", "town", "neighbourhood", "neighborhood", "location", "address", "ville", "quartier", "secteur")
"""Parameters that hold a place, the surest first."""
_PARTS = ("zip-code", "zipCode", "postalCode", "subadmin-area", "city", "name", "original", "street-address")
"""Members of Dialogflow's own kinds of place (`@sys.location`, `@sys.geo-city`) that name it, the surest first."""
_OTHER = re.compile(r"[\W_]+")


class Opening(Enum):
    """What asks nothing: the conversation begins."""

    WELCOME = auto()


Named = Intent | Opening
_NAMES: Mapping[str, Named] = {intent.value: intent for intent in Intent} | {
    "welcome": Opening.WELCOME,
    "default_welcome": Opening.WELCOME,
    "input_welcome": Opening.WELCOME,
    "default_start_flow": Opening.WELCOME,
    "default_fallback": Intent.UNKNOWN,
    "default_negative": Intent.UNKNOWN,
    "input_unknown": Intent.UNKNOWN,
    "sys_no_match_default": Intent.UNKNOWN,
    "outage": Intent.OUTAGE_STATUS,
    "status": Intent.OUTAGE_STATUS,
    "restoration": Intent.OUTAGE_RESTORATION,
    "cause": Intent.OUTAGE_CAUSE,
    "counts": Intent.OUTAGE_COUNTS,
    "hazard": Intent.REPORT_HAZARD,
    "balance": Intent.ACCOUNT_BALANCE,
    "rate": Intent.RATE_NOW,
    "live_agent": Intent.AGENT,
}
"""Ours, as they are compared. 'outage.status', 'Outage Status' and 'OutageStatusIntent' are all `outage_status`."""


class Names:
    """The table, with the names that the operator's agent has."""

    def __init__(self, own: Mapping[str, str]) -> None:
        """Raises ValueError where `own` names an intent that there is none of."""
        if wrong := sorted(set(own.values()) - {intent.value for intent in Intent}):
            raise ValueError(f"SURGECAST_DIALOGFLOW_INTENTS names what is no intent: {', '.join(wrong)}. Intents: {', '.join(Intent)}.")
        self._known = {**_NAMES, **{_compared(name): Intent(meant) for name, meant in own.items()}}

    def meant(self, *names: str) -> Named | None:
        """What the first of `names` that is known means."""
        return next((self._known[name] for name in map(_compared, names) if name in self._known), None)


def place_of(parameters: Mapping[str, Any], chars_max: int) -> str:
    """The place that `parameters` name, '' where they name none."""
    named = {_compared(name): value for name, value in parameters.items()}
    return next((found for name in PLACES if (found := _text(named.get(name)))), "")[:chars_max]


def slots_of(parameters: Mapping[str, Any], chars_max: int, most: int) -> dict[str, str]:
    """What else they hold in words: the first `most`."""
    words = {_compared(name): value[:chars_max] for name, value in parameters.items() if isinstance(value, str) and value}
    return dict([(name, value) for name, value in words.items() if name not in PLACES][:most])


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, Mapping):
        value = next((value[part] for part in _PARTS if isinstance(value.get(part), str) and value[part]), "")
    return value.strip() if isinstance(value, str) else ""


def _compared(name: str) -> str:
    """'Outage.Status', 'outage-status' and 'OutageStatusIntent' alike."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[:200])
    return _OTHER.sub("_", parted).strip("_").lower().removesuffix("_intent")
