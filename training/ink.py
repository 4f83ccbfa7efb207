"""Text as ink: one line of OCR-B, of any size, weight and proportion, with the quad of every cell.

Glyphs are kept as signed distance fields, so that a bolder or thinner print is another threshold of the same
shape: what ink spread and worn ribbons do.  No paper, light or camera here.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
"""The order of the classes, as in mrz.cells."""
FONTS = Path("/usr/share/fonts/opentype/ocr-b")
FACES = ("OCRB.otf", "OCRBS.otf", "OCRBL.otf")
"""Regular, sharp (square stroke ends), slanted; the package's other files are outlines and inverted cells."""

CELL = 64
"""Pitch of the glyph masters in px; a glyph stands in the middle of a square of twice that."""


@dataclass(frozen=True, slots=True)
class Print:
    """How a line was printed.  Lengths are in parts of the pitch, which is 2.54 mm by ISO 1073-2."""

    face: str = "OCRB.otf"
    capital_height: float = 0.94
    glyph_width: float = 1.0
    """Width of the glyphs against the font's own at that capital height."""
    weight: float = 0.0
    """Added to each side of a stroke; the font's own stroke is 0.14 wide."""
    slant: float = 0.0
    """Horizontal shift of the capitals' top against their foot, to the right."""


@dataclass(frozen=True, slots=True)
class InkLine:
    mask: NDArray[np.float32]
    """height x width, 0 paper to 1 ink."""
    quads: NDArray[np.float32]
    """(characters, 4, 2): corners (x, y) of each cell in mask px, round it from top left; one pitch wide,
    as high as the capitals."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A face.  `fields`: (37, 2 CELL, 2 CELL) signed distance in px, inside positive, at the masters' pitch,
    the middle of the capitals in the middle of each square.  `capitals`: their height there."""

    fields: NDArray[np.float32]
    capitals: float


@cache
def glyphs_of(face: str) -> Glyphs:
    """The glyphs of a file in FONTS."""
    path = FONTS / face
    if not path.is_file():
        raise SystemExit(f"training: {path} is missing: install the Debian package fonts-ocr-b")
    oversampling = 3
    side = 2 * CELL * oversampling
    font = ImageFont.truetype(path, 100)
    font = ImageFont.truetype(path, 100 * CELL * oversampling / font.getlength("0"))
    top, foot = (font.getbbox("H", anchor="ls")[index] for index in (1, 3))
    fields: list[NDArray[np.float32]] = []
    for character in CHARACTERS:
        square = Image.new("L", (side, side), 0)
        place = (side / 2 - font.getlength(character) / 2, side / 2 - (top + foot) / 2)
        ImageDraw.Draw(square).text(place, character, fill=255, font=font, anchor="ls")
        inside = (np.asarray(square) > 127).astype(np.uint8)
        distance = cv2.distanceTransform(inside, cv2.DIST_L2, 5) - cv2.distanceTransform(
            1 - inside, cv2.DIST_L2, 5
        )
        fields.append(cv2.resize(distance, (2 * CELL, 2 * CELL), interpolation=cv2.INTER_AREA) / oversampling)
    return Glyphs(np.stack(fields), (foot - top) / oversampling)


def ink_line(
    text: str,
    pitch: float,
    look: Print | None = None,
    jitter: float = 0.0,
    seed: int = 0,
    glyphs: Glyphs | None = None,
) -> InkLine:
    """`text` (a space leaves its cell empty) in cells of `pitch` px, with margins of one cell all round.

    `jitter` is the standard deviation of each glyph's place in parts of the pitch, drawn with `seed`.
    `glyphs` stand in for those of the look's face.
    """
    look = look or Print()
    random = np.random.default_rng(seed)
    glyphs = glyphs or glyphs_of(look.face)
    capitals = glyphs.capitals
    height, width = round(pitch * (look.capital_height + 2)), round(pitch * (len(text) + 2))
    mask = np.zeros((height, width), np.float32)
    # px of the line for one px of the masters, along and across the line
    along = look.capital_height * pitch / capitals * look.glyph_width
    side = int(np.ceil(max(pitch * 1.9, look.capital_height * pitch * 1.6)))
    # Shrinking: the field is softened over one pixel of the line, as a sensor's pixel does.
    softness = max(1.0, capitals / (look.capital_height * pitch))
    for index, character in enumerate(text):
        if character == " ":
            continue
        shift = random.normal(0, jitter * pitch, 2) if jitter else np.zeros(2)
        x, y = np.array([pitch * (index + 1.5), height / 2]) + shift
        left, top = int(np.floor(x - side / 2)), int(np.floor(y - side / 2))
        across = look.capital_height * pitch / capitals
        # inverse map, from the line's window into the master
        shear = look.slant / look.capital_height
        matrix = np.array([[1 / along, shear / along, 0], [0, 1 / across, 0]])
        matrix[:, 2] = CELL - 0.5 - matrix[:, :2] @ (x - left - 0.5, y - top - 0.5)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        field = cv2.warpAffine(
            glyphs.fields[CHARACTERS.index(character)], matrix, (side, side), flags=flags, borderValue=-CELL
        )
        ink = np.clip((field + look.weight * CELL) / softness + 0.5, 0, 1)
        rows = slice(max(top, 0), min(top + side, height))
        columns = slice(max(left, 0), min(left + side, width))
        target = mask[rows, columns]
        np.maximum(
            target,
            ink[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left],
            out=target,
        )
    return InkLine(mask, _quads(len(text), pitch, look.capital_height * pitch, height / 2))


def _quads(count: int, pitch: float, capitals: float, middle: float) -> NDArray[np.float32]:
    left = pitch * (np.arange(count) + 1.0)
    top, foot = np.full(count, middle - capitals / 2), np.full(count, middle + capitals / 2)
    corners = [(left, top), (left + pitch, top), (left + pitch, foot), (left, foot)]
    return np.stack([np.stack(corner, 1) for corner in corners], 1).astype(np.float32)
