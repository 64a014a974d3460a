"""Storms against the X API at each tier, in the storm's own time: nothing over a limit, nothing twice, nothing of the first importance lost or late?

`python -m loadtests.bench.social [--storm NAME] [--tier TIER] [--hours N]`: the live channel, as `social_storm` runs it, posts through tweepy to the simulator
of X, and `social_checker`, which shares no code with the planner, holds what the simulator took against the storm. Needs the recorded storms.
"""

import argparse
import math
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from loadtests.bench.social_checker import Rules, Verdict, check, moment
from loadtests.bench.social_storm import Storm, account_settings
from services.adapters.policy_file import DEFAULT, policy
from services.cli.plan.storms import Step, recorded
from services.kernel.messages import LANGS
from services.kit.logs import configure
from services.kit.settings import Settings
from tests.simulators.x_api import XApi, running
from tests.simulators.x_tiers import TIERS, account
from tests.storms import SHARED

STORMS = {"BC Hydro 2024": ("bchydro-bomb-cyclone-2024-11", "America/Vancouver"), "PG&E 2019": ("pge-psps-2019-10", "America/Los_Angeles")}
SHOWN_MAX = 8


class Case(NamedTuple):
    """What an account has of X."""

    tier: str
    money: float | None = None
    """Dollars in thirty days, where posts cost any."""

    @property
    def name(self) -> str:
        """For people."""
        return self.tier if self.money is None else f"{self.tier}, ${self.money:g}"


CASES = (*(Case(tier) for tier in TIERS), Case("pay-per-use", 5.0))


def replay(steps: Sequence[Step], case: Case, zone: str) -> Verdict:
    """One storm in one case."""
    api = XApi(terms=account(case.tier, math.inf if case.money is None else case.money))
    api.message_posts = len(LANGS)
    with tempfile.TemporaryDirectory() as folder, running(api):
        settings = account_settings(api, case.tier, case.money, timezone=zone)
        storm = Storm(api, Path(folder), settings, policy(settings), steps[0].at)
        storm.run(steps)
    return check(steps, api.record, api.account.budgets(), Rules.of(settings.social_policy or DEFAULT), storm.clock.now().timestamp())


def show(verdict: Verdict) -> None:
    """In words, with the worst by name."""
    for row in verdict.rows():
        print(f"  {row}")
    worst = sorted((*verdict.lost, *verdict.late), key=lambda top: -top.budget_s)
    for top in worst[:SHOWN_MAX]:
        end = "told" if top.told else "no longer news"
        print(f"    {top.area}, {top.why}: {moment(top.cause)}, {end} {moment(top.end)}, {top.budget_s:.0f} s with budget")


def main() -> None:
    """Replay what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--storm", choices=[name for name, _ in STORMS.values()])
    parser.add_argument("--tier", choices=TIERS)
    parser.add_argument("--hours", type=float, default=10_000, help="of the storm, from its beginning; as long as it is, where none are given")
    asked = parser.parse_args()
    configure("bench", "error")
    wrong = []
    for title, (name, zone) in STORMS.items():
        path = SHARED / f"{name}.ndjson.xz"
        if asked.storm not in (None, name):
            continue
        if not path.exists():
            print(f"skipped: there is no {path.name} (set SURGECAST_SHARED)")
            continue
        steps = list(recorded(path, None, Settings(timezone=zone)))
        end = steps[0].at + timedelta(hours=asked.hours)
        steps = [step for step in steps if step.at <= end]
        for case in CASES:
            if asked.tier not in (None, case.tier):
                continue
            began = time.perf_counter()
            verdict = replay(steps, case, zone)
            print(f"{title}, {case.name} ({(steps[-1].at - steps[0].at).total_seconds() / 3_600:.0f} h in {time.perf_counter() - began:.0f} s)", flush=True)
            show(verdict)
            wrong += [f"{title}, {case.name}: {what}" for what in verdict.wrong]
    if wrong:
        raise SystemExit("FAILED: " + "; ".join(wrong))


if __name__ == "__main__":
    main()
