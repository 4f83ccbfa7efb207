"""Which pictures there are, and the making of one: scene, camera, file and truth."""

# pyright: basic, reportMissingImports=false
# (skia-python is in the proof's own environment)

from dataclasses import asdict, dataclass
from math import cos, radians, sin
from pathlib import Path
from random import Random
from typing import Any

import decoys
import kinds
import skia
from art import Rectangle, clouds, colour, fill, pen
from camera import Shot, View, encoded, photograph, view
from people import Person, person
from sheets import SIZES, draw_page, zone_centre

SEED = "borderlane proof 1"
SHEET_PIXELS_MAX = 14_000_000
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Entry:
    """`name` is the file's name without suffix; `frame` counts the pictures of one document, from 1."""

    name: str
    kind: str
    number: int
    frame: int = 0


def catalogue() -> list[Entry]:
    """Every picture of the set, in the order of its kinds."""
    entries = [
        Entry(f"{kind.replace(' ', '_')}-{number:03}", kind, number)
        for kind, count in [*kinds.KINDS.items(), ("none", kinds.NONE_PAGES)]
        for number in range(count)
    ]
    entries += [
        Entry(f"frames-{number:03}-{frame}", "frames", number, frame)
        for number in range(kinds.FRAMED)
        for frame in range(1, kinds.FRAMES + 1)
    ]
    return entries


@dataclass(frozen=True, slots=True)
class Laid:
    """A page on the desk: its corners, and where the middle of its zone lies, in mm."""

    person: Person | None
    corners: tuple[Point, ...]
    zone: Point


def make(entry: Entry, folder: Path) -> dict[str, Any]:
    """Draws the picture into `folder`; gives its entry of truth.json."""
    random = Random(f"{SEED} {entry.kind} {entry.number}")
    recorder = skia.PictureRecorder()
    endless = skia.Rect(-600, -600, 900, 900)
    canvas = recorder.beginRecording(endless)
    canvas.drawPaint(fill(colour(*(random.uniform(0.1, 0.8) for _ in range(3)))))
    clouds(canvas, random, (-600, -600, 900, 900), 0.8, random.uniform(0.02, 0.4))
    laid = _scene(canvas, entry, random)
    desk = recorder.finishRecordingAsPicture()
    centre = laid[0].zone
    shot = _shot(entry, random, centre)
    corners = [corner for page in laid for corner in page.corners]
    margin = random.uniform(1, 12)
    seen = view(shot, centre, corners, margin)
    sheet, region, scale = _raster(desk, seen, shot)
    picture = photograph(sheet, region, scale, shot, seen, entry.number * 13 + entry.frame * 7 + 1)
    suffix, content = encoded(picture, shot.quality)
    (folder / f"{entry.name}{suffix}").write_bytes(content)
    documents = [page.person for page in laid if page.person is not None]
    return {
        "name": entry.name,
        "file": f"{entry.name}{suffix}",
        "kind": entry.kind,
        "group": f"{entry.kind} {entry.number}",
        "documents": [
            {"format": one.format, "sort": one.kind, "lines": list(one.lines)} for one in documents
        ],
        "width": seen.width,
        "height": seen.height,
        "shot": asdict(shot),
    }


def _shot(entry: Entry, random: Random, centre: Point) -> Shot:
    if entry.kind == "frames":
        return kinds.frames(random, centre)[entry.frame - 1]
    if entry.kind == "none":
        return kinds.shot(random.choice([*kinds.KINDS][:-1]), random, centre)
    return kinds.shot(entry.kind, random, centre)


def _scene(canvas: skia.Canvas, entry: Entry, random: Random) -> list[Laid]:
    """Draws what lies on the desk; the first is the largest."""
    if entry.kind == "none":
        width, height = decoys.draw_decoy(canvas, random.choice(decoys.KINDS), random)
        return [Laid(None, _corners(width, height, 0, 0, 0), (width / 2, height / 2))]
    if entry.kind == "several":
        return _several(canvas, random)
    someone = person(random)
    style = kinds.style(entry.kind, random)
    width, height = SIZES[someone.kind]
    corners = _corners(width, height, 0, 0, 0)
    if width == 125 and random.random() < 0.5:
        _opposite_page(canvas, random, width, height)
        if random.random() < 0.5:
            corners = _corners(width, height * 2, 0, -height, 0)
    draw_page(canvas, someone, style, random)
    return [Laid(someone, corners, zone_centre(someone))]


def _several(canvas: skia.Canvas, random: Random) -> list[Laid]:
    """Two to four documents that do not overlap, each a little askew; the largest page first."""
    people = sorted(
        (person(random) for _ in range(random.choice((2, 2, 2, 3, 4)))), key=lambda one: -SIZES[one.kind][0]
    )
    laid: list[Laid] = []
    for place, someone in enumerate(people):
        width, height = SIZES[someone.kind]
        x, y = (place % 2) * 145 + random.uniform(0, 8), (place // 2) * 108 + random.uniform(0, 8)
        angle = random.gauss(0, 3)
        canvas.save()
        canvas.translate(x, y)
        canvas.rotate(angle)
        draw_page(canvas, someone, kinds.style("several", random), random)
        canvas.restore()
        zone_x, zone_y = zone_centre(someone)
        laid.append(Laid(someone, _corners(width, height, x, y, angle), _moved(zone_x, zone_y, x, y, angle)))
    return laid


def _opposite_page(canvas: skia.Canvas, random: Random, width: float, height: float) -> None:
    """The page above the data page of an open passport."""
    canvas.drawRect(
        skia.Rect(0, -height, width, 0), fill(colour(*(random.uniform(0.8, 0.95) for _ in range(3))))
    )
    decoy = Random(random.random())
    canvas.save()
    canvas.clipRect(skia.Rect(0, -height, width, 0))
    canvas.translate(0, -height)
    if decoy.random() < 0.6:
        decoys.draw_decoy(canvas, decoy.choice(("letter", "art")), decoy)
    canvas.restore()
    canvas.drawLine(0, 0, width, 0, pen(colour(0.2, 0.2, 0.2, 0.6), 0.8))


def _raster(desk: skia.Picture, seen: View, shot: Shot) -> tuple[skia.Image, Rectangle, float]:
    """The part of the desk that the camera sees, a little finer than the picture will be."""
    edge = 5 + abs(shot.bow) + abs(shot.squeeze)
    points = seen.corners()
    left, right = min(x for x, _ in points) - edge, max(x for x, _ in points) + edge
    top, bottom = min(y for _, y in points) - edge, max(y for _, y in points) + edge
    wanted = shot.pitch / 2.54 * (1.35 if shot.tilt > 8 else 1.15)
    scale = min(wanted, (SHEET_PIXELS_MAX / ((right - left) * (bottom - top))) ** 0.5)
    surface = skia.Surface(round((right - left) * scale), round((bottom - top) * scale))
    with surface as canvas:
        canvas.scale(scale, scale)
        canvas.translate(-left, -top)
        canvas.drawPicture(desk)
    return surface.makeImageSnapshot(), (left, top, right, bottom), scale


def _corners(width: float, height: float, x: float, y: float, angle: float) -> tuple[Point, ...]:
    return tuple(_moved(px, py, x, y, angle) for px, py in ((0, 0), (width, 0), (width, height), (0, height)))


def _moved(px: float, py: float, x: float, y: float, angle: float) -> Point:
    turn = radians(angle)
    return x + px * cos(turn) - py * sin(turn), y + px * sin(turn) + py * cos(turn)
