"""Where to warm up, cool down or charge a phone."""

from collections.abc import Sequence

from services.kernel.centres import Centre, Help, nearest
from services.kernel.ports.centres import Centres
from services.voice.conversation.answerer import Asked
from services.voice.conversation.topics import Topics
from services.voice.conversation.turn import Outcome, Said
from services.voice.understanding.fold import fold
from services.voice.understanding.question import Intent

NAMED_MAX = 3
"""Centres that are named: as many as a listener remembers."""


class CentreAnswers:
    """Meets `Answerer`: from the utility's list, nothing here waits."""

    intents = (Intent.NEAREST_CENTRE,)

    def __init__(self, centres: Centres) -> None:
        self._centres, self._topics = centres, Topics("centre")

    async def answer(self, asked: Asked) -> Said:
        """Meets `Answerer.answer`."""
        wanted = self._topics.of(asked.turn)
        open_now = [centre for centre in self._centres.known() if centre.is_open(asked.now)]
        fitting = [centre for centre in open_now if not wanted or Help(wanted) in centre.help] or open_now
        if not fitting:
            return Said(asked.wording.say("centre-none"), Outcome.UNABLE)
        if asked.turn.point is not None and not asked.named and (closest := nearest(fitting, asked.turn.point)):
            return Said(_told(asked, closest, "centre-nearest"))
        if here := _near(asked, fitting):
            return Said(_told(asked, here[0], "centre-one"))
        if len(fitting) == 1:
            return Said(_told(asked, fitting[0], "centre-one"))
        names = asked.wording.list([centre.name[asked.lang] for centre in fitting[:NAMED_MAX]])
        if asked.place.area is not None:
            area = asked.shown.names[asked.place.area].called(asked.lang)
            return Said(asked.wording.say("centre-elsewhere", area=area, names=names))
        if asked.said or len(fitting) <= NAMED_MAX:
            return Said(asked.wording.say("centre-all", names=names))
        return Said(asked.wording.say("centre-which-area"), Outcome.ASKED_BACK, waits_for_place=True, open=True)


def _near(asked: Asked, centres: Sequence[Centre]) -> Sequence[Centre]:
    """Those that are said to be near the place asked about."""
    area = asked.place.area
    if area is None:
        return ()
    name = asked.shown.names[area]
    called = {fold(text) for text in (area, name.en, name.fr, *name.aliases) if text}
    return [centre for centre in centres if called & {fold(near) for near in centre.areas}]


def _told(asked: Asked, centre: Centre, message: str) -> str:
    wording, lang = asked.wording, asked.lang
    hours = centre.hours.get(lang, "")
    told = {"name": centre.name[lang], "address": centre.address[lang], "timed": "yes" if hours else "no", "hours": hours}
    if message == "centre-nearest":
        return wording.say(message, **told)
    kinds = [wording.say("centre-kind", kind=kind) for kind in centre.help]
    return wording.say(message, kinds=wording.choice(kinds), **told)
