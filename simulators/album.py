"""What a lane's plate camera shows: the drive of the vehicle in its view, rendered before it is needed."""

import asyncio
from collections import OrderedDict
from pathlib import Path

import structlog

from simulators.fleet import MODELS, Plate, Vehicle
from simulators.render import NoSuchPlate
from simulators.render import Plate as Drawn
from simulators.render import plate as drawn_plate
from simulators.render.drives.cast import Cast, Kind, Side
from simulators.render.drives.lane_drives import LaneDrive, LaneDrives
from simulators.world import LaneWorld

log = structlog.get_logger()

KEPT_DRIVES = 24
"""In memory, about 2 MB each; all others are read back from the cache folder."""

_KINDS: dict[str, Kind] = {"cargo": "lorry", "car": "car", "coach": "coach"}


class Album:
    """The pictures of one lane's camera, which sees vehicles from the `side`.  A vehicle whose drive is not
    there yet is not seen: rendering takes a second or more, and `prepare` does it in a thread.  Its
    pictures are JPEG files, or with `h264` encoded so."""

    def __init__(
        self, lane: LaneWorld, cache: Path, seed: int, side: Side = "front", *, h264: bool = False
    ) -> None:
        self.side: Side = side
        self._lane = lane
        self._rendered = LaneDrives(cache, seed, side, h264=h264)
        self._drives: OrderedDict[Cast, LaneDrive] = OrderedDict()
        self._casts: dict[Vehicle, Cast | None] = {}
        self._empty: tuple[bytes, ...] = ()
        self._dark: tuple[bytes, ...] = ()
        self._rendering = asyncio.Lock()

    def open(self) -> None:
        """Render the pictures of the empty lane."""
        self._empty = self._empty or self._rendered.empty()
        self._dark = self._dark or self._rendered.dark()

    @property
    def dark(self) -> tuple[bytes, ...]:
        return self._dark

    async def prepare(self, vehicle: Vehicle) -> None:
        """Have the vehicle's drive at hand.  Raises OSError when it can't be rendered."""
        drives = self._cast(vehicle)
        if drives is None:
            return
        async with self._rendering:
            if drives in self._drives:
                self._drives.move_to_end(drives)
                return
            drive = await asyncio.to_thread(self._rendered.drive, drives)
        self._drives[drives] = drive
        while len(self._drives) > KEPT_DRIVES:
            self._drives.popitem(last=False)

    def files(self, vehicle: Vehicle) -> list[Path]:
        """Where the vehicle's pictures are kept once it was rendered, now or by another run; none of one that
        can't be drawn."""
        drives = self._cast(vehicle)
        return [] if drives is None else [self._rendered.file(drives)]

    def view(self, number: int) -> bytes:
        """The picture of this number."""
        seen = self._lane.in_view
        if seen is not None:
            moving, before_m = seen
            drives = self._cast(moving.visit.vehicle)
            drive = self._drives.get(drives) if drives is not None else None
            if drive is not None and (picture := drive.picture(before_m, number)) is not None:
                return picture
        return self._empty[number % len(self._empty)]

    def _cast(self, vehicle: Vehicle) -> Cast | None:
        if vehicle not in self._casts:
            if len(self._casts) > 10 * KEPT_DRIVES:
                self._casts.clear()
            self._casts[vehicle] = _cast(vehicle)
        return self._casts[vehicle]


def _cast(vehicle: Vehicle) -> Cast | None:
    """None for a vehicle without plates, and for one whose plates can't be drawn: nobody sees it."""
    model = MODELS[vehicle.model]
    front, rear = _drawn(vehicle.front), _drawn(vehicle.rear, trailer=model.trailer)
    if front is None or rear is None:
        return None
    return Cast(_KINDS[model.profile], front, rear)


def _drawn(plate: Plate | None, *, trailer: bool = False) -> Drawn | None:
    if plate is None:
        return None
    try:
        return drawn_plate(plate.country, plate.text, trailer=trailer)
    except NoSuchPlate as error:
        log.warning("album.no_such_plate", country=plate.country, error=str(error))
        return None
