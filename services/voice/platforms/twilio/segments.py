"""What a text message costs and how it is parted: GSM 03.38's 7-bit letters where they do, else UCS-2 (3GPP TS 23.038 and 23.040).

French comes first with all its letters. GSM-7 has à, é, è, ù and Ç, and lacks ê, ç, ô, î, û, ë, ï, œ and À: with one of those a segment holds 70 letters, not
160. A message that would be too long for that gives up the letters that GSM-7 lacks, and only those: never an é.
"""

import re
import unicodedata
from functools import lru_cache

_GSM = frozenset("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
_GSM_DOUBLE = frozenset("\f^{}\\[~]|€")
"""Letters that take two places."""
_TYPED = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "\u2011": "-"}
)
"""What only typesetters need. French quotes have spaces inside, which go with them."""
_QUOTES = re.compile("«[ \u00a0\u202f]*|[ \u00a0\u202f]*»")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE"})
_SENTENCE = re.compile(r"(?<=[.!?;])(?<!\bSt\.)(?<!\bSte\.)(?<!\bMt\.)(?<!\bDr\.) +(?=[A-ZÀ-ÖØ-Þ0-9])")


def segments(text: str) -> int:
    """In how many pieces `text` travels, each of which is charged for."""
    if all(letter in _GSM or letter in _GSM_DOUBLE for letter in text):
        return _pieces([2 if letter in _GSM_DOUBLE else 1 for letter in text], 160, 153)
    return _pieces([2 if ord(letter) > 0xFFFF else 1 for letter in text], 70, 67)


@lru_cache(maxsize=2_000)  # many are told the same
def parted(text: str, most: int) -> tuple[str, ...]:
    """`text` as messages of at most `most` segments each: whole where it fits, else parted between sentences, and only a sentence too long between words."""
    whole = _QUOTES.sub('"', text).translate(_TYPED)
    whole = " ".join(whole.split())
    if segments(whole) <= most:
        return (whole,)
    plain = "".join(map(_within_gsm, whole.translate(_LIGATURES)))
    plain = plain if segments(plain) < segments(whole) else whole
    messages: list[str] = []
    for sentence in _SENTENCE.split(plain):
        for part in [sentence] if segments(sentence) <= most else _words(sentence, most):
            joined = f"{messages[-1]} {part}" if messages else part
            if messages and segments(joined) <= most:
                messages[-1] = joined
            else:
                messages.append(part)
    return tuple(messages)


def _words(sentence: str, most: int) -> list[str]:
    lines = [""]
    for word in sentence.split():
        word = word[: 160 * most]
        while segments(word) > most:  # no word of any language: an address, or somebody's joke
            word = word[:-1]
        joined = f"{lines[-1]} {word}".strip()
        if segments(joined) <= most:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _within_gsm(letter: str) -> str:
    if letter in _GSM or letter in _GSM_DOUBLE:
        return letter
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base in _GSM else letter


def _pieces(costs: list[int], alone: int, together: int) -> int:
    if sum(costs) <= alone:
        return 1
    pieces, room = 1, together
    for cost in costs:  # a letter of two places is never cut in two
        if cost > room:
            pieces, room = pieces + 1, together
        room -= cost
    return pieces
