"""The sentences that each intent is known by: hassil templates in YAML, one folder a language, laid out as Home Assistant's intents are.

`sentences/<lang>/<intent>.yaml` has the sentences of one intent:

    language: en
    intents:
      outage_status:
        data:
          - sentences:
              - "is (my|the) power out [<there>]"
          - metadata: {scope: general}      # near (the default), general, everywhere: see `question.Scope`
            sentences:
              - "are there [any] outages"

`sentences/<lang>/_common.yaml` has what they share: `expansion_rules` (`<power>`), `lists` (`{appliance}`, `{plan}`) and `skip_words`
(they say nothing: please, hello); and, read by us and not by hassil, `shorthand` (`u: you`: put in the place of what people write for it, a
word or more) and `before_a_place` (words that stand before a place name: in, near).

- `(a|b)` either, `[a]` perhaps, `(a;b)` in any order, `turn(s|ed)` within a word, `{list}` one of a list, `{list:slot}` the same under
  another name, `<rule>` an expansion rule.
- A sentence is matched as a whole. No wildcards: what no template foresees goes to the classifier, which learns from these and `heard/`.
- Write as people write: capitals, accents, apostrophes, hyphens and punctuation are folded on both sides ("qu'est-ce" is `qu est ce`, and
  so is what a customer types without them).
- `{place}` stands where a place was found: the area catalogue's names and postal codes are found beforehand (`places`), with slips in them.
- Sentences of one intent match no other intent's: a test samples them.
- Dangers, which come before all else, are no matter of whole sentences: `_danger.yaml`, read by `danger`.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import yaml

from services.kernel.messages import Lang
from services.voice.understanding.question import PLACE, Intent

FOLDER = Path(__file__).parent / "sentences"
_NAMED = re.compile(r"[{<][^}>]*[}>]")
_NOT_FOLDED = re.compile(r"[^\w\s()\[\]|;]+|_")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})


class _Words(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader, in C where there is one, to which every scalar is a word: `on`, `off` and `no` are no booleans here, and 2 no number."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


def read(path: Path) -> Any:
    """The data of a YAML file: dictionaries and lists of texts, nothing else."""
    return yaml.load(path.read_bytes(), _Words)  # noqa: S506 - it is a safe loader


@cache
def common(lang: Lang) -> dict[str, Any]:
    """`_common.yaml` of `lang`."""
    data: dict[str, Any] = read(FOLDER / lang / "_common.yaml")
    return data


@cache
def sentences(lang: Lang) -> dict[str, Any]:
    """All templates of `lang` as one dictionary, as `hassil.Intents.from_dict` takes it, folded. Raises ValueError for an intent that is none."""
    shared = common(lang)
    whole: dict[str, Any] = {
        "language": lang,
        "intents": {},
        "lists": {"place": {"values": [{"in": PLACE, "out": PLACE}]}} | {name: _folded_list(values) for name, values in shared.get("lists", {}).items()},
        "expansion_rules": {name: folded_template(template) for name, template in shared.get("expansion_rules", {}).items()},
        "skip_words": [folded_template(word) for word in shared.get("skip_words", ())],
    }
    for path in sorted((FOLDER / lang).glob("[!_]*.yaml")):
        for name, intent in read(path)["intents"].items():
            data = [block | {"sentences": list(map(folded_template, block["sentences"]))} for block in intent["data"]]
            whole["intents"].setdefault(Intent(name).value, {"data": []})["data"] += data
    return whole


def folded_template(template: str) -> str:
    """`template` as `fold` would have it, with what hassil reads in it left as it is."""
    return "".join(_folded_parts(template))


def _folded_parts(template: str) -> Iterator[str]:
    end = 0
    for named in _NAMED.finditer(template):
        yield _folded(template[end : named.start()])
        yield named.group()
        end = named.end()
    yield _folded(template[end:])


def _folded(text: str) -> str:
    words = _NOT_FOLDED.sub(" ", unicodedata.normalize("NFKC", text).casefold().translate(_LIGATURES))
    return unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()


def _folded_list(values: dict[str, Any]) -> dict[str, Any]:
    listed = [one if isinstance(one, dict) else {"in": one, "out": one} for one in values.get("values", ())]
    return values | {"values": [one | {"in": folded_template(one["in"])} for one in listed]}
