"""Characters as masks, drawn once and kept."""

from dataclasses import dataclass
from functools import cache, lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from simulators.render import fonts
from simulators.render.plates import strokes

Mask = npt.NDArray[np.uint8]
_SIZE = 150


@dataclass(frozen=True, slots=True)
class Glyph:
    """A tight mask, and where it lies by the face's own line: `top` and `tall` in shares of the height of
    its reference character (H, for Persian the digit 2)."""

    mask: Mask
    top: float
    tall: float

    @property
    def aspect(self) -> float:
        return self.mask.shape[1] / self.mask.shape[0]


@lru_cache(maxsize=9000)
def glyph(face: str, character: str, weight: int) -> Glyph:
    """The character in a face, thicker (positive `weight`) or thinner by that many hundredths of its height.
    A face that lacks it takes it from DejaVu."""
    found = _drawn(face, character)
    if weight == 0:
        return found
    size = abs(weight) * 2 + 1 if abs(weight) < 3 else abs(weight) * 2 - 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    padded = cv2.copyMakeBorder(found.mask, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=0)
    thicker = cv2.dilate(padded, kernel) if weight > 0 else cv2.erode(padded, kernel)
    cut = _tight(thicker.astype(np.uint8))
    return Glyph(cut, found.top, found.tall) if cut.size else found


@cache
def word(face: str, text: str) -> Mask:
    """A whole word, its letters joined as its script joins them."""
    return _tight(_plain(_typeface(face), text))


def _typeface(face: str) -> str:
    """The face, or one that has what strokes lack."""
    return "condensed" if face in strokes.STYLES else face


@lru_cache(maxsize=6000)
def fitted(
    face: str, character: str, weight: int, width: int, height: int, bend: tuple[float, float] = (0.0, 0.0)
) -> Mask:
    """A character's mask at exactly this size, its waist moved by `bend` of it to the right and down."""
    made = glyph(face, character, weight).mask
    if bend != (0.0, 0.0):
        made = made[_bent(made.shape[0], bend[1])[:, None], _bent(made.shape[1], bend[0])[None, :]]
    return _resized(made, width, height)


@lru_cache(maxsize=4000)
def _bent(size: int, bend: float) -> npt.NDArray[np.intp]:
    """Which row (or column) stands where: ends stay, the middle moves."""
    at = np.linspace(0, 1, size)
    return np.clip(np.round((at - bend * np.sin(np.pi * at)) * (size - 1)), 0, size - 1).astype(np.intp)


def _resized(mask: Mask, width: int, height: int) -> Mask:
    return cv2.resize(mask, (max(1, width), max(1, height)), interpolation=cv2.INTER_AREA).astype(np.uint8)


@cache
def _drawn(face: str, character: str) -> Glyph:
    if face in strokes.STYLES:
        made = strokes.mask(face, character)
        if made is not None:
            tall = strokes.tall(character)
            return Glyph(made, (1 - tall) / 2, tall)
        face = _typeface(face)
    if not _holds(face, character):
        face = "condensed"
    reference = "۲" if "\u0600" <= character <= "\u06ff" else "H" if character.isascii() else character
    loaded = fonts.load(face, _SIZE)
    _, top, _, bottom = loaded.getbbox(reference)
    _, own_top, _, own_bottom = loaded.getbbox(character)
    tall = max(bottom - top, 1)
    return Glyph(_tight(_plain(face, character)), (own_top - top) / tall, (own_bottom - own_top) / tall)


def _plain(face: str, text: str) -> Mask:
    loaded = fonts.load(face, _SIZE)
    left, top, right, bottom = (int(edge) for edge in loaded.getbbox(text))
    image = Image.new("L", (max(1, right - left + 8), max(1, bottom - top + 8)))
    ImageDraw.Draw(image).text((4 - left, 4 - top), text, fill=255, font=loaded)
    return np.asarray(image, np.uint8)


def _tight(mask: Mask) -> Mask:
    left, top, width, height = cv2.boundingRect((mask > 60).view(np.uint8))
    return np.ascontiguousarray(mask[top : top + height, left : left + width])


@cache
def _holds(face: str, character: str) -> bool:
    """Whether the face has the character: a missing one is drawn as the box that stands for all of them."""
    drawn, missing = _plain(face, character), _plain(face, "\U0010fffd")
    return drawn.shape != missing.shape or bool(np.any(drawn != missing))
