"""Text that is safe inside a platform's markup."""

import html
import re

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """`text` without the characters that no XML may hold (XML 1.0, section 2.2)."""
    return text if text.isprintable() and text.isascii() else _NOT_XML.sub("", text)


def ssml(text: str, chars_max: int) -> str:
    """`text`, of at most `chars_max` characters, as SSML: whatever is in it is read out, never obeyed."""
    return f"<speak>{html.escape(plain(text)[:chars_max], quote=False)}</speak>"
