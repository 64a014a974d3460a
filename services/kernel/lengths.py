"""How long a text is to each social service, by the rule that it documents. What can't be known for sure is counted as the longer of the two."""

import re
import unicodedata
from collections.abc import Callable

import regex

LINK_LENGTH = 23
"""What a link counts to X and Mastodon, however long it is."""
_HEAVY = re.compile(r"[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
"""What weighs 2 to X; every other code point weighs 1 (twitter-text, configuration 3)."""
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2}|com|org|net|info|gov|edu|energy)(?![\w-]|\.\w)"
_LINK = re.compile(rf"https?://{_HOST}(?::\d{{1,5}})?(?:[/?#](?:[\w./~%=&+;:@?#-]*[\w/=&+#-])?)?", re.ASCII | re.IGNORECASE)
"""What is a link to both services beyond doubt: whole names of hosts, in domains that surely exist, and plain paths."""
_SCHEME = re.compile(r"https?://\S+", re.IGNORECASE)
_SCHEME_OR_DOMAIN = re.compile(r"https?://\S+|[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}", re.IGNORECASE)
_CLUSTER = regex.compile(r"\X")
_DOMAIN_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")
_BYTES_A_GRAPHEME = 10


def weighted_length(text: str) -> int:
    """What `text` weighs to X: links 23 each, `hydro.ca` being one too; an emoji sequence weighs at least what X says."""
    return _linked(unicodedata.normalize("NFC", text), _weight, _SCHEME_OR_DOMAIN, LINK_LENGTH)


def linked_length(text: str, link: int = LINK_LENGTH) -> int:
    """The letters of `text` as people see them (extended grapheme clusters, UAX 29), links that begin with their scheme counted as `link`: Mastodon's rule.

    Mastodon counts a mention without its host; here it counts whole.
    """
    return _linked(text, graphemes, _SCHEME, link)


def record_length(text: str) -> int:
    """Of Bluesky's 300 graphemes and 3,000 bytes of UTF-8, whichever `text` takes more of, as graphemes."""
    return max(graphemes(text), -(-len(text.encode()) // _BYTES_A_GRAPHEME))


def utf16_length(text: str) -> int:
    """The UTF-16 code units of `text`: never less than its characters, however a service counts them."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def graphemes(text: str) -> int:
    """The letters of `text` as people see them: extended grapheme clusters (UAX 29)."""
    return len(text) if text.isascii() and "\r" not in text else sum(1 for _ in _CLUSTER.finditer(text))


def boundaries(text: str) -> list[int]:
    """Where one letter of `text` ends, as people see them; the end of it all included."""
    return [found.end() for found in _CLUSTER.finditer(text)]


def has_link(text: str) -> bool:
    """Whether X may make a link of anything in `text`, a bare domain included."""
    return _SCHEME_OR_DOMAIN.search(text) is not None


def unlinked(text: str) -> str:
    """`text` with no bare domain left in it: X makes a link of `hydro.example`, counts 23 for it and bills it at thirteen times the price."""
    return _DOMAIN_DOT.sub(". ", text)


def _weight(text: str) -> int:
    return len(text) + len(_HEAVY.findall(text))


def _linked(text: str, measure: Callable[[str], int], likely: re.Pattern[str], link: int) -> int:
    """`text` measured, with what is a link counted as `link` and what may be one as the longer of the two."""
    total, at = 0, 0
    while found := likely.search(text, at):
        total += measure(text[at : found.start()])
        sure = None if found.start() and (text[found.start() - 1].isalnum() or text[found.start() - 1] in "@#$_/-") else _LINK.match(text, found.start())
        at = sure.end() if sure else found.end()
        total += link if sure else max(link, measure(found.group()))
    return total + measure(text[at:])
