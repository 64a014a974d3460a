"""The style sheet: contrast as WCAG 2.1 AA asks (1.4.3: text 4.5 to 1; 1.4.11: controls and graphics 3 to 1), on light and on dark."""

import re
from importlib.resources import files
from itertools import product

import pytest

CSS = files("services.fanout.site").joinpath("assets/site.css").read_text(encoding="utf-8")
TEXT = [
    ("ink", "paper"),
    ("ink", "sheet"),
    ("soft", "paper"),
    ("soft", "sheet"),
    ("link", "paper"),
    ("band-ink", "band"),
    ("warn", "paper"),
    ("warn", "warn-paper"),
    ("warn", "sheet"),
    ("calm", "paper"),
]
GRAPHICS = [("bar", "paper"), ("soft", "sheet")]


def palettes() -> list[dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in (light, dark)]


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.1 defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("palette", "pair"), list(product((0, 1), TEXT)))
def test_text_can_be_read_on_its_ground(palette: int, pair: tuple[str, str]) -> None:
    colours = palettes()[palette]
    assert contrast(colours[pair[0]], colours[pair[1]]) >= 4.5


@pytest.mark.parametrize(("palette", "pair"), list(product((0, 1), GRAPHICS)))
def test_bars_and_frames_can_be_seen_on_their_ground(palette: int, pair: tuple[str, str]) -> None:
    colours = palettes()[palette]
    assert contrast(colours[pair[0]], colours[pair[1]]) >= 3
