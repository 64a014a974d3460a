"""A scene, drawn: a map on the left, words on the right, 1200 by 675 pixels, as a PNG. The same in, the same out, on one machine."""

import io
from collections.abc import Callable, Iterable, Sequence

from PIL import Image, ImageDraw

from services.fanout.pictures.atlas import Atlas, Outline
from services.fanout.pictures.frame import Frame, framed
from services.fanout.pictures.labels import draw_marked, draw_neighbours, draw_scale
from services.fanout.pictures.lettering import Letters
from services.fanout.pictures.panel import draw_panel
from services.fanout.pictures.scene import Scene
from services.fanout.pictures.style import BORDER, CIRCLE, FINER, HEIGHT, INK, MAP_WIDTH, OUTSIDE, PAPER, WIDTH, patterned
from services.kernel.ids import AreaId
from services.kernel.messages import Wording

ONE_SHARE, MANY_SHARE = 0.6, 0.86
"""How much of the map what is marked takes: around one area its neighbours are seen."""
_COLOURS = 64
Spot = tuple[float, float]
"""Longitude and latitude."""


def draw(scene: Scene, atlas: Atlas, letters: Letters, wording: Wording, called: Callable[[AreaId], str], spots: Sequence[Spot] = ()) -> bytes:
    """The picture. `spots`: where circles go; `called`: the names of the areas around. Raises `Undrawable`."""
    letters.check([scene.title, *scene.lines, *scene.foot, *(label for one in scene.marked for label in one.labels)])
    marked = [one.area for one in scene.marked if atlas.knows(one.area)]
    frame = framed(atlas.bounds(marked), MANY_SHARE if len(scene.marked) > 1 else ONE_SHARE)
    outlines = {outline.area: outline for outline in atlas.view(marked, frame.box, frame.stretch, 1 / frame.pixels)}
    canvas = Image.new("RGB", (MAP_WIDTH * FINER, HEIGHT * FINER), OUTSIDE)
    _areas(canvas, outlines.values(), frame, scene)
    _circles(canvas, [frame.spot(*spot) for spot in spots])
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    picture.paste(canvas.reduce(FINER), (0, 0))
    pen = ImageDraw.Draw(picture)
    taken = [draw_scale(pen, frame, letters, wording)]
    draw_marked(pen, scene, outlines, frame, letters, taken)
    draw_neighbours(pen, [outline for outline in outlines.values() if outline.area not in marked], frame, letters, called, taken)
    pen.line([(MAP_WIDTH, 0), (MAP_WIDTH, HEIGHT)], fill=BORDER, width=2)
    draw_panel(picture, scene, letters, circles=bool(spots), untold=len(outlines) > len(marked))
    file = io.BytesIO()
    picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, "PNG", compress_level=6)
    return file.getvalue()


def _areas(canvas: Image.Image, outlines: Iterable[Outline], frame: Frame, scene: Scene) -> None:
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
