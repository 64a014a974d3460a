"""The skill's package, judged by Amazon's own classes and by the rules that Alexa's build has for interaction models."""

import re
from itertools import chain
from typing import Any

import pytest

from services.cli.alexa.package import files, package
from services.cli.failure import Failure
from services.kernel.areas import AreaName
from services.kernel.ids import AreaId
from services.kit.settings import Settings
from services.voice.platforms.alexa.turns import INTENTS, YES
from tests.alexa_judge import judge

AREAS = {AreaId("k2g"): AreaName("Nepean", aliases=("K2G",)), AreaId("orleans"): AreaName("Orleans", "Orléans"), AreaId("unplaced"): AreaName("unplaced")}
MADE = files(
    Settings(_env_file=None), {"en": "example hydro", "fr": "hydro exemple"}, "https://voice.example.ca/voice/v1/alexa", "https://example.ca/privacy", AREAS
)
MODELS = {locale: MADE[f"skill-package/interactionModels/custom/{locale}.json"] for locale in ("en-CA", "en-US", "fr-CA")}
BUILT_IN = {"AMAZON.SearchQuery"}


def language(locale: str) -> dict[str, Any]:
    return dict(MODELS[locale]["interactionModel"]["languageModel"])


def test_the_manifest_is_what_the_api_takes() -> None:
    judge(MADE["skill-package/skill.json"], "ask_smapi_model.v1.skill.manifest.skill_manifest_envelope.SkillManifestEnvelope")
    told = MADE["skill-package/skill.json"]["manifest"]
    assert told["publishingInformation"]["locales"].keys() == MODELS.keys()
    for shop in told["publishingInformation"]["locales"].values():
        assert len(shop["summary"]) <= 160
        assert len(shop["description"]) <= 4_000
        assert len(shop["examplePhrases"]) == 3


@pytest.mark.parametrize("locale", MODELS)
def test_the_model_is_what_the_api_takes(locale: str) -> None:
    judge(MODELS[locale], "ask_smapi_model.v1.skill.interaction_model.interaction_model_data.InteractionModelData")


@pytest.mark.parametrize("locale", MODELS)
def test_samples_are_written_as_alexa_takes_them_and_no_two_intents_share_one(locale: str) -> None:
    every = [sample for intent in language(locale)["intents"] for sample in intent["samples"]]
    wrong = [sample for sample in every if not re.fullmatch(r"([a-zà-öø-ÿœ'.\-]+|\{[a-z]+\})( ([a-zà-öø-ÿœ'.\-]+|\{[a-z]+\}))*", sample)]
    assert wrong == []
    assert len(every) == len(set(every)) > 1_000


@pytest.mark.parametrize("locale", MODELS)
def test_each_slot_in_a_sample_is_declared_once_and_its_type_is_there(locale: str) -> None:
    model = language(locale)
    types = {kind["name"] for kind in model["types"]} | BUILT_IN
    for intent in model["intents"]:
        declared = {slot["name"]: slot["type"] for slot in intent.get("slots", ())}
        used = [re.findall(r"\{(\w+)\}", sample) for sample in intent["samples"]]
        assert all(len(names) == len(set(names)) for names in used)
        assert set(chain.from_iterable(used)) == set(declared), intent["name"]
        assert set(declared.values()) <= types


@pytest.mark.parametrize("locale", MODELS)
def test_values_are_unique_and_areas_are_called_as_in_their_language(locale: str) -> None:
    for kind in language(locale)["types"]:
        names = [name.lower() for value in kind["values"] for name in (value["name"]["value"], *value["name"]["synonyms"])]
        assert len(names) == len(set(names)), kind["name"]
        assert len({value["id"] for value in kind["values"]}) == len(kind["values"])
    areas = {value["id"]: value["name"] for kind in language(locale)["types"] if kind["name"] == "AREA" for value in kind["values"]}
    assert areas.keys() == {"k2g", "orleans"}
    assert areas["orleans"]["value"] == ("Orléans" if locale == "fr-CA" else "Orleans")
    assert areas["k2g"]["synonyms"] == ["K2G"]


@pytest.mark.parametrize("locale", MODELS)
def test_the_skill_answers_each_intent_of_the_model_and_every_intent_is_in_it(locale: str) -> None:
    named = {intent["name"] for intent in language(locale)["intents"]}
    assert named == {*INTENTS, YES, "CatchAllIntent"}
    dialog = MODELS[locale]["interactionModel"]["dialog"]
    assert {intent["name"] for intent in dialog["intents"]} <= named
    assert dialog["delegationStrategy"] == "SKILL_RESPONSE"


def test_samples_are_spelled_as_people_write() -> None:
    english, french = (" | ".join(sample for intent in language(locale)["intents"] for sample in intent["samples"]) for locale in ("en-CA", "fr-CA"))
    assert "what's" in english
    assert "électricité" in french
    assert "y a-t-il" in french
    assert "est-ce que" in french
    assert not re.search(r"\b(qu|l|d) est\b|\bdon t\b", english + french)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"endpoint": "http://voice.example"}, "https addresses only"),
        ({"invocation_en": "hydro"}, "--invocation-en"),
        ({"invocation_fr": "Hydro 2"}, "--invocation-fr"),
    ],
)
def test_what_amazon_would_refuse_is_refused_at_once(change: dict[str, str], says: str, tmp_path: Any) -> None:
    options = {"endpoint": "https://voice.example", "privacy_url": None, "invocation_en": "example hydro", "invocation_fr": "hydro exemple", **change}
    with pytest.raises(Failure, match=says):
        package(Settings(_env_file=None, journal_url="redis://127.0.0.1:1/0"), tmp_path, **options)
