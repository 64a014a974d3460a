"""Wording: all that people read or hear, in Fluent files, one a language, each written for its language (I6).

The catalogues are the package's data, read once: the kernel's only file read. Compute in Python, speak in templates.
"""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_time
from babel.numbers import format_decimal
from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.errors import FluentFormatError

from services.kernel.views import Count

Lang = Literal["en", "fr"]
LANGS: tuple[Lang, ...] = get_args(Lang)
LOCALE: dict[Lang, str] = {"en": "en_CA", "fr": "fr_CA"}
_FOLDER = Path(__file__).parent


@cache
def _bundle(lang: Lang) -> FluentBundle:
    bundle = FluentBundle([LOCALE[lang].replace("_", "-")], use_isolating=False)
    bundle.add_resource(FluentResource((_FOLDER / f"{lang}.ftl").read_text(encoding="utf-8")))
    return bundle


class Wording:
    """One language's voice, for one utility, in one time zone."""

    def __init__(self, lang: Lang, utility: str, timezone: str, outage_line: str = "") -> None:
        self.lang = lang
        self.zone = ZoneInfo(timezone)
        self.locale = Locale.parse(LOCALE[lang])
        self._always = {"utility": utility, "line": outage_line, "has_line": "yes" if outage_line else "no"}

    def say(self, message: str, **args: Any) -> str:
        """The text of `message` with `args` filled in. Raises KeyError for a message or an argument that is missing."""
        bundle = _bundle(self.lang)
        pattern = bundle.get_message(message).value
        if pattern is None:
            raise KeyError(message)
        text, errors = bundle.format_pattern(pattern, self._always | args)
        for error in errors:
            if not isinstance(error, FluentFormatError):
                raise KeyError(f"{message} ({self.lang}): {error}")
        return str(text)

    def number(self, value: int) -> str:
        """A whole number as this language writes it: 12,500 or 12 500."""
        return format_decimal(value, locale=self.locale)

    def customers(self, count: Count) -> str:
        """How many customers, as it may be told: exactly, 'fewer than', or 'about' where a total holds masked parts."""
        return self.say("customers", count=count.customers, number=self.number(count.customers), ceiling=self.number(count.customers + 1), kind=_kind(count))

    def time(self, moment: datetime) -> str:
        """The time of day, here: 4:30 p.m. or 16 h 30."""
        return format_time(moment.astimezone(self.zone), "short", locale=self.locale)

    def day(self, moment: datetime, now: datetime) -> str:
        """The day, here: '' today; tomorrow, yesterday; or the date."""
        here = moment.astimezone(self.zone)
        days = (here.date() - now.astimezone(self.zone).date()).days
        if days in (-1, 0, 1):
            return "" if days == 0 else self.say("day-tomorrow" if days == 1 else "day-yesterday")
        skeleton = "MMMMd" if abs(days) < 180 else "yMMMMd"
        return str(format_skeleton(skeleton, here, locale=self.locale))

    def when(self, moment: datetime, now: datetime) -> str:
        """Day and time as one would say it: 4:30 p.m.; tomorrow at 7:00 a.m.; September 21 at 5:00 p.m."""
        day = self.day(moment, now)
        return self.say("day-at-time", day=day, time=self.time(moment)) if day else self.time(moment)


def _kind(count: Count) -> str:
    if not count.masked:
        return "exact"
    return "few" if count.customers < 10 else "about"
