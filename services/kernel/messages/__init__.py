"""Wording: all that people read or hear, in Fluent files, a folder a language, each written for its language (I6).

The catalogues are the package's data, read once: the kernel's only file read. Compute in Python, speak in templates.
"""

import itertools
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from babel import Locale
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast
from msgspec import Struct

from services.kernel.views import Count

Lang = Literal["en", "fr"]
LANGS: tuple[Lang, ...] = get_args(Lang)
LOCALE: dict[Lang, str] = {"en": "en_CA", "fr": "fr_CA"}
NO_BREAK = "\u00a0"
_FOLDER = Path(__file__).parent
_MEMORY = 8_192
"""Texts remembered a language: most of what is said under a surge was said a moment ago."""


class Standard(Struct, frozen=True):
    """The messages that come along, in one language."""

    resource: ast.Resource
    messages: Mapping[str, ast.Message]

    @property
    def names(self) -> Set[str]:
        """What they are called."""
        return self.messages.keys()


@cache
def standard(lang: Lang) -> Standard:
    """What comes along in `lang`."""
    read = [FluentResource(file.read_text(encoding="utf-8")) for file in sorted((_FOLDER / lang).glob("*.ftl"))]
    entries = [entry for resource in read for entry in resource.body]
    return Standard(ast.Resource(entries), {entry.id.name: entry for entry in entries if isinstance(entry, ast.Message)})


@cache
def _bundle(lang: Lang, own: str) -> FluentBundle:
    bundle = FluentBundle([LOCALE[lang].replace("_", "-")], use_isolating=False)
    bundle.add_resource(standard(lang).resource)
    bundle.add_resource(FluentResource(own), allow_overrides=True)
    return bundle


@cache
def _names(own: str) -> frozenset[str]:
    return frozenset(entry.id.name for entry in FluentResource(own).body if isinstance(entry, ast.Message))


@cache
def _months(lang: Lang) -> dict[int, str]:
    return dict(Locale.parse(LOCALE[lang]).months["format"]["wide"])


@lru_cache(maxsize=_MEMORY * len(LANGS))
def _format(lang: Lang, own: str, message: str, args: tuple[tuple[str, Hashable], ...]) -> str:
    bundle = _bundle(lang, own)
    pattern = bundle.get_message(message).value
    if pattern is None:
        raise KeyError(message)
    text, errors = bundle.format_pattern(pattern, dict(args))
    if errors:
        raise KeyError(f"{message} ({lang}): {errors[0]}")
    return str(text).replace(".m..", ".m.")  # a sentence that ends with 'p.m.' has its full stop


@cache
def _turns(lang: Lang, own: str, message: str, service: str) -> tuple[str, ...]:
    """The messages that take turns as `message`: the operator's own before those that come along, those for `service` before those for all."""
    theirs, known = _names(own), _names(own) | standard(lang).names
    bases = [f"{message}-{service}", message] if service else [message]
    base, there = next(((base, those) for those in (theirs, known) for base in bases if base in those), (message, known))
    return (base, *itertools.takewhile(there.__contains__, (f"{base}-{number}" for number in itertools.count(2))))


def _standing(lang: Lang, message: str) -> str:
    """The message that comes along of which `message` is another wording: `social-first-report` of `social-first-report-x-5`."""
    while message not in standard(lang).names and "-" in message:
        message = message.rpartition("-")[0]
    return message


class Wording:
    """One language's voice, for one utility, in one time zone."""

    def __init__(
        self,
        lang: Lang,
        utility: str,
        timezone: str,
        outage_line: str = "",
        *,
        spoken: bool = False,
        own: str = "",
        unsaid: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`spoken` leaves out what is only there for the eye: no-break spaces. `own`: Fluent, said in place of what comes along (kernel/own_words.py);
        `unsaid` is told, once a message, why one of them could not be said after all, and what comes along was."""
        self.lang = lang
        self.zone = ZoneInfo(timezone)
        self.spoken = spoken
        self._own, self._unsaid, self._told = own, unsaid, set[str]()
        self._always = {"utility": utility, "line": outage_line, "has_line": "yes" if outage_line else "no"}

    def say(self, message: str, **args: Any) -> str:
        """The text of `message` with `args` filled in. Raises KeyError for a message or an argument that is missing."""
        told = tuple((self._always | args).items())
        try:
            text = _format(self.lang, self._own, message, told)
        except KeyError as error:
            if not self._own:
                raise
            text = _format(self.lang, "", _standing(self.lang, message), told)  # raises too, where it isn't their words that are wrong
            if message not in self._told:
                self._told.add(message)
                self._unsaid(str(error.args[0]))
        return text.replace(NO_BREAK, " ") if self.spoken else text

    def turned(self, message: str, service: str, turn: int, **args: Any) -> str:
        """`message` in one of its wordings (`message`, `message-2`, ...), the next with each turn; for `service` (`message-x`) where there are such."""
        return self.say(self.named(message, service, turn), **args)

    def named(self, message: str, service: str, turn: int) -> str:
        """What the wording of `message` is called that `turned` says."""
        names = _turns(self.lang, self._own, message, service)
        return names[turn % len(names)]

    def number(self, value: int) -> str:
        """A whole number as this language writes it: 12,500 or 12 500."""
        text = f"{value:,}"
        return text if self.lang == "en" else text.replace(",", " " if self.spoken else NO_BREAK)

    def decimal(self, value: float) -> str:
        """A number with a few decimals, none of them nought at the end: 9.8 or 9,8."""
        text = f"{value:.2f}".rstrip("0").rstrip(".")
        return text if self.lang == "en" else text.replace(".", ",")

    def customers(self, count: Count) -> str:
        """How many customers, as it may be told: exactly, 'fewer than', or 'about' where a total holds masked parts."""
        return self.say("customers", count=count.customers, number=self.number(count.customers), ceiling=self.number(count.customers + 1), kind=_kind(count))

    def time(self, moment: datetime) -> str:
        """The time of day, here: 4:30 p.m. or 16 h 30; on the hour 1 p.m. or 13 h; noon, as nobody is sure of 12 p.m."""
        here = moment.astimezone(self.zone)
        half, hour = ("am" if here.hour < 12 else "pm"), here.hour % 12 or 12
        shape = "noon" if (here.hour, here.minute) == (12, 0) else "sharp" if here.minute == 0 else "minutes"
        return self.say("time", shape=shape, half=half, hour=str(hour), hour24=str(here.hour), minute=f"{here.minute:02}")

    def day(self, moment: datetime, now: datetime) -> str:
        """The day, here: '' today; tomorrow, yesterday; or the date, with the year where it isn't this one."""
        here, today = moment.astimezone(self.zone), now.astimezone(self.zone).date()
        days = (here.date() - today).days
        if days in (-1, 0, 1):
            return "" if days == 0 else self.say("day-tomorrow" if days == 1 else "day-yesterday")
        shape = "this_year" if here.year == today.year else "other_year"
        first, month = "yes" if here.day == 1 else "no", _months(self.lang)[here.month]
        return self.say("day-date", shape=shape, first=first, day=str(here.day), month=month, year=str(here.year))

    def when(self, moment: datetime, now: datetime) -> str:
        """Day and time as one would say it: 4:30 p.m.; tomorrow at 7 a.m.; September 21 at 5 p.m.; September 21, 2018, at 5 p.m.

        In both languages it goes after a preposition: by, since, until; d'ici, depuis, jusqu'à.
        """
        day = self.day(moment, now)
        if not day:
            return self.time(moment)
        other_year = moment.astimezone(self.zone).year != now.astimezone(self.zone).year
        dated = (moment.astimezone(self.zone).date() - now.astimezone(self.zone).date()).days not in (-1, 1)
        return self.say("day-at-time", day=day, time=self.time(moment), shape="other_year" if other_year and dated else "this_year")

    def at(self, moment: datetime, now: datetime) -> str:
        """Day and time as the adverb: at 4:30 p.m., yesterday at 7 a.m., on September 21 at 5 p.m.; à 16 h 30, hier à 7 h, le 21 septembre à 17 h."""
        days = (moment.astimezone(self.zone).date() - now.astimezone(self.zone).date()).days
        return self.say("at-when", shape="today" if days == 0 else "near" if abs(days) == 1 else "date", when=self.when(moment, now))

    def list(self, names: Sequence[str]) -> str:
        """A, B and C."""
        if len(names) < 2:
            return "".join(names)
        return self.say("list", head=", ".join(names[:-1]), last=names[-1])

    def choice(self, names: Sequence[str]) -> str:
        """A, B or C."""
        if len(names) < 2:
            return "".join(names)
        return self.say("list-choice", head=", ".join(names[:-1]), last=names[-1])


def wordings(
    utility: Mapping[str, str],
    timezone: str,
    outage_line: str = "",
    *,
    spoken: bool = False,
    own: Mapping[Lang, str] | None = None,
    unsaid: Callable[[str], None] = lambda _: None,
) -> dict[Lang, Wording]:
    """How one utility, whose name in each language is in `utility`, speaks or writes in each language; `own` and `unsaid` as `Wording` has them."""
    return {lang: Wording(lang, utility[lang], timezone, outage_line, spoken=spoken, own=(own or {}).get(lang, ""), unsaid=unsaid) for lang in LANGS}


def _kind(count: Count) -> str:
    if not count.masked:
        return "exact"
    return "few" if count.customers < 10 else "about"
