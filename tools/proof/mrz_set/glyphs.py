"""Letters as outlines: fonts are opened by fontTools alone and filled by Skia's own scan converter.

No font rasteriser takes part.  Three designs of OCR-B print the zones, so that not one font decides: Debian's
(fonts-ocr-b, 2021), an older drawing of it with other proportions (2012, in npm's bwip-js; both by
M. Skala after N. Schwarz, public domain), and strokes of our own (`strokes`).
"""

# pyright: basic, reportMissingImports=false
# (skia-python is in the proof's own environment)

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import skia
from fontTools.pens.basePen import BasePen
from fontTools.pens.boundsPen import BoundsPen
from fontTools.svgLib.path import parse_path
from fontTools.ttLib import TTFont
from strokes import CAPITAL_HEIGHT, STROKES

DEBIAN = Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf")
SANS = Path("/usr/share/fonts/truetype/liberation")
FACES = {
    "sans": SANS / "LiberationSans-Regular.ttf",
    "bold": SANS / "LiberationSans-Bold.ttf",
    "narrow": SANS / "LiberationSansNarrow-Regular.ttf",
    "serif": SANS / "LiberationSerif-Regular.ttf",
    "mono": SANS / "LiberationMono-Regular.ttf",
}
OLDER_LETTERS = 0.93
"""The older drawing gives 0 and O one shape; prints have letters lower than digits (ISO 1073-2)."""
ZONE_FACES = ("debian", "older", "strokes")


@dataclass(frozen=True, slots=True)
class Glyph:
    """An outline (or centre lines, for strokes) in parts of the capital height, baseline at y 0, y down."""

    path: skia.Path
    width: float


class _SkiaPen(BasePen):
    """Draws an outline into a Skia path, scaled; `up` turns what grows upward."""

    def __init__(self, glyph_set: Any, scale: float, up: float) -> None:
        super().__init__(glyph_set)
        self.path = skia.Path()
        self._x, self._y = scale, scale * up

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
        self.path.moveTo(pt[0] * self._x, pt[1] * self._y)

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
        self.path.lineTo(pt[0] * self._x, pt[1] * self._y)

    def _curveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self.path.cubicTo(*(part for x, y in points for part in (x * self._x, y * self._y)))

    def _closePath(self) -> None:  # noqa: N802
        self.path.close()


class Face:
    """One font; glyphs are made once.  Letters are drawn `lowered` against digits."""

    def __init__(self, file: Path, lowered: float = 1.0) -> None:
        font = TTFont(file)
        self._set: Any = font.getGlyphSet()
        self._map: Any = font.getBestCmap()
        bounds = BoundsPen(self._set)
        self._set[self._map[ord("H")]].draw(bounds)
        self.unit = 1 / (bounds.bounds[3] - bounds.bounds[1]) / lowered
        self._lowered = lowered
        self._glyphs: dict[str, Glyph] = {}

    def glyph(self, character: str) -> Glyph:
        if character not in self._glyphs:
            name = self._map.get(ord(character)) or self._map[ord("?")]
            pen = _SkiaPen(self._set, self.unit, -self._lowered if character.isalpha() else -1)
            self._set[name].draw(pen)
            self._glyphs[character] = Glyph(pen.path, self._set[name].width * self.unit)
        return self._glyphs[character]


class Strokes:
    """Centre lines of our own, drawn with a round pen."""

    unit = 1.0

    def glyph(self, character: str) -> Glyph:
        return _stroke(character)


@cache
def _stroke(character: str) -> Glyph:
    scale = 1 / CAPITAL_HEIGHT
    pen = _SkiaPen(None, scale, 1)
    parse_path(STROKES[character], pen)
    return Glyph(pen.path, 10 * scale)


@cache
def face(name: str) -> Face | Strokes:
    if name == "strokes":
        return Strokes()
    if name == "older":
        return Face(older_font(), OLDER_LETTERS)
    return Face(DEBIAN if name == "debian" else FACES[name])


_OLDER: list[Path] = []


def use_older_font(file: Path) -> None:
    """Where the older drawing of OCR-B lies (its npm package is unpacked by whoever calls)."""
    _OLDER[:] = [file]


def older_font() -> Path:
    if not _OLDER:
        raise SystemExit("the older font's file was not given")
    return _OLDER[0]


def write(
    canvas: skia.Canvas, text: str, x: float, y: float, size: float, name: str, paint: skia.Paint
) -> float:
    """Running text with its baseline at (x, y) and capitals `size` high; gives the x where it ends."""
    font = face(name)
    for character in text:
        glyph = font.glyph(character)
        if character != " ":
            canvas.save()
            canvas.translate(x, y)
            canvas.scale(size, size)
            canvas.drawPath(glyph.path, paint)
            canvas.restore()
        x += glyph.width * size
    return x
