"""What security printers put behind the print, as vectors: waves, rosettes, microtext, rainbow, foil."""

# pyright: basic, reportMissingImports=false
# (skia-python is in the proof's own environment)

from math import cos, pi, sin
from random import Random

import skia
from glyphs import write

Rectangle = tuple[float, float, float, float]
"""left, top, right, bottom in mm."""


def colour(*parts: float) -> int:
    """Skia's colour of red, green, blue and perhaps alpha, in parts of 1."""
    red, green, blue, alpha = (max(0, min(255, round(255 * part))) for part in (*parts, 1.0)[:4])
    return skia.ColorSetARGB(alpha, red, green, blue)


def pastel(random: Random, darkness: float, alpha: float = 1.0) -> int:
    """A colour of any hue; `darkness` 0 is nearly paper, 1 a strong printing ink."""
    hue = random.random() * 2 * pi
    base = 0.9 - 0.55 * darkness
    swing = 0.08 + 0.2 * darkness
    return colour(*(base + swing * cos(hue + turn) for turn in (0, 2.1, 4.2)), alpha)


def pen(of: int, width: float) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=width, Color=of)


def fill(of: int) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Color=of)


def waves(canvas: skia.Canvas, random: Random, box: Rectangle, darkness: float, step: float) -> None:
    """Parallel lines that swing, over the whole box."""
    left, top, right, bottom = box
    length = random.uniform(9, 45)
    swing, second = random.uniform(0.5, 4), random.uniform(0, 1.2)
    lean = random.uniform(-0.25, 0.25)
    paint = pen(pastel(random, darkness, 0.85), random.uniform(0.08, 0.16) + 0.12 * darkness)
    path = skia.Path()
    y = top - 12
    drift = random.uniform(0.01, 0.06)
    row = 0
    while y < bottom + 12:
        x = left - 2
        first = True
        while x < right + 2:
            value = y + swing * sin(x / length * 2 * pi + row * drift) + second * sin(x / 3.7 + row * 0.3)
            value += lean * (x - left)
            path.moveTo(x, value) if first else path.lineTo(x, value)
            first = False
            x += 1.2
        y += step
        row += 1
    canvas.drawPath(path, paint)


def rosette(canvas: skia.Canvas, random: Random, x: float, y: float, radius: float, darkness: float) -> None:
    """A guilloche: a closed curve of two frequencies, drawn several times a little larger."""
    petals, inner = random.randint(5, 14), random.randint(17, 41)
    depth = random.uniform(0.15, 0.4)
    paint = pen(pastel(random, darkness, 0.8), random.uniform(0.07, 0.12) + 0.08 * darkness)
    path = skia.Path()
    for ring in range(random.randint(5, 9)):
        size = radius * (1 - 0.09 * ring)
        for step in range(241):
            angle = step / 240 * 2 * pi
            reach = size * (1 - depth + depth * sin(petals * angle + ring * 0.5) + 0.08 * sin(inner * angle))
            point = (x + reach * cos(angle), y + reach * sin(angle))
            path.moveTo(*point) if step == 0 else path.lineTo(*point)
    canvas.drawPath(path, paint)


def microtext(canvas: skia.Canvas, random: Random, box: Rectangle, words: str, darkness: float) -> None:
    """Rows of tiny words."""
    left, top, right, bottom = box
    paint = fill(pastel(random, darkness, 0.7))
    size = random.uniform(0.5, 0.9)
    y = top
    while y < bottom:
        x = left
        while x < right:
            x = write(canvas, words, x, y, size, "narrow", paint) + size * 3
        y += size * random.choice((3, 5))


def rainbow(canvas: skia.Canvas, random: Random, box: Rectangle, darkness: float) -> None:
    """The split-fountain ground: hues that run into each other."""
    left, top, right, bottom = box
    colours = [pastel(random, darkness * 0.3) for _ in range(random.randint(2, 4))]
    ends = [skia.Point(left, top), skia.Point(right, bottom if random.random() < 0.5 else top)]
    paint = skia.Paint(Shader=skia.GradientShader.MakeLinear(ends, colours))
    canvas.drawRect(skia.Rect(*box), paint)


def clouds(canvas: skia.Canvas, random: Random, box: Rectangle, strength: float, scale: float) -> None:
    """Uneven paper or wood."""
    shader = skia.PerlinNoiseShader.MakeFractalNoise(scale, scale, 3, random.random() * 1000)
    grey = skia.ColorFilters.Matrix(
        [0.4, 0.4, 0.4, 0, -0.1] * 3 + [0, 0, 0, 0, strength],
    )
    canvas.drawRect(
        skia.Rect(*box), skia.Paint(Shader=shader, ColorFilter=grey, BlendMode=skia.BlendMode.kSoftLight)
    )


def foil(canvas: skia.Canvas, random: Random, box: Rectangle, strength: float) -> None:
    """A hologram: overlapping shapes in shifting colours, brightest where light falls in, over all print."""
    left, top, right, bottom = box
    canvas.save()
    canvas.clipRect(skia.Rect(*box))
    for _ in range(random.randint(3, 7)):
        x, y = random.uniform(left, right), random.uniform(top, bottom)
        radius = random.uniform(5, 18)
        ends = [skia.Point(x - radius, y - radius), skia.Point(x + radius, y + radius)]
        hues = [
            colour(*(0.6 + 0.4 * cos(random.random() * 6 + turn) for turn in (0, 2.1, 4.2)), strength)
            for _ in range(4)
        ]
        paint = skia.Paint(
            AntiAlias=True,
            Shader=skia.GradientShader.MakeLinear(ends, hues),
            BlendMode=skia.BlendMode.kScreen,
        )
        if random.random() < 0.5:
            canvas.drawCircle(x, y, radius, paint)
        else:
            paint.setStyle(skia.Paint.kStroke_Style)
            paint.setStrokeWidth(random.uniform(0.4, 1.5))
            for ring in range(1, 6):
                canvas.drawCircle(x, y, radius * ring / 5, paint)
    canvas.restore()
