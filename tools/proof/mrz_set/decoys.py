"""Pages without a machine-readable zone, many of them with print that resembles one."""

# pyright: basic, reportMissingImports=false
# (skia-python is in the proof's own environment)

from random import Random

import skia
from art import clouds, colour, fill, pastel, rainbow, rosette, waves
from glyphs import write
from people import person
from sheets import SIZES, Style, draw_page

KINDS = ("front", "letter", "slip", "code", "table", "bank card", "plate", "art", "desk")


def draw_decoy(canvas: skia.Canvas, kind: str, random: Random) -> tuple[float, float]:
    """One page from the origin; its size in mm."""
    if kind == "front":
        someone = person(random)
        style = Style("debian", 0, 0.1, random.random(), random.random())
        draw_page(canvas, someone, style, random, blank=True)
        return SIZES[someone.kind]
    width, height = {"bank card": (85.6, 54.0), "plate": (110.0, 50.0)}.get(
        kind, (random.uniform(90, 210), random.uniform(80, 150))
    )
    box = (0.0, 0.0, width, height)
    canvas.drawRect(skia.Rect(*box), fill(pastel(random, random.uniform(0, 0.3))))
    ink = fill(colour(*(random.uniform(0, 0.3),) * 3))
    canvas.save()
    canvas.clipRect(skia.Rect(*box))
    _DRAWN[kind](canvas, random, box, ink)
    canvas.restore()
    return width, height


Box = tuple[float, float, float, float]
WORDS = [
    "the",
    "carrier",
    "declares",
    "that",
    "goods",
    "listed",
    "below",
    "were",
    "loaded",
    "in",
    "good",
    "order",
    "and",
    "that",
    "seals",
    "were",
    "whole",
    "when",
    "the",
    "vehicle",
    "left",
    "the",
    "terminal",
    "weight",
    "gross",
    "net",
    "pallets",
    "customs",
    "transit",
    "office",
    "of",
    "departure",
    "signature",
    "stamp",
    "date",
]


def _letter(canvas: skia.Canvas, random: Random, box: Box, ink: skia.Paint) -> None:
    name, size = random.choice(("sans", "serif", "mono", "narrow")), random.uniform(1.5, 2.6)
    y = 8.0
    while y < box[3] - 6:
        words, x = list(WORDS), 8.0
        while x < box[2] - 30:
            word = random.choice(words)
            x = write(canvas, word.upper() if random.random() < 0.1 else word, x, y, size, name, ink) + size
        y += size * 2.4


def _slip(canvas: skia.Canvas, random: Random, box: Box, ink: skia.Paint) -> None:
    """A payment slip's coding line: OCR-B too, but no zone."""
    _letter(canvas, random, (0, 0, box[2], box[3] - 25), ink)
    digits = "".join(random.choice("0123456789") for _ in range(27))
    text = f"{digits[:13]}>{digits}+ {digits[:9]}>"
    write(canvas, text, 5, box[3] - 8, 2.3, "debian", ink)


def _code(canvas: skia.Canvas, random: Random, box: Box, ink: skia.Paint) -> None:
    """A listing with angle brackets in rows of one pitch."""
    y = 8.0
    while y < box[3] - 4:
        depth = random.randint(0, 3)
        text = "  " * depth + random.choice(
            ("if (a << 2 < b) {", "<td><b>NAME</b></td>", "x = y << z;", "}", "cout << n << endl;")
        )
        write(canvas, text, 6, y, 2.2, "mono", ink)
        y += 5


def _table(canvas: skia.Canvas, random: Random, box: Box, ink: skia.Paint) -> None:
    y = 10.0
    while y < box[3] - 5:
        x = 5.0
        while x < box[2] - 22:
            write(canvas, str(random.randint(10, 999999)), x, y, 2.0, "mono", ink)
            x += 22
        canvas.drawLine(4, y + 1.5, box[2] - 4, y + 1.5, skia.Paint(Color=ink.getColor(), StrokeWidth=0.2))
        y += 6


def _bank_card(canvas: skia.Canvas, random: Random, box: Box, ink: skia.Paint) -> None:
    rainbow(canvas, random, box, 1.0)
    rosette(canvas, random, random.uniform(0, 85), random.uniform(0, 54), 30, 0.8)
    number = " ".join(str(random.randint(1000, 9999)) for _ in range(4))
    write(canvas, number, 8, 33, 4, random.choice(("debian", "mono")), ink)
    write(canvas, "VALID THRU 09/29", 30, 40, 2, "sans", ink)
    write(canvas, "A CARDHOLDER", 8, 47, 2.6, "mono", ink)


def _plate(canvas: skia.Canvas, random: Random, box: Box, ink: skia.Paint) -> None:
    write(canvas, f"{random.randint(100, 999)} ABC {random.randint(10, 99)}", 8, 32, 13, "bold", ink)


def _art(canvas: skia.Canvas, random: Random, box: Box, ink: skia.Paint) -> None:
    for _ in range(4):
        waves(canvas, random, box, random.random(), random.uniform(1, 3))
        rosette(
            canvas,
            random,
            random.uniform(0, box[2]),
            random.uniform(0, box[3]),
            random.uniform(10, 40),
            random.random(),
        )


def _desk(canvas: skia.Canvas, random: Random, box: Box, ink: skia.Paint) -> None:
    clouds(canvas, random, box, 1.0, random.uniform(0.02, 0.3))


_DRAWN = {
    "letter": _letter,
    "slip": _slip,
    "code": _code,
    "table": _table,
    "bank card": _bank_card,
    "plate": _plate,
    "art": _art,
    "desk": _desk,
}
