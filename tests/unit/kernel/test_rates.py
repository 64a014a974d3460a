"""Periods of a tariff: Ontario's, as the regulator's own tables and dates have it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters import tariff_file
from services.adapters.tariff_file import ONTARIO, TariffError, tariff
from services.kernel.rates import Period, observed

TARIFF = tariff()
ZONE = TARIFF.zone
MOMENTS = st.integers(0, 5 * 365 * 24 * 60).map(lambda minutes: datetime(2024, 11, 1, tzinfo=UTC) + timedelta(minutes=minutes))


def at(*local: int) -> datetime:
    return datetime(*local, tzinfo=ZONE)  # type: ignore[misc,arg-type]


def until(period: Period) -> str:
    return f"{period.until.astimezone(ZONE):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("moment", "plan", "name", "price", "ends"),
    [
        (at(2026, 1, 14, 6, 59), "tou", "off_peak", 9.8, "01-14 07:00"),
        (at(2026, 1, 14, 7), "tou", "on_peak", 20.3, "01-14 11:00"),
        (at(2026, 1, 14, 12), "tou", "mid_peak", 15.7, "01-14 17:00"),
        (at(2026, 1, 14, 18, 30), "tou", "on_peak", 20.3, "01-14 19:00"),
        (at(2026, 7, 15, 12), "tou", "on_peak", 20.3, "07-15 17:00"),
        (at(2026, 7, 15, 8), "tou", "mid_peak", 15.7, "07-15 11:00"),
        (at(2026, 7, 17, 20), "tou", "off_peak", 9.8, "07-20 07:00"),  # Friday evening, until Monday
        (at(2026, 2, 16, 12), "tou", "off_peak", 9.8, "02-17 07:00"),  # Family Day
        (at(2025, 11, 11, 8), "tou", "on_peak", 20.3, "11-11 11:00"),  # Remembrance Day is a day like any other
        (at(2026, 4, 15, 23), "ulo", "overnight", 3.9, "04-16 07:00"),
        (at(2026, 4, 15, 17), "ulo", "on_peak", 39.1, "04-15 21:00"),
        (at(2026, 4, 18, 12), "ulo", "weekend", 9.8, "04-18 23:00"),
    ],
)
def test_each_hour_has_its_period_and_price(moment: datetime, plan: str, name: str, price: float, ends: str) -> None:
    period = TARIFF.now(plan, moment)
    assert (period.name, period.price, until(period)) == (name, price, ends)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, "01-01 02-16 04-03 05-18 07-01 08-03 09-07 10-12 12-25 12-28"),
        (2027, "01-01 02-15 03-26 05-24 07-01 08-02 09-06 10-11 12-27 12-28"),
    ],
)
def test_holidays_are_the_ten_of_the_regulator_as_observed(year: int, days: str) -> None:
    assert " ".join(f"{day:%m-%d}" for day in sorted(TARIFF.days_off) if day.year == year) == days


def test_a_holiday_on_a_weekend_moves_to_the_next_free_weekday() -> None:
    assert observed({date(2022, 1, 1)}) == {date(2022, 1, 3)}
    assert observed({date(2021, 12, 25), date(2021, 12, 26)}) == {date(2021, 12, 27), date(2021, 12, 28)}
    assert observed({date(2022, 12, 25), date(2022, 12, 26)}) == {date(2022, 12, 27), date(2022, 12, 26)}


def test_clocks_going_forward_and_back_move_no_period() -> None:
    spring, autumn = at(2027, 3, 14, 0, 30), at(2026, 11, 1, 0, 30)  # Sundays; ULO's overnight ends at 7, six or eight hours away
    for moment, hours in ((spring, 5.5), (autumn, 7.5)):
        period = TARIFF.now("ulo", moment)
        assert (period.name, period.until.astimezone(ZONE).hour) == ("overnight", 7)
        assert period.until - moment.astimezone(UTC) == timedelta(hours=hours)


def test_prices_that_have_run_out_are_unknown_while_the_period_still_holds() -> None:
    last, after = TARIFF.now("tou", at(2026, 10, 31, 23, 59)), TARIFF.now("tou", at(2026, 11, 27, 12))
    assert (last.name, last.price, until(last)) == ("off_peak", 9.8, "11-01 00:00")
    assert (after.name, after.price) == ("mid_peak", None)


def test_the_next_cheapest_period_skips_those_between() -> None:
    cheapest = TARIFF.next_cheapest("tou", at(2026, 7, 15, 12))
    assert cheapest is not None
    assert (cheapest.name, cheapest.since.astimezone(ZONE).hour) == ("off_peak", 19)
    assert TARIFF.next_cheapest("tou", at(2026, 7, 15, 20)) is None


@given(MOMENTS, st.sampled_from(sorted(TARIFF.plans)))
def test_every_moment_has_one_period_and_a_cheapest_one_ahead_within_days(moment: datetime, plan: str) -> None:
    now, cheapest = TARIFF.now(plan, moment), TARIFF.next_cheapest(plan, moment)
    assert now.since <= moment < now.until
    assert TARIFF.now(plan, now.until - timedelta(microseconds=1)) == now
    if cheapest is None:
        assert TARIFF.cheapness(plan, now) == 0
    else:
        assert TARIFF.cheapness(plan, cheapest) == 0
        assert now.until <= cheapest.since <= moment + timedelta(days=1)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("hours: 7-11", "hours: 8-11", "must follow one another"),
        ("Family Day", "Familly Day", "no holiday is called Familly Day"),
        ("until: 04-30", "until: 03-31", "not in exactly one season"),
        ("on_peak: 20.3", "on_pique: 20.3", "must be of off_peak, mid_peak, on_peak"),
        ("America/Toronto", "America/Tornado", "America/Tornado"),
        ("cheapest_first: [off_peak", "cheapest_last: [off_peak", "cheapest_last"),
        ("plans:", "plans: [", "expected"),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_what_is_wrong(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = ONTARIO.read_text("utf-8")
    assert old in text
    path = tmp_path / "tariff.yaml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(TariffError, match=told) as refused:
        tariff(path)
    assert "tariff.yaml" in str(refused.value) or "plan" in str(refused.value)


def test_holidays_are_kept_for_the_next_start_and_worked_out_again_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tariff_file, "INSTALLED", tmp_path / "none")
    first = tariff(ONTARIO, tmp_path)
    kept = tmp_path / "days-off.json"
    assert kept.exists()
    monkeypatch.setattr(tariff_file, "_worked_out", lambda *_: frozenset({date(2026, 2, 2)}))
    assert tariff(ONTARIO, tmp_path).days_off == first.days_off, "nothing is worked out again"
    other = tmp_path / "other.yaml"
    other.write_text(ONTARIO.read_text("utf-8").replace("extra: []", "extra: [2026-03-03]"), "utf-8")
    assert tariff(other, tmp_path).days_off == {date(2026, 2, 2)}, "another list of holidays is"
    kept.write_text("{")
    assert tariff(ONTARIO, tmp_path).days_off == {date(2026, 2, 2)}, "half a file is none"
