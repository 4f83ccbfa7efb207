"""Paper to train the finder on: travel documents with a machine-readable zone, and papers without one.

A `Sheet` is flat and seen from above; `training/pages.py` lays it on a desk, bends it and photographs it.
Nobody's data is used: names, numbers and sentences are random letters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

import cv2
import numpy as np
from ink import FACES, Print, ink_line
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

PITCH_MM = 2.54
"""Doc 9303-3, 4.3: OCR-B size 1, 10 characters to 25.4 mm."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line of a zone on the flat sheet, in px: from `left` to `right`, the capitals' middle at `middle`."""

    left: float
    right: float
    middle: float
    pitch: float


@dataclass(slots=True)
class Sheet:
    """`grey`: height x width, 0 to 1.  `ignored`: boxes (left, top, right, bottom) where no answer is right
    or wrong: single lines of OCR-B, which only the lack of a neighbour tells from a zone."""

    grey: NDArray[np.float32]
    lines: list[SheetLine] = field(default_factory=list[SheetLine])
    ignored: list[tuple[float, float, float, float]] = field(default_factory=list)


@lru_cache(maxsize=1)
def other_fonts() -> tuple[str, ...]:
    """Every font of this machine but OCR-B and mathematics."""
    found = [*Path("/usr/share/fonts").rglob("*.ttf"), *Path("/usr/share/fonts").rglob("*.otf")]
    return tuple(sorted(str(each) for each in found if "OCRB" not in each.name and "Math" not in each.name))


@lru_cache(maxsize=1)
def monospaced_fonts() -> tuple[str, ...]:
    return tuple(each for each in other_fonts() if "Mono" in each)


@lru_cache(maxsize=256)
def font_of(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def random_text(rng: Generator, alphabet: str, length: int) -> str:
    return "".join(alphabet[i] for i in rng.integers(0, len(alphabet), length))


def words(rng: Generator, length: int, alphabet: str = ascii_lowercase) -> str:
    """Letters with spaces, about `length` characters."""
    out: list[str] = []
    while sum(map(len, out)) + len(out) < length:
        out.append(random_text(rng, alphabet, int(rng.integers(1, 11))))
    return " ".join(out)[:length]


def zone_text(rng: Generator, rows: int, columns: int) -> list[str]:
    """Lines that look like a zone: a name line with fillers, and lines of numbers, dates and fillers."""
    code = str(rng.choice(["P<", "V<", "I<", "ID", "AC", "PN", "C<", "IR"])) + random_text(
        rng, ascii_uppercase, 3
    )
    names = random_text(rng, ascii_uppercase, int(rng.integers(2, 14))) + "<<"
    for _ in range(int(rng.integers(0, 4))):
        names += random_text(rng, ascii_uppercase, int(rng.integers(2, 12))) + "<"
    number = random_text(rng, digits + ascii_uppercase, 1) + random_text(rng, digits, 9)
    dates = f"{random_text(rng, digits, 7)}{rng.choice(list('MF<'))}{random_text(rng, digits, 7)}"
    tail = random_text(rng, digits + "<<<<<<<<", int(rng.integers(0, 14)))
    if rng.random() < 0.1:
        tail = random_text(rng, digits + ascii_uppercase, 30)
    state = random_text(rng, ascii_uppercase, 3)
    filled = lambda text: (text + "<" * columns)[:columns]  # noqa: E731
    check = random_text(rng, digits, 1)
    if rows == 3:
        return [filled(code + number + tail), filled(dates + state)[:-1] + check, filled(names)]
    return [filled(code + names), filled(number + state + dates + tail)[:-1] + check]


def press(
    sheet: Sheet,
    text: str,
    left: float,
    middle: float,
    pitch: float,
    look: Print,
    ink: float,
    strength: float,
) -> SheetLine:
    """Prints one line of OCR-B on the sheet, the middle of its capitals at `middle`."""
    line = ink_line(text, pitch, look)
    height, width = line.mask.shape
    x, y = round(left - pitch), round(middle - height / 2)
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + width, sheet.grey.shape[1]), min(y + height, sheet.grey.shape[0])
    if x1 > x0 and y1 > y0:
        mask = line.mask[y0 - y : y1 - y, x0 - x : x1 - x] * np.float32(strength)
        under = sheet.grey[y0:y1, x0:x1]
        under += (np.float32(ink) - under) * mask
    return SheetLine(x + pitch, x + pitch * (len(text) + 1), y + height / 2, pitch)


def random_print(rng: Generator) -> Print:
    return Print(
        face=str(rng.choice(FACES, p=[0.6, 0.25, 0.15])),
        capital_height=float(np.clip(rng.normal(0.95, 0.07), 0.75, 1.2)),
        glyph_width=float(np.clip(rng.normal(1.0, 0.06), 0.82, 1.15)),
        weight=float(np.clip(rng.normal(0.01, 0.025), -0.04, 0.09)),
    )


def draw_zone(
    sheet: Sheet, rng: Generator, left: float, bottom: float, pitch: float, rows: int, columns: int
) -> None:
    """A zone whose last line has its middle at `bottom`.  Line pitch: 2.5 cells for two lines, 1.67 for
    three (Doc 9303-4 to 7), with some slack."""
    step = pitch * (1.67 if rows == 3 else 2.5) * rng.uniform(0.92, 1.08)
    if rows == 2 and rng.random() < 0.1:
        step *= rng.uniform(0.72, 0.95)
    look = random_print(rng)
    ink = rng.uniform(0, 0.3) if rng.random() < 0.85 else rng.uniform(0.2, 0.45)
    strength = rng.uniform(0.75, 1.0)
    skew = rng.normal(0, 0.15) * pitch
    for row, text in enumerate(zone_text(rng, rows, columns)):
        middle = bottom - (rows - 1 - row) * step
        sheet.lines.append(press(sheet, text, left + row * skew, middle, pitch, look, ink, strength))


def paper(rng: Generator, width: int, height: int) -> NDArray[np.float32]:
    """Plain, shaded or finely printed paper, 0 to 1."""
    base = rng.uniform(0.55, 1.0)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    out = np.full((height, width), base, np.float32)
    out += rng.normal(0, 0.06) * (x / width - 0.5) + rng.normal(0, 0.06) * (y / height - 0.5)
    if rng.random() < 0.7:
        for _ in range(int(rng.integers(1, 4))):
            out += guilloche(rng, x, y)
    if rng.random() < 0.4:
        blotches = cv2.resize(
            rng.normal(0, 1, (int(rng.integers(3, 12)), int(rng.integers(3, 16)))).astype(np.float32),
            (width, height),
            interpolation=cv2.INTER_CUBIC,
        )
        out += blotches * rng.uniform(0.01, 0.07)
    return out


def guilloche(rng: Generator, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fine waves: lines whose phase is bent by slower waves."""
    angle = rng.uniform(0, np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    slow = rng.uniform(60, 400)
    bent = across + rng.uniform(2, 30) * np.sin(along * 2 * np.pi / slow + rng.uniform(0, 6))
    wave = np.sin(bent * 2 * np.pi / rng.uniform(5, 40))
    if rng.random() < 0.5:
        wave = (wave > rng.uniform(0.3, 0.9)).astype(np.float32)
    out = (wave * rng.uniform(0.015, 0.12) * rng.choice([-1, -1, 1])).astype(np.float32)
    if rng.random() < 0.5:
        height, width = x.shape
        cx, cy = rng.uniform(0, width), rng.uniform(0, height)
        out *= np.exp(-(((x - cx) / (0.4 * width)) ** 2 + ((y - cy) / (0.4 * height)) ** 2))
    return out


def draw_portrait(draw: ImageDraw.ImageDraw, rng: Generator, box: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    draw.rectangle(box, fill=int(rng.integers(120, 250)))
    shade = int(rng.integers(20, 200))
    draw.ellipse((left, top + 0.7 * height, right, bottom + 0.4 * height), fill=shade)
    hair = int(rng.integers(0, 120))
    draw.ellipse(
        (left + 0.2 * width, top + 0.08 * height, right - 0.2 * width, top + 0.75 * height), fill=hair
    )
    skin = int(rng.integers(90, 230))
    face = (left + 0.27 * width, top + 0.2 * height, right - 0.27 * width, top + 0.78 * height)
    draw.ellipse(face, fill=skin)
    for side in (0.4, 0.6):
        x, y = left + side * width, top + 0.45 * height
        draw.ellipse((x - 0.05 * width, y - 0.02 * height, x + 0.05 * width, y + 0.02 * height), fill=hair)
    draw.line((left + 0.42 * width, top + 0.65 * height, left + 0.58 * width, top + 0.65 * height), fill=hair)


def draw_words(
    draw: ImageDraw.ImageDraw,
    rng: Generator,
    place: tuple[float, float],
    size: int,
    length: int,
    path: str | None = None,
    ink: int | None = None,
) -> None:
    fonts = other_fonts()
    font = font_of(path or fonts[rng.integers(len(fonts))], max(5, size))
    alphabet = str(
        rng.choice([ascii_lowercase, ascii_uppercase, ascii_letters, digits + ascii_uppercase, digits])
    )
    draw.text(
        place, words(rng, length, alphabet), font=font, fill=int(rng.integers(0, 130)) if ink is None else ink
    )


def draw_barcode(draw: ImageDraw.ImageDraw, rng: Generator, box: tuple[float, float, float, float]) -> None:
    """Bars, or a matrix of squares, from left to right."""
    left, top, right, bottom = box
    module = rng.uniform(1.5, 5)
    rows = 1 if rng.random() < 0.5 else int((bottom - top) / module / rng.uniform(1, 3)) + 1
    columns = int((right - left) / module) + 1
    dark = rng.random((rows, columns)) < 0.5
    high = (bottom - top) / rows
    for row, column in zip(*np.nonzero(dark), strict=True):
        x, y = left + column * module, top + row * high
        draw.rectangle((x, y, x + module, y + high), fill=20)


def draw_signature(draw: ImageDraw.ImageDraw, rng: Generator, x: float, y: float, size: float) -> None:
    steps = np.cumsum(rng.normal(0, 1, (40, 2)) * size * (0.25, 0.35) + (size * 0.12, 0), axis=0)
    smooth = cv2.GaussianBlur(steps.astype(np.float32), (1, 5), 1.5) + np.array([x, y])
    draw.line([tuple(map(float, point)) for point in smooth], fill=int(rng.integers(0, 90)), width=2)


def draw_stamp(image: Image.Image, rng: Generator) -> Image.Image:
    """A word in large letters across the sheet, half transparent."""
    width, height = image.size
    fonts = other_fonts()
    layer = Image.new("L", (width, height), 0)
    font = font_of(fonts[rng.integers(len(fonts))], int(height * rng.uniform(0.06, 0.25)))
    draw = ImageDraw.Draw(layer)
    place = (float(rng.uniform(0, 0.6) * width), float(rng.uniform(0, 0.8) * height))
    draw.text(place, random_text(rng, ascii_uppercase, int(rng.integers(4, 10))), font=font, fill=255)
    layer = layer.rotate(float(rng.uniform(-40, 40)), center=(width / 2, height / 2))
    strength = rng.uniform(0.1, 0.6)
    return Image.composite(
        Image.new("L", image.size, int(rng.integers(0, 160))), image, layer.point(lambda v: int(v * strength))
    )
