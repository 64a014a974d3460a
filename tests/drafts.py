"""Posts as they are handed to services."""

from services.kernel.ports.social import Draft
from tests.builders import NOW


def draft(text: str, lang: str = "en", answers: str | None = None) -> Draft:
    """A post that is known by its words."""
    return Draft(text, lang, f"{text}|{lang}", NOW, answers)
