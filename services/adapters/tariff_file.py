"""A tariff out of its dated YAML file: see tariffs/ontario.yaml for the shape. Meets no port: it is read once, at the start."""

import os
import sys
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml
from msgspec import Meta, Struct

from services.kernel.rates import HourlyPlan, MonthDay, Prices, Season, Stretch, Tariff, Tier, observed
from services.kit.logs import log
from services.kit.yaml_text import plain

ONTARIO = Path(__file__).parent / "tariffs" / "ontario.yaml"
YEARS_AFTER = 10
"""Years of holidays that are worked out, after the last price list's: by then somebody has started the service again."""
INSTALLED = Path(sys.prefix) / "share" / "surgecast"
"""Where the installation keeps the holidays of Ontario's tariff (`python -m services.adapters.tariff_file`), so that a first start need not work them out."""
_FILE = "days-off.json"
_Day = Annotated[str, Meta(pattern=r"^\d\d-\d\d$")]
_Hours = Annotated[str, Meta(pattern=r"^\d{1,2}-\d{1,2}$")]


class TariffError(ValueError):
    """The file can't be used; the text says where and why."""


class _Stretch(Struct, forbid_unknown_fields=True):
    period: str
    hours: _Hours


class _Season(Struct, forbid_unknown_fields=True, rename={"first": "from", "last": "until"}):
    first: _Day
    last: _Day
    weekday: list[_Stretch]
    day_off: list[_Stretch]


class _Plan(Struct, forbid_unknown_fields=True):
    cheapest_first: list[str]
    seasons: list[_Season]


class _Tier(Struct, forbid_unknown_fields=True, rename={"first": "from", "last": "until"}):
    first: _Day
    last: _Day
    home: int
    business: int


class _Prices(Struct, forbid_unknown_fields=True, rename={"first": "from", "last": "until"}):
    first: date
    last: date
    source: str
    plans: dict[str, dict[str, float]]


class _Holidays(Struct, forbid_unknown_fields=True):
    country: str
    subdivision: str
    names: list[str]
    extra: list[date] = []


class _File(Struct, forbid_unknown_fields=True):
    timezone: str
    holidays: _Holidays
    plans: dict[str, _Plan]
    tiers: dict[str, list[_Tier]]
    prices: list[_Prices]


def tariff(path: Path = ONTARIO, folder: Path | None = None) -> Tariff:
    """The tariff in the file at `path`; its holidays are kept in `folder`, for the next start.

    Raises `TariffError` for a file that can't be read, or whose days have gaps.
    """
    try:
        file = msgspec.convert(plain(path.read_text(encoding="utf-8")), _File)
        found = _tariff(file, folder)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError, ZoneInfoNotFoundError) as error:
        raise TariffError(f"{path.name}: {error}") from error
    _check(found)
    return found


def _tariff(file: _File, folder: Path | None) -> Tariff:
    prices = tuple(Prices(listed.first, listed.last, listed.plans) for listed in file.prices)
    years = range(min(listed.first.year for listed in prices), max(listed.last.year for listed in prices) + YEARS_AFTER)
    return Tariff(
        ZoneInfo(file.timezone),
        {name: HourlyPlan(name, tuple(plan.cheapest_first), tuple(map(_season, plan.seasons))) for name, plan in file.plans.items()},
        {name: tuple(Tier(Season(_day(tier.first), _day(tier.last)), tier.home, tier.business) for tier in tiers) for name, tiers in file.tiers.items()},
        prices,
        _days_off(file.holidays, years, folder),
    )


def _season(season: _Season) -> Season:
    return Season(_day(season.first), _day(season.last), _stretches(season.weekday), _stretches(season.day_off))


def _day(text: str) -> MonthDay:
    month, day = map(int, text.split("-"))
    return MonthDay(month, day)


def _stretches(listed: list[_Stretch]) -> tuple[Stretch, ...]:
    return tuple(Stretch(stretch.period, *map(int, stretch.hours.split("-"))) for stretch in listed)


class _Kept(Struct):
    """Holidays that were worked out before: the library that knows them takes 20 MB, and half a second to load."""

    digest: str
    days: list[date]


def _days_off(wanted: _Holidays, years: range, folder: Path | None) -> frozenset[date]:
    digest = sha256(msgspec.json.encode([version("holidays"), wanted, years.start, years.stop])).hexdigest()
    for kept in (INSTALLED, *([folder] if folder else [])):
        try:
            found = msgspec.json.decode((kept / _FILE).read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError):
            continue  # never made, or half written: it is only a saving
        if found.digest == digest:
            return frozenset(found.days)
    days = _worked_out(wanted, years)
    if folder is not None:
        _keep(folder, _Kept(digest, sorted(days)))
    return days


def _keep(folder: Path, kept: _Kept) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f"{_FILE}.{os.getpid()}"
        fresh.write_bytes(msgspec.json.encode(kept))
        fresh.replace(folder / _FILE)
    except OSError as error:
        log.warning("voice.holidays_not_kept", reason=str(error))


def _worked_out(wanted: _Holidays, years: range) -> frozenset[date]:
    import holidays

    known: Mapping[date, str] = holidays.country_holidays(
        wanted.country, subdiv=wanted.subdivision, years=years, observed=False, categories=_categories(wanted), language="en_US"
    )
    named = {name for names in known.values() for name in names.split("; ")}
    if missing := [name for name in wanted.names if name not in named]:
        raise TariffError(f"no holiday is called {', '.join(missing)} in {wanted.country}-{wanted.subdivision}; there are {', '.join(sorted(named))}")
    return observed({day for day, names in known.items() if set(names.split("; ")) & set(wanted.names)}) | frozenset(wanted.extra)


def _categories(wanted: _Holidays) -> tuple[str, ...]:
    import holidays

    supported: Any = holidays.country_holidays(wanted.country, subdiv=wanted.subdivision, years=[]).supported_categories
    return tuple(name for name in ("public", "optional") if name in supported)


def _check(found: Tariff) -> None:
    """Every day of a leap year has a season, every day is whole, and every period has a rank and, in each price list, a price."""
    for name, plan in found.plans.items():
        for ordinal in range(date(2028, 1, 1).toordinal(), date(2029, 1, 1).toordinal()):
            day = date.fromordinal(ordinal)
            if sum(season.has(day) for season in plan.seasons) != 1:
                raise TariffError(f"plan {name}: {day:%m-%d} is not in exactly one season")
        for season in plan.seasons:
            for stretches in (season.weekday, season.day_off):
                hours = [hour for stretch in stretches for hour in range(stretch.start, stretch.end)]
                if hours != list(range(24)):
                    raise TariffError(f"plan {name}: the hours of a day must follow one another from 0 to 24, and don't")
                if unknown := {stretch.period for stretch in stretches} - set(plan.cheapest_first):
                    raise TariffError(f"plan {name}: {', '.join(sorted(unknown))} is not in cheapest_first")
        for prices in found.prices:
            if name in prices.plans and set(prices.plans[name]) != set(plan.cheapest_first):
                raise TariffError(f"plan {name}: the prices from {prices.first} must be of {', '.join(plan.cheapest_first)}")


if __name__ == "__main__":
    tariff(ONTARIO, INSTALLED)
