"""How pictures look: sizes, colours and patterns. Text has 7:1 or more against what is behind it, lines that tell something 3:1 (WCAG 2.2, 1.4.6, 1.4.11)."""

from collections.abc import Mapping
from functools import cache

from msgspec import Struct
from PIL import Image, ImageDraw

from services.fanout.pictures.scene import Shade

WIDTH, HEIGHT = 1_200, 675
MAP_WIDTH = 770
"""The rest, on the right, is words."""
FINER = 2
"""The map is drawn so many times larger, and made smaller: Pillow's lines and edges are stepped."""
INK, GREY, PAPER, OUTSIDE, WASH = "#1a1a1a", "#4d4d4d", "#ffffff", "#e3e8eb", "#f7f8f9"
BORDER, CIRCLE = "#767676", "#1f3a93"


class Fill(Struct, frozen=True):
    """A colour, and lines over it: colour alone tells nothing (WCAG 2.2, 1.4.1)."""

    colour: str
    every: int = 0
    """Pixels from one line to the next; 0: no lines."""
    slopes: tuple[int, ...] = ()
    """Which way they go: 1 and -1 rise and fall, 0 is level."""


FILLS: Mapping[Shade, Fill] = {
    Shade.FEW: Fill("#ffeda0"),
    Shade.HUNDREDS: Fill("#feb24c", 36, (1,)),
    Shade.THOUSANDS: Fill("#fc6b3a", 16, (1,)),
    Shade.MOST: Fill("#d7301f", 22, (1, -1)),
    Shade.PLANNED: Fill("#9ecae1", 18, (0,)),
    Shade.RESTORED: Fill("#b8e0c2", 36, (-1,)),
}
_LINE_WIDTH = 3


@cache
def tile(shade: Shade) -> Image.Image:
    """A square of the pattern of `shade`, which goes on over its edges."""
    fill = FILLS[shade]
    size = fill.every or 16
    square = Image.new("RGB", (size, size), fill.colour)
    pen = ImageDraw.Draw(square)
    for slope in fill.slopes:
        for shift in (-size, 0, size):
            ends = [(-size, shift + size * slope), (2 * size, shift - 2 * size * slope)] if slope else [(0, shift + size // 2), (size, shift + size // 2)]
            pen.line(ends, fill=INK, width=_LINE_WIDTH)
    return square


def patterned(shade: Shade, size: tuple[int, int]) -> Image.Image:
    """A rectangle of it."""
    square, whole = tile(shade), Image.new("RGB", size)
    for x in range(0, size[0], square.width):
        for y in range(0, size[1], square.height):
            whole.paste(square, (x, y))
    return whole
