"""What people say, as Alexa takes samples: small letters, words for numbers, `{slots}`, apostrophes and hyphens, and nothing else.

From what was heard and from the templates of free text. These are folded: apostrophes are put back by rule, and French accents as they are most often written
in what was heard.
"""

import random
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from services.kernel.messages import Lang
from services.voice.understanding.learnt import Heard
from services.voice.understanding.phrases import Grammar
from services.voice.understanding.question import PLACE, Intent

DRAWN, INTENT_MAX, WORDS_MAX = 6, 250, 14
"""Sentences drawn from each template, samples of one intent, and words of one sample."""
AREA = "{area}"
SAMPLE = re.compile(r"[a-zà-öø-ÿœ'\-{} ]+")
_WORD = re.compile(r"[a-zà-öø-ÿœ]+")
_ENGLISH = (
    (re.compile(r"\b(what|where|when|how|who|why|that|there|it|he|she|here) s\b"), r"\1's"),
    (re.compile(r"\b(i) (m)\b|\b(\w+) (re|ve|ll|d)\b"), lambda found: "'".join(part for part in found.groups() if part)),
    (re.compile(r"\b(don|doesn|didn|isn|aren|can|won|haven|hasn|hadn|wasn|weren|couldn|wouldn|shouldn) t\b"), r"\1't"),
)
_FRENCH = (
    (re.compile(r"\bqu est ce\b"), "qu'est-ce"),
    (re.compile(r"\best ce\b"), "est-ce"),
    (re.compile(r"\b(\w+) t (il|elle|on)\b"), r"\1-t-\2"),
    (re.compile(r"\b([cdjlmnst]|qu|jusqu|lorsqu|puisqu|aujourd) (?=[aeéèêiouyhà-ü])"), r"\1'"),
)
_ALONE: Mapping[Lang, frozenset[str]] = {"en": frozenset("ai"), "fr": frozenset("aàyô")}
"""Letters that are words."""
_UNSURE = frozenset({"a", "la", "ou", "du", "sur", "des", "mur"})
"""Words with and without an accent that mean two things: left as the template has them."""


def samples(lang: Lang, grammar: Grammar, said: Iterable[Heard], shorthand: Iterable[str], slots: Mapping[str, str]) -> dict[Intent, list[str]]:
    """Samples by intent, none in two of them. `slots`: what each list of the grammar is called in the skill."""
    said, written = list(said), frozenset(shorthand)
    accents = _accents(one.say for one in said) if lang == "fr" else {}
    taken: set[str] = set()
    found: defaultdict[Intent, list[str]] = defaultdict(list)
    for intent, sample in (*_heard(said), *_drawn(lang, grammar, accents, slots)):
        if sample not in taken and len(found[intent]) < INTENT_MAX and is_sample(sample, lang) and written.isdisjoint(sample.split()):
            taken.add(sample)
            found[intent].append(sample)
    return dict(found)


def is_sample(sample: str, lang: Lang) -> bool:
    """Whether Alexa takes it: of a length to be said, no slot in it twice, no letter alone that is no word."""
    words = sample.split()
    names = [word for word in words if "{" in word]
    whole = all(re.fullmatch(r"\{[a-z]+\}", name) for name in names) and len(set(names)) == len(names)
    return bool(SAMPLE.fullmatch(sample)) and 0 < len(words) <= WORDS_MAX and whole and not any(len(word) == 1 and word not in _ALONE[lang] for word in words)


def spelled(folded: str, lang: Lang, accents: Mapping[str, str]) -> str:
    """A folded sentence as it is written."""
    text = " ".join(accents.get(word, word) for word in folded.split())
    for pattern, to in _ENGLISH if lang == "en" else _FRENCH:
        text = pattern.sub(to, text)
    return text


def _heard(said: Iterable[Heard]) -> Iterator[tuple[Intent, str]]:
    for one in said:
        text = one.say.lower().replace("’", "'")
        if one.place:
            text = text.replace(one.place.lower().replace("’", "'"), AREA)
        yield one.intent, " ".join(re.sub(r"[?!.,;:«»\"()]", " ", text).split())


def _drawn(lang: Lang, grammar: Grammar, accents: Mapping[str, str], slots: Mapping[str, str]) -> Iterator[tuple[Intent, str]]:
    draw = random.Random(lang)
    named = {said: f"{{{slots[name]}}}" for name, values in grammar.lists.items() if name in slots for said in values} | {PLACE: AREA}
    longest = sorted(named, key=len, reverse=True)
    slotted = re.compile(rf"\b({'|'.join(map(re.escape, longest))})\b")
    for known, expressions in grammar.known:
        for expression in expressions:
            for _ in range(DRAWN):
                words = spelled(grammar.sampled(expression, draw), lang, accents)
                yield known.intent, slotted.sub(lambda found: named[found.group()], words)


def _accents(texts: Iterable[str]) -> dict[str, str]:
    """How each word is most often written, by how it is folded; of words that nobody writes with an accent, nothing."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for word in _WORD.findall(text.lower()):
            counts[unicodedata.normalize("NFKD", word.replace("œ", "oe")).encode("ascii", "ignore").decode()][word] += 1
    accented = {folded: [each for each in written if each != folded] for folded, written in counts.items()}
    return {folded: max(forms, key=lambda form: counts[folded][form]) for folded, forms in accented.items() if forms and folded not in _UNSURE}
