"""Letters: fonts that can write both languages, and text set in lines. Pillow's own font has no accents, so one of the system's is needed."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

from services.fanout.pictures.undrawable import Undrawable

PLAIN = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "Arial.ttf", "arial.ttf")
BOLD = ("DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf", "NotoSans-Bold.ttf", "Arial Bold.ttf", "arialbd.ttf")
_SOUGHT = "ÀÉÇÊÎÔÛàéçêëîïôùûœŒ«»—’ 0"
_NONE = "\uffff"
"""No font has a letter for it: what a font shows in its place, it shows for all that it lacks."""
_WORD = re.compile(r"[^ -]*-+|[^ -]+ *| +")

Font = ImageFont.FreeTypeFont


class Letters:
    """The fonts of one process."""

    def __init__(self, own: Path | None = None) -> None:
        """`own`: a TrueType or OpenType file to write with. Raises `Undrawable` where neither that nor any font of the system can write French."""
        self._plain, self._bold = (str(own), str(own)) if own else (_first(PLAIN), _first(BOLD) if _has(BOLD) else _first(PLAIN))
        if own and not _writes_french(str(own)):
            raise Undrawable(f"{own} is no font, or has no French letters")

    def font(self, size: int, *, bold: bool = False) -> Font:
        """A font of `size` pixels."""
        return _font(self._bold if bold else self._plain, size)

    def check(self, texts: Sequence[str]) -> None:
        """Raises `Undrawable` where a letter of `texts` is in neither font: a picture with holes in a name is worse than none."""
        for name in (self._plain, self._bold):
            lacking = [letter for letter in sorted(set("".join(texts))) if not letter.isspace() and not _has_letter(name, letter)]
            if lacking:
                raise Undrawable(f"{name} has no letter for {' '.join(lacking)}")

    def lines(self, text: str, size: int, width: int, *, bold: bool = False) -> list[str]:
        """`text` in lines of no more than `width` pixels, parted at spaces that may break, and after hyphens; a word that alone is wider stands alone."""
        font, lines = self.font(size, bold=bold), [""]
        for word in _WORD.findall(text):
            longer = lines[-1] + word
            if not lines[-1] or font.getlength(longer.rstrip(" ")) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return [line.rstrip(" ") for line in lines]

    def fitted(self, text: str, sizes: Sequence[int], width: int, lines_max: int, *, bold: bool = False) -> tuple[int, list[str]]:
        """The largest of `sizes` at which `text` fits, and its lines; at the last one it is cut."""
        for size in sizes:
            lines, font = self.lines(text, size, width, bold=bold), self.font(size, bold=bold)
            if len(lines) <= lines_max and all(font.getlength(line) <= width for line in lines):
                return size, lines
        return sizes[-1], [_cut(line, font, width, ended=number == lines_max - 1 < len(lines) - 1) for number, line in enumerate(lines[:lines_max])]


def _cut(line: str, font: Font, width: int, *, ended: bool) -> str:
    if not ended and font.getlength(line) <= width:
        return line
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line.rstrip()}…"


@cache
def _first(names: tuple[str, ...]) -> str:
    for name in names:
        if _writes_french(name):
            return name
    raise Undrawable("no font here can write French: install one (DejaVu Sans), or name a file in SURGECAST_PICTURE_FONT")


def _has(names: tuple[str, ...]) -> bool:
    return any(map(_writes_french, names))


@cache
def _writes_french(name: str) -> bool:
    try:
        return all(_has_letter(name, letter) for letter in _SOUGHT if not letter.isspace())
    except (OSError, ImportError):  # not there, or a Pillow without FreeType
        return False


@lru_cache(maxsize=4_096)
def _has_letter(name: str, letter: str) -> bool:
    return _shape(name, letter) != _shape(name, _NONE)


def _shape(name: str, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = _font(name, 16).getmask(letter, mode="1")
    return mask.size, bytes(mask)


@cache
def _font(name: str, size: int) -> Font:
    return ImageFont.truetype(name, size, layout_engine=ImageFont.Layout.BASIC)
