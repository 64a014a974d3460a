"""Safety advice, centres and planned work."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.adapters.centres_file import CentresFile
from services.adapters.centres_memory import MemoryCentres
from services.kernel.centres import Centre, Help, kilometres
from services.kernel.ids import AreaId
from services.kernel.messages import Lang
from services.kernel.views import AreaBrief, Count
from services.voice.conversation.centres import CentreAnswers
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.turn import Outcome, Platform, Reply, Turn
from services.voice.understanding.question import Intent
from tests.voice_service import AREAS, NOW, Voice

HALL = Centre(
    name={"en": "Town Hall", "fr": "Hôtel de ville"},
    address={"en": "1 Main Street", "fr": "1, rue Principale"},
    help=(Help.WARMING, Help.CHARGING),
    areas=("K2G",),
    point=(-75.74, 45.28),
    hours={"en": "8 a.m. to 8 p.m.", "fr": "de 8 h à 20 h"},
)
ARENA = Centre(name={"en": "Arena", "fr": "Aréna"}, address={"en": "2 Ice Road", "fr": "2, chemin de la Glace"}, help=(Help.COOLING,), point=(-75.50, 45.47))
CLOSED = msgspec.structs.replace(ARENA, name={"en": "Old School", "fr": "Vieille école"}, closes=NOW - timedelta(hours=1))


def told(intent: Intent, lang: Lang = "en", centres: Sequence[Centre] = (HALL, ARENA, CLOSED), areas: Sequence[AreaBrief] = AREAS, **turn: Any) -> Reply:
    voice = Voice()
    voice.publish(list(areas))
    conversation: Conversation = voice.conversation
    conversation._answerers[Intent.NEAREST_CENTRE] = CentreAnswers(MemoryCentres(centres))
    return asyncio.run(conversation.answer(Turn(platform=Platform.WEB, lang=lang, intent=intent, **turn)))


@pytest.mark.parametrize(
    ("words", "lang", "says"),
    [
        ("is the food in my freezer still good", "en", "full freezer for about 48"),
        ("la viande dans le congélateur", "fr", "plein environ 48"),
        ("can I run the generator in the garage", "en", "outdoors only"),
        ("mon père est sur l'oxygène", "fr", "n'attendez pas que le courant revienne"),
        ("the basement is flooded", "en", "flooded basement"),
        ("comment se chauffer", "fr", "plusieurs épaisseurs"),
        ("what should I do", "en", "If you are in danger, call 911."),
    ],
)
def test_safety_advice_is_about_what_was_asked(words: str, lang: Lang, says: str) -> None:
    assert says in told(Intent.SAFETY_ADVICE, lang, words=words).answer


def test_advice_needs_no_outage_data() -> None:
    reply = asyncio.run(Voice().conversation.answer(Turn(platform=Platform.SMS, lang="en", intent=Intent.SAFETY_ADVICE)))
    assert reply.outcome is Outcome.ANSWERED


def test_the_centre_of_the_area_is_told_with_what_it_offers_and_its_hours() -> None:
    assert told(Intent.NEAREST_CENTRE, place="K2G").answer == "You can warm up or charge your phone at Town Hall, 1 Main Street, 8 a.m. to 8 p.m."
    assert told(Intent.NEAREST_CENTRE, "fr", place="k2g").answer == (
        "Vous pouvez vous réchauffer ou recharger votre téléphone ici : Hôtel de ville, 1, rue Principale, de 8 h à 20 h."
    )


def test_a_device_that_says_where_it_is_gets_the_nearest() -> None:
    assert told(Intent.NEAREST_CENTRE, point=(-75.49, 45.48)).answer == "The nearest to you: Arena, 2 Ice Road."
    assert told(Intent.NEAREST_CENTRE, point=(-75.49, 45.48), words="where can i charge my phone").answer.startswith("The nearest to you: Town Hall")


def test_only_centres_that_are_open_are_told() -> None:
    assert told(Intent.NEAREST_CENTRE, centres=[CLOSED]).outcome is Outcome.UNABLE
    assert "211" in told(Intent.NEAREST_CENTRE, centres=[CLOSED]).answer
    elsewhere = told(Intent.NEAREST_CENTRE, place="Vancouver").answer
    assert elsewhere == "I know of no centre in Vancouver. The open ones: Town Hall and Arena."


def test_distance_is_along_the_earth() -> None:
    assert kilometres((-75.697, 45.421), (-73.567, 45.501)) == pytest.approx(166.4, abs=0.5)  # Ottawa to Montréal


@pytest.mark.parametrize(
    "broken", ["centres: [", "centres: [{name: {en: A}, address: {en: B, fr: B}, help: [warming]}]", "centres: [{name: x}]", "centres: 3", "a: 1", "\xff"]
)
def test_a_file_is_read_again_when_it_changes_and_kept_when_it_breaks(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "centres.yaml"
    centres = CentresFile(path, 0)
    assert centres.known() == ()
    path.write_text("centres: [{name: {en: A, fr: A}, address: {en: B, fr: B}, help: [warming], opens: 2018-09-21T18:00:00-04:00}]", "utf-8")
    assert [centre.name["en"] for centre in centres.known()] == ["A"]
    path.write_text(broken, "latin-1")
    assert [centre.name["en"] for centre in centres.known()] == ["A"]
    path.unlink()
    assert centres.known() == ()


def test_planned_work_is_told_for_an_area_and_for_all() -> None:
    areas = [*AREAS, AreaBrief(AreaId("glebe"), "Glebe", 2, Count(50), planned=2), AreaBrief(AreaId("hull"), "Hull", 1, Count(9), planned=1)]
    assert told(Intent.PLANNED_WORK, areas=areas, place="Glebe").answer == "The power is off in 2 parts of Glebe for planned work."
    assert told(Intent.PLANNED_WORK, areas=areas).answer == "There is planned work just now in Glebe and Hull."
    assert told(Intent.PLANNED_WORK, "fr", areas=areas).answer == "Des travaux planifiés sont en cours à ces endroits : Glebe et Hull."
    assert told(Intent.PLANNED_WORK, areas=areas, place="Vancouver").answer.startswith("I know of no planned work in Vancouver just now.")
    assert told(Intent.PLANNED_WORK).answer.startswith("I know of no planned work just now.")
    assert told(Intent.PLANNED_WORK, areas=areas, place="Narnia").outcome is Outcome.ASKED_BACK
