"""The words beside the map: what is told, what the marks mean, and as of when."""

from collections.abc import Sequence

from msgspec import Struct
from PIL import Image, ImageDraw

from services.fanout.pictures.lettering import Letters
from services.fanout.pictures.scene import Scene, Shade
from services.fanout.pictures.style import BORDER, CIRCLE, FINER, GREY, HEIGHT, INK, MAP_WIDTH, PAPER, WASH, WIDTH, patterned
from services.fanout.pictures.undrawable import Undrawable

_MARGIN, _SWATCH = 26, 40
_TEXT_WIDTH = WIDTH - MAP_WIDTH - 2 * _MARGIN
_SCALES = (1.0, 0.92, 0.85, 0.78, 0.71, 0.65, 0.6)
_TITLE, _LINE, _LEGEND, _FOOT = 52, 38, 28, 25
_LEADING = 1.22


class _Row(Struct):
    """One line of words."""

    text: str
    size: int
    top: float
    bold: bool = False
    colour: str = INK
    swatch: str = ""
    """Which mark stands before it."""
    indent: int = 0


def draw_panel(picture: Image.Image, scene: Scene, letters: Letters, *, circles: bool, untold: bool) -> None:
    """Draw it into `picture`, as large as it fits."""
    pen = ImageDraw.Draw(picture)
    pen.rectangle((MAP_WIDTH + 2, 0, WIDTH, HEIGHT), fill=WASH)
    legend = [
        *((str(shade), meaning) for shade, meaning in scene.legend),
        *([("circle", scene.circles)] if circles else []),
        *([("untold", scene.untold)] if untold else []),
    ]
    for row in _rows(scene, legend, letters):
        left = MAP_WIDTH + _MARGIN + row.indent
        pen.text((left, row.top), row.text, fill=row.colour, font=letters.font(row.size, bold=row.bold))
        if row.swatch:
            _swatch(picture, row.swatch, MAP_WIDTH + _MARGIN, round(row.top + row.size * 0.6 - 15))


def _rows(scene: Scene, legend: Sequence[tuple[str, str]], letters: Letters) -> list[_Row]:
    for scale in _SCALES:
        rows, bottom = _laid(scene, legend, letters, scale)
        if bottom <= HEIGHT - 16:
            return rows
    raise Undrawable("its words don't fit beside the map")


def _laid(scene: Scene, legend: Sequence[tuple[str, str]], letters: Letters, scale: float) -> tuple[list[_Row], float]:
    """The rows at one size, the foot at the bottom; and where they would end."""
    rows, top = [], 20.0
    size, lines = letters.fitted(scene.title, [round(_TITLE * scale), round(_TITLE * scale * 0.8), round(_TITLE * scale * 0.65)], _TEXT_WIDTH, 3, bold=True)
    for line in lines:
        rows.append(_Row(line, size, top, bold=True))
        top += size * _LEADING
    for number, told in enumerate(scene.lines):
        size, top = round(_LINE * scale), top + 14 * scale
        for line in letters.lines(told, size, _TEXT_WIDTH, bold=number == 0):
            rows.append(_Row(line, size, top, bold=number == 0))
            top += size * _LEADING
    top += 20 * scale
    for mark, meaning in legend:
        size = round(_LEGEND * scale)
        for number, line in enumerate(letters.lines(meaning, size, _TEXT_WIDTH - _SWATCH - 12)):
            rows.append(_Row(line, size, top, swatch="" if number else mark, indent=_SWATCH + 12))
            top += size * _LEADING
        top += 8
    size = round(_FOOT * scale)
    foot = [line for told in scene.foot for line in letters.lines(told, size, _TEXT_WIDTH)]
    height = len(foot) * size * _LEADING
    start = max(top + 10, HEIGHT - 20 - height)
    rows += [_Row(line, size, start + number * size * _LEADING, colour=GREY) for number, line in enumerate(foot)]
    return rows, start + height


def _swatch(picture: Image.Image, mark: str, left: int, top: int) -> None:
    """A mark, as it is on the map."""
    size = (_SWATCH * FINER, 30 * FINER)
    square = patterned(Shade(mark), size) if mark in list(Shade) else Image.new("RGB", size, PAPER if mark == "untold" else WASH)
    pen = ImageDraw.Draw(square)
    if mark == "circle":
        x, y = size[0] / 2, size[1] / 2
        for radius, colour in ((13 * FINER, PAPER), (10 * FINER, CIRCLE), (5 * FINER, PAPER)):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    else:
        pen.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=BORDER if mark == "untold" else INK, width=FINER * (1 if mark == "untold" else 2))
    picture.paste(square.reduce(FINER), (left, top))
