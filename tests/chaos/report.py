"""What a storm of faults comes to: what happened, what was found wrong, and what was asked for and not reached."""

import math
import statistics
from dataclasses import dataclass, field

from tests.chaos.record import Recovery

RECOVERY_BELOW_S = 5.0
"""From any kill to the next acknowledgement, other faults meanwhile or not."""
KILLS_PER_MINUTE = 100 / 30
"""What a run must have done at least, for its verdict to mean something."""
OTHERS = {"stop ": "stood still for a while", "restart ": "restarts in order"}
SLOWEST = 5


@dataclass
class Report:
    """What happened, what was found wrong, and what was not reached."""

    minutes: float
    seed: int
    ingests: int
    """Processes that took events in."""
    kills: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    acknowledged: int = 0
    recovery_s: dict[str, dict[str, float]] = field(default_factory=dict)
    """Part -> from a kill of it to the next acknowledgement: how often, least, median, most.

    `all`: every kill, measured from itself, so that of kills that overlap the first counts; `since last`: from the last fault meanwhile; `alone`: kills that
    no other fault followed before that.
    """
    slowest: list[str] = field(default_factory=list)
    posts: int = 0
    looks: int = 0
    unanswered: int = 0
    settled_s: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def missed(self) -> list[str]:
        """What was asked for and not reached, although nothing is wrong in what was shown."""
        most, least_kills = self.recovery_s.get("all", {}).get("max", 0.0), math.ceil(self.minutes * KILLS_PER_MINUTE)
        slow = [f"{most:.2f} s from a kill to the next acknowledgement; less than {RECOVERY_BELOW_S:g} s were asked for"] if most >= RECOVERY_BELOW_S else []
        few = [f"{self.kills} kills; at least {least_kills} were asked for"] if self.kills < least_kills else []
        return slow + few

    def words(self) -> str:
        """For people."""
        others = ", ".join(f"{sum(n for what, n in self.faults.items() if what.startswith(action))} {name}" for action, name in OTHERS.items())
        storm = f"{self.minutes:g} minutes, seed {self.seed}, {self.ingests} to take events in"
        said = [
            f"{storm}: {self.kills} kills; besides {others}; {self.acknowledged:,} events acknowledged.",
            *(f"From a kill to the next acknowledgement, {part}: {_told(times)}" for part, times in self.recovery_s.items()),
            *(f"  among the slowest: {one}" for one in self.slowest),
            f"{self.looks:,} looks at the outputs ({self.unanswered} unanswered); {self.posts} posts.",
            f"All outputs agreed {self.settled_s:.1f} s after the last fault and event.",
            *(f"WRONG: {one}" for one in self.wrong[:50]),
            *(f"NOT REACHED: {one}" for one in self.missed),
            "Nothing lost, nothing twice, nothing backwards." if not self.wrong else f"{len(self.wrong)} things are wrong.",
        ]
        return "\n".join([*said, "PASSED" if not self.wrong and not self.missed else "FAILED"])


def _told(times: dict[str, float]) -> str:
    return f"{times['min']:.2f} s at least, {times['median']:.2f} s median, {times['max']:.2f} s at most, of {times['kills']:.0f}."


def recovered(recovery: Recovery) -> dict[str, dict[str, float]]:
    by_part: dict[str, list[float]] = {"all": [], "since last": [], "alone": []}
    for fault, taken_s, since_last_s in recovery.times:
        if fault.kills:
            for name in ("all", fault.part, *(["alone"] if fault.alone else [])):
                by_part.setdefault(name, []).append(taken_s)
            by_part["since last"].append(since_last_s)
    return {
        part: {"kills": len(times), "min": round(min(times), 3), "median": round(statistics.median(times), 3), "max": round(max(times), 3)}
        for part, times in by_part.items()
        if times
    }


def slowest(recovery: Recovery, began: float) -> list[str]:
    kills = sorted((one for one in recovery.times if one.fault.kills), key=lambda one: -one.taken_s)
    return [
        f"{taken_s:.2f} s ({since_last_s:.2f} s since the last fault) after {fault.action} {fault.part}, {fault.at - began:.1f} s into the storm"
        for fault, taken_s, since_last_s in kills[:SLOWEST]
    ]
