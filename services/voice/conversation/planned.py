"""Planned work that is under way: here, or in which areas."""

from collections.abc import Sequence

from services.kernel.ids import UNPLACED, AreaId
from services.kernel.views import Shown
from services.voice.conversation.answerer import Asked
from services.voice.conversation.outages import echo
from services.voice.conversation.turn import Outcome, Said
from services.voice.understanding.question import Intent, Scope

AREAS_MAX = 3
"""Areas that are named: as many as a listener remembers."""


class PlannedAnswers:
    """Meets `Answerer`: from the mirror, nothing here waits."""

    intents = (Intent.PLANNED_WORK,)

    def __init__(self) -> None:
        self._of: Shown | None = None
        self._areas: Sequence[AreaId] = ()

    async def answer(self, asked: Asked) -> Said:
        """Meets `Answerer.answer`."""
        wording, area = asked.wording, asked.place.area
        if asked.shown.stamp.as_of is None:
            return Said(wording.say("voice-no-data"), Outcome.UNABLE)
        if area is not None and asked.scope is not Scope.EVERYWHERE:
            return Said(self._here(asked, area))
        if (said := echo(asked.said)) and asked.scope is not Scope.EVERYWHERE:
            postal = "yes" if asked.gazetteer.has_postal else "no"
            return Said(wording.say("voice-place-unknown", place=said, postal=postal), Outcome.ASKED_BACK, waits_for_place=True, open=True)
        areas = self._planned(asked.shown)
        if not areas:
            return Said(wording.say("planned-none"))
        named = [asked.shown.views[area].brief.named.called(asked.lang) for area in areas[:AREAS_MAX]]
        more = len(areas) - len(named)
        return Said(wording.say("planned-areas", areas=wording.list(named), more=more, number=wording.number(more)))

    @staticmethod
    def _here(asked: Asked, area: AreaId) -> str:
        brief = asked.shown.views[area].brief
        named = brief.named.called(asked.lang)
        if not brief.planned:
            return asked.wording.say("planned-none-here", area=named)
        return asked.wording.say("planned-here", area=named, count=brief.planned, number=asked.wording.number(brief.planned))

    def _planned(self, shown: Shown) -> Sequence[AreaId]:
        """Areas with planned work, those with most of it first; looked for once for each state of the mirror."""
        if shown is not self._of:
            having = [view.brief for area, view in shown.views.items() if view.brief.planned and area != UNPLACED]
            self._areas = [brief.area for brief in sorted(having, key=lambda brief: (-brief.planned, brief.area))]
            self._of = shown
        return self._areas
