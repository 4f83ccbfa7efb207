"""A page laid on a reader's bed: as white light shows it, and as light of about 900 nm does.

Infrared leaves the zone's ink and little else (ICAO Doc 9303-3, 4.3: the zone is printed in B900 ink): the
security print is gone, the portrait is a shade.  What the visual zone says is cut from the lines themselves.
"""

import random
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from simulators.render.page import zone
from simulators.render.page.ground import DESIGNS, ground, places
from simulators.render.page.zone import FORMS, PX_PER_MM, face

Picture = npt.NDArray[np.uint8]
"""height x width x 3, blue-green-red, or height x width, grey."""

BED_MM = 5.0
"""Of the dark bed round the page."""
BED = 26
SKEW_DEG = 1.5
INK, INFRARED_INK = (22, 20, 24), 34
INFRARED_PAPER = 214
NOISE = 3.0
"""Standard deviation of the sensor's noise, in grey levels."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One page on the bed, upright: `white` in colour, `infrared` in grey, pixel on pixel."""

    white: Picture
    infrared: Picture


def form_of(lines: tuple[str, ...]) -> str:
    """The form of a page with such lines.  Raises ValueError when none has them."""
    shape = (len(lines), {len(line) for line in lines})
    visa = bool(lines) and lines[0].startswith("V")
    if shape == (3, {30}):
        return "TD1"
    if shape == (2, {36}):
        return "MRV-B" if visa else "TD2"
    if shape == (2, {44}):
        return "MRV-A" if visa else "TD3"
    raise ValueError(f"no page has {len(lines)} lines of {sorted(shape[1])} characters")


def draw(lines: tuple[str, ...], *, seed: int = 0) -> Shown:
    """The page that bears these lines; of a TD1 card its back.  Raises ValueError, FontMissing."""
    form = form_of(lines)
    image = _blank(form, lines)
    if form == "TD1":
        _words(image, "TD1", ("",) * 7)
    else:
        _portrait(image, form, lines)
        _words(image, form, _values(form, lines))
    mask, at = zone.ink(FORMS[form], lines)
    image.paste(INK, at, mask)
    infrared = Image.new("L", image.size, INFRARED_PAPER)
    if form != "TD1":
        _portrait(infrared, form, lines)
    infrared.paste(INFRARED_INK, at, mask)
    return _laid(image, infrared, lines, seed)


def front(lines: tuple[str, ...], *, seed: int = 0) -> Shown:
    """The front of the card whose back bears these lines: portrait and names, no zone."""
    form = form_of(lines)
    image = _blank(form, lines)
    _portrait(image, form, lines)
    _words(image, form, _values(form, lines))
    infrared = Image.new("L", image.size, INFRARED_PAPER)
    _portrait(infrared, form, lines)
    return _laid(image, infrared, lines, seed)


def _blank(form: str, lines: tuple[str, ...]) -> Image.Image:
    kind = "visa" if form.startswith("MRV") else "passport" if form == "TD3" else "card"
    return ground(form, kind, sum(lines[0][2:5].encode()) % DESIGNS).copy()


def _values(form: str, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Surname, given names, nationality, birth, sex, expiry, number, as the lines say."""
    second = lines[1]
    names = lines[2] if form == "TD1" else lines[0][5:]
    surname, _, given = names.rstrip("<").partition("<<")
    at = (15, 0, 7, 8) if form == "TD1" else (10, 13, 20, 21)
    nationality, birth, sex, expiry = (
        second[start : start + size] for start, size in zip(at, (3, 6, 1, 6), strict=True)
    )
    number = lines[0][5:14] if form == "TD1" else second[:9]
    # Travellers are grown up and were born from 1930 on.
    born = _date(birth, "19" if birth >= "30" else "20")
    words = (surname.replace("<", " "), given.replace("<", " "), nationality.replace("<", ""))
    return (*words, born, sex.replace("<", "-"), _date(expiry, "20"), number.replace("<", ""))


def _date(yymmdd: str, century: str) -> str:
    """As it is printed, DD.MM.YYYY; "" where the lines state none."""
    return f"{yymmdd[4:]}.{yymmdd[2:4]}.{century}{yymmdd[:2]}" if yymmdd.isdigit() else ""


def _words(image: Image.Image, form: str, values: tuple[str, ...]) -> None:
    pen, font = ImageDraw.Draw(image), face("sans", 2.9 * PX_PER_MM)
    for value, at in zip(values, places(form), strict=True):
        pen.text(at, value, font=font, fill=INK)


def _portrait(image: Image.Image, form: str, lines: tuple[str, ...]) -> None:
    """Somebody who does not exist: shoulders, a head, hair.  In infrared a shade of it."""
    draw_of = random.Random("".join(lines))
    tall = round((FORMS[form].height_mm - (32.0 if form != "TD1" else 16.0)) * PX_PER_MM)
    left, top, wide = round(4.5 * PX_PER_MM), round(9.0 * PX_PER_MM), round(tall * 0.78)
    picture = image.crop((left, top, left + wide, top + tall))
    pen = ImageDraw.Draw(picture)

    def tone(red: int, green: int, blue: int) -> int | tuple[int, int, int]:
        return INFRARED_PAPER - 12 + red % 7 if image.mode == "L" else (red, green, blue)

    def ellipse(x: float, y: float, across: float, high: float, colour: int | tuple[int, int, int]) -> None:
        edges = (x - across / 2) * wide, (y - high / 2) * tall, (x + across / 2) * wide, (y + high / 2) * tall
        pen.ellipse(edges, fill=colour)

    skin, hair, coat = draw_of.randrange(150, 225), draw_of.randrange(25, 90), draw_of.randrange(40, 130)
    shade = tone(skin, skin * 4 // 5, skin * 7 // 10)
    ellipse(0.5, 1.05, 0.95, 0.5, tone(coat, coat, coat + 20))
    ellipse(0.5, 0.76, 0.24, 0.3, shade)
    ellipse(0.5, 0.36, 0.56, 0.6, tone(hair, hair, hair))
    ellipse(0.5, 0.44, 0.46, 0.52, shade)
    for x in (0.41, 0.59):
        ellipse(x, 0.41, 0.06, 0.025, tone(40, 40, 50))
    ellipse(0.5, 0.56, 0.16, 0.03, tone(160, 90, 90))
    image.paste(picture, (left, top))


def _laid(white: Image.Image, infrared: Image.Image, lines: tuple[str, ...], seed: int) -> Shown:
    """On the bed, a little askew, with the sensor's noise."""
    chance = random.Random(f"{seed} {lines}")
    width, height = white.size
    edge = round(BED_MM * PX_PER_MM)
    size = (width + 2 * edge, height + 2 * edge)
    turned = cv2.getRotationMatrix2D((width / 2, height / 2), chance.uniform(-SKEW_DEG, SKEW_DEG), 1.0)
    turned[:, 2] += edge
    shift = chance.randrange(64)

    def laid(picture: Picture, bed: tuple[int, ...]) -> Picture:
        flat = cv2.warpAffine(picture, turned, size, flags=cv2.INTER_LINEAR, borderValue=bed)
        grain = noise(size[1], size[0] + 64)[:, shift : shift + size[0]]
        if flat.ndim == 3:
            grain = cv2.merge([grain, grain, grain])
        return cv2.add(flat, grain, dtype=cv2.CV_8U).astype(np.uint8, copy=False)

    blue_green_red = np.ascontiguousarray(np.asarray(white, dtype=np.uint8)[:, :, ::-1])
    return Shown(laid(blue_green_red, (BED, BED, BED)), laid(np.asarray(infrared, dtype=np.uint8), (BED,)))


@lru_cache(maxsize=8)
def noise(height: int, width: int) -> npt.NDArray[np.int16]:
    """A sensor's noise; do not change it: copy it."""
    drawn = np.random.default_rng(5).normal(0.0, NOISE, (height, width))
    return drawn.astype(np.int16)
