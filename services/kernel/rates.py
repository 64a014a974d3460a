"""What electricity costs by the hour: which period it is, until when, and when the cheapest begins. Ontario's Regulated Price Plan is the model.

Hours are wall-clock hours of the tariff's zone: on the two days a year that clocks change, a period is an hour longer or shorter.
"""

from collections.abc import Iterator, Mapping, Set
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

WEEKEND = (5, 6)
RUN_DAYS = 9
"""Longer than any run of days with one price: a long weekend is four. So far back and ahead is looked."""


class Stretch(Struct, frozen=True):
    """Hours of a day in one period: from `start` until `end`, 0 to 24, local."""

    period: str
    start: int
    end: int


class MonthDay(Struct, frozen=True, order=True):
    """A day of any year."""

    month: int
    day: int


class Season(Struct, frozen=True):
    """A part of the year, first and last day included; it may go over New Year."""

    first: MonthDay
    last: MonthDay
    weekday: tuple[Stretch, ...] = ()
    day_off: tuple[Stretch, ...] = ()
    """Weekends and holidays."""

    def has(self, day: date) -> bool:
        """Whether `day` is in it."""
        here = MonthDay(day.month, day.day)
        return self.first <= here <= self.last if self.first <= self.last else here >= self.first or here <= self.last


class HourlyPlan(Struct, frozen=True):
    """A plan whose price depends on the hour."""

    name: str
    cheapest_first: tuple[str, ...]
    seasons: tuple[Season, ...]


class Tier(Struct, frozen=True):
    """How much of a month is at the lower price, in kWh."""

    season: Season
    home: int
    business: int


class Prices(Struct, frozen=True):
    """A dated price list: cents a kWh by plan and period. First and last day included."""

    first: date
    last: date
    plans: Mapping[str, Mapping[str, float]]


class Period(Struct, frozen=True):
    """One period of a plan at one time."""

    name: str
    since: datetime
    until: datetime
    price: float | None
    """Cents a kWh; None where no price list covers it."""


class Tariff(Struct, frozen=True):
    """All plans of one utility or regulator."""

    zone: ZoneInfo
    plans: Mapping[str, HourlyPlan]
    tiers: Mapping[str, tuple[Tier, ...]]
    prices: tuple[Prices, ...]
    days_off: Set[date]
    """Holidays, as they are observed; weekends need not be among them."""

    def price(self, plan: str, period: str, day: date) -> float | None:
        """Cents a kWh on `day`; None where no price list covers it."""
        listed = next((prices.plans.get(plan, {}) for prices in self.prices if prices.first <= day <= prices.last), {})
        return listed.get(period)

    def now(self, plan: str, moment: datetime) -> Period:
        """The period that `moment` is in. Raises KeyError for a plan that is not by the hour."""
        return next(period for period in self._from(plan, moment) if period.until > moment)

    def next_cheapest(self, plan: str, moment: datetime) -> Period | None:
        """The next period at the plan's lowest price; None where this is one."""
        cheapest = self.plans[plan].cheapest_first[0]
        if self.now(plan, moment).name == cheapest:
            return None
        return next((period for period in self._from(plan, moment) if period.since > moment and period.name == cheapest), None)

    def cheapness(self, plan: str, period: Period) -> int:
        """0 for the plan's cheapest period, then 1, and so on."""
        return self.plans[plan].cheapest_first.index(period.name)

    def tier(self, plan: str, moment: datetime) -> Tier:
        """How much is at the lower price in the month of `moment`. Raises KeyError for a plan that has no tiers."""
        return next(tier for tier in self.tiers[plan] if tier.season.has(self.day(moment)))

    def day(self, moment: datetime) -> date:
        """The day that `moment` is on, here."""
        return moment.astimezone(self.zone).date()

    def _from(self, plan: str, moment: datetime) -> Iterator[Period]:
        """The plan's periods around `moment`; neighbours of one name and price are one period."""
        current: Period | None = None
        for days in range(-RUN_DAYS, RUN_DAYS):
            day = self.day(moment) + timedelta(days=days)
            for stretch in self._stretches(plan, day):
                begin, end = self._at(day, stretch.start), self._at(day, stretch.end)
                price = self.price(plan, stretch.period, day)
                if current is not None and (current.name, current.price) == (stretch.period, price):
                    current = Period(current.name, current.since, end, price)
                    continue
                if current is not None:
                    yield current
                current = Period(stretch.period, begin, end, price)
        if current is not None:
            yield current

    def _stretches(self, plan: str, day: date) -> tuple[Stretch, ...]:
        season = next(season for season in self.plans[plan].seasons if season.has(day))
        return season.day_off if day.weekday() in WEEKEND or day in self.days_off else season.weekday

    def _at(self, day: date, hour: int) -> datetime:
        """In UTC, as local times of one zone don't compare right over a change of clocks."""
        return datetime.combine(day + timedelta(days=hour // 24), time(hour % 24), self.zone).astimezone(UTC)


def observed(holidays: Set[date]) -> frozenset[date]:
    """`holidays` as they are kept: one on a weekend moves to the next weekday that is no holiday already."""
    kept = {day for day in holidays if day.weekday() not in WEEKEND}
    for day in sorted(holidays - kept):
        free = day
        while free.weekday() in WEEKEND or free in kept:
            free += timedelta(days=1)
        kept.add(free)
    return frozenset(kept)
