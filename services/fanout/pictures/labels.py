"""What is written on the map: the scale, the names of what is marked, and those of the areas around where there is room."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
from PIL import ImageDraw

from services.fanout.pictures.atlas import Box, Outline
from services.fanout.pictures.frame import Frame
from services.fanout.pictures.lettering import Letters
from services.fanout.pictures.scene import Scene
from services.fanout.pictures.style import BORDER, FINER, GREY, HEIGHT, INK, MAP_WIDTH, PAPER
from services.fanout.pictures.undrawable import Undrawable
from services.kernel.ids import AreaId
from services.kernel.messages import Wording

_SCALE_MAX, _PAD, _SIZE, _SMALL = 190, 14, 26, 22
_LINE, _LABEL_MAX = 32, 380
_SHARE, _SHARE_ALONE = 0.7, 1.3
"""A label that takes more of its area than this, across, stands beside it."""


def draw_scale(pen: ImageDraw.ImageDraw, frame: Frame, letters: Letters, wording: Wording) -> Box:
    """A bar of a round length, at the lower left; gives where it is."""
    most = _SCALE_MAX * frame.km_a_pixel
    tens = 10 ** math.floor(math.log10(most))
    km = max(step * tens for step in (1, 2, 5) if step * tens <= most)
    text, font = wording.say("picture-scale", number=wording.number(round(km)) if km >= 1 else wording.decimal(km)), letters.font(24, bold=True)
    length, top = round(km / frame.km_a_pixel), HEIGHT - 72
    box = (_PAD, top, _PAD + max(length, round(font.getlength(text))) + 24, HEIGHT - _PAD)
    pen.rectangle(box, fill=PAPER, outline=BORDER)
    pen.text((_PAD + 12, top + 4), text, fill=INK, font=font)
    pen.line([(_PAD + 12, top + 36), (_PAD + 12, top + 46), (_PAD + 12 + length, top + 46), (_PAD + 12 + length, top + 36)], fill=INK, width=4)
    return box


def draw_marked(pen: ImageDraw.ImageDraw, scene: Scene, outlines: Mapping[AreaId, Outline], frame: Frame, letters: Letters, taken: list[Box]) -> None:
    """What is marked, by name, the most important first; one for which there is no room is left out.

    Another marked area is covered only where nothing else is left.
    """
    extents = {one.area: _extent(outlines[one.area], frame) for one in scene.marked if one.area in outlines}
    for one in (one for one in scene.marked if one.area in extents):
        fonts = [letters.font(_SIZE, bold=number == 0) for number in range(len(one.labels))]
        texts = [letters.fitted(label, (_SIZE,), _LABEL_MAX, 1, bold=number == 0)[1][0] for number, label in enumerate(one.labels)]
        width, height = max(font.getlength(text) for font, text in zip(fonts, texts, strict=True)) + 20, _LINE * len(texts) + 10
        free = [box for box in _places(outlines[one.area], extents[one.area], frame, width, height, len(extents) == 1) if not _met(box, taken)]
        others = [extent for area, extent in extents.items() if area != one.area]
        box = next((box for box in free if not _met(box, others)), free[0] if free else None)
        if box is None:
            continue
        taken.append(box)
        pen.rounded_rectangle(box, 6, fill=PAPER, outline=INK, width=2)
        for number, (font, text) in enumerate(zip(fonts, texts, strict=True)):
            pen.text(((box[0] + box[2]) / 2, box[1] + 21 + _LINE * number), text, fill=INK, font=font, anchor="mm")


def draw_neighbours(
    pen: ImageDraw.ImageDraw, outlines: Iterable[Outline], frame: Frame, letters: Letters, called: Callable[[AreaId], str], taken: list[Box]
) -> None:
    """The names of the areas around, where they fit into them."""
    font = letters.font(_SMALL)
    for outline in outlines:
        name = called(outline.area)
        x, y = (place / FINER for place in frame.at(*outline.label))
        width = font.getlength(name)
        box = (x - width / 2, y - 14, x + width / 2, y + 14)
        largest = max((ring for ring, hole in outline.rings if not hole), key=len)
        across = float(np.ptp(largest[:, 0])) * frame.pixels / FINER
        if box != _within(box) or width > 0.75 * across or _met(box, taken):
            continue
        try:
            letters.check([name])
        except Undrawable:
            continue
        taken.append(box)
        pen.text((x, y), name, fill=GREY, font=font, anchor="mm", stroke_width=2, stroke_fill=PAPER)


def _extent(outline: Outline, frame: Frame) -> Box:
    """What encloses an area on the picture."""
    rings = np.concatenate([ring for ring, hole in outline.rings if not hole])
    west, south = (place / FINER for place in frame.at(*rings.min(axis=0)))
    east, north = (place / FINER for place in frame.at(*rings.max(axis=0)))
    return west, north, east, south


def _places(outline: Outline, extent: Box, frame: Frame, width: float, height: float, alone: bool) -> Iterator[Box]:
    """Where a label may be, the best first: in its area where there is room, else beside it."""
    west, north, east, south = extent
    x, y = (place / FINER for place in frame.at(*outline.label))
    across, down = 0.53 * width, 0.6 * height
    inside = [(x, y), (x, y + 0.7 * height), (x, y - 0.7 * height)]
    beside = [(x, south + down), (x, north - down), (east + across, y), (west - across, y)]
    beside += [(right, low) for low in (north - down, south + down) for right in (east + across, west - across)]
    share = _SHARE_ALONE if alone else _SHARE
    fits = width <= share * (east - west) and height <= share * (south - north)
    for middle, line in inside + beside if fits else beside + inside:
        yield _within((middle - width / 2, line - height / 2, middle + width / 2, line + height / 2))


def _within(box: Box) -> Box:
    """`box`, moved into the map."""
    west, north, east, south = box
    x = min(max(west, 4), MAP_WIDTH - 6 - (east - west)) - west
    y = min(max(north, 4), HEIGHT - 4 - (south - north)) - north
    return west + x, north + y, east + x, south + y


def _met(box: Box, others: Iterable[Box]) -> bool:
    return any(box[0] < other[2] + 4 and other[0] < box[2] + 4 and box[1] < other[3] + 4 and other[1] < box[3] + 4 for other in others)
