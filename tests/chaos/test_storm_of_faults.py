"""Half a minute of `make chaos`, with a fixed seed: faults at random, and an independent checker (I1 to I5)."""

from pathlib import Path

from tests.chaos.storm import Plan, run


def test_nothing_is_lost_nothing_is_there_twice_and_nothing_goes_backwards_whatever_is_killed(tmp_path: Path) -> None:
    report = run(tmp_path, Plan(minutes=0.25, seed=20180921, every_s=2.0))
    assert report.wrong == []
    assert report.kills >= 5
    assert report.acknowledged > 300
    assert report.posts > 0
