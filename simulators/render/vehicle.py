"""Fronts of vehicles, drawn flat; the scene puts them into perspective.

Not portraits of any maker's models: a body, a windscreen, a grille, lamps and a plate where such vehicles
have them.  Words on them are invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw

from simulators.render import fonts
from simulators.render.plates import Picture, Plate

Kind = Literal["lorry", "car", "coach"]
PIXELS_PER_M = 300


@dataclass(frozen=True, slots=True)
class Shape:
    """Metres.  `plate_y` is the height of the plate's lower edge over the road, `lamps` are their centres."""

    width: float
    height: float
    length: float
    plate_y: float
    lamps: tuple[tuple[float, float], ...]


SHAPES: dict[str, Shape] = {
    "lorry": Shape(2.5, 3.7, 16.5, 0.48, ((0.32, 0.78), (2.18, 0.78))),
    "coach": Shape(2.5, 3.5, 12.0, 0.42, ((0.30, 0.80), (2.20, 0.80))),
    "car": Shape(1.8, 1.46, 4.6, 0.40, ((0.24, 0.70), (1.56, 0.70))),
}


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What is drawn: a kind, its colour (red, green, blue), its front plate (None for one without)."""

    kind: Kind
    colour: tuple[int, int, int]
    plate: Plate | None


def draw(vehicle: Vehicle) -> Picture:
    """The vehicle's front without its plate, `PIXELS_PER_M` pixels a metre, blue-green-red."""
    shape = SHAPES[vehicle.kind]
    image = Image.new(
        "RGB", (int(shape.width * PIXELS_PER_M), int(shape.height * PIXELS_PER_M)), (52, 54, 58)
    )
    body = _Body(image, shape)
    {"lorry": _lorry, "coach": _coach, "car": _car}[vehicle.kind](body, vehicle.colour)
    for x, y in shape.lamps:
        body.ellipse(x, y, 0.17, 0.11, (225, 228, 230), (120, 122, 125))
    return np.ascontiguousarray(np.asarray(image, dtype=np.uint8)[:, :, ::-1])


class _Body:
    """A pen in metres, origin at the lower left of the vehicle."""

    def __init__(self, image: Image.Image, shape: Shape) -> None:
        self.pen = ImageDraw.Draw(image)
        self.shape = shape

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return x * PIXELS_PER_M, (self.shape.height - y) * PIXELS_PER_M

    def box(
        self, x: float, y: float, w: float, h: float, fill: tuple[int, int, int], round_m: float = 0
    ) -> None:
        self.pen.rounded_rectangle(
            (*self._point(x, y + h), *self._point(x + w, y)), radius=round_m * PIXELS_PER_M, fill=fill
        )

    def polygon(self, points: Sequence[tuple[float, float]], fill: tuple[int, int, int]) -> None:
        self.pen.polygon([self._point(*point) for point in points], fill=fill)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, fill: tuple[int, int, int], rim: tuple[int, int, int]
    ) -> None:
        self.pen.ellipse(
            (*self._point(x - rx, y + ry), *self._point(x + rx, y - ry)), fill=fill, outline=rim, width=8
        )

    def word(self, text: str, y: float, height: float, fill: tuple[int, int, int]) -> None:
        face = fonts.load("sans", int(height * PIXELS_PER_M * 1.37))
        width = face.getlength(text)
        x, top = self._point(self.shape.width / 2, y + height)
        self.pen.text((x - width / 2, top), text, fill=fill, font=face)


def _shade(colour: tuple[int, int, int], by: float) -> tuple[int, int, int]:
    red, green, blue = (min(255, int(part * by)) for part in colour)
    return red, green, blue


_GLASS, _DARK = (46, 58, 66), (28, 29, 31)


def _lorry(body: _Body, colour: tuple[int, int, int]) -> None:
    body.box(0, 0.9, 2.5, 2.8, (188, 184, 172))  # the trailer behind the cab
    body.box(0.06, 0.25, 2.38, 2.95, colour, 0.12)
    body.box(0.16, 1.75, 2.18, 1.05, _GLASS, 0.08)
    body.polygon([(0.3, 1.8), (1.0, 1.8), (1.5, 2.75), (0.8, 2.75)], (62, 76, 84))
    body.word("STEPPE", 1.48, 0.16, _shade(colour, 0.5))
    for row in range(4):
        body.box(0.55, 0.98 + row * 0.12, 1.4, 0.07, _DARK)
    body.box(0.06, 0.25, 2.38, 0.62, _shade(colour, 0.75), 0.06)
    body.box(0.75, 0.30, 1.0, 0.12, _DARK)
    body.box(0.90, 0.46, 0.70, 0.17, (58, 59, 62), 0.02)


def _coach(body: _Body, colour: tuple[int, int, int]) -> None:
    body.box(0.02, 0.25, 2.46, 3.2, colour, 0.2)
    body.box(0.12, 1.25, 2.26, 1.65, _GLASS, 0.12)
    body.polygon([(0.3, 1.3), (1.2, 1.3), (1.8, 2.85), (0.9, 2.85)], (62, 76, 84))
    body.box(0.5, 2.97, 1.5, 0.3, _DARK)
    body.word("KERUEN", 1.02, 0.13, _shade(colour, 0.45))
    body.box(0.02, 0.25, 2.46, 0.4, _shade(colour, 0.7), 0.06)
    body.box(0.90, 0.40, 0.70, 0.17, (58, 59, 62), 0.02)


def _car(body: _Body, colour: tuple[int, int, int]) -> None:
    body.box(0, 0, 1.8, 1.46, (70, 72, 76))
    body.polygon([(0.28, 0.98), (0.46, 1.44), (1.34, 1.44), (1.52, 0.98)], _GLASS)
    body.box(0.02, 0.28, 1.76, 0.74, colour, 0.14)
    body.box(0.55, 0.62, 0.70, 0.16, _DARK, 0.03)
    body.box(0.05, 0.22, 1.70, 0.14, _DARK, 0.04)
    body.box(0.62, 0.385, 0.56, 0.145, (40, 41, 43), 0.01)
