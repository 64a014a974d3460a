"""What a message says in words, for each of our languages from the blocks in that language."""

from collections.abc import Iterable, Sequence

from services.ingest.alerts.message import Info
from services.ingest.alerts.places import is_in
from services.kernel.events import Note

NOTE_MAX = 1_000
"""As long as an event's note may be."""
_CUT_NEAR = 60
"""A text is cut between words where the last of these characters has a blank."""


def note_of(infos: Sequence[Info]) -> Note | None:
    """Headline, description and instruction by language; None where there are none in ours."""
    english, french = (_words(info for info in infos if is_in(info, language)) for language in ("en", "fr"))
    return Note(english, french) if english or french else None


def _words(infos: Iterable[Info]) -> str | None:
    """Each text once, a line each: blocks about several areas often repeat each other."""
    texts = dict.fromkeys(" ".join(text.split()) for info in infos for text in (info.headline, info.description, info.instruction))
    return _cut("\n".join(text for text in texts if text)) or None


def _cut(text: str) -> str:
    if len(text) <= NOTE_MAX:
        return text
    kept = text[: NOTE_MAX - 1]
    blank = kept.rfind(" ", NOTE_MAX - _CUT_NEAR)
    return (kept[:blank] if blank > 0 else kept).rstrip() + "…"
