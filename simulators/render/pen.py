"""A pen that draws flat things in metres: the sides of vehicles, boards, walls."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from simulators.render.plates import glyphs
from simulators.render.plates.model import Picture
from simulators.render.plates.wear import cloud

Colour = Sequence[float]
"""Blue, green, red."""
Points = Sequence[tuple[float, float]]


class Pen:
    """`canvas` shows `width` x `height` metres, `resolution` pixels each; the origin is lower left.
    `mask` is where something solid was drawn."""

    def __init__(self, width: float, height: float, resolution: float) -> None:
        self.width, self.height, self.resolution = width, height, resolution
        size = (max(4, round(height * resolution)), max(4, round(width * resolution)))
        self.canvas: Picture = np.zeros((*size, 3), np.uint8)
        self.mask: npt.NDArray[np.uint8] = np.zeros(size, np.uint8)

    def pixels(self, points: Points) -> npt.NDArray[np.float32]:
        """Pixels of points in metres."""
        spots = np.asarray(points, np.float32)
        return np.stack([spots[:, 0], self.height - spots[:, 1]], axis=1) * np.float32(self.resolution)

    def polygon(self, points: Points, fill: Colour) -> None:
        fixed = [np.round(self.pixels(points) * 16).astype(np.int32)]
        cv2.fillPoly(self.canvas, fixed, tuple(fill), cv2.LINE_AA, 4)
        cv2.fillPoly(self.mask, fixed, (255,), cv2.LINE_AA, 4)

    def box(self, x: float, y: float, w: float, h: float, fill: Colour, bevel: float = 0.0) -> None:
        """A rectangle from its lower left corner, its corners cut by `bevel`."""
        if not bevel:
            self.polygon([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], fill)
            return
        b, c = min(bevel, w / 2, h / 2), min(bevel, w / 2, h / 2) * 0.35
        self.polygon(
            [
                (x + b, y), (x + w - b, y), (x + w - c, y + c), (x + w, y + b),
                (x + w, y + h - b), (x + w - c, y + h - c), (x + w - b, y + h), (x + b, y + h),
                (x + c, y + h - c), (x, y + h - b), (x, y + b), (x + c, y + c),
            ],
            fill,
        )  # fmt: skip

    def disc(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        middle = np.round(self.pixels([(x, y)])[0] * 16).astype(int)
        axes = (max(8, round(rx * self.resolution * 16)), max(8, round(ry * self.resolution * 16)))
        at = (int(middle[0]), int(middle[1]))
        cv2.ellipse(self.canvas, at, axes, 0, 0, 360, tuple(fill), -1, cv2.LINE_AA, 4)
        cv2.ellipse(self.mask, at, axes, 0, 0, 360, (255,), -1, cv2.LINE_AA, 4)

    def line(self, points: Points, fill: Colour, thick: float) -> None:
        fixed = [np.round(self.pixels(points) * 16).astype(np.int32)]
        width = max(1, round(thick * self.resolution))
        cv2.polylines(self.canvas, fixed, False, tuple(fill), width, cv2.LINE_AA, 4)

    def word(self, text: str, x: float, y: float, h: float, fill: Colour, face: str = "sans") -> None:
        """Text with its lower left corner at x, y; what lies outside is cut off."""
        made = glyphs.word(face, text)
        tall = round(h * self.resolution)
        if tall < 3:
            return
        wide = max(1, round(tall * made.shape[1] / made.shape[0]))
        mask = cv2.resize(made, (wide, tall), interpolation=cv2.INTER_AREA)
        left, bottom = (int(each) for each in self.pixels([(x, y)])[0])
        top, left = max(0, bottom - tall), max(0, left)
        under = self.canvas[top : top + tall, left : left + wide]
        share = (mask[: under.shape[0], : under.shape[1], None] / np.float32(255)).astype(np.float32)
        under[:] = (under * (1 - share) + np.asarray(fill, np.float32) * share).astype(np.uint8)

    def shade(self, top: float, bottom: float) -> None:
        """Light from above: everything brighter by `top` at the upper edge, by `bottom` at the lower."""
        gain = np.linspace(top, bottom, self.canvas.shape[0], dtype=np.float32)[:, None, None]
        self.canvas = np.clip(self.canvas * gain, 0, 255).astype(np.uint8)

    def reflect(self, rng: np.random.Generator) -> None:
        """Paint mirrors its surroundings, and nothing is clean: soft patches over the whole."""
        rows, columns = self.canvas.shape[:2]
        patches = cloud((rows, columns), rng) * rng.uniform(0.1, 0.6)
        self.canvas = np.clip(self.canvas * (patches + 0.8)[:, :, None], 0, 255).astype(np.uint8)


def word_width(text: str, height: float, face: str = "sans") -> float:
    """How wide a word of this height is."""
    made = glyphs.word(face, text)
    return height * made.shape[1] / made.shape[0]


def board(
    text: str, ground: Colour, ink: Colour, *, border: bool, face: str, resolution: int = 64
) -> Picture:
    """A board with a word on it: a sign, a sticker, a slogan; as much like a plate as such things are."""
    pen = Pen(word_width(text, 1.0, face) + 0.8, 1.7, resolution)
    pen.canvas[:] = tuple(ground)
    if border:
        pen.line(
            [(0.08, 0.08), (pen.width - 0.08, 0.08), (pen.width - 0.08, 1.62), (0.08, 1.62), (0.08, 0.08)],
            ink,
            0.08,
        )  # fmt: skip
    pen.word(text, 0.4, 0.35, 1.0, ink, face)
    return pen.canvas


INKS: tuple[Colour, ...] = (
    (30, 30, 32), (240, 240, 240), (30, 30, 190), (150, 60, 20), (30, 180, 240), (60, 120, 40),
    (120, 120, 124),
)  # fmt: skip
BOARDS: tuple[tuple[Colour, Colour], ...] = (
    ((238, 238, 238), (24, 24, 26)), ((30, 190, 240), (24, 24, 26)), ((160, 70, 20), (240, 240, 240)),
    ((30, 190, 240), (30, 30, 200)), ((240, 240, 240), (30, 30, 190)), ((40, 40, 42), (235, 235, 235)),
    ((60, 130, 40), (240, 240, 240)), ((20, 130, 250), (20, 20, 20)),
)  # fmt: skip
"""Grounds and inks of boards that are no plates."""
