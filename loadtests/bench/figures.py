"""How benchmarks tell what they measured."""

from statistics import median


def row(name: str, values: list[float], unit: str, asked: str = "") -> str:
    """One line: the median, the range, and what was asked for."""
    asked = f"; asked: {asked}" if asked else ""
    return f"{name}: median {median(values):,.3g} {unit} (of {len(values)}: {min(values):,.3g} to {max(values):,.3g}){asked}"
