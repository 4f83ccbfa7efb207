"""From pages on a desk to a picture: projection, bending, light, lens and sensor, all in Skia's shaders."""

# pyright: basic, reportMissingImports=false
# (skia-python is in the proof's own environment)

from dataclasses import dataclass
from math import cos, hypot, radians, sin

import skia
from art import Rectangle

Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
SIDE_MIN_PX, SIDE_MAX_PX = 500, 4000


@dataclass(frozen=True, slots=True)
class Glare:
    """A reflex: an ellipse round a point on the desk (mm), half axes in mm; `strength` 1 blots out."""

    x: float
    y: float
    along: float
    across: float
    strength: float


@dataclass(frozen=True, slots=True)
class Shot:
    """How the picture was taken; lengths in picture px unless said."""

    pitch: float
    """Pitch of the zone's print at its middle."""
    tilt: float = 0.0
    """Degrees between the page and the sensor, about an axis at `azimuth` degrees in the page."""
    azimuth: float = 0.0
    roll: float = 0.0
    distance: float = 320.0
    """From camera to page in mm: near means strong perspective."""
    mirrored: bool = False
    bow: float = 0.0
    """Height in mm of the lines' curve over the page's width."""
    squeeze: float = 0.0
    """mm by which bent paper shortens along the line."""
    blur: float = 0.0
    motion: float = 0.0
    motion_angle: float = 0.0
    noise: float = 0.0
    grain: float = 1.0
    gain: float = 1.0
    black: float = 0.0
    gamma: float = 1.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    shade: float = 0.0
    """Of a shadow across the page, 1 black."""
    shade_angle: float = 0.0
    glares: tuple[Glare, ...] = ()
    vignette: float = 0.0
    grey: bool = False
    binarised: str = ""
    """`global` or `adaptive`: a copy of black and white alone."""
    quality: int = 92
    """JPEG's; 0 for PNG."""


_DESK = skia.RuntimeEffect.MakeForShader("""
uniform shader sheet;
uniform float3 row0; uniform float3 row1; uniform float3 row2;
uniform float4 bend;   // bow, squeeze, left, 1 / width, in sheet px
uniform float4 g0; uniform float4 g1; uniform float4 g2; uniform float3 strength;
uniform float4 shade;  // normal x, y, place, strength
float spot(float2 u, float4 g) { float2 d = (u - g.xy) / g.zw; return exp(-dot(d, d) * 1.6); }
half4 main(float2 p) {
  float3 q = float3(dot(row0, float3(p, 1)), dot(row1, float3(p, 1)), dot(row2, float3(p, 1)));
  float2 u = q.xy / q.z;
  float t = (u.x - bend.z) * bend.w;
  u.y += bend.x * (1 - cos(6.2832 * clamp(t, -0.2, 1.2))) * 0.5;
  u.x += bend.y * sin(6.2832 * t);
  half3 c = sheet.eval(u).rgb;
  float s = smoothstep(-40, 40, dot(u, shade.xy) - shade.z);
  c *= 1 - shade.w * s;
  float3 spots = 1 - strength * float3(spot(u, g0), spot(u, g1), spot(u, g2));
  float glare = 1 - spots.x * spots.y * spots.z;
  return half4(mix(c, half3(1), half(clamp(glare, 0, 1))), 1);
}""")

_SENSOR = skia.RuntimeEffect.MakeForShader("""
uniform shader picture; uniform shader around;
uniform float4 tone;    // gain, black, gamma, noise
uniform float3 hue; uniform float4 frame;  // centre x, y, half diagonal, vignette
uniform float3 grain;   // size of a grain in px, seed x, seed y
uniform int mode;       // 0 colour, 1 grey, 2 global threshold, 3 adaptive threshold
float hash(float2 p) {
  float3 a = fract(float3(p.xyx) * 0.1031);
  a += dot(a, a.yzx + 33.33);
  return fract((a.x + a.y) * a.z);
}
float bell(float2 p) { return (hash(p) + hash(p + 71.7) - 1) * 2.45; }  // a triangle of deviation 1
half4 main(float2 p) {
  float3 c = picture.eval(p).rgb;
  float r = length(p - frame.xy) / frame.z;
  c = pow(max(c * tone.x * (1 - frame.w * r * r) * hue + tone.y, 0), float3(tone.z));
  float2 g = floor(p / grain.x) + grain.yz;
  float light = dot(c, float3(0.3, 0.59, 0.11));
  float amount = tone.w * (0.6 + 0.6 * sqrt(light));
  if (mode == 0) c += amount * float3(bell(g), bell(g + 17.3), bell(g + 39.1));
  else c = float3(light + amount * bell(g));
  if (mode == 2) c = float3(step(tone.y + 0.5, c.x));
  if (mode == 3) {
    float mean = dot(float3(around.eval(p).rgb) * hue, float3(0.3, 0.59, 0.11));
    mean *= tone.x * (1 - frame.w * r * r);
    c = float3(step(mean - 0.1, c.x));
  }
  return half4(half3(clamp(c, 0, 1)), 1);
}""")


@dataclass(frozen=True, slots=True)
class View:
    """Where the desk's points fall in the picture."""

    matrix: Matrix
    width: int
    height: int

    def corners(self) -> list[tuple[float, float]]:
        """The picture's corners on the desk, in mm."""
        back = _inverse(self.matrix)
        places = ((0, 0), (self.width, 0), (self.width, self.height), (0, self.height))
        return [_apply(back, x, y) for x, y in places]


def view(shot: Shot, centre: tuple[float, float], corners: list[tuple[float, float]], margin: float) -> View:
    """The picture that holds all `corners` (mm on the desk) with `margin` mm round them; the print's pitch is
    `shot.pitch` at `centre`."""
    scale = shot.pitch / 2.54
    matrix = _projection(shot, centre, scale)
    points = [_apply(matrix, x, y) for x, y in corners]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    edge = max(margin * scale, (SIDE_MIN_PX - max(right - left, bottom - top)) / 2)
    width, height = right - left + 2 * edge, bottom - top + 2 * edge
    shrink = min(1.0, SIDE_MAX_PX / max(width, height))
    flip = -1.0 if shot.mirrored else 1.0
    shift = (-right if shot.mirrored else left) - edge
    place: Matrix = ((flip * shrink, 0, -shift * shrink), (0, shrink, (edge - top) * shrink), (0, 0, 1))
    return View(_product(place, matrix), round(width * shrink), round(height * shrink))


def _projection(shot: Shot, centre: tuple[float, float], scale: float) -> Matrix:
    a, t, r = radians(shot.azimuth), radians(shot.tilt), radians(shot.roll)
    x, y, turned = cos(a), sin(a), 1 - cos(t)
    # Rodrigues: about the axis (x, y, 0); only the first two columns meet a flat page.
    first = (cos(t) + x * x * turned, x * y * turned, -y * sin(t))
    second = (x * y * turned, cos(t) + y * y * turned, x * sin(t))
    rows: list[tuple[float, float]] = []
    for one, other in ((cos(r), -sin(r)), (sin(r), cos(r))):
        rows.append((one * first[0] + other * first[1], one * second[0] + other * second[1]))
    focal = scale * shot.distance
    tilt: Matrix = (
        (focal * rows[0][0], focal * rows[0][1], 0),
        (focal * rows[1][0], focal * rows[1][1], 0),
        (first[2], second[2], shot.distance),
    )
    return _product(tilt, ((1, 0, -centre[0]), (0, 1, -centre[1]), (0, 0, 1)))


def photograph(
    sheet: skia.Image, desk: Rectangle, scale: float, shot: Shot, seen: View, seed: int
) -> skia.Image:
    """The picture of `sheet`, which shows `desk` (mm) at `scale` px a mm."""
    optical = _optical(sheet, desk, scale, shot, seen)
    surface = skia.Surface(seen.width, seen.height)
    builder = skia.RuntimeShaderBuilder(_SENSOR)
    tile = skia.TileMode.kClamp
    builder.setChild("picture", optical.makeShader(tile, tile, skia.SamplingOptions()))
    around = optical
    if shot.binarised == "adaptive":
        around = _filtered(optical, skia.ImageFilters.Blur(shot.pitch * 0.9, shot.pitch * 0.9, tile, None))
    builder.setChild("around", around.makeShader(tile, tile, skia.SamplingOptions()))
    builder.setUniform("tone", skia.V4(shot.gain, shot.black, shot.gamma, shot.noise))
    builder.setUniform("hue", skia.V3(*shot.cast))
    half = hypot(seen.width, seen.height) / 2
    builder.setUniform("frame", skia.V4(seen.width / 2, seen.height / 2, half, shot.vignette))
    builder.setUniform("grain", skia.V3(max(1.0, shot.grain), seed % 977, seed % 1499))
    builder.setUniform("mode", {"": 1 if shot.grey else 0, "global": 2, "adaptive": 3}[shot.binarised])
    with surface as canvas:
        canvas.drawPaint(skia.Paint(Shader=builder.makeShader()))
    return surface.makeImageSnapshot()


def _optical(sheet: skia.Image, desk: Rectangle, scale: float, shot: Shot, seen: View) -> skia.Image:
    """What falls on the sensor: projected, lit, out of focus, moved."""
    raster: Matrix = ((scale, 0, -desk[0] * scale), (0, scale, -desk[1] * scale), (0, 0, 1))
    back = _product(raster, _inverse(seen.matrix))
    builder = skia.RuntimeShaderBuilder(_DESK)
    tile = skia.TileMode.kClamp
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kNone)
    builder.setChild("sheet", sheet.makeShader(tile, tile, sampling))
    for name, row in zip(("row0", "row1", "row2"), back, strict=True):
        builder.setUniform(name, skia.V3(*row))
    builder.setUniform("bend", skia.V4(shot.bow * scale, shot.squeeze * scale, 0.0, 1 / sheet.width()))
    lights = [*shot.glares, *[Glare(0, 0, 1, 1, 0)] * 3][:3]
    for name, light in zip(("g0", "g1", "g2"), lights, strict=True):
        x, y = (light.x - desk[0]) * scale, (light.y - desk[1]) * scale
        builder.setUniform(name, skia.V4(x, y, light.along * scale, light.across * scale))
    builder.setUniform("strength", skia.V3(*(light.strength for light in lights)))
    nx, ny = cos(radians(shot.shade_angle)), sin(radians(shot.shade_angle))
    middle = nx * sheet.width() / 2 + ny * sheet.height() / 2
    builder.setUniform("shade", skia.V4(nx, ny, middle, shot.shade))
    surface = skia.Surface(seen.width, seen.height)
    with surface as canvas:
        canvas.drawPaint(skia.Paint(Shader=builder.makeShader()))
    picture = surface.makeImageSnapshot()
    if shot.blur > 0.05:
        picture = _filtered(picture, skia.ImageFilters.Blur(shot.blur, shot.blur, tile, None))
    return _moved(picture, shot) if shot.motion > 0.5 else picture


def _filtered(picture: skia.Image, image_filter: skia.ImageFilter) -> skia.Image:
    surface = skia.Surface(picture.width(), picture.height())
    with surface as canvas:
        canvas.drawImage(picture, 0, 0, skia.SamplingOptions(), skia.Paint(ImageFilter=image_filter))
    return surface.makeImageSnapshot()


def _moved(picture: skia.Image, shot: Shot) -> skia.Image:
    """The mean of copies along the motion's way: copy k is laid over with weight 1 / k."""
    surface = skia.Surface(picture.width(), picture.height())
    steps = max(2, round(shot.motion * 1.5) + 1)
    dx, dy = cos(radians(shot.motion_angle)), sin(radians(shot.motion_angle))
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear)
    with surface as canvas:
        canvas.drawImage(picture, 0, 0)
        for step in range(steps):
            offset = shot.motion * (step / (steps - 1) - 0.5)
            paint = skia.Paint(Alphaf=1 / (step + 1))
            canvas.drawImage(picture, offset * dx, offset * dy, sampling, paint)
    return surface.makeImageSnapshot()


def encoded(picture: skia.Image, quality: int) -> tuple[str, bytes]:
    """File name suffix and content."""
    if quality:
        return ".jpg", bytes(picture.encodeToData(skia.EncodedImageFormat.kJPEG, quality))
    return ".png", bytes(picture.encodeToData(skia.EncodedImageFormat.kPNG, 100))


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    across, down, depth = (row[0] * x + row[1] * y + row[2] for row in matrix)
    return across / depth, down / depth


def _product(one: Matrix, other: Matrix) -> Matrix:
    rows = [tuple(sum(row[k] * other[k][j] for k in range(3)) for j in range(3)) for row in one]
    return (rows[0], rows[1], rows[2])  # type: ignore[return-value]


def _inverse(m: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = m
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / determinant, (c * h - b * i) / determinant, (b * f - c * e) / determinant),
        ((f * g - d * i) / determinant, (a * i - c * g) / determinant, (c * d - a * f) / determinant),
        ((d * h - e * g) / determinant, (b * g - a * h) / determinant, (a * e - b * d) / determinant),
    )
