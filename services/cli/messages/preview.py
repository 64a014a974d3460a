"""`surgecast messages preview`: every message as it would be posted, on each service, in each language, tone and wording."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from services.adapters.accounts_file import AccountsError, load
from services.adapters.messages_folder import spoken_by
from services.adapters.policy_file import PolicyError, policy
from services.cli.failure import Failure
from services.cli.messages.samples import NAMES, NOW, Sample, samples
from services.fanout.social_text import form_of, sentences
from services.kernel.accounts import Service
from services.kernel.forms import Form
from services.kernel.messages import LANGS, Lang, Wording
from services.kernel.planning.policy import Policy
from services.kernel.planning.posts import Kind
from services.kit.settings import Settings


class Text(Struct, frozen=True):
    """A post in one language."""

    text: str
    used: str
    """Of the limit."""
    left_out: tuple[str, ...]
    """Sentences for which there is no room."""


class Entry(Struct, frozen=True):
    """A post, in each language."""

    label: str
    texts: Mapping[Lang, Text]
    names: Sequence[str]
    """The messages that it is made of, as they are called in the catalogues."""


class Sheet(Struct, frozen=True):
    """What one kind of message looks like on one service."""

    service: Service
    entries: Sequence[Entry]


class Wanted(Struct, frozen=True):
    """What to show."""

    services: Sequence[Service]
    kinds: Sequence[Kind]
    langs: Sequence[Lang]


class _Heard(Wording):
    """A wording that remembers which messages were said."""

    def __init__(self, wording: Wording) -> None:
        self.__dict__ |= vars(wording)
        self.names: dict[str, str] = {}
        """By what they said."""

    def turned(self, message: str, service: str, turn: int, **args: Any) -> str:
        """As any wording does."""
        text = super().turned(message, service, turn, **args)
        self.names[text] = self.named(message, service, turn)
        return text


def wanted(settings: Settings, account: str, service: str, kind: str, lang: str) -> Wanted:
    """What the options ask for; '' asks for all. Raises `Failure` for what isn't there."""
    for option, given, known in (("--service", service, list(Service)), ("--kind", kind, list(Kind)), ("--lang", lang, list(LANGS))):
        if given and given not in known:
            raise Failure(f"{option} {given!r} isn't known: it is one of {', '.join(known)}.")
    services, langs = [Service(service)] if service else list(Service), list(LANGS)
    if account:
        try:
            found = [one for one in load(settings.accounts) if one.name == account and one.service in services]
        except AccountsError as error:
            raise Failure(str(error)) from None
        if not found:
            raise Failure(f"there is no account called {account} in the file that SURGECAST_ACCOUNTS names.")
        services, langs = [one.service for one in found], list(found[0].languages)
    return Wanted(services, [Kind(kind)] if kind else list(Kind), [one for one in LANGS if one == lang] or langs)


def preview(settings: Settings, shown: Wanted, html: Path | None) -> None:
    """Print what is asked for, or write it to `html`. Raises `Failure`."""
    try:
        rules = policy(settings)
    except PolicyError as error:
        raise Failure(str(error)) from None
    chrome = spoken_by(settings)[shown.langs[0]]
    kinds = [(kind, _policy(rules, kind, chrome), list(_sheets(settings, shown, kind, chrome))) for kind in shown.kinds]
    if html is None:
        _print(chrome, kinds)
        return
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = environment.get_template("preview.html").render(say=chrome.say, lang=chrome.lang, kinds=kinds, several=len(shown.langs) > 1)
    try:
        html.write_text(page, encoding="utf-8")
    except OSError as error:
        raise Failure(f"{html} can't be written: {error.strerror}.") from None
    Console().print(f"{html}: {sum(len(sheet.entries) for *_, sheets in kinds for sheet in sheets)} posts.", markup=False)


def _sheets(settings: Settings, shown: Wanted, kind: Kind, chrome: Wording) -> Iterator[Sheet]:
    wordings = {lang: _Heard(wording) for lang, wording in spoken_by(settings).items()}
    for service in shown.services:
        form, known, counted, entries = form_of(service, settings), set[tuple[str, str, str]](), Counter[tuple[str, str]](), []
        for sample in samples(kind):
            entry = _entry(sample, wordings, form, chrome, counted)
            these = {(sample.case, sample.post.tone.value, name) for wording in wordings.values() for name in wording.names.values()}
            if not these <= known:  # each wording once, not with all others
                known |= these
                counted[sample.case, sample.post.tone] += 1
                entries.append(msgspec.structs.replace(entry, texts={lang: entry.texts[lang] for lang in shown.langs}))
        yield Sheet(service, entries)


def _entry(sample: Sample, wordings: Mapping[Lang, _Heard], form: Form, chrome: Wording, counted: Mapping[tuple[str, str], int]) -> Entry:
    for wording in wordings.values():
        wording.names.clear()
    told = sentences(sample.post, sample.name, wordings, NOW, NOW, NAMES, form)
    texts = form.alike(told)
    case, tone = chrome.say("preview-case", case=sample.case), chrome.say("preview-tone", tone=sample.post.tone.value)
    return Entry(
        label=chrome.say("preview-entry", case=case, tone=tone, number=str(counted.get((sample.case, sample.post.tone), 0) + 1)),
        texts={lang: _text(texts[lang], told[lang], form, chrome) for lang in wordings},
        names=[wordings[chrome.lang].names[said] for said in told[chrome.lang] if said],
    )


def _text(text: str, told: Sequence[str], form: Form, chrome: Wording) -> Text:
    used = chrome.say("preview-used", used=chrome.number(form.length(text)), limit=chrome.number(form.maximum))
    return Text(text, used, tuple(sentence for sentence in map(form.plain, told[1:]) if sentence not in text))


def _policy(rules: Policy, kind: Kind, chrome: Wording) -> str:
    worth = rules.worth.get(kind)
    if worth is None:
        return chrome.say("preview-policy", told="no", value="", tone="", approval="no")
    tone = chrome.say("preview-tone", tone=worth.tone.value)
    return chrome.say("preview-policy", told="yes", value=chrome.decimal(worth.value), tone=tone, approval="yes" if worth.approval else "no")


def _print(chrome: Wording, kinds: Sequence[tuple[Kind, str, Sequence[Sheet]]]) -> None:
    console = Console(highlight=False)
    for kind, rule, sheets in kinds:
        console.rule(f"[bold]{chrome.say('preview-kind', kind=kind.value)}", align="left")
        console.print(rule, markup=False)
        for sheet in sheets:
            for entry in sheet.entries:
                console.print(f"\n[bold]{sheet.service}[/]  {escape(entry.label)}  [dim]{', '.join(entry.names)}[/]")
                for lang, text in entry.texts.items():
                    left_out = f"  [red]{escape(chrome.say('preview-left-out'))} [strike]{escape(' '.join(text.left_out))}[/][/]" if text.left_out else ""
                    console.print(Padding(f"[dim]{lang}  {escape(text.used)}[/]  {escape(text.text)}{left_out}", (0, 0, 0, 2)))
