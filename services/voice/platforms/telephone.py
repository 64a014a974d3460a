"""Telephone numbers as they are dialled, and what speaks to whoever calls."""

from collections.abc import Mapping

from services.kernel.messages import Lang

SAYS: Mapping[Lang, str] = {"en": "en-US", "fr": "fr-CA"}
"""What speaks: Twilio's voices have no en-CA."""


def number_of(line: str) -> str:
    """A telephone number in E.164: '613-555-0100' is +16135550100; '' where there is none. One from elsewhere without its + stays as it is."""
    digits = "".join(letter for letter in line if letter.isascii() and letter.isdecimal())
    if line.strip().startswith("+"):
        return f"+{digits}" if digits else ""
    return f"+1{digits}" if len(digits) == 10 else f"+{digits}" if len(digits) == 11 and digits[0] == "1" else digits
