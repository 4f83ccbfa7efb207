"""A drive as pictures with truth: rendered in order, kept on disk, played cheaply."""

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import numpy as np

from simulators.render import kept
from simulators.render.drives.cast import Cast, Order, cast
from simulators.render.drives.h264 import Settings, encoded
from simulators.render.drives.painter import SeenPlate
from simulators.render.drives.scenery import Scenery, scenery
from simulators.render.looks import Wardrobe
from simulators.render.plates import Picture, Truth

KEPT_FILMS = 60
"""In the cache folder, 3 to 6 MB each: beyond them the ones that were not used for longest go."""
_NOT_OF_FILMS = ("crops.py", "scene_set.py")


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture (height x width x 3 uint8, blue-green-red) and all plates that are whole in it."""

    time_s: float
    picture: Picture = field(repr=False)
    plates: tuple[SeenPlate, ...]


@dataclass(frozen=True, slots=True)
class Film:
    """The pictures of a drive as JPEG files, each with its truth.  `vehicle` is whose passage it is: a plate
    of another one, parked by the lane, may be seen too."""

    cast: Cast
    vehicle: str
    frames_per_s: float
    pictures: tuple[bytes, ...] = field(repr=False)
    plates: tuple[tuple[SeenPlate, ...], ...] = field(repr=False)

    def view(self, number: int) -> bytes:
        """The picture of this number, from the first again after the last."""
        return self.pictures[number % len(self.pictures)]


def frames(order: Order, wardrobe: Wardrobe) -> Iterator[Frame]:
    """The pictures of a drive as the camera takes them, in order.  The same order and wardrobe give the same
    pictures.  Raises `simulators.render.fonts.FontMissing`."""
    return _taken(scenery(_chance(order, wardrobe), order, wardrobe), order)


def _taken(made: Scenery, order: Order) -> Iterator[Frame]:
    for number in range(int(made.course.length_s * order.frames_per_s)):
        time_s = number / order.frames_per_s
        picture, plates = made.take(time_s)
        yield Frame(time_s, picture, plates)


class Films:
    """Films in a cache folder."""

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir

    def film(self, order: Order, wardrobe: Wardrobe) -> Film:
        """Rendered now (some seconds), or as it was kept.  Raises OSError when the folder can't be written,
        and `simulators.render.fonts.FontMissing`."""
        file = self._cache_dir / f"film-{_key(order, wardrobe)}.zip"
        plates, pictures = _read(file) or self._rendered(order, wardrobe, file)
        drives = cast(_chance(order, wardrobe), order.kind, order.country)
        return Film(drives, f"{order.seed}", order.frames_per_s, pictures, plates)

    def h264(self, order: Order, wardrobe: Wardrobe, slices: int = 1) -> tuple[bytes, ...]:
        """The same film as H.264, one piece of byte stream a picture (`h264.encoded`).  Raises what `film`
        does, and `EncoderMissing`."""
        file = self._cache_dir / f"film-{_key(order, wardrobe)}-h264-{slices}.zip"
        if (counted := kept.read(file, [_COUNT])) is not None:
            pieces = kept.read(file, _names(int(counted[0])))
            if pieces is not None:
                return tuple(pieces)
        made = encoded(self.film(order, wardrobe).pictures, Settings(order.frames_per_s, slices))
        entries = dict(zip(_names(len(made)), made, strict=True))
        kept.write(file, {_COUNT: b"%d" % len(made), **entries})
        kept.drop_oldest(self._cache_dir, "film-*.zip", KEPT_FILMS)
        return made

    def _rendered(self, order: Order, wardrobe: Wardrobe, file: Path) -> "_Read":
        made = scenery(_chance(order, wardrobe), order, wardrobe)
        pictures: list[bytes] = []
        plates: list[tuple[SeenPlate, ...]] = []
        for frame in _taken(made, order):
            pictures.append(_jpeg(frame.picture, made.quality))
            plates.append(frame.plates)
        entries = dict(zip(_names(len(pictures)), pictures, strict=True))
        kept.write(file, {_TRUTH: _packed(plates), **entries})
        kept.drop_oldest(self._cache_dir, "film-*.zip", KEPT_FILMS)
        return tuple(plates), tuple(pictures)


_TRUTH, _COUNT = "truth.json", "count"
_Read = tuple[tuple[tuple[SeenPlate, ...], ...], tuple[bytes, ...]]


def _read(file: Path) -> _Read | None:
    if (truth := kept.read(file, [_TRUTH])) is None:
        return None
    plates = _unpacked(truth[0])
    pictures = kept.read(file, _names(len(plates)))
    return None if pictures is None else (plates, tuple(pictures))


def _names(count: int) -> list[str]:
    return [f"{number:04d}" for number in range(count)]


def _chance(order: Order, wardrobe: Wardrobe) -> random.Random:
    return random.Random(f"{wardrobe.name}/{order.seed}")


def _key(order: Order, wardrobe: Wardrobe) -> str:
    described = json.dumps([asdict(order), wardrobe.name])
    return hashlib.sha256(kept.recipe(_NOT_OF_FILMS, "drives") + described.encode()).hexdigest()[:32]


def _jpeg(picture: Picture, quality: int) -> bytes:
    """A baseline JPEG with 4:2:0 chroma, as cameras send it."""
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def _packed(plates: list[tuple[SeenPlate, ...]]) -> bytes:
    return json.dumps(
        [[[asdict(one.truth), one.corners.tolist(), one.vehicle] for one in each] for each in plates]
    ).encode()


def _unpacked(packed: bytes) -> tuple[tuple[SeenPlate, ...], ...]:
    return tuple(
        tuple(SeenPlate(Truth(**what), np.array(at, np.float32), vehicle) for what, at, vehicle in each)
        for each in json.loads(packed)
    )
