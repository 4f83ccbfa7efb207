"""What time, weather and light do to a plate: dirt, snow, scratches, fading, screws, infrared; its holder."""

import cv2
import numpy as np
import numpy.typing as npt

from simulators.render.plates import glyphs
from simulators.render.plates.look import Look
from simulators.render.plates.model import Picture

_CLOUDS = 24
_CLOUD_SIDE = 96


def worn(flat: Picture, look: Look, scale: float) -> Picture:
    """The plate in its state."""
    rng = np.random.default_rng(look.seed)
    made = flat
    if look.flaking:
        made = _flaked(made, look.flaking, rng)
    if look.relief:
        made = _embossed(made, look.relief, scale, rng)
    if look.fading:
        made = _blend(made, np.full((1, 1, 3), 190, np.float32), np.float32(0.55 * look.fading))
    if look.scratches:
        made = _scratched(made, look.scratches, rng)
    if look.screws:
        made = _screwed(made, look.screws, scale, rng)
    if look.dirt:
        # Spray of the road lies thickest on the lower third.
        rows = np.linspace(-0.25, 1.0, made.shape[0], dtype=np.float32)[:, None]
        share = cloud(made.shape[:2], rng) * 0.9 + rows - 1.15 + look.dirt
        mud = np.array([[[70, 88, 104]]], np.float32) * rng.uniform(0.5, 1.3)
        made = _blend(made, mud, np.clip(share * 1.6, 0, 0.35 + 0.5 * look.dirt)[:, :, None])
    if look.snow:
        rows = np.linspace(0.5, -0.3, made.shape[0], dtype=np.float32)[:, None]
        share = np.clip((cloud(made.shape[:2], rng) + rows - 1.15 + look.snow) * 3, 0, 0.95)
        made = _blend(made, np.array([[[236, 232, 228]]], np.float32), share[:, :, None])
    if any(look.lip):
        made = _covered(made, look, scale)
    return infrared(made) if look.infrared else made


def infrared(picture: Picture) -> Picture:
    """As a camera with infrared lamps sees it: grey; blue and red grounds turn mid-grey, their ink stays."""
    blue, green, red = cv2.split(picture)
    brightest = cv2.max(cv2.max(blue, green), red).astype(np.float32)
    mean = (blue.astype(np.float32) + green + red) / np.float32(3)
    strong = brightest * 0.6 + mean * 0.4
    return np.repeat(strong.astype(np.uint8)[:, :, None], 3, axis=2)


def held(plate: Picture, look: Look, scale: float) -> tuple[Picture, npt.NDArray[np.float32]]:
    """The plate in its holder, and where its corners lie in that picture (top left first, clockwise)."""
    rows, columns = plate.shape[:2]
    side = round(look.holder * scale)
    foot = round((look.holder + (16 if look.holder_text else 0)) * scale)
    framed = np.empty((rows + side + foot, columns + 2 * side, 3), np.uint8)
    framed[:] = look.holder_colour
    framed[side : side + rows, side : side + columns] = plate
    if look.holder_text:
        made = glyphs.word("condensed", look.holder_text)
        tall = max(2, round(11 * scale))
        wide = min(round(columns * 0.9), round(tall * made.shape[1] / made.shape[0]))
        mask = cv2.resize(made, (max(1, wide), tall), interpolation=cv2.INTER_AREA)
        top, left = side + rows + max(0, (foot - tall) // 2), side + (columns - wide) // 2
        under = framed[top : top + tall, left : left + wide]
        share = (mask[: under.shape[0], : under.shape[1], None] / np.float32(255)).astype(np.float32)
        ink = 235.0 if sum(look.holder_colour) < 380 else 30.0
        under[:] = (under * (1 - share) + ink * share).astype(np.uint8)
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32) + side
    return (infrared(framed) if look.infrared else framed), corners


def cloud(size: tuple[int, int], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Soft random patches from 0 to 1 at a picture's size."""
    spots = _clouds()[int(rng.integers(_CLOUDS))]
    top, left = (int(each) for each in rng.integers(0, _CLOUD_SIDE // 2, 2))
    part = spots[top : top + int(rng.integers(12, 48)), left : left + int(rng.integers(12, 48))]
    return cv2.resize(part, (size[1], size[0]), interpolation=cv2.INTER_LINEAR).astype(np.float32)


_made: list[npt.NDArray[np.float32]] = []


def _clouds() -> list[npt.NDArray[np.float32]]:
    if not _made:
        rng = np.random.default_rng(20261129)
        for _ in range(_CLOUDS):
            layers = np.zeros((_CLOUD_SIDE, _CLOUD_SIDE), np.float32)
            for cells, share in ((6, 0.5), (14, 0.3), (40, 0.2)):
                coarse = rng.random((cells, cells), np.float32)
                grown = cv2.resize(coarse, (_CLOUD_SIDE, _CLOUD_SIDE), interpolation=cv2.INTER_CUBIC)
                layers += share * grown.astype(np.float32)
            _made.append(np.clip((layers - 0.5) * 1.6 + 0.5, 0, 1))
    return _made


def _blend(
    under: Picture, over: npt.NDArray[np.float32], share: npt.NDArray[np.float32] | np.float32
) -> Picture:
    return (under * (1 - share) + over * share).astype(np.uint8)


def _scratched(picture: Picture, amount: float, rng: np.random.Generator) -> Picture:
    made = picture.copy()
    rows, columns = made.shape[:2]
    for _ in range(int(1 + amount * 7)):
        start = rng.uniform(0, 1, 2) * (columns, rows)
        end = start + rng.normal(0, 0.25, 2) * (columns * 0.4, rows)
        tone = int(rng.integers(60, 230))
        points = [(int(x), int(y)) for x, y in (start, end)]
        cv2.line(made, points[0], points[1], (tone, tone, tone), 1, cv2.LINE_AA)
    return made


def _flaked(picture: Picture, amount: float, rng: np.random.Generator) -> Picture:
    """Paint that has come off in patches: the ground's colour shows."""
    share = np.clip((cloud(picture.shape[:2], rng) - 1 + 0.75 * amount) * 4, 0, 0.9)
    ground = np.median(picture[::4, ::4].reshape(-1, 3), axis=0).astype(np.float32)
    return _blend(picture, ground, share[:, :, None])


def _embossed(picture: Picture, amount: float, scale: float, rng: np.random.Generator) -> Picture:
    """Characters stand out by a millimetre: their edges are lit from one side and dark on the other."""
    step = max(1, round(1.5 * scale))
    x, y = (int(each) * step for each in rng.choice([(0, 1), (1, 1), (-1, 1), (0, -1), (1, 0)]))
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    moved = np.roll(grey, (y, x), (0, 1))
    slope = cv2.subtract(grey, moved, dtype=cv2.CV_16S) * np.float32(amount * 0.35)
    edge = step + 1
    slope[:edge], slope[-edge:], slope[:, :edge], slope[:, -edge:] = 0, 0, 0, 0
    return cv2.add(picture, cv2.merge([slope] * 3), dtype=cv2.CV_8U).astype(np.uint8)


def _covered(picture: Picture, look: Look, scale: float) -> Picture:
    """A holder whose lips lie over the plate's edges."""
    made = picture.copy()
    top, right, bottom, left = (max(0, round(each * scale)) for each in look.lip)
    rows, columns = made.shape[:2]
    made[:top] = look.holder_colour
    made[rows - bottom :] = look.holder_colour
    made[:, :left] = look.holder_colour
    made[:, columns - right :] = look.holder_colour
    return made


def _screwed(picture: Picture, count: int, scale: float, rng: np.random.Generator) -> Picture:
    made = picture.copy()
    rows, columns = made.shape[:2]
    for number in range(count):
        # Mostly in pairs, at the same height left and right.
        x = int(columns * (rng.uniform(0.08, 0.38) if number % 2 == 0 else rng.uniform(0.62, 0.92)))
        y = int(rows * rng.choice([0.12, 0.2, 0.5, 0.85]))
        radius = max(1, round(rng.uniform(4, 8) * scale))
        tone = int(rng.integers(30, 200))
        cv2.circle(made, (x, y), radius, (tone, tone, tone), -1, cv2.LINE_AA)
        cv2.circle(made, (x, y), max(1, radius // 2), (tone // 2,) * 3, 1, cv2.LINE_AA)
    return made
