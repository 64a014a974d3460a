"""Which names Alexa should listen for: the skill's own list was made when it was published, and the storm may be where nobody thought of."""

from services.kernel.areas import name_of
from services.kernel.ids import UNPLACED
from services.kernel.messages import Lang
from services.kernel.ports.outputs import ViewMirror
from services.kernel.views import Position
from services.voice.platforms.alexa.response import Entity, EntityName, EntityType

AREA_TYPE = "AREA"
VALUES_MAX, NAME_MAX_CHARS, ALIASES_MAX = 100, 60, 3
"""Alexa's limit of values and synonyms together; and so that they stay well under its limit of bytes."""


class Listening:
    """The areas that have outages, worst first, as dynamic entities. Made once for each position of the journal."""

    def __init__(self, mirror: ViewMirror) -> None:
        self._mirror = mirror
        self._made: dict[Lang, tuple[Position, tuple[EntityType, ...]]] = {}

    def names(self, lang: Lang) -> tuple[EntityType, ...]:
        """What to listen for now; nothing where nothing is out."""
        shown = self._mirror.shown
        made = self._made.get(lang)
        if made is None or made[0] != shown.stamp.position:
            made = self._made[lang] = shown.stamp.position, self._types(lang)
        return made[1]

    def _types(self, lang: Lang) -> tuple[EntityType, ...]:
        shown, values, room = self._mirror.shown, [], VALUES_MAX
        out = [view.brief for area, view in shown.views.items() if area != UNPLACED and view.brief.outages]
        for brief in sorted(out, key=lambda brief: (-brief.outages, brief.area)):
            name = name_of(shown.names, brief.area)
            aliases = tuple(alias for alias in name.aliases[:ALIASES_MAX] if len(alias) <= NAME_MAX_CHARS)
            if (room := room - 1 - len(aliases)) < 0:
                break
            values.append(Entity(brief.area, EntityName(name.called(lang)[:NAME_MAX_CHARS], aliases)))
        return (EntityType(AREA_TYPE, tuple(values)),) if values else ()
