"""The camera model of the rendered pictures: a pinhole that looks at a lane.

Lane coordinates in metres: X to the right as the camera sees it, Y up from the road, Z along the lane from
the camera towards the vehicles that come.  The camera stands beside the lane on the island, a little above
the windscreen of a car, and looks at the place where plates are when a vehicle stands at the stop line.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
"""n x 3 lane coordinates in metres, or n x 2 pixels."""

WIDTH, HEIGHT = 960, 544
"""Pixels; both are multiples of 16, as RTP/JPEG (RFC 2435, 3.1) and 4:2:0 blocks need."""


@dataclass(frozen=True, slots=True)
class Pinhole:
    """`position` and `target` in lane coordinates, `focal_px` the focal length, `size` the picture's width
    and height in pixels."""

    position: tuple[float, float, float]
    target: tuple[float, float, float]
    focal_px: float
    size: tuple[int, int]

    def project(self, points: Points) -> Points:
        """Pixels of lane points; every point must lie in front of the camera (`in_front`)."""
        right, up, forward = _axes(self)
        relative = points - np.array(self.position)
        depth = relative @ forward
        x = self.size[0] / 2 + self.focal_px * (relative @ right) / depth
        y = self.size[1] / 2 - self.focal_px * (relative @ up) / depth
        return np.stack([x, y], axis=1)

    def in_front(self, points: Points) -> bool:
        """Whether all points are at least 0.2 m before the lens."""
        forward = _axes(self)[2]
        return bool(np.all((points - np.array(self.position)) @ forward > 0.2))


@cache
def _axes(camera: Pinhole) -> tuple[Points, Points, Points]:
    """Unit vectors to the right, up and forward of a camera."""
    forward = np.array(camera.target) - np.array(camera.position)
    forward /= np.linalg.norm(forward)
    right = np.cross(np.array([0.0, 1.0, 0.0]), forward)
    right /= np.linalg.norm(right)
    return right, np.cross(forward, right), forward


def front(x: float, y: float, width: float, height: float, z: float) -> Points:
    """The four corners (top left first, clockwise) of an upright rectangle across the lane, its lower left
    corner at (x, y), `z` metres from the camera."""
    return np.array([[x, y + height, z], [x + width, y + height, z], [x + width, y, z], [x, y, z]])
