"""Number plates as they are drawn: synthetic numbers in the layouts of `plates.toml`."""

import random
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor, ImageDraw

from simulators.render import fonts

Picture = npt.NDArray[np.uint8]
"""height x width x 3, blue-green-red."""

PIXELS_PER_MM = 2
_RADIUS_MM = 8
DRAWN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
PLAIN = "plain"
PLAIN_MAX = 10


@dataclass(frozen=True, slots=True)
class Plate:
    """A number on a plate: `groups` as printed, in the series `country`, `series` of plates.toml."""

    country: str
    series: str
    groups: tuple[str, ...]

    @property
    def text(self) -> str:
        """The number without separators, in one line."""
        return "".join(self.groups)


class NoSuchPlate(ValueError):
    """Such a number can't be drawn; the message says what can."""


def synthetic(country: str, chance: random.Random, series: str | None = None) -> Plate:
    """A random legal number of a country (of its first series unless one is named)."""
    for layout in _layouts():
        if layout["country"] == country and series in (None, layout["name"]):
            groups = tuple(_draw_group(group, layout["letters"], chance) for group in layout["groups"])
            return Plate(country, layout["name"], groups)
    raise NoSuchPlate(
        f"no series {series or ''} of {country} in plates.toml; countries: {', '.join(countries())}"
    )


def synthetic_all(chance: random.Random) -> list[Plate]:
    """One random number of every series."""
    return [synthetic(layout["country"], chance, layout["name"]) for layout in _layouts()]


def plate(country: str, text: str) -> Plate:
    """The plate with this number, in the first series of the country that has such numbers.

    A number of no drawn series is printed plain, on white without flag or box, so that a scenario may bring
    a vehicle with a plate that nobody issues.  Raises NoSuchPlate when there is nothing to draw: only
    characters of `DRAWN` are.
    """
    known = "".join(character for character in text.upper() if character in DRAWN)
    if not 1 <= len(known) <= PLAIN_MAX:
        raise NoSuchPlate(f"a plate of 1 to {PLAIN_MAX} Latin letters and digits can be drawn, not {text!r}")
    for layout in _layouts():
        if layout["country"] == country:
            pattern = "".join(f"({_regex(group)})" for group in layout["groups"])
            if found := re.fullmatch(pattern, known):
                return Plate(country, layout["name"], found.groups())
    return Plate(country, PLAIN, (known,))


def countries() -> tuple[str, ...]:
    """The countries whose plates can be drawn."""
    return tuple(dict.fromkeys(str(layout["country"]) for layout in _layouts()))


def size_mm(which: Plate) -> tuple[int, int]:
    """Width and height of the plate in millimetres."""
    width, height = _layout(which)["size"]
    return int(width), int(height)


def draw(which: Plate) -> Picture:
    """The plate as a flat picture, `PIXELS_PER_MM` pixels a millimetre."""
    layout = _layout(which)
    width, height = (int(side * PIXELS_PER_MM) for side in layout["size"])
    ground = ImageColor.getrgb(layout.get("ground", "#F4F4F2"))
    ink = ImageColor.getrgb(layout.get("ink", "#0A0A0A"))
    image = Image.new("RGB", (width, height), ground)
    pen = ImageDraw.Draw(image)
    for item in layout["items"]:
        box = [int(value * PIXELS_PER_MM) for value in item["box"]]
        _draw_item(image, pen, item, box, which, layout, ink)
    pen.rounded_rectangle(
        (1, 1, width - 2, height - 2), radius=_RADIUS_MM * PIXELS_PER_MM, outline=ink, width=2 * PIXELS_PER_MM
    )
    return np.ascontiguousarray(np.asarray(image, dtype=np.uint8)[:, :, ::-1])


def _draw_item(
    image: Image.Image,
    pen: ImageDraw.ImageDraw,
    item: dict[str, Any],
    box: list[int],
    which: Plate,
    layout: dict[str, Any],
    ink: Any,
) -> None:
    x, y, width, height = box
    corners = (x, y, x + width - 1, y + height - 1)
    if "group" in item:
        _draw_text(image, which.groups[item["group"]], box, layout["font"], ink)
    elif item.get("text") == "-":
        pen.rectangle(corners, fill=ink)
    elif "text" in item:
        colour = ImageColor.getrgb(item["ink"]) if "ink" in item else ink
        _draw_text(image, item["text"], box, layout["font"], colour)
    elif "flag" in item:
        stripes = _tables()["flags"][item["flag"]]
        for index, stripe in enumerate(stripes):
            top = y + height * index // len(stripes)
            pen.rectangle((x, top, x + width - 1, y + height - 1), fill=stripe)
    elif "fill" in item:
        pen.rectangle(corners, fill=item["fill"])
    elif "frame" in item:
        pen.rounded_rectangle(corners, radius=_RADIUS_MM, outline=ink, width=2 * PIXELS_PER_MM)
    elif "rule" in item:
        pen.rectangle(corners, fill=ink)
    elif "dot" in item:
        pen.ellipse(corners, fill=ink)


def _draw_text(image: Image.Image, text: str, box: list[int], font: str, colour: Any) -> None:
    """Fit each character into its cell of the box: capital height exactly, width at most the cell's."""
    x, y, width, height = box
    face = fonts.load(font, 200)
    _, top, _, bottom = face.getbbox("H")
    scale = height / (bottom - top)
    gap = max(2, width // (len(text) * 9))
    cell = (width - gap * (len(text) - 1)) / len(text)
    for index, character in enumerate(text):
        c_left, c_top, c_right, c_bottom = face.getbbox(character)
        glyph = Image.new("L", (max(1, int(c_right - c_left)), max(1, int(c_bottom - c_top))))
        ImageDraw.Draw(glyph).text((-c_left, -c_top), character, fill=255, font=face)
        # I and 1 keep their narrow shape; all others fill the cell.
        # A letter that goes under the line in the typeface (J) stands on it on a plate.
        tall = min(height, max(1, round(glyph.height * scale)))
        natural = glyph.width * tall / glyph.height
        wide = round(min(cell, natural * 1.15) if character in "I1J" else cell)
        glyph = glyph.resize((max(1, wide), tall), Image.Resampling.LANCZOS)
        at = (round(x + index * (cell + gap) + (cell - wide) / 2), round(y + max(0, c_top - top) * scale))
        image.paste(colour, (*at, at[0] + glyph.width, at[1] + glyph.height), glyph)


def _draw_group(group: str, letters: str, chance: random.Random) -> str:
    if group.startswith("{"):
        return chance.choice(group[1:-1].split(","))
    kinds = {"D": "0123456789", "L": letters, "?": letters + "23456789"}
    drawn = "".join(chance.choice(kinds.get(kind, kind)) for kind in group)
    # No country issues the number 000.
    return _draw_group(group, letters, chance) if drawn.strip("0") == "" else drawn


def _regex(group: str) -> str:
    if group.startswith("{"):
        # Any region of the same form: the list holds examples, not every region.
        forms = {_regex("".join("D" if c.isdigit() else "L" for c in one)) for one in group[1:-1].split(",")}
        return "|".join(sorted(forms))
    kinds = {"D": "[0-9]", "L": "[A-Z]", "?": "[A-Z0-9]"}
    return "".join(kinds.get(kind) or re.escape(kind) for kind in group)


def _layout(which: Plate) -> dict[str, Any]:
    for layout in _layouts():
        if (layout["country"], layout["name"]) == (which.country, which.series):
            return layout
    wide = min(440, 54 * len(which.text))
    item: dict[str, Any] = {"group": 0, "box": [(520 - wide) // 2, 18, wide, 76]}
    return {"size": [520, 112], "font": "condensed", "items": [item]}


def _layouts() -> list[dict[str, Any]]:
    return _tables()["series"]


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(
        resources.files("simulators.render").joinpath("plates.toml").read_text(encoding="utf-8")
    )
