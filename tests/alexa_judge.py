"""Amazon's own classes (ask-sdk-model, ask-smapi-model) as judges of JSON: every member known, every type and enumeration right, every class the one named."""

import importlib
import re
from datetime import datetime
from enum import Enum
from typing import Any

_PLAIN: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,), "object": (object,), "datetime": (str,)}


def judge(value: Any, kind: str, at: str = "$") -> None:
    """Raises AssertionError that says where `value` is not what the class with this full name takes."""
    if value is None:
        raise AssertionError(f"{at} is null")
    if listed := re.fullmatch(r"list\[(.*)\]", kind):
        assert isinstance(value, list), f"{at} is no list"
        for number, each in enumerate(value):
            judge(each, listed.group(1), f"{at}[{number}]")
    elif mapped := re.fullmatch(r"dict\(str, (.*)\)", kind):
        assert isinstance(value, dict), f"{at} is no object"
        for name, each in value.items():
            judge(each, mapped.group(1), f"{at}.{name}")
    elif kind in _PLAIN:
        right = isinstance(value, _PLAIN[kind]) and (kind in ("bool", "object") or not isinstance(value, bool))
        assert right, f"{at} is {type(value).__name__}, not {kind}"
        if kind == "datetime":
            datetime.fromisoformat(value)
    else:
        _model(value, _class(kind), at)


def _model(value: Any, model: Any, at: str) -> None:
    if issubclass(model, Enum):
        assert value in [member.value for member in model], f"{at} is {value!r}, none of {model.__name__}"
        return
    assert isinstance(value, dict), f"{at} is no object of {model.__name__}"
    if hasattr(model, "get_real_child_model") and hasattr(model, "discriminator_value_class_map"):
        named = model.get_real_child_model(value)
        assert named, f"{at} is no {model.__name__} that is known: {value.get(model.json_discriminator_key)!r}"
        model = _class(named)
    members = {json: name for name, json in model.attribute_map.items()}
    assert value.keys() <= members.keys(), f"{at} has members that {model.__name__} doesn't: {value.keys() - members.keys()}"
    for name, each in value.items():
        judge(each, model.deserialized_types[members[name]], f"{at}.{name}")


def _class(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def judge_response(answer: dict[str, Any]) -> None:
    """A skill's whole response, and the rules that no class knows: what may not be together, and how long texts may be."""
    judge(answer, "ask_sdk_model.response_envelope.ResponseEnvelope")
    response = answer["response"]
    speech = response.get("outputSpeech", {})
    card = response.get("card", {})
    assert len(speech.get("ssml", "")) <= 8_000
    assert sum(len(card.get(name, "")) for name in ("title", "content", "text")) <= 8_000
    assert "reprompt" not in response or response["shouldEndSession"] is False, "a reprompt where the session ends is never heard"
    elicits = [directive for directive in response.get("directives", ()) if directive["type"] == "Dialog.ElicitSlot"]
    assert not elicits or response["shouldEndSession"] is False
    names = [directive for directive in response.get("directives", ()) if directive["type"] == "Dialog.UpdateDynamicEntities"]
    values = [value for directive in names for kind in directive["types"] for value in kind["values"]]
    assert sum(1 + len(value["name"].get("synonyms", ())) for value in values) <= 100
