"""Text on its way to an assistant: plain, of bounded length, and with nothing in it that a person reading along would not see."""

import unicodedata

TEXT_MAX = 4_000
"""Letters of an answer: more than any has. What is longer is cut, and ends in an ellipsis."""
_UNSEEN = frozenset(("Cf", "Cs", "Co", "Cn"))
"""Format characters (those that turn the direction of text, and tags, too), surrogates, private use, unassigned."""
_QUOTES = {"en": "“{}”", "fr": "« {} »"}
_QUOTE_LETTERS = str.maketrans("", "", '"“”«»`')


def plain(text: str, most: int = TEXT_MAX) -> str:
    """`text` in one line, without control, format or variation characters, at most `most` letters long."""
    if text.isascii() and text.isprintable():
        line = text
    else:
        line = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text if not _is_unseen(letter))
    line = " ".join(line.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def quoted(name: str, lang: str) -> str:
    """`name`, which nobody but the asker vouches for, in this language's quotation marks: it is read as a name, and can't end them itself."""
    return _QUOTES[lang].format(name.translate(_QUOTE_LETTERS).strip())


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) in _UNSEEN or "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
