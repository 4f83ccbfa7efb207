"""A plate as a flat picture, from its layout.

Items of a shape: `row` (what stands side by side: group numbers, `+` joins two without a gap, `-` a hyphen,
`.` a dot, `o` two seals, `h` a coat of arms, `s` more room) in a `box` (x, y, width, height in mm), with
`letters` where letters are lower than digits, `pitch` where characters stand wider apart than 0.67 of their
height, and `script = "persian"`; `text` and `word` (joined script);
`name` (the second name of a group); `flag`, `fill`, `gradient`, `frame` (inset), `rule`, `bolt` (its centre).
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from simulators.render.plates import glyphs, layouts
from simulators.render.plates.layouts import GROUNDS, Item, Shape
from simulators.render.plates.look import Look
from simulators.render.plates.model import Picture, Plate

PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_PRINTED = {"ا": "الف", "ه": "هـ"}
"""Letters of Iranian plates that are printed spelt out or lengthened: alone they would look like digits."""
_NARROW = frozenset("I1J")
Colour = tuple[int, int, int]
Boxed = tuple[float, float, float, float]


def flat(plate: Plate, shape: Shape, ground: str, ink: str | None, look: Look, scale: float) -> Picture:
    """The plate without wear or holder, `scale` pixels a millimetre."""
    width, height = (max(1, round(side * scale)) for side in shape.size)
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = colour(GROUNDS[ground][0])
    pen = _Pen(canvas, scale, colour(ink or GROUNDS[ground][1]), look)
    for item in shape.items:
        _draw(pen, item, plate)
    if shape.border:
        pen.outline(0.6, shape.border, 8)
    return canvas


def colour(text: str) -> Colour:
    """Blue, green, red of `#RRGGBB`."""
    return int(text[5:7], 16), int(text[3:5], 16), int(text[1:3], 16)


def _draw(pen: "_Pen", item: Item, plate: Plate) -> None:
    box: Boxed = tuple(item.get("box", (0, 0, 0, 0)))  # type: ignore[assignment]
    ink = colour(item["ink"]) if "ink" in item else pen.ink
    if "row" in item:
        _row(pen, item, plate, box, ink)
    elif "text" in item:
        _cells(pen, [(character, box[3], 0.72) for character in item["text"]], box, ink, 1.0)
    elif "word" in item:
        pen.word(item["word"], box, ink)
    elif "name" in item:
        names = layouts.table()[plate.country].names
        pen.word(names[plate.groups[item["name"]]], box, ink)
    elif "flag" in item:
        for kind, fill, x, y, w, h in layouts.flags()[item["flag"]]:
            part = (box[0] + x * box[2], box[1] + y * box[3], w * box[2], h * box[3])
            pen.figure(kind, part, colour(fill))
    elif "fill" in item:
        pen.figure("rect", box, colour(item["fill"]))
    elif "gradient" in item:
        pen.gradient(box, *(colour(each) for each in item["gradient"]))
    elif "frame" in item:
        pen.outline(item["frame"], 3, 6)
    elif "rule" in item:
        pen.figure("rect", box, ink)
    elif "bolt" in item and pen.look.bolts:
        x, y = item["bolt"]
        pen.figure("disc", (x - 4.5, y - 4.5, 9, 9), pen.ink)


def _row(pen: "_Pen", item: Item, plate: Plate, box: Boxed, ink: Colour) -> None:
    tall = pen.look.tall
    box = (box[0], box[1] + box[3] * (1 - tall) / 2, box[2], box[3] * tall)
    high, low = box[3], item.get("letters", box[3] / tall) * tall
    persian = item.get("script") == "persian"
    cells: list[tuple[str, float, float]] = []
    for token in item["row"].split():
        if cells and token[0].isdigit() and cells[-1][0] not in "-.ohs":
            cells.append(("", high, (0.2 if persian else 0.26) * pen.look.spacing))
        if not token[0].isdigit():
            cells.append((token, high, {"-": 0.42, ".": 0.26, "o": 0.5, "h": 0.6, "s": 0.5}[token]))
            continue
        for part in token.split("+"):
            for character in plate.groups[int(part)]:
                if persian:
                    wide = 0.64 if character.isdigit() else 1.0
                    printed = _PRINTED.get(character, character).translate(PERSIAN)
                    cells.append((printed, high, wide))
                elif character.isdigit() or low == high:
                    cells.append((character, high, item.get("pitch", 0.67)))
                else:
                    cells.append((character, low, 0.82))
    _cells(pen, cells, box, ink, pen.look.width)


def _cells(
    pen: "_Pen", cells: list[tuple[str, float, float]], box: Boxed, ink: Colour, stretch: float
) -> None:
    """Each cell: character, height in mm, pitch as a share of the height.  All stand on one base line, in the
    middle of the box."""
    x, y, width, height = box
    total = sum(tall * pitch for _, tall, pitch in cells) * stretch
    fit = stretch * min(width / total, max(1.0, min(1.1, width / total)))
    at = x + (width - total / stretch * fit) / 2
    for character, tall, pitch in cells:
        wide = tall * pitch * fit
        if character:
            pen.character(character, (at, y + height - tall, wide, tall), ink)
        at += wide


class _Pen:
    """Draws in millimetres."""

    def __init__(self, canvas: Picture, scale: float, ink: Colour, look: Look) -> None:
        self.canvas, self.scale, self.ink, self.look = canvas, scale, ink, look

    def _box(self, box: Boxed) -> tuple[int, int, int, int]:
        x, y, w, h = (side * self.scale for side in box)
        return round(x), round(y), max(1, round(x + w) - round(x)), max(1, round(y + h) - round(y))

    def figure(self, kind: str, box: Boxed, fill: Colour) -> None:
        x, y, w, h = self._box(box)
        if kind == "rect":
            self.canvas[max(0, y) : y + h, max(0, x) : x + w] = fill
        elif kind == "disc":
            middle, axes = (x + w // 2, y + h // 2), (max(1, w // 2), max(1, h // 2))
            cv2.ellipse(self.canvas, middle, axes, 0, 0, 360, fill, -1, cv2.LINE_AA)
        else:
            unit = _FIGURES[kind]
            points = np.round(unit * (w, h) * 16 + np.array([x, y]) * 16).astype(np.int32)
            cv2.fillPoly(self.canvas, [points], fill, cv2.LINE_AA, 4)

    def gradient(self, box: Boxed, top: Colour, bottom: Colour) -> None:
        x, y, w, h = self._box(box)
        share = np.linspace(0, 1, h)[:, None, None]
        blend = np.array(top) * (1 - share) + np.array(bottom) * share
        self.canvas[y : y + h, x : x + w] = blend.astype(np.uint8)[: self.canvas.shape[0] - y]

    def outline(self, inset: float, thick: float, radius: float) -> None:
        rows, columns = self.canvas.shape[:2]
        line, off = max(1, round(thick * self.scale)), (inset + thick / 2) * self.scale
        r = radius * self.scale
        x0, y0, x1, y1 = off, off, columns - 1 - off, rows - 1 - off
        spots = [
            (cx + r * np.cos(angle), cy + r * np.sin(angle))
            for cx, cy, first in (
                (x1 - r, y0 + r, -np.pi / 2), (x1 - r, y1 - r, 0.0),
                (x0 + r, y1 - r, np.pi / 2), (x0 + r, y0 + r, np.pi),
            )
            for angle in np.linspace(first, first + np.pi / 2, 5)
        ]  # fmt: skip
        points = np.round(np.array(spots) * 16).astype(np.int32)
        cv2.polylines(self.canvas, [points], True, self.ink, line, cv2.LINE_AA, 4)

    def character(self, character: str, box: Boxed, ink: Colour) -> None:
        x, y, w, h = box
        look = self.look
        if character == "-":
            self.figure("rect", (x + w * 0.18, y + h * 0.44, w * 0.64, h * 0.13), ink)
        elif character == ".":
            self.figure("disc", (x + w / 2 - h * 0.06, y + h * 0.44, h * 0.12, h * 0.12), ink)
        elif character == "o":
            self.figure("disc", (x + w * 0.1, y + h * 0.06, h * 0.38, h * 0.38), (150, 150, 160))
            self.figure("disc", (x + w * 0.1, y + h * 0.56, h * 0.38, h * 0.38), (120, 140, 90))
        elif character == "h":
            self.figure("rect", (x + w * 0.12, y + h * 0.22, w * 0.76, h * 0.36), (60, 50, 190))
            self.figure("disc", (x + w * 0.12, y + h * 0.3, w * 0.76, h * 0.52), (60, 50, 190))
            self.figure("rect", (x + w * 0.3, y + h * 0.3, w * 0.4, h * 0.3), (225, 225, 220))
        elif character == "s":
            pass
        elif "\u0600" <= character <= "\u06ff":
            self._persian(character, box, ink)
        else:
            chinese = character >= "\u4e00"
            face = look.chinese if chinese else look.face
            weight = look.weight + (look.chinese_weight if chinese else 0)
            free = w * (1 - look.gap * (0.7 if chinese else 1))
            own = glyphs.glyph(face, character, weight).aspect * h
            if character in _NARROW:
                wide = min(free, own * 1.15)
            else:
                wide = free + (min(own, free * 1.12) - free) * look.proportional
            mask = glyphs.fitted(face, character, weight, *self._sides(wide, h), look.bend)
            self.mask(mask, x + (w - wide) / 2, y, ink)

    def _persian(self, character: str, box: Boxed, ink: Colour) -> None:
        x, y, w, h = box
        weight = self.look.weight + self.look.persian_weight
        made = glyphs.glyph(self.look.persian, character, weight)
        if "۰" <= character <= "۹":
            tall, top = made.tall * h, made.top * h
            wide = min(w * 0.94, made.aspect * tall * self.look.width)
        else:
            tall = min(h * 1.02, w * 0.95 / made.aspect)
            wide, top = made.aspect * tall, (h - tall) / 2
        sides = self._sides(wide, tall)
        mask = glyphs.fitted(self.look.persian, character, weight, *sides, self.look.bend)
        self.mask(mask, x + (w - wide) / 2, y + top, ink)

    def word(self, text: str, box: Boxed, ink: Colour) -> None:
        """As large as the box allows, in its middle."""
        made = glyphs.word(self.look.persian, text)
        x, y, w, h = box
        tall = min(h, w * made.shape[0] / made.shape[1])
        wide = tall * made.shape[1] / made.shape[0]
        width, height = self._sides(wide, tall)
        mask = cv2.resize(made, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
        self.mask(mask, x + (w - wide) / 2, y + (h - tall) / 2, ink)

    def _sides(self, wide: float, tall: float) -> tuple[int, int]:
        return max(1, round(wide * self.scale)), max(1, round(tall * self.scale))

    def mask(self, mask: npt.NDArray[np.uint8], x: float, y: float, ink: Colour) -> None:
        """Ink through a mask, its top left corner at x, y mm; what lies outside of the plate is cut off."""
        left, top = max(0, round(x * self.scale)), max(0, round(y * self.scale))
        under = self.canvas[top : top + mask.shape[0], left : left + mask.shape[1]]
        share = mask[: under.shape[0], : under.shape[1], None].astype(np.uint16)
        blend: Any = under * (255 - share) + np.array(ink, np.uint16) * share
        under[:] = (blend + 127) // 255


_STAR = np.array(
    [
        (0.5 + 0.5 * r * np.sin(np.pi * n / 5), 0.5 - 0.5 * r * np.cos(np.pi * n / 5))
        for n, r in enumerate([1, 0.4] * 5)
    ]
)
_FIGURES: dict[str, npt.NDArray[np.float64]] = {
    "triangle": np.array([(0.5, 0.0), (1.0, 1.0), (0.0, 1.0)]),
    "diamond": np.array([(0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)]),
    "star": _STAR,
}
