"""One picture of a drive before the lens: a lane in perspective, its vehicles, their plates and lamps."""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from simulators.render import optics
from simulators.render.bodies import Body
from simulators.render.camera import Pinhole, Points, front
from simulators.render.optics import Corners
from simulators.render.plates import Look, Picture, Plate, Truth, draw, held, size_mm, truth
from simulators.render.plates.wear import infrared

SMALLEST_PX = 40.0
"""Of a picture 1280 wide: smaller plates are no truth."""
_NEAREST_M = 0.7


@dataclass(frozen=True, slots=True)
class SeenPlate:
    """A plate that is whole in the picture: what it says, where (pixels; middles are whole numbers), on which
    vehicle.  The front and the rear of one lorry are one vehicle."""

    truth: Truth
    corners: Corners
    vehicle: str


@dataclass(slots=True)
class Actor:
    """A vehicle's side with its plate, ready to be put into pictures.  `x` is its middle in the lane."""

    vehicle: str
    body: Body
    x: float
    flat: Picture = field(repr=False)
    plate: Picture = field(repr=False)
    inner: Corners
    outer: Corners
    truth: Truth

    def silhouette(self, eye: Pinhole, z: float) -> list[Corners]:
        """What it covers in the picture: flank and front, as far as they are before the lens."""
        half, high, far = self.body.pen.width / 2, self.body.pen.height, z + self.body.length
        covers: list[Points] = []
        near = max(z, _NEAREST_M)
        if abs(eye.position[0] - self.x) > half and far > near:
            side = self.x + (half if eye.position[0] > self.x else -half)
            covers.append(
                np.array([[side, high, near], [side, high, far], [side, 0.2, far], [side, 0.2, near]])
            )
        covers.append(front(self.x - half, 0.0, 2 * half, high, z))
        return [eye.project(each).astype(np.float32) for each in covers if eye.in_front(each)]

    def spot(self, eye: Pinhole, local: Corners, z: float) -> Corners | None:
        """Pixels of points of the front (metres from its lower left corner); None when behind it."""
        x = self.x - self.body.pen.width / 2
        points = np.array([[x + at[0], at[1], z] for at in local], float)
        return eye.project(points).astype(np.float32) if eye.in_front(points) else None


def actor(
    vehicle: str, body: Body, plate: Plate, worn: Look, x: float, ambient: float, scale: float, tilt: float
) -> Actor:
    """`scale` is the plate's pixels a millimetre, `tilt` its lean in radians."""
    framed, inner = held(draw(plate, worn, scale), worn, scale)
    wide, high = size_mm(plate)
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    mount = body.mounts[0]

    def local(pixels: Corners) -> Corners:
        """From the framed plate's pixels to metres on the front, the plate's middle on the mount."""
        metres = (pixels - inner.mean(axis=0)) / (inner[2] - inner[0]) * (wide, high) / 1000 * (1, -1)
        return (metres @ turn.T + (mount.x, mount.y)).astype(np.float32)

    rows, columns = framed.shape[:2]
    edge = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    flat = body.pen.canvas
    if worn.infrared:
        flat = infrared(flat)
        grey = round(sum(body.colour) / 3)
        body = replace(body, colour=(grey, grey, grey))
    flat = optics.exposed(flat, ambient, 1.0, 1.0)
    return Actor(vehicle, body, x, flat, framed, local(inner), local(edge), truth(plate))


def paint(canvas: Picture, eye: Pinhole, who: Actor, z: float, ambient: float, plate_light: float) -> None:
    """Put a vehicle, its front `z` metres from the camera, into a picture."""
    covers = who.silhouette(eye, z)
    half, far = who.body.pen.width / 2, z + who.body.length
    ground = np.array(
        [[who.x + side * half * 1.06, 0.0, max(_NEAREST_M, at)] for side, at in ((-1, z - 0.2), (1, z - 0.2),
         (1, far), (-1, far))]
    )  # fmt: skip
    if far > _NEAREST_M and eye.in_front(ground):
        cv2.fillConvexPoly(canvas, _fixed(eye.project(ground)), (34 * ambient,) * 3, cv2.LINE_AA, 4)
    if len(covers) == 2 or (covers and z < _NEAREST_M):
        _flank(canvas, eye, who, z, ambient)
    outline = covers[-1] if who.spot(eye, who.outer, z) is not None and covers else None
    if outline is None or z < _NEAREST_M:
        return
    optics.pasted(canvas, who.flat, outline, who.body.pen.mask)
    outer = who.spot(eye, who.outer, z - 0.02)
    if outer is not None:
        optics.pasted(canvas, optics.exposed(who.plate, plate_light, 1.0, 1.0), outer)


def _flank(canvas: Picture, eye: Pinhole, who: Actor, z: float, ambient: float) -> None:
    """The side that goes back from the front's edge nearer to the camera, its seams seen to move."""
    half, high = who.body.pen.width / 2, who.body.pen.height
    side = who.x + (half if eye.position[0] > who.x else -half)

    def band(low: float, top: float, start: float, end: float, share: float) -> None:
        start, end = max(z + start, _NEAREST_M), z + end
        corners = np.array([[side, top, start], [side, top, end], [side, low, end], [side, low, start]])
        if end > start and eye.in_front(corners):
            tone = tuple(float(min(255.0, part * share * ambient)) for part in who.body.colour)
            cv2.fillConvexPoly(canvas, _fixed(eye.project(corners)), tone, cv2.LINE_AA, 4)

    length = who.body.length
    band(0.2, high * 0.96, 0, length, 0.62)
    band(0.2, high * 0.25, 0, length, 0.25)
    if length < 8:
        band(high * 0.62, high * 0.9, 0.8, length - 0.6, 0.22)
    for metre in range(1, int(length), 2):
        band(high * 0.28, high * 0.9, metre, metre + 0.08, 0.45)


def seen(eye: Pinhole, who: Actor, z: float, before: list[Corners]) -> SeenPlate | None:
    """Its plate, unless it is cut by the picture's edge, too small, or covered by what stands `before` it."""
    corners = who.spot(eye, who.inner, z - 0.02)
    if corners is None or z < _NEAREST_M:
        return None
    low, high = corners.min(axis=0), corners.max(axis=0)
    least = SMALLEST_PX * eye.size[0] / 1280 * (0.7 if who.truth.lines == 2 else 1.0)
    if (
        np.any(low < 1)
        or np.any(high > np.array(eye.size) - 2)
        or np.hypot(*(corners[1] - corners[0])) < least
    ):
        return None
    for cover in before:
        if any(cv2.pointPolygonTest(cover, (float(x), float(y)), True) > -4 for x, y in corners):
            return None
    return SeenPlate(who.truth, (corners - 0.5).astype(np.float32), who.vehicle)


def _fixed(points: Points) -> np.ndarray:
    """For OpenCV's drawing with 4 bits of fraction; far outside is as good as infinity."""
    return np.round(np.clip(points, -20_000, 20_000) * 16).astype(np.int32)
