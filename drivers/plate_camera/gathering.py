"""Parts of an event stream gathered into events: a text, and the pictures that follow it.

How many pictures follow is not said in advance.  An event is whole when the next text begins, when it has as
many pictures as an event may have, or when none came for a while.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from drivers.plate_camera.events import Told
from drivers.plate_camera.jpeg import BadJpeg, picture_size
from drivers.plate_camera.multipart import Part

PICTURES_S = 1.0
"""After an event's text, and after each of its pictures."""
PICTURES_MAX = 6
BYTES_MAX = 16 * 1024 * 1024

CROP_NAMES = ("licenseplate",)
"""In the name of a part that shows only the plate."""
SCENE_NAMES = ("detection", "background", "scene")


@dataclass(slots=True)
class _Waiting:
    told: Told
    until_s: float
    pictures: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])


class Gathering:
    """`read` turns a part that is no picture into the vehicles that it tells of."""

    def __init__(self, read: Callable[[Part], list[Told]]) -> None:
        self._read = read
        self._waiting: _Waiting | None = None

    @property
    def until_s(self) -> float | None:
        """Until when pictures are waited for, by the clock that `take` is given; None for nothing."""
        return None if self._waiting is None else self._waiting.until_s

    def take(self, part: Part, at_s: float) -> list[Told]:
        """The events that this part makes whole."""
        if _is_picture(part):
            return self._add(part, at_s)
        found = self._read(part)
        whole = [*self.give_up(), *found[:-1]]
        if found:
            self._waiting = _Waiting(found[-1], at_s + PICTURES_S)
        return whole

    def _add(self, part: Part, at_s: float) -> list[Told]:
        waiting = self._waiting
        if waiting is None:
            return []  # the picture of an event that was of no use
        waiting.pictures.append((_name(part), part.data))
        waiting.until_s = at_s + PICTURES_S
        size = sum(len(data) for _, data in waiting.pictures)
        full = len(waiting.pictures) >= PICTURES_MAX or size > BYTES_MAX
        return self.give_up() if full else []

    def give_up(self) -> list[Told]:
        """The event under way, with the pictures that came."""
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return []
        picture, crop = scene_and_plate(waiting.pictures)
        return [replace(waiting.told, picture=picture, crop=crop)]


def _is_picture(part: Part) -> bool:
    return part.fields.get("content-type", "").lower().startswith("image/") or part.data[:2] == b"\xff\xd8"


def _name(part: Part) -> str:
    told = [part.fields.get(name, "") for name in ("content-disposition", "content-id")]
    return " ".join(told).lower().replace("_", "")


def scene_and_plate(pictures: list[tuple[str, bytes]]) -> tuple[bytes, bytes]:
    """The picture of the scene and that of the plate alone, by name, else by size; b"" for none.

    A picture that is damaged counts as none: half a picture is no evidence."""
    sizes: list[tuple[int, str, bytes]] = []
    for name, data in pictures:
        try:
            width, height = picture_size(data)
        except BadJpeg:
            continue
        sizes.append((width * height, name, data))
    crops = [one for one in sizes if any(word in one[1] for word in CROP_NAMES)]
    scenes = [one for one in sizes if one not in crops]
    named = [one for one in scenes if any(word in one[1] for word in SCENE_NAMES)]
    scene = max(named or scenes, default=None, key=lambda one: one[0])
    if not crops and scene is not None:
        crops = [one for one in scenes if one[0] * 10 < scene[0]]
    crop = min(crops, default=None, key=lambda one: one[0])
    return (scene[2] if scene else b""), (crop[2] if crop else b"")
