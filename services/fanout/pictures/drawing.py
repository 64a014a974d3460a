"""A scene, drawn: a map on the left, words on the right, 1200 by 675 pixels, as a PNG. The same in, the same out, on one machine."""

import io
import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from msgspec import Struct
from PIL import Image, ImageDraw

from services.fanout.pictures.atlas import Atlas, Box, Outline, Positions
from services.fanout.pictures.lettering import Letters
from services.fanout.pictures.panel import draw_panel
from services.fanout.pictures.scene import Scene
from services.fanout.pictures.style import BORDER, CIRCLE, FINER, GREY, HEIGHT, INK, MAP_WIDTH, OUTSIDE, PAPER, WIDTH, patterned
from services.fanout.pictures.undrawable import Undrawable
from services.kernel.ids import AreaId
from services.kernel.messages import Wording

ONE_SHARE, MANY_SHARE = 0.6, 0.86
"""How much of the map what is marked takes: around one area its neighbours are seen."""
KM_A_DEGREE = 111.2
_SPAN_KM_MIN = 2.0
_COLOURS = 64
_SCALE_MAX, _PAD = 190, 14
_LABEL_MAX = 380
_LABEL_SHARE, _LABEL_SHARE_ALONE = 0.7, 1.3
"""A label that takes more of its area than this, across, stands beside it."""
Spot = tuple[float, float]
"""Longitude and latitude."""


class _Frame(Struct):
    """From positions, projected, to pixels of the larger drawing."""

    west: float
    north: float
    pixels: float
    """To a degree of latitude."""

    def ring(self, positions: Positions) -> list[tuple[float, float]]:
        xy = np.column_stack(((positions[:, 0] - self.west) * self.pixels, (self.north - positions[:, 1]) * self.pixels))
        return list(map(tuple, np.clip(xy, -9_000, 9_000).tolist()))

    def spot(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.west) * self.pixels, (self.north - y) * self.pixels


def draw(scene: Scene, atlas: Atlas, letters: Letters, wording: Wording, called: Callable[[AreaId], str], spots: Sequence[Spot] = ()) -> bytes:
    """The picture. `spots`: where circles go; `called`: the names of the areas around. Raises `Undrawable`."""
    letters.check([scene.title, *scene.lines, *scene.foot, *(label for one in scene.marked for label in one.labels)])
    marked = [one.area for one in scene.marked if atlas.knows(one.area)]
    bounds = atlas.bounds(marked)
    frame, box, stretch = _framed(bounds, MANY_SHARE if len(scene.marked) > 1 else ONE_SHARE)
    view = atlas.view(marked, box, 1 / frame.pixels)
    outlines = {outline.area: outline for outline in view.outlines}
    canvas = Image.new("RGB", (MAP_WIDTH * FINER, HEIGHT * FINER), OUTSIDE)
    _areas(canvas, outlines.values(), frame, scene)
    _circles(canvas, [frame.spot(x * stretch, y) for x, y in spots])
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    picture.paste(canvas.reduce(FINER), (0, 0))
    pen = ImageDraw.Draw(picture)
    taken = [_scale(pen, frame, letters, wording)]
    _labels(pen, scene, outlines, frame, letters, taken)
    _neighbours(pen, [outline for outline in view.outlines if outline.area not in marked], frame, letters, called, taken)
    pen.line([(MAP_WIDTH, 0), (MAP_WIDTH, HEIGHT)], fill=BORDER, width=2)
    draw_panel(picture, scene, letters, circles=bool(spots), untold=len(outlines) > len(marked))
    file = io.BytesIO()
    picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, "PNG", compress_level=6)
    return file.getvalue()


def _framed(bounds: Box, share: float) -> tuple[_Frame, Box, float]:
    """How the map is placed so that `bounds` takes `share` of it; what it shows; and how much shorter its degrees of longitude are."""
    west, south, east, north = bounds
    if not -85 < south <= north < 85 or east - west > 180:
        raise Undrawable("what lies at a pole, or on both sides of the date line, is not drawn")
    stretch = math.cos(math.radians((south + north) / 2))
    least = _SPAN_KM_MIN / KM_A_DEGREE
    width, height = max((east - west) * stretch, least) / share, max(north - south, least) / share
    pixels = min(MAP_WIDTH / width, HEIGHT / height)
    width, height = MAP_WIDTH / pixels, HEIGHT / pixels
    x, y = (west + east) / 2 * stretch, (south + north) / 2
    box = ((x - width / 2) / stretch, y - height / 2, (x + width / 2) / stretch, y + height / 2)
    return _Frame(x - width / 2, y + height / 2, pixels * FINER), box, stretch


def _areas(canvas: Image.Image, outlines: Iterable[Outline], frame: _Frame, scene: Scene) -> None:
    shades = {one.area: one.shade for one in scene.marked}
    pen = ImageDraw.Draw(canvas)
    told = []
    for outline in outlines:
        rings = [(frame.ring(positions), hole) for positions, hole in outline.rings]
        if outline.area in shades:
            told.append((outline, rings))
            continue
        for ring, hole in rings:
            pen.polygon(ring, fill=OUTSIDE if hole else PAPER)
            pen.line([*ring, ring[0]], fill=BORDER, width=FINER)
    for outline, rings in told:
        mask = Image.new("1", canvas.size)
        brush = ImageDraw.Draw(mask)
        for ring, hole in rings:
            brush.polygon(ring, fill=0 if hole else 1)
        inside = mask.getbbox()
        if inside:
            size = inside[2] - inside[0], inside[3] - inside[1]
            canvas.paste(patterned(shades[outline.area], size), inside[:2], mask.crop(inside))
    for _, rings in told:
        for ring, _ in rings:
            pen.line([*ring, ring[0]], fill=INK, width=3 * FINER, joint="curve")


def _circles(canvas: Image.Image, spots: Iterable[tuple[float, float]]) -> None:
    pen = ImageDraw.Draw(canvas)
    for x, y in spots:
        for radius, colour in ((13 * FINER, PAPER), (10 * FINER, CIRCLE), (5 * FINER, PAPER)):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _scale(pen: ImageDraw.ImageDraw, frame: _Frame, letters: Letters, wording: Wording) -> Box:
    """A bar of a round length, at the lower left; gives where it is."""
    km_a_pixel = KM_A_DEGREE * FINER / frame.pixels
    tens = 10 ** math.floor(math.log10(_SCALE_MAX * km_a_pixel))
    km = max(step * tens for step in (1, 2, 5) if step * tens <= _SCALE_MAX * km_a_pixel)
    text, font = wording.say("picture-scale", number=wording.number(round(km)) if km >= 1 else wording.decimal(km)), letters.font(24, bold=True)
    length, top = round(km / km_a_pixel), HEIGHT - 72
    box = (_PAD, top, _PAD + max(length, round(font.getlength(text))) + 24, HEIGHT - _PAD)
    pen.rectangle(box, fill=PAPER, outline=BORDER)
    pen.text((_PAD + 12, top + 4), text, fill=INK, font=font)
    pen.line([(_PAD + 12, top + 36), (_PAD + 12, top + 46), (_PAD + 12 + length, top + 46), (_PAD + 12 + length, top + 36)], fill=INK, width=4)
    return box


def _labels(pen: ImageDraw.ImageDraw, scene: Scene, outlines: dict[AreaId, Outline], frame: _Frame, letters: Letters, taken: list[Box]) -> None:
    """What is marked, by name, the most important first; one for which there is no room is left out."""
    for one in scene.marked:
        if one.area not in outlines:
            continue
        fonts = [letters.font(26, bold=number == 0) for number in range(len(one.labels))]
        texts = [letters.fitted(label, (26,), _LABEL_MAX, 1, bold=number == 0)[1][0] for number, label in enumerate(one.labels)]
        width, height = max(font.getlength(text) for font, text in zip(fonts, texts, strict=True)) + 20, 32 * len(texts) + 10
        for x, y in _places(outlines[one.area], frame, width, height, alone=len(scene.marked) == 1):
            box = _within((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
            if not any(_meet(box, other) for other in taken):
                taken.append(box)
                pen.rounded_rectangle(box, 6, fill=PAPER, outline=INK, width=2)
                for number, (font, text) in enumerate(zip(fonts, texts, strict=True)):
                    pen.text(((box[0] + box[2]) / 2, box[1] + 21 + 32 * number), text, fill=INK, font=font, anchor="mm")
                break


def _places(outline: Outline, frame: _Frame, width: float, height: float, *, alone: bool) -> list[tuple[float, float]]:
    """Where the middle of a label may be, the best first: in its area where there is room, else beside it."""
    x, y = (place / FINER for place in frame.spot(*outline.label))
    rings = np.concatenate([ring for ring, hole in outline.rings if not hole])
    (west, south), (east, north) = (tuple(place / FINER for place in frame.spot(*corner)) for corner in (rings.min(axis=0), rings.max(axis=0)))
    inside = [(x, y), (x, y + 0.7 * height), (x, y - 0.7 * height)]
    beside = [(x, south + 0.6 * height), (x, north - 0.6 * height), (east + 0.53 * width, y), (west - 0.53 * width, y)]
    share = _LABEL_SHARE_ALONE if alone else _LABEL_SHARE
    return inside + beside if width <= share * (east - west) and height <= share * (south - north) else beside + inside


def _neighbours(
    pen: ImageDraw.ImageDraw, outlines: Iterable[Outline], frame: _Frame, letters: Letters, called: Callable[[AreaId], str], taken: list[Box]
) -> None:
    """The names of the areas around, where they fit into them."""
    font = letters.font(22)
    for outline in outlines:
        name = called(outline.area)
        x, y = (place / FINER for place in frame.spot(*outline.label))
        width = font.getlength(name)
        box = (x - width / 2, y - 14, x + width / 2, y + 14)
        largest = max((ring for ring, hole in outline.rings if not hole), key=len)
        across = float(np.ptp(largest[:, 0])) * frame.pixels / FINER
        if box != _within(box) or width > 0.75 * across or any(_meet(box, other) for other in taken):
            continue
        try:
            letters.check([name])
        except Undrawable:
            continue
        taken.append(box)
        pen.text((x, y), name, fill=GREY, font=font, anchor="mm", stroke_width=2, stroke_fill=PAPER)


def _within(box: Box) -> Box:
    """`box`, moved into the map."""
    west, north, east, south = box
    x = min(max(west, 4), MAP_WIDTH - 6 - (east - west)) - west
    y = min(max(north, 4), HEIGHT - 4 - (south - north)) - north
    return west + x, north + y, east + x, south + y


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] + 4 and other[0] < one[2] + 4 and one[1] < other[3] + 4 and other[1] < one[3] + 4
