"""A policy: what its file may say, what is said about a file that is wrong, and when it is quiet."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.policy_file import DEFAULT, PolicyError, policy, read
from services.kernel.planning.policy import Digests, Quiet
from services.kernel.planning.posts import Kind, Tone
from services.kit.settings import Settings

SETTINGS = Settings(social_announce_customers_min=321, social_cooldown_s=600)
TORONTO = ZoneInfo("America/Toronto")
GROWTH = "kinds: {growth: {value: 1}}\n"


def test_the_one_that_comes_along_tells_every_kind_and_leaves_the_rest_to_the_settings() -> None:
    found = policy(SETTINGS)
    assert set(found.worth) == set(Kind)
    assert (found.announce_customers_min, found.cooldown, found.reserve) == (321, timedelta(minutes=10), 0.1)
    assert found.quiet == Quiet(time(23), time(6), TORONTO)
    assert found.rest(Kind.SAFETY) == timedelta(0)
    by_default = sorted(Kind, key=list(Kind).index)
    assert [kind for kind in sorted(Kind, key=lambda kind: -found.worth[kind].value) if kind is not Kind.DIGEST] == by_default[:-1]


def test_a_file_of_ones_own_wins_over_the_settings(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "customers_min: 50\ncooldown: 1.5 h\nreserve: 25%\ntone: warm\ndigest: {every: 90 s}\n"
        + "kinds: {safety: {value: 9}, digest: {value: 1, approval: true}}"
    )
    found = policy(Settings(social_policy=own))
    assert (found.announce_customers_min, found.cooldown, found.reserve, found.quiet) == (50, timedelta(minutes=90), 0.25, None)
    assert found.digests == Digests(every=timedelta(seconds=90))
    assert (found.worth[Kind.SAFETY].tone, found.worth[Kind.DIGEST].tone, found.worth[Kind.DIGEST].approval) == (Tone.PLAIN, Tone.WARM, True)
    assert not found.has(Kind.GROWTH)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: object missing required field `kinds`"),
        ("kinds:\n  growth: {value: much}", "line 2: kinds.growth.value: expected `float`, got `str`"),
        ("kinds:\n  grwth: {value: 1}", "line 2: kinds.grwth: there is no such kind of message; there are safety, first_report,"),
        (GROWTH + "cooldown: 30", "line 2: cooldown: it must be 45 s, 30 min or 2 h"),
        (GROWTH + "quiet_hours:\n  from: 22:00\n  until: 25:00", 'line 4: quiet_hours.until: it must be a time of day, as "23:00"'),
        (GROWTH + "quiet_hours: {from: 9:00, until: 09:00}", "line 2: quiet_hours: they begin when they end"),
        (GROWTH + "kinds: {}", "kinds: it is here twice, on lines 1 and 2"),
        (GROWTH + "\nkolor: 1", "line 3: kolor: there is no such line in a policy"),
        (GROWTH + "digest: {every: 1 h}", "line 2: digest: kinds has no digest"),
        ("kinds:\n  safety: {value: 1, tone: light}", "line 2: kinds.safety.tone: only restored and half_restored may be light"),
        ("kinds: &all\n  growth: *all", "it is no YAML that can be read"),
        ("kinds: [", "line 1: expected the node content"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read(text, "own.yaml", SETTINGS)
    assert str(caught.value).startswith("own.yaml")
    assert said in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"away\.yaml"):
        policy(Settings(social_policy=tmp_path / "away.yaml"))


def test_the_file_says_itself_what_the_settings_say() -> None:
    """The lines that it shows as comments are lines that it takes."""
    lines = [line[4:].split("  ")[0] for line in DEFAULT.read_text().splitlines() if line.startswith("#   ")]
    found = read("\n".join([GROWTH, *lines]), "shown.yaml", SETTINGS)
    assert (found.announce_customers_min, found.growth_factor, found.cooldown, found.estimate_shift) == (500, 2, timedelta(minutes=30), timedelta(hours=1))


@pytest.mark.parametrize(
    ("clock", "until"),
    [((22, 59), None), ((23, 0), (31, 6)), ((5, 59), (30, 6)), ((6, 0), None)],
)
def test_quiet_hours_go_over_midnight(clock: tuple[int, int], until: tuple[int, int] | None) -> None:
    now = datetime(2026, 10, 30, *clock, tzinfo=TORONTO)
    expected = now if until is None else datetime(2026, 10, until[0], until[1], tzinfo=TORONTO)
    assert Quiet(time(23), time(6), TORONTO).over(now) == expected


moments = st.integers(0, 525_600).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


@given(moments, clocks, clocks)
def test_after_quiet_hours_it_may_be_spoken_within_a_day(now: datetime, begins: time, ends: time) -> None:
    quiet = Quiet(begins, ends, TORONTO)
    over = quiet.over(now)
    assert now <= over <= now + timedelta(hours=26)
    if begins != ends:
        assert quiet.over(over) == over or quiet.over(over) - over <= timedelta(hours=1), "but for the hour that the clocks show twice"
