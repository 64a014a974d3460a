"""An operator's own wording: messages that stand in place of those that come along, looked through before anyone reads them (docs/messages.md).

A message is taken only if it can be said in every case that the one that comes along can, with the same facts (I6). One that can't is left
out with a reason and a line, and the one that comes along stands.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import FluentParser, ast
from msgspec import Struct

from services.kernel import forms
from services.kernel.lengths import unlinked
from services.kernel.messages import LANGS, LOCALE, Lang, standard

SERVICES = ("x", "mastodon", "bluesky", "facebook", "ops")
"""What a message's name may end with, where it is for one service."""
_SOCIAL = "social-"
_ALWAYS = frozenset({"utility", "line", "has_line"})
_FORMS = {"x": forms.X, "bluesky": forms.BLUESKY, "mastodon": forms.MASTODON}
_FACT, _FACTS = "\ue000{}\ue001", re.compile("\ue000(\\w+)\ue001")
_PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})
_COUNTS = (0, 1, 2, 7_000)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?$")
_CASES_MAX = 1_024
_LONGEST = {
    "area": "n" * 100,
    "customers": "about 1,250,000 customers",
    "peak": "about 1,250,000 customers",
    "as_of": "12:04 p.m.",
    "when": "September 21, 2018, at 12:04 p.m.",
}


class Fault(Struct, frozen=True):
    """Something about the operator's words."""

    lang: Lang
    line: int
    """In the file of that language; 0: about the file as a whole."""
    message: str
    says: str
    """What it is, and what to do."""
    refused: bool = True
    """The message that comes along is said instead; else it is only worth a look."""

    def __str__(self) -> str:
        where = f"{self.lang}.ftl, line {self.line}" if self.line else f"{self.lang}.ftl"
        return f"{where}: {self.message + ': ' if self.message else ''}{self.says}"


class _Taken(Struct):
    line: int
    source: str
    numbers: frozenset[str]
    """Written out in the words, other than in those that come along."""


def taken(texts: Mapping[Lang, str]) -> tuple[dict[Lang, str], list[Fault]]:
    """What of each language's file can be said, as Fluent, and what is wrong with the rest."""
    faults: list[Fault] = []
    kept = {lang: _looked_through(lang, text, faults) for lang, text in texts.items()}
    for lang, messages in kept.items():
        others = {name: one.numbers for other, those in kept.items() if other != lang for name, one in those.items()}
        for name, one in list(messages.items()):
            if one.numbers != others.get(name, frozenset()):
                numbers = ", ".join(sorted(one.numbers)) or "none"
                says = f"the numbers in its words are not those of the other language ({numbers}): write both, with the same ones"
                faults.append(Fault(lang, one.line, name, says))
                del messages[name]
    for lang, messages in kept.items():
        alone = [name for name in messages if not all(name in kept.get(other, {}) for other in LANGS)]
        faults += [Fault(lang, messages[name].line, name, "it has words of yours in this language only", refused=False) for name in alone]
    return {lang: "\n".join(one.source for one in messages.values()) for lang, messages in kept.items()}, sorted(faults, key=lambda one: (one.lang, one.line))


def base_of(name: str) -> str:
    """The message that `name` is another wording of; itself where it is none."""
    return re.sub(rf"(-({'|'.join(SERVICES)}))?(-\d+)?$", "", name) if name.startswith(_SOCIAL) else name


def _looked_through(lang: Lang, text: str, faults: list[Fault]) -> dict[str, _Taken]:
    text = text.replace("\r\n", "\n")
    resource, found = FluentParser(with_spans=True).parse(text), dict[str, _Taken]()
    terms = [text[slice(*_span(entry))] for entry in resource.body if isinstance(entry, ast.Term)]
    names = {entry.id.name for entry in resource.body if isinstance(entry, ast.Message)}
    for entry in resource.body:
        line = text.count("\n", 0, _span(entry.id if isinstance(entry, ast.Message) else entry)[0]) + 1
        if isinstance(entry, ast.Junk):
            at = entry.annotations[0] if entry.annotations else None
            faults.append(Fault(lang, line, "", f"this can't be read{f' ({at.message})' if at else ''}: is a brace or a star missing, or an indent?"))
        if not isinstance(entry, ast.Message):
            continue
        name, source = entry.id.name, text[slice(*_span(entry))]
        says = "it is there twice; the first one counts" if name in found else _unknown(lang, name, names)
        numbers: frozenset[str] = frozenset()
        if not says:
            says, numbers = _compared(lang, entry, "\n".join([*terms, source]))
        if says:
            faults.append(Fault(lang, line, name, says))
            continue
        found[name] = _Taken(line, source, numbers)
        if unlinked(source) != source or "://" in source:
            faults.append(Fault(lang, line, name, "it has a web address in it: X bills that at thirteen times the price", refused=False))
    if found and terms:
        first = next(iter(found.values()))
        first.source = "\n".join([*terms, first.source])
    return found


def _span(node: ast.SyntaxNode) -> tuple[int, int]:
    return (node.span.start, node.span.end) if node.span else (0, 0)


def _unknown(lang: Lang, name: str, own: set[str]) -> str:
    """Why nobody would ever say a message called `name`; '' where it is said."""
    known = standard(lang).names
    if name not in known and base_of(name) not in known:
        close = difflib.get_close_matches(name, known, 1)
        return f"there is no message of this name{f'; did you mean {close[0]}' if close else ''}"
    number = re.search(r"-(\d+)$", name)
    if number and name not in known:
        stem, before = name[: number.start()], int(number[1]) - 1
        previous = stem if before <= 1 else f"{stem}-{before}"
        if before < 1 or (previous not in own and previous not in known):
            return f"it would never be said: there is no {previous} before it"
    return ""


def _compared(lang: Lang, entry: ast.Message, source: str) -> tuple[str, frozenset[str]]:
    """What is wrong with a message beside the one that comes along, and the numbers in its words that this one doesn't have."""
    name = entry.id.name
    told = name if name in standard(lang).names else base_of(name)
    ours, choices, own_choices = standard(lang).messages[told], dict[str, set[str]](), dict[str, set[str]]()
    shown, own_shown = set(_variables(ours, choices)), set(_variables(entry, own_choices))
    known = shown | set(choices) | _ALWAYS
    if strange := sorted((own_shown | set(own_choices)) - known):
        return f"there is no ${strange[0]} here; there {'is' if len(known) == 1 else 'are'} {', '.join(f'${one}' for one in sorted(known))}", frozenset()
    for variable, keys in choices.items():
        lacking = keys - own_choices.get(variable, set())
        if lacking and not _counts(keys):
            return f"it doesn't say what to say where ${variable} is {' or '.join(sorted(lacking))}", frozenset()
    standing, bundle = _bundle(lang), _bundle(lang)
    bundle.add_resource(FluentResource(source), allow_overrides=True)
    if bundle.get_message(name).value is None:
        return "it has no words", frozenset()
    numbers: set[str] = set()
    cases = _cases({variable: choices.get(variable, set()) | own_choices.get(variable, set()) for variable in choices | own_choices})
    for count, case in enumerate(cases):
        if count == _CASES_MAX:
            return f"it tells apart more than the {_CASES_MAX} cases that can be looked through: tell fewer numbers apart", frozenset()
        args: dict[str, str | int] = {variable: _FACT.format(variable) for variable in known - set(case)}
        args |= case
        (expected, _), (text, errors) = _said(standing, told, args), _said(bundle, name, args)
        if errors:
            return f"it can't be said: {errors[0]}", frozenset()
        numbers |= set(re.findall(r"\d+", _FACTS.sub("", text))) ^ set(re.findall(r"\d+", _FACTS.sub("", expected)))
        if says := _differs(_FACTS.findall(expected), _FACTS.findall(text), case):
            return says, frozenset()
        if says := _too_long(bundle, name, case, known):
            return says, frozenset()
    return "", frozenset(numbers)


def _bundle(lang: Lang) -> FluentBundle:
    bundle = FluentBundle([LOCALE[lang].replace("_", "-")], use_isolating=False)
    bundle.add_resource(standard(lang).resource)
    return bundle


def _differs(expected: list[str], there: list[str], case: Mapping[str, str | int]) -> str:
    """Which fact is missing, or has no place here."""
    spelled = {"number"} if {0, 1} & set(case.values()) else set()  # 'one outage' tells the number without showing it
    where = ", ".join(f"${variable} is {value}" for variable, value in case.items())
    when = f" where {where}" if where else ""
    if missing := sorted(set(expected) - set(there) - spelled):
        return f"it leaves out {{ ${missing[0]} }}{when}"
    if invented := sorted(set(there) - set(expected) - spelled - {"utility"}):
        return f"it tells {{ ${invented[0]} }}{when}: that isn't known then"
    return ""


def _said(bundle: FluentBundle, name: str, args: Mapping[str, str | int]) -> tuple[str, Sequence[Exception]]:
    pattern = bundle.get_message(name).value
    text, errors = bundle.format_pattern(pattern, dict(args)) if pattern else ("", [])
    return str(text), errors


def _too_long(bundle: FluentBundle, name: str, case: Mapping[str, str | int], known: set[str]) -> str:
    """Why a post that is this sentence alone could lose facts at its end."""
    if not name.startswith(_SOCIAL):
        return ""
    service = next((service for service in SERVICES if re.search(rf"-{service}(-\d+)?$", name)), "x")
    form = _FORMS.get(service)
    longest: dict[str, str | int] = {variable: _LONGEST.get(variable, "n" * 20) for variable in known - set(case)}
    text, _ = _said(bundle, name, longest | dict(case))
    return "" if form is None or form.fits(text) else f"it can be longer than the {form.maximum} that fit into a post: {form.length(text)}. Say it shorter"


def _cases(choices: Mapping[str, set[str]]) -> Iterator[dict[str, str | int]]:
    """Every case in which a message may be said."""
    values: list[Sequence[str | int]] = [_numbers(keys) if _counts(keys) else sorted(keys) for keys in choices.values()]
    for chosen in islice(product(*values), _CASES_MAX + 1):
        yield dict(zip(choices, chosen, strict=True))


def _numbers(keys: set[str]) -> Sequence[int]:
    """One of each plural, and those that words are chosen for."""
    named = {round(float(key)) for key in keys if _NUMBER.match(key)}
    return (*_COUNTS, *sorted(named.difference(_COUNTS)))


def _counts(keys: set[str]) -> bool:
    return all(key in _PLURALS or _NUMBER.match(key) for key in keys) and not keys <= {"few", "other"}


def _variables(node: object, choices: dict[str, set[str]]) -> Iterator[str]:
    """The variables that are shown under `node`; into `choices`, those that choose, with what they choose from."""
    if isinstance(node, ast.SelectExpression) and isinstance(node.selector, ast.VariableReference):
        keys = {key.name if isinstance(key := variant.key, ast.Identifier) else key.value for variant in node.variants}
        choices.setdefault(node.selector.id.name, set()).update(keys)
        for variant in node.variants:
            yield from _variables(variant.value, choices)
    elif isinstance(node, ast.VariableReference):
        yield node.id.name
    elif isinstance(node, ast.BaseNode):
        for value in vars(node).values():
            for child in value if isinstance(value, list) else [value]:
                yield from _variables(child, choices)
