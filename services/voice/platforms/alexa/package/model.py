"""The interaction model of one locale: what Alexa should understand, as JSON of the Skill Management API (v1)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.kernel.areas import AreaName
from services.kernel.ids import UNPLACED, AreaId
from services.kernel.messages import Lang
from services.voice.platforms.alexa.listening import AREA_TYPE
from services.voice.platforms.alexa.package.samples import AREA, samples
from services.voice.platforms.alexa.replies import AREA_SLOT
from services.voice.platforms.alexa.turns import BUILT_IN, WORDS_SLOT, YES, skill_intent
from services.voice.understanding.learnt import Heard
from services.voice.understanding.phrases import Grammar
from services.voice.understanding.question import Intent

SLOT_TYPES = {"appliance": "APPLIANCE", "plan": "PLAN"}
"""The lists of the templates that are slots of the skill."""
ELICIT = "Elicit.area"
_WORDS: Mapping[Lang, tuple[str, ...]] = {
    "en": ("tell me about {text}", "i want to know {text}", "i have a question about {text}", "can you tell me {text}"),
    "fr": ("parle-moi de {text}", "je veux savoir {text}", "j'ai une question sur {text}", "peux-tu me dire {text}"),
}
"""A slot of free words needs a carrier phrase."""
_WHERE: Mapping[Lang, tuple[str, ...]] = {
    "en": (AREA, "in {area}", "near {area}", "i'm in {area}", "my area is {area}"),
    "fr": (AREA, "à {area}", "dans {area}", "près de {area}", "je suis à {area}", "mon secteur est {area}"),
}


def interaction_model(
    lang: Lang,
    invocation: str,
    grammar: Grammar,
    said: Iterable[Heard],
    shorthand: Iterable[str],
    areas: Mapping[AreaId, AreaName],
    which_area: str,
) -> dict[str, Any]:
    """The model of a locale that speaks `lang`. `which_area` is the question after an area that was not named."""
    found = samples(lang, grammar, said, shorthand, {name: name for name in SLOT_TYPES})
    found.setdefault(Intent.OUTAGE_STATUS, []).extend(sample for sample in _WHERE[lang] if sample not in found[Intent.OUTAGE_STATUS])
    ours = [intent for intent in found if intent not in BUILT_IN.values()]
    intents: list[dict[str, Any]] = [{"name": name, "samples": []} for name in (*BUILT_IN, YES)]
    intents += [_intent(lang, intent, found[intent]) for intent in sorted(ours)]
    intents.append({"name": "CatchAllIntent", "slots": [{"name": WORDS_SLOT, "type": "AMAZON.SearchQuery"}], "samples": list(_WORDS[lang])})
    placed = [intent for intent in sorted(ours) if any(AREA in sample for sample in found[intent])]
    return {
        "interactionModel": {
            "languageModel": {
                "invocationName": invocation,
                "modelConfiguration": {"fallbackIntentSensitivity": {"level": "LOW"}},
                "intents": intents,
                "types": [{"name": AREA_TYPE, "values": _areas(lang, areas)}, *(_list(name, grammar) for name in SLOT_TYPES)],
            },
            "dialog": {"delegationStrategy": "SKILL_RESPONSE", "intents": [_dialog(intent) for intent in placed]},
            "prompts": [{"id": ELICIT, "variations": [{"type": "PlainText", "value": which_area}]}],
        }
    }


def _intent(lang: Lang, intent: Intent, said: Sequence[str]) -> dict[str, Any]:
    slots: list[dict[str, Any]] = [{"name": name, "type": kind} for name, kind in SLOT_TYPES.items() if any(f"{{{name}}}" in sample for sample in said)]
    if any(AREA in sample for sample in said):
        slots.append({"name": AREA_SLOT, "type": AREA_TYPE, "samples": list(_WHERE[lang])})
    return {"name": skill_intent(intent), "slots": slots, "samples": list(said)}


def _dialog(intent: Intent) -> dict[str, Any]:
    """Lets us have an area asked for, when an answer hangs on one: Alexa itself asks nothing."""
    slot = {"name": AREA_SLOT, "type": AREA_TYPE, "elicitationRequired": True, "confirmationRequired": False, "prompts": {"elicitation": ELICIT}}
    return {"name": skill_intent(intent), "confirmationRequired": False, "prompts": {}, "slots": [slot]}


def _areas(lang: Lang, areas: Mapping[AreaId, AreaName]) -> list[dict[str, Any]]:
    """Each area by what it is called in this language, with all else that it answers to."""
    values, taken = [], set[str]()
    for area, name in sorted(areas.items()):
        called = name.called(lang)
        others = [other for other in dict.fromkeys((name.en, name.fr, *name.aliases)) if other and other.lower() not in taken | {called.lower()}]
        if area != UNPLACED and called.lower() not in taken:
            taken |= {called.lower(), *(other.lower() for other in others)}
            values.append({"id": str(area), "name": {"value": called, "synonyms": others}})
    return values


def _list(name: str, grammar: Grammar) -> dict[str, Any]:
    said: dict[str, list[str]] = {}
    for each, means in grammar.values(name).items():
        said.setdefault(means, []).append(each)
    values = [
        {"id": means.replace(" ", "-"), "name": {"value": means, "synonyms": [one for one in all_said if one != means]}} for means, all_said in said.items()
    ]
    return {"name": SLOT_TYPES[name], "values": values}
