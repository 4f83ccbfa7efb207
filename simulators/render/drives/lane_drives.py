"""The drives past one lane's camera by place, as JPEG files or H.264, rendered once and kept in a folder."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import numpy as np

from simulators.render import kept
from simulators.render.drives.cast import Cast, Side
from simulators.render.drives.h264 import Settings, encoded_pictures
from simulators.render.drives.lane_camera import FRAMES_PER_S, STANDING, empty, shots
from simulators.render.plates import Picture

KEPT_FILES = 200
"""In the cache folder, about 2 MB each: beyond them the ones that were not used for longest go."""
JPEG_QUALITY = 80
COVERED = 0.04
"""What a covered lens lets through."""
_NOT_OF_DRIVES = ("crops.py", "scene_set.py", "film.py")
KBIT_S = 12_000
"""Of a camera whose H.264 pictures all stand for themselves."""
_PLACES = "places.json"


@dataclass(frozen=True, slots=True)
class LaneDrive:
    """`places` are metres before the stop line, one a picture, far to near and beyond; the same vehicle may
    come twice as fast or stand for an hour."""

    places: tuple[float, ...]
    pictures: tuple[bytes, ...] = field(repr=False)

    def picture(self, before_stop_m: float, tick: int) -> bytes | None:
        """The picture with the vehicle's side `before_stop_m` before the stop line (negative beyond it); None
        when it is out of sight.  `tick` counts the camera's pictures: those of a standing vehicle differ by
        the sensor's noise."""
        if before_stop_m > self.places[0] + 0.5 or before_stop_m < self.places[-1] - 0.5:
            return None
        if abs(before_stop_m) < STANDING:
            standing = [at for at, place in enumerate(self.places) if abs(place) < STANDING]
            return self.pictures[standing[tick % len(standing)]]
        nearest = min(range(len(self.places)), key=lambda at: abs(self.places[at] - before_stop_m))
        return self.pictures[nearest]


class LaneDrives:
    """Of one camera, which `seed` and `side` describe.  With `h264` pictures are H.264 in annex B, and each
    stands for itself: a vehicle may skip some.  That needs PyAV where a drive is rendered."""

    def __init__(self, cache_dir: Path, seed: int, side: Side, *, h264: bool = False) -> None:
        self._cache_dir, self._seed = cache_dir, seed
        self._side: Side = side
        self._h264 = h264
        self._empty: tuple[Picture, ...] = ()

    def drive(self, drives: Cast) -> LaneDrive:
        """Rendered now (a second or two), or as it was kept.  Raises OSError where the folder is read-only,
        `simulators.render.fonts.FontMissing` and `simulators.render.drives.EncoderMissing`."""
        file = self.file(drives)
        if (places := kept.read(file, [_PLACES])) is not None:
            known = tuple(float(place) for place in json.loads(places[0]))
            if (pictures := kept.read(file, _names(len(known)))) is not None:
                return LaneDrive(known, tuple(pictures))
        taken = shots(self._seed, self._side, drives)
        made = LaneDrive(
            tuple(shot.before_m for shot in taken), self._encoded([shot.picture for shot in taken])
        )
        entries = dict(zip(_names(len(taken)), made.pictures, strict=True))
        kept.write(file, {_PLACES: json.dumps(made.places).encode(), **entries})
        kept.drop_oldest(self._cache_dir, "lane-*.zip", KEPT_FILES)
        return made

    def file(self, drives: Cast) -> Path:
        """Where the pictures of a vehicle are kept once they were rendered."""
        described = json.dumps([self._seed, self._side, asdict(drives), *(["h264"] if self._h264 else [])])
        apart = _NOT_OF_DRIVES if self._h264 else (*_NOT_OF_DRIVES, "h264.py")
        key = hashlib.sha256(kept.recipe(apart, "drives") + described.encode()).hexdigest()[:32]
        return self._cache_dir / f"lane-{key}.zip"

    def empty(self) -> tuple[bytes, ...]:
        """Pictures of the empty lane, to be shown in turn."""
        return self._encoded(self._views())

    def dark(self) -> tuple[bytes, ...]:
        """The same through a covered lens: noise on black."""
        return self._encoded([(picture * COVERED).astype(np.uint8) for picture in self._views()])

    def _encoded(self, pictures: Sequence[Picture]) -> tuple[bytes, ...]:
        if not self._h264:
            return tuple(_jpeg(picture) for picture in pictures)
        return encoded_pictures(pictures, Settings(FRAMES_PER_S, kbit_s=KBIT_S, key_every_s=0.0))

    def _views(self) -> Sequence[Picture]:
        self._empty = self._empty or empty(self._seed, self._side)
        return self._empty


def _names(count: int) -> list[str]:
    return [f"{number:04d}" for number in range(count)]


def _jpeg(picture: Picture) -> bytes:
    """A baseline JPEG with 4:2:0 chroma, as cameras send it."""
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1])
