"""One picture: a backdrop, vehicles turned in space before a camera, their plates, and where these are."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from simulators.render.plates import Truth
from simulators.render.scenes.paint import Colour, Picture, Rng, between, chance, colour
from simulators.render.scenes.stages import Stage
from simulators.render.scenes.vehicles import BODIES, Elevation, Mount
from simulators.render.scenes.weather import developed, dirty

LEGIBLE_LEVELS = 22.0

Points = npt.NDArray[np.float32]
Corners = npt.NDArray[np.float32]
"""4 x 2 pixels of the picture: top left, top right, bottom right, bottom left, as one reads the plate."""


@dataclass(frozen=True, slots=True)
class Dealt:
    """A plate as it is drawn flat, with its size in mm."""

    picture: Picture = field(repr=False)
    width_mm: float
    height_mm: float
    truth: Truth


@dataclass(frozen=True, slots=True)
class PlateInScene:
    """What should be read, and where; `legible` when light and lens left enough contrast for it."""

    truth: Truth
    corners: Corners
    legible: bool = True


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture (height x width x 3, blue-green-red) and all plates in it."""

    picture: Picture = field(repr=False)
    plates: tuple[PlateInScene, ...]


Deal = Callable[[Rng, bool], Dealt]
"""(rng, infrared) to a random plate."""


def compose(
    rng: Rng,
    stage: Stage,
    deal: Deal,
    width: int = 640,
    height: int = 384,
    plate_px: tuple[float, float] = (28, 210),
) -> Scene:
    """A scene of the stage; `plate_px` are the least and greatest widths of a plate of 520 mm."""
    mono = chance(rng, 0.15)
    picture = stage.backdrops[int(rng.integers(len(stage.backdrops)))](rng, width, height, stage.faces)
    plates: list[PlateInScene] = []
    count = int(rng.choice([0, 1, 2, 3], p=[0.1, 0.6, 0.2, 0.1]))
    # Far ones first: near ones stand before them.
    sizes = sorted(float(np.exp(between(rng, *np.log(plate_px)))) for _ in range(count))
    for size in sizes:
        placed = _park(picture, rng, stage, deal(rng, mono), size, bare=chance(rng, 0.08))
        plates = [plate for plate in plates if not _hidden(plate, placed.quad)]
        plates += placed.plates
    picture = developed(picture, rng, stage.strength, mono)
    return Scene(picture, tuple(replace(plate, legible=_legible(picture, plate.corners)) for plate in plates))


def _legible(picture: Picture, corners: Corners) -> bool:
    """Whether the plate's ink stands out of its ground, in grey levels."""
    flat = np.array([[0, 0], [64, 0], [64, 16], [0, 16]], np.float32)
    warp = cv2.getPerspectiveTransform(corners, flat)
    seen = cv2.warpPerspective(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), warp, (64, 16))[3:13, 8:56]
    dark, light = np.percentile(seen, (10, 90))
    return float(light - dark) > LEGIBLE_LEVELS


@dataclass(frozen=True, slots=True)
class _Parked:
    quad: Points
    plates: list[PlateInScene]


def _park(
    picture: Picture,
    rng: Rng,
    stage: Stage,
    dealt: Dealt,
    plate_px: float,
    bare: bool,
) -> _Parked:
    """A vehicle with its plate, drawn into the picture."""
    scale = plate_px / 520
    body = BODIES[stage.forms.bodies[int(rng.integers(len(stage.forms.bodies)))]]
    elevation = body(rng, stage.forms, stage.faces, scale, tallest_px=picture.shape[0] * 2)
    if chance(rng, 0.2):
        dirty(elevation.picture, rng)
    mount = elevation.mounts[0]
    to_frame = _view(rng, stage, picture, elevation, mount, dealt, scale)
    high, wide = elevation.picture.shape[:2]
    flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    quad = cv2.perspectiveTransform(flat[None], to_frame)[0]
    _ground_shadow(picture, quad)
    cover = cv2.warpPerspective(elevation.cover, to_frame, picture.shape[1::-1]).astype(np.float32) / 255
    body_view = cv2.warpPerspective(elevation.picture, to_frame, picture.shape[1::-1], flags=cv2.INTER_LINEAR)
    picture[:] = (picture * (1 - cover) + body_view * cover).astype(np.uint8)
    if bare:
        return _Parked(quad, [])
    corners = _hang(picture, rng, dealt, mount, scale, to_frame)
    return _Parked(quad, [PlateInScene(dealt.truth, corners)])


def _view(
    rng: Rng, stage: Stage, picture: Picture, elevation: Elevation, mount: Mount, dealt: Dealt, scale: float
) -> npt.NDArray[np.float64]:
    """From the elevation's pixels to the picture's, the mount somewhere well inside."""
    yaw, pitch, roll = (
        np.radians(between(rng, -each, each)) for each in (stage.yaw, stage.pitch, stage.roll)
    )
    pitch = abs(pitch) if chance(rng, 0.85) else pitch / 3  # cameras look down
    height, width = picture.shape[:2]
    focal = width * between(rng, 0.9, 3.0)
    half_wide, half_high = dealt.width_mm * scale / 2 * 1.05, dealt.height_mm * scale / 2 * 1.2 + 4
    x = between(rng, half_wide + 3, max(half_wide + 4, width - half_wide - 3))
    y = between(rng, half_high + 3, max(half_high + 4, height - half_high - 3))
    # Of a point in the elevation, from the mount: turned, pushed away to the focal length, projected.
    turn = _turned(yaw, pitch, roll)
    away = np.array([[1, 0, -mount.x], [0, 1, -mount.y], [0, 0, 1]], float)
    plane = np.column_stack([turn[:, 0], turn[:, 1], np.array([0, 0, focal])])
    lens = np.array([[focal, 0, x], [0, focal, y], [0, 0, 1]], float)
    return lens @ plane @ away


def _turned(yaw: float, pitch: float, roll: float) -> npt.NDArray[np.float64]:
    cy, sy, cp, sp, cr, sr = (
        np.cos(yaw),
        np.sin(yaw),
        np.cos(pitch),
        np.sin(pitch),
        np.cos(roll),
        np.sin(roll),
    )
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return about_z @ about_x @ about_y


def _hang(
    picture: Picture, rng: Rng, dealt: Dealt, mount: Mount, scale: float, to_frame: npt.NDArray[np.float64]
) -> Corners:
    """The plate on its mount, a little askew, in its holder; its corners in the picture."""
    lean = np.radians(between(rng, -2.5, 2.5))
    wide, high = dealt.width_mm * scale / 2, dealt.height_mm * scale / 2
    holder = between(rng, 1.0, 1.06) if chance(rng, 0.6) else 1.0
    turn = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
    unit = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)

    def placed(grow_x: float, grow_y: float) -> Points:
        points = (unit * (wide * grow_x, high * grow_y)) @ turn + (mount.x, mount.y)
        return cv2.perspectiveTransform(points[None].astype(np.float32), to_frame)[0]

    corners = placed(1, 1)
    if holder > 1:
        frame_of: Colour = colour(rng, 8, 80, 0.9) if chance(rng, 0.8) else colour(rng)
        outer = placed(holder, 1 + (holder - 1) * between(rng, 2, 6))
        cv2.fillConvexPoly(picture, np.round(outer * 16).astype(np.int32), frame_of, cv2.LINE_AA, 4)
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    size = max(4, round(float(max(sides[1], sides[3])))), max(3, round(float(max(sides[0], sides[2]))))
    small = cv2.resize(dealt.picture, size, interpolation=cv2.INTER_AREA)
    edge = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(edge, corners)
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 2, picture.shape[1::-1])
    if right <= left or bottom <= top:
        return corners
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], float) @ warp
    area = int(right - left), int(bottom - top)
    shown = cv2.warpPerspective(small, shift, area, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros((area[1], area[0], 1), np.uint8)
    inside = np.round((corners - (left, top)) * 16).astype(np.int32)
    cv2.fillConvexPoly(mask, inside, (255,), cv2.LINE_AA, 4)
    cover = mask.reshape(area[1], area[0], 1).astype(np.float32) / 255
    part = picture[top:bottom, left:right]
    light = between(rng, 0.75, 1.1) if chance(rng, 0.8) else between(rng, 1.1, 1.5)
    part[:] = np.clip(part * (1 - cover) + shown * cover * light, 0, 255).astype(np.uint8)
    return corners


def _ground_shadow(picture: Picture, quad: Points) -> None:
    left, right = quad[3], quad[2]
    middle = (left + right) / 2
    wide = max(2, int(np.hypot(*(right - left)) * 0.55))
    dark = np.zeros((*picture.shape[:2], 1), np.uint8)
    cv2.ellipse(dark, (int(middle[0]), int(middle[1])), (wide, max(2, wide // 7)), 0, 0, 360, (150,), -1)
    cover = dark.reshape(*picture.shape[:2], 1).astype(np.float32) / 255
    picture[:] = (picture * (1 - cover)).astype(np.uint8)


def _hidden(plate: PlateInScene, quad: Points) -> bool:
    """Whether a vehicle that was drawn later stands before any corner."""
    hull = quad.reshape(-1, 1, 2).astype(np.float32)
    return any(cv2.pointPolygonTest(hull, (float(x), float(y)), True) > -4 for x, y in plate.corners)
