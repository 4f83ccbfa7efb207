"""A document's page in millimetres: paper, art, portrait, visual zone and the machine-readable zone."""

# pyright: basic, reportMissingImports=false
# (skia-python is in the proof's own environment)

from dataclasses import dataclass
from random import Random

import skia
from art import clouds, colour, fill, foil, microtext, pastel, pen, rainbow, rosette, waves
from glyphs import face, write
from people import Person
from strokes import CAPITAL_HEIGHT, PEN

SIZES = {
    "TD3": (125.0, 88.0),
    "PNRUS": (125.0, 88.0),
    "TD1": (85.6, 54.0),
    "TD2": (105.0, 74.0),
    "MRV-A": (120.0, 80.0),
    "MRV-B": (105.0, 74.0),
    "FR-ID": (105.0, 74.0),
}
PITCH = 2.54
CAPITALS = 2.4
"""Height in mm (ISO 1073-2 size 1)."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one page was made."""

    face: str
    weight: float
    """mm added to the stroke, below 0 for thin print."""
    ink: float
    """Grey of the zone's ink, 0 black."""
    art: float
    """Density and strength of the art on the page, 0 to 1."""
    behind: float
    """The same behind the zone."""
    foil: float = 0.0
    wear: float = 0.0
    infrared: bool = False
    coloured: bool = False
    height: float = 1.0
    pitch: float = 1.0


def draw_page(canvas: skia.Canvas, person: Person, style: Style, random: Random, blank: bool = False) -> None:
    """The page with its top left corner at the origin; `blank` leaves the zone out."""
    width, height = SIZES[person.kind]
    box = (0.0, 0.0, width, height)
    canvas.save()
    canvas.clipRRect(skia.RRect.MakeRectXY(skia.Rect(*box), 2.5, 2.5), True)
    _paper(canvas, style, random, box)
    if not style.infrared:
        _art(canvas, person, style, random, box)
    _portrait(canvas, style, random, height)
    _visual_zone(canvas, person, style, random)
    if not blank:
        _zone(canvas, person, style, random, width, height)
    if style.foil:
        reach = (0.0, height - 30, width, height) if random.random() < 0.7 else box
        foil(canvas, random, reach, style.foil)
    canvas.restore()


def zone_centre(person: Person) -> tuple[float, float]:
    """Where the middle of the zone lies on the page, in mm."""
    width, height = SIZES[person.kind]
    return width / 2, height - (12.0 if person.kind != "TD1" else 10.5)


def _paper(canvas: skia.Canvas, style: Style, random: Random, box: tuple[float, float, float, float]) -> None:
    if style.infrared:
        canvas.drawRect(skia.Rect(*box), fill(colour(*(random.uniform(0.7, 0.9),) * 3)))
        return
    canvas.drawRect(
        skia.Rect(*box), fill(pastel(random, 0.55 if style.coloured else random.uniform(0, 0.12)))
    )
    if style.art > 0.1 and random.random() < 0.7:
        rainbow(canvas, random, box, 0.9 if style.coloured else style.art * 0.6)
    clouds(canvas, random, box, 0.35, 0.4)


def _art(
    canvas: skia.Canvas, person: Person, style: Style, random: Random, box: tuple[float, float, float, float]
) -> None:
    left, top, right, bottom = box
    for _ in range(round(3 * style.art)):
        waves(canvas, random, (left, top, right, bottom - 24), style.art, random.uniform(1.2, 4))
    for _ in range(round(4 * style.art)):
        rosette(
            canvas,
            random,
            random.uniform(0, right),
            random.uniform(0, bottom * 0.7),
            random.uniform(8, 30),
            style.art,
        )
    if style.behind <= 0:
        return
    zone = (left, bottom - 25, right, bottom)
    if style.behind < 0.3 or random.random() < 0.75:
        waves(canvas, random, zone, style.behind, random.uniform(0.8, 2.5))
    if style.behind > 0.3:
        for _ in range(random.randint(1, 3)):
            x, y = random.uniform(left, right), random.uniform(bottom - 22, bottom - 3)
            rosette(canvas, random, x, y, random.uniform(8, 22), style.behind)
        if random.random() < 0.5:
            waves(canvas, random, zone, style.behind, random.uniform(0.7, 1.4))
        if random.random() < 0.3:
            microtext(canvas, random, zone, person.fields.issuer * 2, style.behind)


def _portrait(canvas: skia.Canvas, style: Style, random: Random, height: float) -> None:
    """A face nobody has: an oval on shoulders."""
    scale = (height - 23) / 65 * 0.95
    canvas.save()
    canvas.translate(5 * scale + random.uniform(0, 2), 16 * scale)
    canvas.scale(scale, scale)
    canvas.clipRect(skia.Rect(0, 0, 33, 42))
    faint = 0.25 if style.infrared else 1.0
    canvas.drawRect(skia.Rect(0, 0, 33, 42), fill(colour(0.82, 0.84, 0.86, faint)))
    skin = random.uniform(0.35, 0.85)
    canvas.drawOval(skia.Rect(2, 30, 31, 60), fill(pastel(random, 1.0, faint)))
    canvas.drawOval(skia.Rect(8, 4, 25, 20), fill(colour(*(random.uniform(0.05, 0.4),) * 3, faint)))
    canvas.drawOval(skia.Rect(9.5, 7, 23.5, 31), fill(colour(skin, skin * 0.85, skin * 0.75, faint)))
    for x in (13.2, 19.4):
        canvas.drawOval(skia.Rect(x, 16.5, x + 2.4, 18), fill(colour(0.1, 0.1, 0.1, faint)))
    canvas.drawLine(14, 25.5, 19, 25.5, pen(colour(0.45, 0.15, 0.15, faint), 0.6))
    canvas.restore()


def _visual_zone(canvas: skia.Canvas, person: Person, style: Style, random: Random) -> None:
    fields = person.fields
    height = SIZES[person.kind][1]
    scale = height / 88
    dark = colour(*(random.uniform(0.05, 0.25),) * 3, 0.2 if style.infrared else 0.95)
    soft = pastel(random, 1.0, 0.15 if style.infrared else 0.9)
    title = {"TD3": "PASSPORT", "PNRUS": "PASSPORT"}.get(
        person.kind, "VISA" if "MRV" in person.kind else "IDENTITY CARD"
    )
    write(canvas, f"{title}   {fields.issuer}", 6, 8 * scale, 2.9 * scale, "bold", fill(soft))
    rows = [
        ("Surname / Nom", fields.surname),
        ("Given names / Prenoms", fields.given_names),
        ("Nationality", fields.nationality or fields.issuer),
        ("Date of birth   Sex", f"{fields.birth}   {fields.sex or 'X'}"),
        ("Document No", fields.number),
        ("Date of expiry", str(fields.expiry)),
    ]
    face_name = random.choice(("sans", "bold", "narrow", "serif", "mono"))
    y = 17.0 * scale
    for label, value in rows:
        if y + 5 * scale > height - 21:
            break  # Doc 9303-3, 4.1: nothing else stands in the zone's strip
        write(canvas, label, 46 * scale, y, 1.25 * scale, "sans", fill(soft))
        write(canvas, value[:34], 46 * scale, y + 4 * scale, 2.1 * scale, face_name, fill(dark))
        y += 8 * scale


def _zone(
    canvas: skia.Canvas, person: Person, style: Style, random: Random, width: float, height: float
) -> None:
    """Each character in its cell (Doc 9303-3, 4.3), drawn into a layer so that wear takes ink off."""
    lines = person.lines
    step = 4.23 if len(lines) == 3 else 6.35
    pitch = PITCH * style.pitch
    left = (width - pitch * len(lines[0])) / 2 + random.uniform(-0.8, 0.8)
    foot = height - (5.6 if len(lines) == 3 else 8.0) + random.uniform(-0.7, 0.7)
    capitals = CAPITALS * style.height * 0.94
    if style.wear:
        canvas.saveLayer()
    paint = fill(colour(*(style.ink,) * 3))
    for row, line in enumerate(lines):
        baseline = foot - step * (len(lines) - 1 - row) + random.uniform(-0.08, 0.08)
        start = left + random.uniform(-0.3, 0.3)
        for column, character in enumerate(line):
            canvas.save()
            canvas.translate(
                start + pitch * (column + 0.5) + random.gauss(0, 0.02), baseline + random.gauss(0, 0.02)
            )
            canvas.scale(capitals, capitals)
            _character(canvas, character, style, paint, capitals)
            canvas.restore()
    if style.wear:
        _wear(canvas, random, style, (0.0, height - 25, width, height))
        canvas.restore()


def _character(canvas: skia.Canvas, character: str, style: Style, paint: skia.Paint, capitals: float) -> None:
    glyph = face(style.face).glyph(character)
    canvas.translate(-glyph.width / 2, 0)
    if style.face == "strokes":
        width = max(0.06, PEN / CAPITAL_HEIGHT + style.weight / capitals)
        stroke = pen(paint.getColor(), width)
        stroke.setStrokeCap(skia.Paint.kRound_Cap)
        stroke.setStrokeJoin(skia.Paint.kRound_Join)
        canvas.drawPath(glyph.path, stroke)
        return
    if style.weight > 0.01:
        paint = skia.Paint(paint)
        paint.setStyle(skia.Paint.kStrokeAndFill_Style)
        paint.setStrokeWidth(style.weight / capitals)
    canvas.drawPath(glyph.path, paint)


def _wear(canvas: skia.Canvas, random: Random, style: Style, box: tuple[float, float, float, float]) -> None:
    """Specks and scratches where the ink is gone."""
    rubber = skia.Paint(AntiAlias=True, BlendMode=skia.BlendMode.kDstOut, Color=colour(0, 0, 0, 0.9))
    for _ in range(round(900 * style.wear)):
        x, y = random.uniform(box[0], box[2]), random.uniform(box[1], box[3])
        canvas.drawCircle(x, y, random.uniform(0.05, 0.17), rubber)
    for _ in range(round(14 * style.wear)):
        scratch = pen(colour(0, 0, 0, 0.8), random.uniform(0.05, 0.14))
        scratch.setBlendMode(skia.BlendMode.kDstOut)
        x, y = random.uniform(box[0], box[2]), random.uniform(box[1], box[3])
        canvas.drawLine(x, y, x + random.uniform(-14, 14), y + random.uniform(-9, 9), scratch)
