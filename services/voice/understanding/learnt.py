"""What is learnt from templates and from what people said: made once, kept in a file, and made anew when its sources change."""

import logging
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from services.kernel.messages import LANGS, Lang
from services.voice.understanding.classifier import Example, Model, train
from services.voice.understanding.features import Concepts, features
from services.voice.understanding.fold import fold
from services.voice.understanding.phrases import Automaton, Grammar, automaton
from services.voice.understanding.question import PLACE, Intent
from services.voice.understanding.spoken import Spoken
from services.voice.understanding.templates import FOLDER, common, read, sentences

SAMPLES = 2
"""Sentences sampled from each template, to learn from."""
SAMPLE_LETTERS_MAX = 90
COMMON_MIN = 4
"""In how many utterances a word must have been heard to be one that questions are made of, and no name of a place."""
INSTALLED = Path(sys.prefix) / "share" / "surgecast"
"""Where the installation keeps what it has learnt (`python -m services.voice.understanding.learnt`), so that a first start need not."""
_HERE = Path(__file__).parent
_LOG = logging.getLogger(__name__)


class Heard(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that somebody said, reviewed: `heard/<lang>.yaml`."""

    say: str
    intent: Intent
    place: str = ""
    also: tuple[Intent, ...] = ()
    """Intents that would be right, too."""

    @property
    def words(self) -> str:
        """It folded, with `PLACE` where it names a place."""
        folded = fold(self.say)
        return re.sub(rf"\b{re.escape(fold(self.place))}\b", PLACE, folded) if self.place else folded


class Learnt(Struct, frozen=True):
    """All that understanding one language takes, as it is kept."""

    digest: str
    """Of the sources that it was learnt from."""
    automaton: Automaton
    lists: dict[str, dict[str, str]]
    model: Model
    words: list[str]
    """The words that questions are made of."""


def learnt(lang: Lang, folder: Path | None) -> Learnt:
    """What is known of `lang`: from the installation's file, or that in `folder`, if it was made of the same sources; else made, and kept in `folder`."""
    if folder is None:
        return _learn(lang)
    return _kept(lang, INSTALLED) or _kept(lang, folder) or keep(lang, folder)


def _kept(lang: Lang, folder: Path) -> Learnt | None:
    try:
        kept = msgspec.msgpack.decode((folder / _name(lang)).read_bytes(), type=Learnt)
    except (OSError, msgspec.DecodeError):
        return None  # never made, half written, or of another version: it is only a saving
    return kept if kept.digest == _digest(lang) else None


def keep(lang: Lang, folder: Path) -> Learnt:
    """Learn `lang`, and keep that in `folder` where it can be."""
    made, path = _learn(lang), folder / _name(lang)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(msgspec.msgpack.encode(made))
        fresh.replace(path)
    except OSError as error:
        _LOG.warning("what was learnt of a language can't be kept, each start learns it anew", extra={"path": str(path), "error": str(error)})
    return made


def _name(lang: Lang) -> str:
    return f"understanding.{lang}.bin"


def heard(path: Path) -> list[Heard]:
    """The utterances of a file. Raises msgspec.ValidationError for one that is none."""
    return msgspec.convert(read(path), list[Heard])


def examples(lang: Lang, said: Iterable[Heard], grammar: Grammar) -> list[Example]:
    """What to learn from: what people said, and sentences sampled from the templates."""
    spoken, concepts, draw = Spoken(common(lang)), Concepts(read(FOLDER / lang / "_concepts.yaml")), random.Random(lang)

    def features_of(words: str) -> dict[str, float]:
        return features(spoken.plain(words.split()), concepts)

    drawn = {(grammar.sampled(one, draw), known.intent) for known, expressions in grammar.known for one in expressions for _ in range(SAMPLES)}
    sampled = [Example(features_of(words), intent) for words, intent in sorted(drawn) if len(words) <= SAMPLE_LETTERS_MAX]
    return [Example(features_of(one.words), one.intent, one.also, True) for one in said] + sampled


@cache
def _learn(lang: Lang) -> Learnt:
    grammar, said = Grammar(sentences(lang)), heard(_HERE / "heard" / f"{lang}.yaml")
    made, concepts = automaton(grammar), Concepts(read(FOLDER / lang / "_concepts.yaml"))
    often = Counter(word for one in said for word in set(one.words.split()))
    named = {word for one in said for word in fold(one.place).split()}  # a place that goes unmarked elsewhere is no common word
    words = set(made.words) | {word for word, count in often.items() if count >= COMMON_MIN and word not in named} | concepts.words
    lists = {name: dict(values) for name, values in grammar.lists.items() if name != "place"}
    return Learnt(_digest(lang), made, lists, train(examples(lang, said, grammar)), sorted(words - {PLACE}))


@cache
def _digest(lang: Lang) -> str:
    """Of all that `_learn` depends on: the sentences, what people said, this code, and the libraries that it works with."""
    sources: list[Any] = [*sorted((FOLDER / lang).glob("*.yaml")), _HERE / "heard" / f"{lang}.yaml", *sorted(_HERE.glob("*.py"))]
    digest = sha256("\n".join(version(library) for library in ("hassil", "numpy")).encode())
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


def _main() -> None:
    """Learn at installation what the files there don't have yet."""
    for lang in LANGS:
        if _kept(lang, INSTALLED) is None:
            keep(lang, INSTALLED)


if __name__ == "__main__":
    _main()
