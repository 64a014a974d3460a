"""Questions and answers as they travel: JSON."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from services.kernel.messages import Lang
from services.kernel.views import Position
from services.voice.understanding.question import Intent

LANG_OF: Mapping[str, Lang] = {"en-CA": "en", "fr-CA": "fr"}


class Question(Struct, frozen=True):
    """`POST /voice/v1/ask`. Fields that are not known are passed over, so that newer askers can ask older services."""

    text: str
    locale: str
    place: str | None = None


class Told(Struct, frozen=True):
    """Its answer, as the contract has it."""

    answer: str
    intent: Intent
    confidence: float
    choices: tuple[Intent, ...]
    position: Position
    as_of: datetime | None
