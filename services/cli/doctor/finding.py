"""What one check found."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "OK"
    ATTENTION = "needs attention"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    verdict: Verdict
    about: str
    says: str
    """What was found; where it isn't fine, also what to do."""


def ok(about: str, says: str) -> Finding:
    """Nothing to do."""
    return Finding(Verdict.OK, about, says)


def attention(about: str, says: str) -> Finding:
    """Works, but not as one would want in a storm."""
    return Finding(Verdict.ATTENTION, about, says)


def broken(about: str, says: str) -> Finding:
    """Does not work until something is done."""
    return Finding(Verdict.BROKEN, about, says)
