"""What to tell a sender whose item can't be used: the field first, then what is wrong and what would be right."""

import re

import msgspec

from services.kernel.events import Cause, Crew, Status

TEXT_MAX = 300
"""Longest error text: it may quote what was sent, and a sender may send anything."""

_AT = re.compile(r" - at `\$\.?(?P<path>.*?)`$")
_MEMBER = re.compile(r"Object (?P<kind>contains unknown|missing required) field `(?P<name>.*)`$", re.DOTALL)
_ENUMS: dict[str, list[str]] = {
    "status": [word.value for word in Status if word is not Status.CLEARING],
    "cause": [word.value for word in Cause],
    "crew": [word.value for word in Crew],
}


class Fault(ValueError):
    """One item can't be used; the text names its field."""

    def __init__(self, text: str, event_id: object = None) -> None:
        """`event_id` is the item's, as far as it could be read."""
        super().__init__(shortened(text))
        self.event_id = event_id


def explain(error: msgspec.ValidationError) -> str:
    """`error` as `field: what is wrong`, with what would be right where the reason alone doesn't say."""
    text = str(error)
    at = _AT.search(text)
    path = at["path"] if at else ""
    reason = (text[: at.start()] if at else text).replace("`", "")
    member = _MEMBER.match(text[: at.start()] if at else text)
    if member:
        path = f"{path}.{member['name']}" if path else member["name"]
        reason = "unknown field; leave it out" if member["kind"] == "contains unknown" else "missing; it is required"
    elif "timezone component" in reason:
        reason += ": add the offset, as in 2018-09-21T21:04:00Z"
    elif reason.startswith("Invalid RFC3339"):
        reason += ": write it as 2018-09-21T21:04:00Z"
    elif path in _ENUMS and reason.startswith("Invalid enum"):
        reason += f": use one of {', '.join(_ENUMS[path])}"
    return shortened(f"{path or 'event'}: {reason}")


def shortened(text: str) -> str:
    """`text`, cut to what an answer may carry for one item."""
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1] + "…"
