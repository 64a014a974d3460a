"""`surgecast keys` on a real Redis: what is printed, and what is told to who mistypes."""

from datetime import UTC, datetime

import pytest

from services.cli import keys
from services.cli.failure import Failure
from services.kit.settings import Settings


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(_env_file=None, journal_url=redis_url)


def test_a_key_is_made_listed_rotated_and_revoked(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    keys.create(settings, "oms", ["snapshots"], ["pge", "kubra"], "90d", (None, 500, 0))
    key = capsys.readouterr().out.strip()
    key_id = key.split("_")[1]
    keys.show(settings)
    (row,) = [line for line in capsys.readouterr().out.splitlines() if key_id in line]
    assert all(part in row for part in ("oms", "snapshots", "kubra, pge", "500 events/s, any events/day", "never", "active"))
    assert key not in row

    keys.rotate(settings, key_id, "24h")
    told = capsys.readouterr()
    assert key_id in told.err
    second = told.out.strip().split("_")[1]
    keys.show(settings)
    assert f"replaced by {second}" in capsys.readouterr().out
    keys.revoke(settings, key_id)
    assert "within 30 seconds" in " ".join(capsys.readouterr().out.split())
    keys.show(settings)
    assert key_id not in capsys.readouterr().out.replace(second, "")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"expires": "soon"}, "expires: 'soon' is neither a span"),
        ({"expires": "2001-01-01"}, "expires: 2001-01-01 00:00 UTC is past"),
        ({"formats": ["dxf"]}, "format: there is no 'dxf'; there are arcgis"),
        ({"scopes": ["all"]}, "scopes: all given; there are events"),
    ],
)
def test_a_mistyped_key_is_not_made_and_the_mistake_is_named(
    settings: Settings, wrong: dict[str, object], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Failure, match=said):
        keys.create(settings, "oms", **wrong)  # type: ignore[arg-type]
    with pytest.raises(Failure, match="There is no key 00000000"):
        keys.rotate(settings, "00000000", "24h")
    with pytest.raises(Failure, match="overlap: '1 day' is no span of time"):
        keys.rotate(settings, "00000000", "1 day")
    keys.show(settings)
    assert "There are no keys" in capsys.readouterr().out


def test_an_expiry_is_a_span_a_date_or_a_time() -> None:
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert keys.moment("90d", now).isoformat() == "2027-02-25T12:00:00+00:00"
    assert keys.moment("2027-01-31", now).isoformat() == "2027-01-31T00:00:00+00:00"
    assert keys.moment("2027-01-31T12:00:00-05:00", now).isoformat() == "2027-01-31T17:00:00+00:00"
