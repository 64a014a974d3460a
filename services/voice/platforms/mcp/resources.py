"""What an assistant can read by itself, as JSON: the summary of all areas, and what electricity costs by the hour."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from services.kernel.answers import COUNTS, spoken_at
from services.kernel.ids import UNPLACED
from services.kernel.messages import LANGS
from services.kernel.ports.clock import Clock
from services.kernel.ports.outputs import ViewMirror
from services.kernel.rates import MonthDay, Season, Stretch, Tariff
from services.kernel.views import AreaBrief
from services.voice.platforms.mcp.plain import plain

SUMMARY, TARIFF = "surgecast://summary", "surgecast://tariff"
NAME_MAX = 80
_encode = msgspec.json.Encoder().encode


class Resources:
    """Read anew each time: from the mirror, and the tariff in memory."""

    def __init__(self, mirror: ViewMirror, tariff: Tariff, clock: Clock, areas_max: int) -> None:
        """`areas_max`: how many areas a summary lists; those with most customers out first."""
        self._mirror, self._tariff, self._clock, self._areas_max = mirror, tariff, clock, areas_max
        self._known: dict[str, Callable[[], Any]] = {SUMMARY: self._summary, TARIFF: self._prices}

    def read(self, uri: str) -> str | None:
        """The JSON at `uri`; None where there is none."""
        made = self._known.get(uri)
        return None if made is None else _encode(made()).decode()

    def _summary(self) -> dict[str, Any]:
        shown, now = self._mirror.shown, self._clock.now()
        as_of = shown.stamp.as_of
        briefs = [view.brief for area, view in shown.views.items() if view.brief.outages and area != UNPLACED]
        briefs.sort(key=lambda brief: (-brief.customers.customers, brief.area))
        told = {lang: plain(spoken_at(shown.overall[lang][COUNTS], now)) for lang in LANGS if COUNTS in shown.overall.get(lang, {})}
        return {
            "position": shown.stamp.position,
            "as_of": as_of,
            "age_seconds": None if as_of is None else max(0, int((now - as_of).total_seconds())),
            "overall": told,
            "areas": [_area(brief, now) for brief in briefs[: self._areas_max]],
            "areas_left_off": max(0, len(briefs) - self._areas_max),
        }

    def _prices(self) -> dict[str, Any]:
        tariff, now = self._tariff, self._clock.now()
        today = tariff.day(now)
        listed = next((prices for prices in tariff.prices if prices.first <= today <= prices.last), None)
        return {
            "timezone": tariff.zone.key,
            "today": today,
            "unit": "cents per kWh",
            "prices": None if listed is None else {"from": listed.first, "until": listed.last, "plans": listed.plans},
            "plans": {name: [_season(season) for season in plan.seasons] for name, plan in tariff.plans.items()},
            "tiers": {
                name: [{**_days(tier.season), "kwh_a_month_at_lower_price": {"home": tier.home, "business": tier.business}} for tier in tiers]
                for name, tiers in tariff.tiers.items()
            },
            "days_off": sorted(day for day in tariff.days_off if day.year in (today.year, today.year + 1)),
        }


def _area(brief: AreaBrief, now: datetime) -> dict[str, Any]:
    """An area; an estimate that has passed is none (I5)."""
    latest = brief.latest_estimate
    return {
        "id": brief.area,
        "name": {lang: plain(brief.named.called(lang), NAME_MAX) for lang in LANGS},
        "outages": brief.outages,
        "customers_affected": brief.customers.customers,
        "customers_masked": brief.customers.masked,
        "estimated_restoration": latest if latest is not None and latest > now else None,
    }


def _season(season: Season) -> dict[str, Any]:
    return {**_days(season), "weekday": _hours(season.weekday), "weekend_or_holiday": _hours(season.day_off)}


def _days(season: Season) -> dict[str, str]:
    return {"from": _day(season.first), "until": _day(season.last)}


def _day(day: MonthDay) -> str:
    return f"{day.month:02}-{day.day:02}"


def _hours(stretches: tuple[Stretch, ...]) -> list[dict[str, Any]]:
    return [{"period": stretch.period, "from_hour": stretch.start, "until_hour": stretch.end} for stretch in stretches]
