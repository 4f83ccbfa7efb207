"""Vehicles as a camera sees them from before or behind: flat elevations, to be turned in space later.

In millimetres of the vehicle, `scale` pixels a millimetre.  A vehicle has places for plates and may carry
none; what else is on it (grilles, badges, slogans, boards) is what a plate finder must not take for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from simulators.render.scenes import paint
from simulators.render.scenes.paint import Colour, Picture, Rect, Rng, between, chance, colour
from simulators.render.scenes.writing import badge, words, write


@dataclass(frozen=True, slots=True)
class Forms:
    """What vehicles are made of; `bodies` are keys of `BODIES`, `lamps` and `grilles` kinds drawn below."""

    bodies: tuple[str, ...]
    lamps: tuple[str, ...]
    grilles: tuple[str, ...]
    roof: tuple[float, float]
    """Of a car: the roof's width over the body's."""


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a plate hangs: its middle in pixels of the elevation."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Elevation:
    """`cover` says what is vehicle (255) in `picture`; `mounts` are the places for plates."""

    picture: Picture
    cover: Picture
    mounts: tuple[Mount, ...]


class Sheet:
    """A picture in millimetres from the vehicle's lower left corner."""

    def __init__(self, rng: Rng, width: float, height: float, scale: float, tallest_px: int) -> None:
        self.rng, self.scale = rng, scale
        self.width, self.height = width, min(height, tallest_px / scale)
        size = int(self.height * scale) + 1, int(width * scale) + 1
        self.picture = np.zeros((*size, 3), np.uint8)
        self.cover = np.zeros((*size, 3), np.uint8)

    def rect(self, x: float, y: float, width: float, height: float) -> Rect:
        """Pixels of a rectangle whose lower left corner is at (x, y)."""
        s = self.scale
        bottom = self.picture.shape[0] - 1
        return round(x * s), round(bottom - (y + height) * s), round((x + width) * s), round(bottom - y * s)

    def box(self, x: float, y: float, width: float, height: float, fill: Colour, radius: float = 0) -> None:
        paint.box(self.picture, self.rect(x, y, width, height), fill, round(radius * self.scale))
        paint.box(self.cover, self.rect(x, y, width, height), (255, 255, 255), round(radius * self.scale))

    def polygon(self, points: Sequence[tuple[float, float]], fill: Colour) -> None:
        bottom = self.picture.shape[0] - 1
        corners = np.array([(x * self.scale, bottom - y * self.scale) for x, y in points]).astype(np.int32)
        cv2.fillPoly(self.picture, [corners], fill)
        cv2.fillPoly(self.cover, [corners], (255, 255, 255))

    def ellipse(self, x: float, y: float, width: float, height: float, fill: Colour) -> None:
        bottom, s = self.picture.shape[0] - 1, self.scale
        middle = round(x * s), round(bottom - y * s)
        half = max(1, round(width * s / 2)), max(1, round(height * s / 2))
        cv2.ellipse(self.picture, middle, half, 0, 0, 360, fill, -1, cv2.LINE_AA)
        cv2.ellipse(self.cover, middle, half, 0, 0, 360, (255, 255, 255), -1)

    def shine(self, x: float, y: float, width: float, height: float, upper: float, lower: float) -> None:
        paint.slope(self.picture, self.rect(x, y, width, height), upper, lower)

    def text(
        self, x: float, y: float, width: float, height: float, said: str, ink: Colour, faces: tuple[str, ...]
    ) -> None:
        write(self.picture, self.rng, said, self.rect(x, y, width, height), ink, faces)

    def done(self, *mounts: tuple[float, float]) -> Elevation:
        bottom = self.picture.shape[0] - 1
        places = tuple(Mount(x * self.scale, bottom - y * self.scale) for x, y in mounts)
        return Elevation(self.picture, self.cover, places)


def car(rng: Rng, forms: Forms, faces: tuple[str, ...], scale: float, tallest_px: int) -> Elevation:
    """The front or rear of a car, jeep or van."""
    front, tall = chance(rng, 0.5), chance(rng, 0.4)
    width = between(rng, 1600, 1950)
    waist = between(rng, 950, 1150) if tall else between(rng, 780, 950)
    height = waist + (between(rng, 600, 1200) if tall else between(rng, 380, 560))
    sheet = Sheet(rng, width, height, scale, tallest_px)
    body = colour(rng, 10, 250, 0.55)
    roof = width * between(rng, *forms.roof)
    side = (width - roof) / 2
    sheet.polygon([(40, waist - 40), (side, height), (width - side, height), (width - 40, waist - 40)], body)
    glass = colour(rng, 8, 120, 0.8)
    inner = side * 0.35 + 70
    sheet.polygon(
        [
            (inner + 50, waist + 30),
            (side + 70, height - 60),
            (width - side - 70, height - 60),
            (width - inner - 50, waist + 30),
        ],
        glass,
    )
    sheet.shine(0, waist, width, height - waist, between(rng, 0.8, 1.6), between(rng, 0.6, 1.2))
    sheet.box(0, 260, width, waist - 230, body, 110)
    sheet.shine(0, 260, width, waist - 230, between(rng, 0.9, 1.5), between(rng, 0.5, 1.0))
    _wheels(sheet, width, 230)
    bumper = body if chance(rng, 0.6) else colour(rng, 20, 120, 0.9)
    low = between(rng, 180, 260)
    top_of_bumper = between(rng, 480, 620)
    sheet.box(-20, low, width + 40, top_of_bumper - low, bumper, 70)
    sheet.shine(0, low, width, top_of_bumper - low, between(rng, 1.0, 1.3), between(rng, 0.4, 0.9))
    _lamps(sheet, forms, width, waist, front)
    middle = width / 2 + between(rng, -15, 15)
    if front:
        grille = (
            width * between(rng, 0.2, 0.32),
            between(rng, 500, 640),
            width * between(rng, 0.36, 0.6),
            between(rng, 90, 240),
        )
        _grille(sheet, forms, *grille)
        sheet.ellipse(width / 2, grille[1] + grille[3] * 0.6, 110, 100, colour(rng, 120, 255, 0.8))
        if chance(rng, 0.6):
            _grille(sheet, forms, width * 0.2, low + 20, width * 0.6, between(rng, 50, 130))
        at = between(rng, 330, 520)
    else:
        lid = between(rng, 480, waist - 120)
        sheet.box(width * 0.12, lid, width * 0.76, 8, paint.shade(body, 0.5))
        if chance(rng, 0.6):
            sheet.text(
                width * 0.14, waist - 190, width * 0.25, 60, badge(rng), colour(rng, 120, 255, 0.9), faces
            )
        if chance(rng, 0.6):
            sheet.text(
                width * 0.62, waist - 190, width * 0.25, 60, words(rng), colour(rng, 120, 255, 0.9), faces
            )
        sheet.ellipse(width / 2, waist - 120, 100, 90, colour(rng, 120, 255, 0.8))
        at = (
            between(rng, lid + 90, waist - 190)
            if chance(rng, 0.55) and waist - 190 > lid + 90
            else between(rng, 330, 500)
        )
        if chance(rng, 0.7):  # the recess about the plate
            sheet.box(width / 2 - 330, at - 90, 660, 190, paint.shade(body, between(rng, 0.4, 0.95)), 20)
    return sheet.done((middle, at))


def lorry_front(rng: Rng, forms: Forms, faces: tuple[str, ...], scale: float, tallest_px: int) -> Elevation:
    """A cab over its engine, or a coach."""
    width, height = between(rng, 2350, 2550), between(rng, 2700, 3800)
    sheet = Sheet(rng, width, height, scale, tallest_px)
    body = colour(rng, 20, 250, 0.4)
    sheet.box(0, 420, width, height - 420, body, 90)
    sheet.box(120, 1550, width - 240, between(rng, 700, 950), colour(rng, 8, 110, 0.8), 60)
    sheet.shine(120, 1550, width - 240, 900, between(rng, 0.8, 1.8), between(rng, 0.6, 1.2))
    if chance(rng, 0.6):
        sheet.text(400, 2480, width - 800, 180, words(rng), colour(rng), faces)
    _grille(sheet, forms, width * 0.18, between(rng, 700, 800), width * 0.64, between(rng, 300, 600))
    sheet.text(width * 0.3, 1320, width * 0.4, 130, badge(rng), colour(rng, 120, 255, 0.9), faces)
    if chance(rng, 0.5):
        sheet.text(width * 0.25, between(rng, 750, 1200), width * 0.5, 120, words(rng), colour(rng), faces)
    bumper = colour(rng, 20, 240, 0.8)
    sheet.box(-20, 300, width + 40, between(rng, 330, 420), bumper, 60)
    sheet.shine(0, 300, width, 380, between(rng, 1.0, 1.3), between(rng, 0.5, 0.9))
    _lamps(sheet, forms, width, 760, True)
    _wheels(sheet, width, 330)
    return sheet.done((width / 2 + between(rng, -250, 250), between(rng, 420, 600)))


def lorry_rear(rng: Rng, forms: Forms, faces: tuple[str, ...], scale: float, tallest_px: int) -> Elevation:
    """A trailer's doors, a container or a tank, with lamps, boards and the bar under them."""
    width, height = between(rng, 2400, 2550), between(rng, 2600, 4000)
    sheet = Sheet(rng, width, height, scale, tallest_px)
    body = colour(rng, 30, 250, 0.4)
    if chance(rng, 0.2):
        sheet.ellipse(width / 2, 1900, width, 2000, body)
        sheet.shine(0, 900, width, 2000, 1.2, 0.6)
    else:
        sheet.box(0, 900, width, height - 900, body, 20)
        ridge = paint.shade(body, between(rng, 0.75, 0.95))
        if chance(rng, 0.4):
            paint.stripes(
                sheet.picture,
                sheet.rect(30, 1000, width - 60, height - 1100),
                (body, ridge),
                max(2, round(110 * scale)),
                0,
            )
        sheet.box(width / 2 - 8, 950, 16, height - 1000, paint.shade(body, 0.4))
        for x in (width * 0.3, width * 0.42, width * 0.58, width * 0.7):
            sheet.box(x, 950, 28, height - 1050, colour(rng, 110, 210, 0.95))
    for _ in range(int(rng.integers(0, 5))):
        x, wide = between(rng, 100, width / 2), between(rng, 400, 1100)
        sheet.text(x, between(rng, 1050, 2600), wide, between(rng, 60, 260), words(rng), colour(rng), faces)
    sheet.box(100, 500, width - 200, between(rng, 120, 380), colour(rng, 10, 90, 0.9), 10)
    for x in (60, width - 560):
        if chance(rng, 0.7):
            rect = sheet.rect(x, between(rng, 560, 900), 500, between(rng, 100, 180))
            paint.stripes(
                sheet.picture,
                rect,
                ((40, 40, 220), (40, 210, 245)) if chance(rng, 0.5) else ((40, 40, 210), (240, 240, 240)),
                max(2, round(90 * scale)),
                1,
            )
    for x in (90, width - 450):
        _rear_lamp(sheet, x, between(rng, 560, 700), 360, between(rng, 90, 150))
    _wheels(sheet, width, 480)
    sheet.box(200, between(rng, 330, 460), width - 400, 110, colour(rng, 60, 230, 0.8))
    return sheet.done(
        (width / 2 + float(rng.choice([-1, 0, 0, 1])) * between(rng, 0, 700), between(rng, 450, 900))
    )


def motorcycle(rng: Rng, forms: Forms, faces: tuple[str, ...], scale: float, tallest_px: int) -> Elevation:
    """The rear of a motorcycle, its rider a shape."""
    sheet = Sheet(rng, 820, between(rng, 1250, 1700), scale, tallest_px)
    sheet.ellipse(410, 1250, between(rng, 420, 560), 780, colour(rng, 10, 200, 0.5))
    sheet.ellipse(410, 1620, 260, 300, colour(rng, 10, 240, 0.4))
    sheet.box(330, 0, 160, 650, (25, 25, 28), 70)
    sheet.box(250, 620, 320, 330, colour(rng, 10, 220, 0.4), 60)
    _rear_lamp(sheet, 330, 800, 160, 70)
    sheet.box(100, 1000, 620, 40, (40, 40, 44))
    return sheet.done((410, between(rng, 480, 640)))


BODIES = {"car": car, "lorry front": lorry_front, "lorry rear": lorry_rear, "motorcycle": motorcycle}


def _wheels(sheet: Sheet, width: float, high: float) -> None:
    for x in (60, width - 60 - 250):
        paint.box(sheet.cover, sheet.rect(x, 0, 250, high), (255, 255, 255))
        paint.box(sheet.picture, sheet.rect(x, 0, 250, high), (24, 24, 26), round(40 * sheet.scale))


def _lamps(sheet: Sheet, forms: Forms, width: float, waist: float, front: bool) -> None:
    rng = sheet.rng
    kind = forms.lamps[int(rng.integers(len(forms.lamps)))]
    wide, tall = between(rng, 200, 420), between(rng, 90, 210)
    y = waist - between(rng, 150, 260)
    glow = colour(rng, 140, 255, 0.85)
    for x in (60, width - 60 - wide):
        if not front:
            _rear_lamp(sheet, x, y - tall, wide * 0.8, tall)
        elif kind == "round":
            sheet.ellipse(x + wide / 2, y, tall * 1.2, tall * 1.2, glow)
            sheet.ellipse(x + wide / 2, y, tall * 0.6, tall * 0.6, paint.shade(glow, 0.8))
        elif kind == "slit":
            sheet.polygon(
                [(x, y), (x + wide, y - tall * 0.3), (x + wide, y - tall * 0.6), (x, y - tall * 0.5)], glow
            )
        else:
            sheet.box(x, y - tall / 2, wide, tall, glow, 24)
        if front and chance(rng, 0.5):
            sheet.ellipse(x + wide / 2, between(rng, 330, 420), 110, 90, paint.shade(glow, 0.9))


def _rear_lamp(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    rng = sheet.rng
    red = (int(rng.integers(20, 70)), int(rng.integers(20, 60)), int(rng.integers(120, 240)))
    sheet.box(x, y, width, height, red, 24)
    if chance(rng, 0.6):
        sheet.box(x + width * 0.1, y + height * 0.1, width * 0.3, height * 0.35, (60, 150, 240), 10)
    if chance(rng, 0.5):
        sheet.box(x + width * 0.5, y + height * 0.1, width * 0.3, height * 0.3, (225, 225, 225), 10)


def _grille(sheet: Sheet, forms: Forms, x: float, y: float, width: float, height: float) -> None:
    rng = sheet.rng
    kind = forms.grilles[int(rng.integers(len(forms.grilles)))]
    dark, light = colour(rng, 8, 60, 0.95), colour(rng, 60, 230, 0.95)
    sheet.box(x, y, width, height, dark, 20)
    rect = sheet.rect(x + 12, y + 12, width - 24, height - 24)
    pitch = max(2, round(between(rng, 18, 60) * sheet.scale))
    if kind == "bars":  # upright
        paint.stripes(sheet.picture, rect, (dark, light), pitch, 0)
    elif kind == "slats":  # lying: stripes that lean without end
        for step in range(rect[1], rect[3], max(3, 2 * pitch)):
            paint.box(sheet.picture, (rect[0], step, rect[2], step + max(2, pitch)), light)
    elif kind == "mesh":
        paint.stripes(sheet.picture, rect, (dark, dark, light), max(2, pitch // 2), 1)
