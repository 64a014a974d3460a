"""A reply as the Send API takes it: text of at most 2,000 characters, 13 quick replies of 20, and a button to call where somebody wants a person."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from services.kernel.messages import Lang
from services.voice.conversation.turn import Button, Memory
from services.voice.platforms.carried import packed

TEXT_MAX, QUICK_REPLIES_MAX, TITLE_MAX, PAYLOAD_MAX, TEMPLATE_MAX = 2_000, 13, 20, 1_000, 640
_NUMBER = re.compile(r"\+?1?(\d{10})")


def messages(text: str, buttons: Sequence[Button], lang: Lang, memory: Memory, call: tuple[str, str] | None = None) -> list[dict[str, Any]]:
    """The messages that say `text`; the last has the buttons. `call` is a button that dials: its title and number."""
    told: list[dict[str, Any]] = [{"text": part} for part in _parts(text)]
    number = dialled(call[1]) if call else ""
    if call and number and len(told[-1]["text"]) <= TEMPLATE_MAX:
        button = {"type": "phone_number", "title": call[0][:TITLE_MAX], "payload": number}
        told[-1] = {"attachment": {"type": "template", "payload": {"template_type": "button", "text": told[-1]["text"], "buttons": [button]}}}
    if buttons:
        kept = packed(memory)
        told[-1]["quick_replies"] = [_quick_reply(button, lang, kept) for button in buttons[:QUICK_REPLIES_MAX]]
    return told


def _quick_reply(button: Button, lang: Lang, kept: str) -> dict[str, str]:
    return {"content_type": "text", "title": button.title[:TITLE_MAX], "payload": payload(lang, button.payload, kept)}


def payload(lang: Lang, choice: str, kept: str = "") -> str:
    """What a button sends back: the language, the choice, and what the conversation remembers."""
    return f"{lang}~{kept}~{choice}"[:PAYLOAD_MAX]


def read(sent: str) -> tuple[Lang | None, str, str]:
    """The language, the memory and the choice of `payload`; None and '' before a payload that was set elsewhere: a menu, an ad."""
    lang, _, rest = sent.partition("~")
    if lang not in ("en", "fr"):
        return None, "", sent
    kept, _, choice = rest.partition("~")
    return ("fr" if lang == "fr" else "en"), kept, choice


def dialled(line: str) -> str:
    """A North American number in E.164; '' where `line` is none."""
    found = _NUMBER.fullmatch(re.sub(r"[\s().-]", "", line))
    return f"+1{found[1]}" if found else ""


def _parts(text: str) -> Iterator[str]:
    """`text` in as few messages as it takes, parted between sentences or words where it can be."""
    while len(text) > TEXT_MAX:
        cut = max(text.rfind(". ", 0, TEXT_MAX) + 1, 0) or text.rfind(" ", 0, TEXT_MAX)
        cut = cut if cut > 0 else TEXT_MAX
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    yield text
