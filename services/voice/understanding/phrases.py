"""Sentences that are known: every template of a language at once, as one automaton over words.

hassil reads the templates; matching is ours. Its own recognizer tries one after the other: 2 to 14 ms a question with these templates,
where this takes some microseconds, whatever is said: one look-up a word. It is built lazily, as subsets of what may come next.
"""

import random
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, product
from typing import Any

from hassil.expression import Alternative as Either
from hassil.expression import Expression, Group, ListReference, Permutation, RuleReference, TextChunk
from hassil.expression import Sequence as InTurn
from hassil.parse_expression import parse_sentence
from msgspec import Struct

from services.voice.understanding.question import Intent, Scope

STEPS_MAX = 10_000
"""Steps that are remembered: after so many the automaton forgets, and builds up again."""
_WITHIN_A_WORD = re.compile(r"(\w*)(\([^()\[\]]*\)|\[[^()\[\]]*\])(?=\w)(\w*)|(\w+)(\([^()\[\]]*\)|\[[^()\[\]]*\])")

Set = frozenset[int]


class Known(Struct, frozen=True):
    """What a known sentence means."""

    intent: Intent
    scope: Scope


class Grammar:
    """Templates of one language, read by hassil."""

    def __init__(self, sentences: Mapping[str, Any]) -> None:
        """`sentences` as `templates.sentences` has them. Raises ValueError or hassil's ParseError for what can't be read."""
        self._rules = {name: _parsed(template) for name, template in sentences["expansion_rules"].items()}
        self.lists = {name: _values(values["values"]) for name, values in sentences["lists"].items()}
        self.known: list[tuple[Known, list[Expression]]] = []
        for intent, blocks in sentences["intents"].items():
            for block in blocks["data"]:
                scope = Scope(block.get("metadata", {}).get("scope", Scope.NEAR))
                self.known.append((Known(Intent(intent), scope), [_parsed(template) for template in block["sentences"]]))

    def rule(self, name: str) -> Expression:
        """The expression of an expansion rule. Raises ValueError where there is none."""
        if name not in self._rules:
            raise ValueError(f"<{name}> is no expansion rule: add it to _common.yaml, or name one that is there")
        return self._rules[name]

    def values(self, name: str) -> Mapping[str, str]:
        """How each value of a list may be said, and what it stands for. Raises ValueError where there is no such list."""
        if name not in self.lists:
            raise ValueError(f"{{{name}}} is no list: add it to _common.yaml, or name one that is there")
        return self.lists[name]

    def sampled(self, expression: Expression, draw: random.Random) -> str:
        """One sentence that `expression` stands for, by chance."""
        return " ".join(" ".join(self._said(expression, draw)).split())

    def _said(self, expression: Expression, draw: random.Random) -> Iterator[str]:
        match expression:
            case TextChunk():
                yield expression.text
            case ListReference():
                yield draw.choice(list(self.values(expression.list_name)))
            case RuleReference():
                yield from self._said(self.rule(expression.rule_name), draw)
            case Either():
                yield from self._said(draw.choice(expression.items), draw)
            case Group():
                items = draw.sample(expression.items, len(expression.items)) if isinstance(expression, Permutation) else expression.items
                for item in items:
                    yield from self._said(item, draw)


class Automaton(Struct, frozen=True):
    """All known sentences of one language, as they are kept: nodes, each a word and the number of the set of nodes that may come after it.

    A negative node is the end of a sentence: `ends` has what that means. All numbers are 32 bits wide, one after another: as objects they
    would take twenty times the memory.
    """

    words: list[str]
    """Each word once."""
    named: bytes
    """Of each node, the number of its word."""
    then: bytes
    """Of each node, the number of the set that comes after it."""
    sets: bytes
    """The nodes of all sets, set by set."""
    starts: bytes
    """Where in `sets` each set starts, and where the last one ends."""
    begin: int
    """The number of the set that sentences begin with."""
    ends: list[Known]


class Phrases:
    """All known sentences of one language, ready to match."""

    def __init__(self, automaton: Automaton) -> None:
        self._numbers = {word: number for number, word in enumerate(automaton.words)}
        self._named, self._then, self._sets, self._starts = map(_numbers, (automaton.named, automaton.then, automaton.sets, automaton.starts))
        self._ends, self._begin = automaton.ends, frozenset(self._set(automaton.begin))
        self._steps: dict[tuple[Set, str], Set] = {}
        self.words = frozenset(self._numbers)
        """All words that are in templates."""

    def match(self, words: Iterable[str]) -> Known | None:
        """What these words, as a whole sentence, are known to mean: of several the first in the order of the templates."""
        at, steps = self._begin, self._steps
        for word in words:
            step = steps.get((at, word))
            if step is None:
                number = self._numbers.get(word)
                if number is None:
                    return None
                sets = {self._then[node] for node in at if node >= 0 and self._named[node] == number}
                step = frozenset().union(*map(self._set, sets))
                if len(steps) >= STEPS_MAX:
                    steps.clear()
                if step:  # what leads nowhere is not remembered: anybody may say anything
                    steps[at, word] = step
            if not step:
                return None
            at = step
        ends = [node for node in at if node < 0]
        return self._ends[-max(ends) - 1] if ends else None

    def _set(self, number: int) -> Sequence[int]:
        return self._sets[self._starts[number] : self._starts[number + 1]]


def _numbers(kept: bytes) -> "memoryview[int]":
    return memoryview(kept).cast("i")


def automaton(grammar: Grammar) -> Automaton:
    """The automaton of `grammar`. Raises ValueError for a rule or a list that is not there."""
    building, begin = _Building(grammar), set[int]()
    for number, (_, expressions) in enumerate(grammar.known, 1):
        for expression in expressions:
            begin |= building.before(expression, frozenset({-number}))
    return building.done(frozenset(begin), [known for known, _ in grammar.known])


class _Building:
    """Nodes from the ends of sentences to their beginnings: what goes on alike is one node."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._nodes: dict[tuple[str, Set], int] = {}
        self._ruled: dict[tuple[str, Set], Set] = {}

    def done(self, begin: Set, ends: list[Known]) -> Automaton:
        words: dict[str, int] = {}
        sets: dict[Set, int] = {}
        named = array("i", (words.setdefault(word, len(words)) for word, _ in self._nodes))
        then = array("i", (sets.setdefault(after, len(sets)) for _, after in self._nodes))
        first = sets.setdefault(begin, len(sets))
        starts = array("i", accumulate(map(len, sets), initial=0))
        listed = array("i", (node for nodes in sets for node in sorted(nodes)))
        return Automaton(list(words), named.tobytes(), then.tobytes(), listed.tobytes(), starts.tobytes(), first, ends)

    def before(self, expression: Expression, then: Set) -> Set:
        """The nodes that begin `expression` where `then` comes after it."""
        match expression:
            case TextChunk():
                return self._chain(expression.text.split(), then)
            case ListReference():
                return frozenset().union(*(self._chain(value.split(), then) for value in self._grammar.values(expression.list_name)))
            case RuleReference():
                name = expression.rule_name
                if (name, then) not in self._ruled:
                    self._ruled[name, then] = self.before(self._grammar.rule(name), then)
                return self._ruled[name, then]
            case Permutation():
                orders = (self.before(first, self.before(rest, then)) for first, rest in expression.iterate_permutations())
                return frozenset().union(*orders) if expression.items else then
            case Either():
                return frozenset().union(*(self.before(item, then) for item in expression.items))
            case InTurn():
                for item in reversed(expression.items):
                    then = self.before(item, then)
                return then
        raise ValueError(f"{type(expression).__name__} is not read here")

    def _chain(self, words: list[str], then: Set) -> Set:
        for word in reversed(words):
            then = frozenset({self._nodes.setdefault((word, then), len(self._nodes))})
        return then


def _parsed(template: str) -> Expression:
    return parse_sentence(whole_words(template)).expression


def whole_words(template: str) -> str:
    """`template` with choices within words taken out of them: `turn(s|ed)` is `(turns|turned)`. Raises ValueError for one with choices within."""
    while found := _WITHIN_A_WORD.search(template):
        before, choices, after = (found.group(1), found.group(2), found.group(3)) if found.group(2) else (found.group(4), found.group(5), "")
        listed = choices[1:-1].split("|") + ([""] if choices[0] == "[" else [])
        if any(" " in choice.strip() or "<" in choice or "{" in choice for choice in listed):
            raise ValueError(f"{template!r}: put a space before or after {choices!r}, or write the words out")
        template = template[: found.start()] + "(" + "|".join(f"{before}{choice.strip()}{after}" for choice in listed) + ")" + template[found.end() :]
    return template


def _values(listed: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What may be said for each value, alternatives written out."""
    return {said: str(value["out"]) for value in listed for said in written_out(value["in"])}


def written_out(template: str) -> list[str]:
    """All that a small template stands for."""
    return sorted({" ".join("".join(parts).split()) for parts in _all(_parsed(template))})


def _all(expression: Expression) -> Iterator[tuple[str, ...]]:
    match expression:
        case TextChunk():
            yield (expression.text,)
        case Either():
            for item in expression.items:
                yield from _all(item)
        case Group():
            for parts in product(*map(list, map(_all, expression.items))):
                yield tuple(part for item in parts for part in item)
        case _:
            raise ValueError("a list or a rule can't stand here: write the words out")
