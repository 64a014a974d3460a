"""Postal codes as speech recognition writes them down: 'K two G', 'k deux g', 'K 2 G three W two'."""

import re

from services.kernel.messages import Lang

DIGITS: dict[Lang, dict[str, str]] = {
    "en": {"zero": "0", "one": "1", "two": "2", "to": "2", "too": "2", "three": "3", "four": "4", "for": "4", "five": "5", "six": "6", "seven": "7",
           "eight": "8", "nine": "9"},
    "fr": {"zero": "0", "zéro": "0", "un": "1", "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "six": "6", "sept": "7", "huit": "8", "neuf": "9"},
}  # fmt: skip
_BETWEEN = {lang: re.compile(rf"(?<=\b[a-z]) ({'|'.join(digits)})(?= [a-z]\b)", re.IGNORECASE) for lang, digits in DIGITS.items()}
_AFTER = {
    lang: re.compile(rf"(?<=\b[a-z] \d [a-z]) ({'|'.join(digits)}|\d) ([a-z]) ({'|'.join(digits)}|\d)\b", re.IGNORECASE) for lang, digits in DIGITS.items()
}


def codes_written(words: str, lang: Lang) -> str:
    """`words` with the numbers inside spelled-out postal codes as digits; other numbers stay as they are."""
    digits = DIGITS[lang]
    first = _BETWEEN[lang].sub(lambda found: f" {digits[found[1].lower()]}", words)
    return _AFTER[lang].sub(lambda found: f" {digits.get(found[1].lower(), found[1])} {found[2]} {digits.get(found[3].lower(), found[3])}", first)
