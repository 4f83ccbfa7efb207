"""A drive: one vehicle coming to the stop line, standing and leaving, as encoded pictures.

Rendered once, at set-up, and kept in a cache folder under the hash of everything that shaped it; a playing
camera only picks the picture that shows now.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2

from simulators.render import kept
from simulators.render.plates import Picture
from simulators.render.scene import Light, Scene, Shot
from simulators.render.vehicle import SHAPES, Vehicle

JPEG_QUALITY = 80
APPROACH_M = tuple(0.75 * step for step in range(12, 0, -1))
"""How far before the stop line the pictures of an approach are taken, far to near."""
LEAVING_M = (-0.75, -1.5, -2.25, -3.0, -4.0, -5.0)
"""The same beyond the stop line; further out only the flank is in the picture."""
FLANK_M = (-6.0, -6.5, -7.0, -7.5)
"""Pictures of the flank, repeated until the vehicle's end has passed."""
MOVING_M = (*APPROACH_M, *LEAVING_M, *FLANK_M)
SPEED_M_S = 2.0
STILLS = 4
"""Pictures of one and the same view that differ by the sensor's noise only."""
COVERED = 0.04
"""What a covered lens lets through."""
_NOT_OF_DRIVES = (
    "backdrops.py", "bodies.py", "crops.py", "looks.py", "optics.py", "pen.py", "scene_set.py",
)  # fmt: skip
KEPT_FILES = 200
"""In the cache folder, about 1.5 MB each: beyond them the ones that were not used for longest go."""


@dataclass(frozen=True, slots=True)
class Drive:
    """The pictures of one vehicle, or of the empty lane, as JPEG files.

    `picture` chooses by place: the same vehicle may come twice as fast or stand for an hour.
    """

    length_m: float
    approach: tuple[bytes, ...] = field(repr=False)
    standing: tuple[bytes, ...] = field(repr=False)
    leaving: tuple[bytes, ...] = field(repr=False)
    flank: tuple[bytes, ...] = field(repr=False)
    empty: tuple[bytes, ...] = field(repr=False)

    def picture(self, before_stop_m: float, tick: int) -> bytes:
        """The picture with the vehicle's front `before_stop_m` before the stop line (negative beyond it).

        `tick` counts the camera's pictures: what stands still differs from picture to picture by its noise.
        """
        if before_stop_m > APPROACH_M[0] + 0.5 or -before_stop_m > self.length_m - FLANK_M[0]:
            return self.empty[tick % len(self.empty)]
        if abs(before_stop_m) < 0.1:
            return self.standing[tick % len(self.standing)]
        if before_stop_m > 0:
            return self.approach[_nearest(APPROACH_M, before_stop_m)]
        if before_stop_m > FLANK_M[0]:
            return self.leaving[_nearest(LEAVING_M, before_stop_m)]
        return self.flank[int(-before_stop_m * 2) % len(self.flank)]


class Studio:
    """Renders drives of one lane's scene, or takes them from the cache folder."""

    def __init__(self, cache_dir: Path, seed: int, light: Light = "day") -> None:
        self._cache_dir, self._seed = cache_dir, seed
        self._light: Light = light
        self._scene: Scene | None = None
        self._empty: tuple[bytes, ...] | None = None
        self._dark: tuple[bytes, ...] | None = None

    def drive(self, vehicle: Vehicle) -> Drive:
        """The drive of a vehicle.  Raises OSError when the cache folder can't be written, and
        `simulators.render.fonts.FontMissing` when a typeface is not installed."""
        pictures = self._pictures(self._shots(vehicle))
        near, gone, moving = len(APPROACH_M), len(APPROACH_M) + len(LEAVING_M), len(MOVING_M)
        return Drive(
            length_m=SHAPES[vehicle.kind].length,
            approach=pictures[:near],
            leaving=pictures[near:gone],
            flank=pictures[gone:moving],
            standing=pictures[moving:],
            empty=self.empty(),
        )

    def file(self, vehicle: Vehicle) -> Path:
        """Where the pictures of a vehicle are kept once they were rendered."""
        return self._file(self._shots(vehicle), 1.0)

    def empty(self) -> tuple[bytes, ...]:
        """Pictures of the empty lane, to be shown in turn."""
        if self._empty is None:
            self._empty = self._pictures([self._shot(None, 0.0, 0.0, 200 + n) for n in range(STILLS)])
        return self._empty

    def dark(self) -> tuple[bytes, ...]:
        """Pictures through a covered lens, to be shown in turn: noise on black."""
        if self._dark is None:
            shots = [self._shot(None, 0.0, 0.0, 300 + n) for n in range(STILLS)]
            self._dark = self._pictures(shots, COVERED)
        return self._dark

    def _shots(self, vehicle: Vehicle) -> list[Shot]:
        moving = [self._shot(vehicle, place, SPEED_M_S, index) for index, place in enumerate(MOVING_M)]
        return moving + [self._shot(vehicle, 0.0, 0.0, 100 + index) for index in range(STILLS)]

    def _shot(self, vehicle: Vehicle | None, place: float, speed: float, noise: int) -> Shot:
        return Shot(vehicle, place, self._light, speed, noise + self._seed * 1000)

    def _rendered(self) -> Scene:
        if self._scene is None:
            self._scene = Scene(self._seed)
        return self._scene

    def _file(self, shots: Sequence[Shot], dimmed: float) -> Path:
        return self._cache_dir / f"drive-{_key(self._seed, shots, dimmed)}.zip"

    def _pictures(self, shots: Sequence[Shot], dimmed: float = 1.0) -> tuple[bytes, ...]:
        file = self._file(shots, dimmed)
        names = [f"{index:03d}.jpg" for index in range(len(shots))]
        if (pictures := kept.read(file, names)) is None:
            scene = self._rendered()
            pictures = [encode(_dimmed(scene.picture(shot), dimmed)) for shot in shots]
            kept.write(file, dict(zip(names, pictures, strict=True)))
            kept.drop_oldest(self._cache_dir, "drive-*.zip", KEPT_FILES)
        return tuple(pictures)


def encode(picture: Picture) -> bytes:
    """A picture as a baseline JPEG with 4:2:0 chroma, as cameras send it."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    return bytes(cv2.imencode(".jpg", picture, settings)[1])


def _dimmed(picture: Picture, share: float) -> Picture:
    return picture if share == 1.0 else (picture * share).astype("uint8")


def _nearest(places: Sequence[float], wanted: float) -> int:
    return min(range(len(places)), key=lambda index: abs(places[index] - wanted))


def _key(seed: int, shots: Sequence[Shot], dimmed: float) -> str:
    described = json.dumps([seed, JPEG_QUALITY, dimmed, [asdict(shot) for shot in shots]], sort_keys=True)
    return hashlib.sha256(kept.recipe(_NOT_OF_DRIVES) + described.encode()).hexdigest()[:32]
