"""How long a text is to X, and how to keep it from becoming a link: the rules of twitter-text, configuration 3."""

import re
import unicodedata

LENGTH_MAX = 280
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that weigh 1; every other weighs 2."""
_DOMAIN_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")


def weighted_length(text: str) -> int:
    """What `text` weighs of the 280. Sound for texts without links, whose 23 it doesn't know; an emoji sequence weighs at least what X says."""
    composed = unicodedata.normalize("NFC", text)
    return sum(1 if any(low <= ord(letter) <= high for low, high in _LIGHT) else 2 for letter in composed)


def unlinked(text: str) -> str:
    """`text` with no bare domain left in it: X makes a link of `hydro.example`, counts 23 for it and bills it at thirteen times the price."""
    return _DOMAIN_DOT.sub(". ", text)


def shortened(text: str, weight_max: int) -> str:
    """`text`, cut at a word where it weighs more than `weight_max`."""
    if weighted_length(text) <= weight_max:
        return text
    while text and weighted_length(text) > weight_max - 2:  # the ellipsis weighs 2
        text = text[:-1]
    return (text.rsplit(" ", 1)[0] if " " in text else text).rstrip(" ,;:-") + "…"
