"""Text as Alexa takes it: SSML in which nothing is obeyed that is not ours, and no more of it than fits."""

import html
import re
from functools import lru_cache

import msgspec

from services.voice.platforms.speech import plain

SPEECH_MAX_CHARS = 8_000
"""Alexa's limits of speech and of a card's text."""
SPEECH_MAX_BYTES = 8_500
"""Of one text as JSON: a speech, a card, a reprompt and what is remembered stay under Alexa's 24,000 bytes together."""
REMEMBERED = 2_048
"""Texts kept as they were made: in a storm many hear the same."""
_SURELY_FITS = SPEECH_MAX_BYTES // 6 - 20
"""Characters that can't be more bytes than that, whatever they are."""
_HALF_A_NAME = re.compile(r"&[a-z]*$")


@lru_cache(maxsize=REMEMBERED)
def ssml(text: str) -> str:
    """`text` as SSML: whatever is in it is read out, never obeyed."""
    return f"<speak>{fitting(html.escape(plain(text), quote=False), SPEECH_MAX_CHARS - 15)}</speak>"


@lru_cache(maxsize=REMEMBERED)
def shown(text: str) -> str:
    """`text` for a card."""
    return fitting(plain(text))


def fitting(text: str, chars: int = SPEECH_MAX_CHARS) -> str:
    """As much of `text` as may be sent, to the end of a word; no escape is cut in two."""
    if len(text) <= _SURELY_FITS:
        return text
    cut = text[:chars]
    while (size := len(msgspec.json.encode(cut)) - 2) > SPEECH_MAX_BYTES:
        cut = cut[: max(1, len(cut) * SPEECH_MAX_BYTES // size - 1)]
    if cut is text or len(cut) == len(text):
        return text
    head, space, _ = cut.rpartition(" ")
    return _HALF_A_NAME.sub("", head if space and len(head) > len(cut) // 2 else cut)
