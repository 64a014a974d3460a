"""Words that callers are likely to say: place names, those with outages first. Speech is recognised far better with them."""

from itertools import islice

from services.kernel.ids import UNPLACED, AreaId
from services.kernel.messages import Lang
from services.kernel.ports.outputs import ViewMirror
from services.kernel.views import Shown
from services.voice.platforms.speech import plain

WORD_MAX = 100
"""Letters of one hint: Twilio takes no longer one, and at most 500 of them (its warning 13330)."""


class Hints:
    """Made anew when what is shown changes."""

    def __init__(self, mirror: ViewMirror, most: int) -> None:
        self._mirror, self._most = mirror, most
        self._shown: Shown | None = None
        self._made: dict[Lang, tuple[str, ...]] = {}

    def places(self, lang: Lang) -> tuple[str, ...]:
        """At most so many names."""
        shown = self._mirror.shown
        if shown is not self._shown:
            self._shown, self._made = shown, {}
        if lang not in self._made:
            self._made[lang] = self._named(shown, lang)
        return self._made[lang]

    def _named(self, shown: Shown, lang: Lang) -> tuple[str, ...]:
        def busy(area: AreaId) -> tuple[int, str]:
            view = shown.views.get(area)
            return (-view.brief.outages if view else 0), area

        names = (" ".join(plain(shown.names[area].called(lang)).replace(",", " ").split()) for area in sorted(shown.names, key=busy) if area != UNPLACED)
        return tuple(islice((name for name in names if 0 < len(name) <= WORD_MAX), self._most))
