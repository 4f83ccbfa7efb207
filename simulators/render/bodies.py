"""Fronts and rears of vehicles for the scenes: plain shapes with what readers mistake for plates on them.

No maker's models.  A body is drawn at the size it will have in the picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

from simulators.render.looks import Wardrobe
from simulators.render.optics import Rng
from simulators.render.pen import BOARDS, INKS, Colour, Pen, word_width

_GLASS: Colour = (72, 62, 54)
_DARK: Colour = (32, 30, 29)


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a plate may sit: its middle in metres over the lower left corner; `two_lines` how likely a
    two-line plate is there."""

    x: float
    y: float
    two_lines: float


@dataclass(frozen=True, slots=True)
class Body:
    """`rear`: its lamps are red.  `lamps`: their middles in metres."""

    pen: Pen
    colour: tuple[int, int, int]
    mounts: tuple[Mount, ...]
    lamps: tuple[tuple[float, float], ...]
    rear: bool
    length: float


def body(rng: Rng, wardrobe: Wardrobe, resolution: float) -> Body:
    """Any vehicle of a wardrobe, `resolution` pixels a metre."""
    family, width, height, length = _SHAPES[wardrobe.shapes[int(rng.integers(len(wardrobe.shapes)))]]
    pen = Pen(width * float(rng.uniform(0.94, 1.06)), height * float(rng.uniform(0.95, 1.05)), resolution)
    colour = wardrobe.bodies[int(rng.integers(len(wardrobe.bodies)))]
    draw = _Draw(pen, rng, wardrobe, colour)
    mounts, lamps, rear = family(draw)
    pen.shade(float(rng.uniform(1.0, 1.25)), float(rng.uniform(0.7, 1.02)))
    pen.reflect(rng)
    return Body(pen, colour, mounts, lamps, rear, length)


_Parts = tuple[tuple[Mount, ...], tuple[tuple[float, float], ...], bool]


class _Draw:
    """What the families have in common."""

    def __init__(self, pen: Pen, rng: Rng, wardrobe: Wardrobe, colour: tuple[int, int, int]) -> None:
        self.pen, self.rng, self.wardrobe, self.colour = pen, rng, wardrobe, colour

    def u(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def coin(self, share: float = 0.5) -> bool:
        return bool(self.rng.random() < share)

    def tone(self, by: float) -> Colour:
        return tuple(min(255.0, part * by) for part in self.colour)

    def text(self) -> str:
        return self.wardrobe.words[int(self.rng.integers(len(self.wardrobe.words)))]

    def face(self) -> str:
        plain = [each for each in self.wardrobe.faces if not each.startswith("stroke")]
        return plain[int(self.rng.integers(len(plain)))]

    def some_colour(self) -> Colour:
        return INKS[int(self.rng.integers(len(INKS)))]

    def slogan(self, x: float, y: float, width: float, height: float) -> None:
        """A word within a width, in any colour."""
        text, face = self.text(), self.face()
        tall = min(height, height * width / max(word_width(text, height, face), 1e-6))
        self.pen.word(text, x, y, tall, self.some_colour(), face)

    def sticker(self, x: float, y: float, height: float) -> None:
        """A board like a plate in proportions and ink, but no plate."""
        text, face = self.text(), self.face()
        ground, ink = BOARDS[int(self.rng.integers(len(BOARDS)))]
        wide = word_width(text, height * 0.6, face) + height * 0.5
        self.pen.box(x - wide / 2, y, wide, height, ink)
        edge = height * 0.06
        self.pen.box(x - wide / 2 + edge, y + edge, wide - 2 * edge, height - 2 * edge, ground)
        self.pen.word(text, x - wide / 2 + height * 0.25, y + height * 0.2, height * 0.6, ink, face)

    def grille(self, x: float, y: float, w: float, h: float) -> None:
        self.pen.box(x, y, w, h, _DARK, self.u(0, 0.05))
        bar = self.tone(0.8) if self.coin() else (150, 150, 152)
        count, kind = int(self.rng.integers(2, 9)), int(self.rng.integers(4))
        if kind in (0, 2):
            for n in range(1, count):
                self.pen.line([(x + 0.02, y + h * n / count), (x + w - 0.02, y + h * n / count)], bar, 0.016)
        if kind in (1, 2):
            for n in range(1, count * 3):
                at = x + w * n / (count * 3)
                self.pen.line([(at, y + 0.01), (at, y + h - 0.01)], bar, 0.012)

    def badge(self, x: float, y: float) -> None:
        kind = int(self.rng.integers(3))
        if kind == 0:
            self.pen.disc(x, y, 0.06, 0.05, (190, 190, 194))
            self.pen.disc(x, y, 0.04, 0.03, self.some_colour())
        elif kind == 1:
            text = self.text()[:8]
            tall = self.u(0.04, 0.09)
            self.pen.word(text, x - word_width(text, tall) / 2, y - tall / 2, tall, (200, 200, 204))

    def lamp(self, x: float, y: float, w: float, h: float, *, rear: bool) -> None:
        shell = (30, 30, int(self.u(120, 210))) if rear else (214, 210, 205)
        if self.coin():
            self.pen.disc(x, y, w / 2, h / 2, (90, 90, 92))
            self.pen.disc(x, y, w * 0.44, h * 0.42, shell)
        else:
            self.pen.box(x - w / 2, y - h / 2, w, h, (80, 80, 84), 0.04)
            self.pen.box(x - w * 0.45, y - h * 0.42, w * 0.9, h * 0.84, shell, 0.04)
        inner = (40, 150, 235) if self.coin() else (235, 235, 238)
        self.pen.disc(x + w * self.u(-0.25, 0.25), y, w * 0.16, h * 0.22, inner)

    def glass(self, low: float, high: float, foot: float, head: float) -> None:
        """A window: from `low` to `high`, half as wide as `foot` below and `head` above."""
        middle = self.pen.width / 2
        tone = tuple(part * self.u(0.5, 1.6) for part in _GLASS)
        self.pen.polygon(
            [(middle - foot, low), (middle + foot, low), (middle + head, high), (middle - head, high)], tone
        )
        at, lean = middle + self.u(-foot, foot * 0.4), self.u(0.1, 0.3)
        shine = tuple(min(255.0, part * 1.5 + 20) for part in tone)
        self.pen.polygon(
            [(at, low), (at + 0.25, low), (at + 0.25 + lean, high), (at + lean, high)], shine
        )  # fmt: skip
        if self.coin(0.4):  # a paper behind the glass
            self.pen.box(middle + self.u(-foot * 0.8, foot * 0.5), low + 0.03, 0.2, 0.07, (220, 222, 222))

    def wheels(self) -> None:
        for x in (0.06, self.pen.width - 0.24):
            self.pen.box(x, 0.0, 0.18, 0.45, (24, 24, 25), 0.05)

    def recess(self, mount: Mount) -> None:
        """A place for a plate; an empty one is no plate."""
        if self.coin(0.6):
            shade = self.tone(self.u(0.4, 0.8)) if self.coin() else _DARK
            self.pen.box(mount.x - 0.3, mount.y - 0.1, 0.6, 0.2, shade, 0.02)


def _car(draw: _Draw) -> _Parts:
    pen, rear = draw.pen, draw.coin()
    w, h, middle = pen.width, pen.height, pen.width / 2
    bonnet = h * draw.u(0.58, 0.68)
    draw.wheels()
    pen.polygon(
        [(0.1, bonnet - 0.05), (w * 0.2, h * 0.97), (w * 0.8, h * 0.97), (w - 0.1, bonnet - 0.05)],
        draw.colour,
    )
    draw.glass(bonnet, h * 0.93, w * 0.4, w * 0.29)
    pen.box(0.02, 0.25, w - 0.04, bonnet - 0.23, draw.colour, 0.12)
    for side in (0.0, w):
        pen.disc(side + (0.03 if side == 0 else -0.03), bonnet + 0.06, 0.09, 0.06, draw.tone(0.8))
    bumper = draw.u(0.42, 0.55)
    tone = draw.tone(0.85) if draw.coin(0.7) else (58, 58, 60)
    pen.box(0.02, 0.2, w - 0.04, bumper - 0.2, tone, 0.08)
    pen.line([(0.06, bumper), (w - 0.06, bumper)], draw.tone(0.5), 0.012)
    pen.box(0.1, 0.18, w - 0.2, draw.u(0.03, 0.12), _DARK, 0.03)
    lamp_y = bonnet - draw.u(0.12, 0.2)
    lamp_w, lamp_h = draw.u(0.2, 0.42), draw.u(0.1, 0.18)
    lamps = tuple((x, lamp_y) for x in (lamp_w * 0.6 + 0.05, w - lamp_w * 0.6 - 0.05))
    for x, y in lamps:
        draw.lamp(x, y, lamp_w, lamp_h, rear=rear)
    if not rear:
        gw = draw.u(0.5, w - 2 * lamp_w - 0.2)
        draw.grille(middle - gw / 2, bumper + 0.04, gw, max(0.08, lamp_y - bumper))
        draw.badge(middle, lamp_y - 0.03)
        draw.grille(0.35, 0.22, w - 0.7, draw.u(0.06, 0.16))
        mount = Mount(
            middle + (draw.u(-0.35, 0.35) if draw.coin(0.1) else 0), draw.u(0.33, bumper + 0.02), 0.08
        )
    else:
        draw.badge(middle, bonnet - 0.12)
        if draw.coin(0.6):
            draw.slogan(draw.u(0.15, w * 0.6), bonnet - draw.u(0.1, 0.3), 0.4, 0.05)
        if draw.coin(0.3):
            draw.sticker(middle + draw.u(-0.4, 0.4), bonnet + 0.05, 0.07)
        pen.box(middle - 0.25, 0.24, 0.5, 0.05, (30, 30, 120) if draw.coin(0.3) else _DARK, 0.02)
        mount = Mount(middle, draw.u(0.38, lamp_y), 0.25)
    draw.recess(mount)
    return (mount,), lamps, rear


def _jeep(draw: _Draw) -> _Parts:
    pen, rear = draw.pen, draw.coin()
    w, h, middle = pen.width, pen.height, pen.width / 2
    belt = h * draw.u(0.55, 0.66)
    draw.wheels()
    pen.box(0.06, 0.3, w - 0.12, h - 0.34, draw.colour, 0.14)
    draw.glass(belt + 0.05, h * 0.93, w * 0.42, w * 0.38)
    pen.box(0.0, 0.32, w, draw.u(0.16, 0.3), draw.tone(0.8) if draw.coin() else (54, 54, 56), 0.05)
    lamps = tuple((x, belt - 0.2) for x in (0.22, w - 0.22))
    for x, y in lamps:
        draw.lamp(x, y, draw.u(0.16, 0.3), draw.u(0.16, 0.4) if rear else draw.u(0.12, 0.2), rear=rear)
    if rear and draw.coin(0.35):
        pen.disc(middle + 0.1, belt - 0.05, 0.34, 0.34, (28, 28, 29))
        pen.disc(middle + 0.1, belt - 0.05, 0.28, 0.28, draw.tone(0.9))
        draw.slogan(middle - 0.1, belt - 0.08, 0.4, 0.07)
        mount = Mount(draw.u(0.4, 0.6), draw.u(0.45, 0.75), 0.4)
    elif rear:
        draw.slogan(0.25, belt - 0.05, 0.6, draw.u(0.04, 0.09))
        mount = Mount(middle + draw.u(-0.2, 0.2), draw.u(0.42, belt - 0.15), 0.4)
    else:
        draw.grille(middle - w * 0.27, belt - 0.36, w * 0.54, 0.3)
        draw.badge(middle, belt - 0.2)
        if draw.coin(0.3):
            pen.line([(0.3, 0.3), (0.4, belt), (w - 0.4, belt), (w - 0.3, 0.3)], (150, 150, 152), 0.05)
        mount = Mount(middle, draw.u(0.38, 0.55), 0.12)
    draw.recess(mount)
    return (mount,), lamps, rear


def _van(draw: _Draw) -> _Parts:
    pen, rear = draw.pen, draw.coin()
    w, h, middle = pen.width, pen.height, pen.width / 2
    draw.wheels()
    pen.box(0.04, 0.26, w - 0.08, h - 0.28, draw.colour, 0.12)
    belt = h * draw.u(0.42, 0.52)
    lamps = tuple((x, belt - 0.22) for x in (0.18, w - 0.18))
    pen.box(0.02, 0.22, w - 0.04, 0.26, (60, 60, 62) if draw.coin() else draw.tone(0.9), 0.05)
    if rear:
        for left in (0.12, middle + 0.03):
            if draw.coin(0.8):
                pen.box(left, belt, middle - 0.15, h * 0.34, _GLASS, 0.05)
        pen.line([(middle, 0.4), (middle, h - 0.1)], draw.tone(0.4), 0.02)
        draw.slogan(0.2, belt - draw.u(0.1, 0.2), w - 0.5, draw.u(0.06, 0.14))
        mount = Mount(middle + float(draw.rng.choice([-0.35, 0, 0, 0.35])), draw.u(0.36, belt - 0.25), 0.25)
    else:
        draw.glass(belt, h * 0.86, w * 0.46, w * 0.4)
        draw.grille(0.35, belt - 0.35, w - 0.7, 0.2)
        draw.badge(middle, belt - 0.1)
        if draw.coin(0.3):
            pen.box(0.3, h * 0.88, w - 0.6, 0.16, (26, 26, 26))
            draw.slogan(0.4, h * 0.88 + 0.03, w - 0.8, 0.1)
        mount = Mount(middle, draw.u(0.32, 0.5), 0.08)
    for x, y in lamps:
        draw.lamp(x, y, 0.16, draw.u(0.18, 0.34), rear=rear)
    draw.recess(mount)
    return (mount,), lamps, rear


def _cab(draw: _Draw) -> _Parts:
    pen = draw.pen
    w, h, middle = pen.width, pen.height, pen.width / 2
    if draw.coin(0.7):
        pen.box(0, 0.95, w, h - 0.97, draw.some_colour() if draw.coin(0.4) else (186, 190, 192))
    draw.wheels()
    top = h * draw.u(0.82, 0.98)
    pen.box(0.05, 0.28, w - 0.1, top - 0.3, draw.colour, 0.14)
    low = h * draw.u(0.42, 0.5)
    draw.glass(low, low + h * 0.25, w * 0.46, w * 0.44)
    for n in (-1, 1):  # mirrors and wipers
        pen.box(middle + n * (w * 0.5 - 0.06) - 0.09, low + 0.1, 0.18, 0.5, _DARK, 0.05)
        pen.line([(middle + n * 0.3, low), (middle + n * 0.3 + 0.5, low + 0.12)], _DARK, 0.02)
    if draw.coin(0.6):
        draw.slogan(w * 0.15, low + h * 0.27, w * 0.7, draw.u(0.1, 0.24))
    if draw.coin(0.5):
        draw.sticker(middle + draw.u(-0.3, 0.3), low - draw.u(0.15, 0.3), draw.u(0.1, 0.18))
    draw.grille(w * draw.u(0.14, 0.28), 0.85, w * draw.u(0.45, 0.7), max(0.15, low - 1.05))
    draw.badge(middle, low - 0.12)
    bumper = draw.u(0.6, 0.85)
    pen.box(0.03, 0.25, w - 0.06, bumper - 0.25, draw.tone(0.8) if draw.coin() else (70, 70, 72), 0.06)
    lamps = tuple((x, draw.u(0.55, 0.8)) for x in (0.35, w - 0.35))
    for x, y in lamps:
        draw.lamp(x, y, 0.34, 0.2, rear=False)
    for _ in range(int(draw.rng.integers(0, 3))):
        pen.box(draw.u(0.6, w - 0.9), draw.u(0.3, 0.6), 0.3, 0.1, _DARK, 0.02)
    mounts = [Mount(middle + float(draw.rng.choice([0, 0, 0, -0.5, 0.5])), draw.u(0.36, 0.6), 0.08)]
    if draw.coin(0.12):  # a second, of another country
        mounts.append(Mount(mounts[0].x, mounts[0].y + 0.22, 0.0))
    draw.recess(mounts[0])
    return tuple(mounts), lamps, False


def _trailer(draw: _Draw) -> _Parts:
    pen = draw.pen
    w, h = pen.width, pen.height
    kind = int(draw.rng.integers(3))
    for x in (0.15, w - 0.55):
        pen.box(x, 0.0, 0.4, 0.9, (22, 22, 23), 0.05)
    pen.box(0, 0.95, w, h - 0.97, draw.colour)
    if kind == 0:  # container doors
        for n in range(1, 14):
            pen.line([(w * n / 14, 1.0), (w * n / 14, h - 0.1)], draw.tone(0.8), 0.03)
    if kind < 2:
        for share in (0.2, 0.4, 0.6, 0.8):
            pen.line([(w * share, 0.97), (w * share, h - 0.05)], (150, 150, 152), 0.035)
        pen.line([(w / 2, 0.97), (w / 2, h)], draw.tone(0.3), 0.02)
        for row in range(int(draw.rng.integers(1, 5))):
            draw.slogan(w * 0.55, h - 0.45 - row * 0.28, w * 0.4, 0.13)
    else:
        draw.slogan(w * 0.1, h * 0.55, w * 0.8, draw.u(0.2, 0.45))
        draw.slogan(w * 0.15, h * 0.45, w * 0.6, draw.u(0.08, 0.16))
    if draw.coin(0.3):  # a ladder
        x = draw.u(0.2, w - 0.5)
        for n in range(8):
            pen.line([(x, 1.0 + n * 0.25), (x + 0.3, 1.0 + n * 0.25)], (160, 160, 160), 0.03)
        pen.line([(x, 0.9), (x, 3.0)], (160, 160, 160), 0.03)
        pen.line([(x + 0.3, 0.9), (x + 0.3, 3.0)], (160, 160, 160), 0.03)
    pen.box(0.05, 0.72, w - 0.1, 0.22, (46, 46, 48))
    bar = draw.u(0.38, 0.5)
    pen.box(0.1, bar, w - 0.2, 0.12, (60, 60, 190) if draw.coin(0.3) else (120, 120, 122))
    if draw.coin(0.5):  # red and white tape
        for n in range(10):
            pen.box(0.1 + n * (w - 0.2) / 10, bar, (w - 0.2) / 20, 0.12, (40, 40, 200))
    lamps = tuple((x, draw.u(0.6, 0.85)) for x in (0.3, w - 0.3))
    for x, y in lamps:
        draw.lamp(x, y, 0.4, 0.14, rear=True)
    for x in (0.35, w - 0.35):
        if draw.coin(0.45):  # hazard boards
            pen.box(x - 0.3, 0.98, 0.6, 0.16, (40, 200, 240))
            for n in range(4):
                left = x - 0.3 + n * 0.15
                pen.polygon(
                    [(left, 0.98), (left + 0.07, 0.98), (left + 0.14, 1.14), (left + 0.07, 1.14)],
                    (40, 40, 210),
                )
    if draw.coin(0.5):
        draw.sticker(draw.u(w * 0.3, w * 0.7), draw.u(1.05, 1.6), draw.u(0.12, 0.25))
    if draw.coin(0.3):
        x, y = draw.u(0.3, w - 0.3), draw.u(1.2, h - 0.5)
        pen.disc(x, y, 0.12, 0.12, (40, 40, 200))
        pen.disc(x, y, 0.1, 0.1, (235, 235, 235))
        pen.word(str(int(draw.rng.integers(4, 12)) * 10), x - 0.07, y - 0.05, 0.1, (20, 20, 20))
    y = draw.u(0.5, 1.1)
    mounts = [Mount(w / 2 + float(draw.rng.choice([-0.7, -0.4, 0, 0, 0.4, 0.7])), y, 0.45)]
    if draw.coin(0.08):
        mounts.append(Mount(w - mounts[0].x + (0.8 if abs(mounts[0].x - w / 2) < 0.1 else 0), y, 0.45))
    draw.recess(mounts[0])
    return tuple(mounts), lamps, True


def _bus(draw: _Draw) -> _Parts:
    pen, rear = draw.pen, draw.coin()
    w, h, middle = pen.width, pen.height, pen.width / 2
    draw.wheels()
    pen.box(0.02, 0.26, w - 0.04, h - 0.28, draw.colour, 0.2)
    low = draw.u(1.15, 1.6)
    pen.box(0.12, low, w - 0.24, (h - low) * (0.4 if rear else 0.7), _GLASS, 0.14)
    pen.box(0.4, h - 0.5, w - 0.8, 0.26, (24, 24, 24))
    pen.word(draw.text(), 0.6, h - 0.44, 0.15, (40, 170, 250))
    draw.slogan(0.4, low - draw.u(0.2, 0.35), w - 0.8, draw.u(0.08, 0.18))
    if rear:
        draw.grille(0.5, 0.7, w - 1.0, draw.u(0.15, 0.35))
    lamps = tuple((x, draw.u(0.55, 0.9)) for x in (0.3, w - 0.3))
    for x, y in lamps:
        draw.lamp(x, y, 0.3, 0.18, rear=rear)
    if draw.coin(0.4):
        draw.sticker(draw.u(0.6, w - 0.6), draw.u(0.8, 1.0), 0.14)
    mount = Mount(middle, draw.u(0.38, 0.65), 0.12)
    draw.recess(mount)
    return (mount,), lamps, rear


def _motorcycle(draw: _Draw) -> _Parts:
    pen = draw.pen
    w, h, middle = pen.width, pen.height, pen.width / 2
    pen.box(middle - 0.08, 0.0, 0.16, 0.65, (26, 26, 27), 0.07)
    pen.box(middle - 0.17, 0.55, 0.34, 0.35, draw.colour, 0.1)
    pen.line([(middle - w * 0.45, h * 0.62), (middle + w * 0.45, h * 0.62)], (70, 70, 72), 0.04)
    pen.box(middle - 0.22, 0.85, 0.44, 0.55, draw.some_colour(), 0.15)
    pen.disc(middle, min(h - 0.16, 1.56), 0.14, 0.16, draw.some_colour())
    lamps = ((middle, 0.82),)
    draw.lamp(middle, 0.82, 0.2, 0.08, rear=True)
    return (Mount(middle, draw.u(0.48, 0.66), 1.0),), lamps, True


_SHAPES: dict[str, tuple[Callable[[_Draw], _Parts], float, float, float]] = {
    "saloon": (_car, 1.78, 1.45, 4.6), "hatch": (_car, 1.68, 1.52, 3.9), "estate": (_car, 1.82, 1.5, 4.7),
    "jeep": (_jeep, 1.9, 1.85, 4.8), "pick-up": (_jeep, 1.86, 1.75, 5.2),
    "van": (_van, 2.0, 2.3, 5.5), "minibus": (_van, 1.9, 2.05, 5.0),
    "cab-high": (_cab, 2.5, 3.8, 9.0), "cab-nose": (_cab, 2.45, 3.3, 9.0), "cab-low": (_cab, 2.3, 2.7, 7.0),
    "cab-wide": (_cab, 2.55, 3.9, 12.0),
    "box-rear": (_trailer, 2.5, 3.9, 13.0), "tilt-rear": (_trailer, 2.5, 3.7, 13.0),
    "container-rear": (_trailer, 2.44, 3.9, 12.0), "tank-rear": (_trailer, 2.5, 3.4, 11.0),
    "bus": (_bus, 2.5, 3.2, 12.0), "coach": (_bus, 2.55, 3.6, 12.0),
    "motorcycle": (_motorcycle, 0.9, 1.75, 2.0), "scooter": (_motorcycle, 0.75, 1.6, 1.8),
}  # fmt: skip
"""Family, width, height and length in metres."""
