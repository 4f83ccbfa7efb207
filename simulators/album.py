"""What a lane's plate camera shows: the drive of the vehicle in its view, rendered before it is needed."""

import asyncio
from collections import OrderedDict
from pathlib import Path

import structlog

from simulators.fleet import MODELS, Plate, Vehicle
from simulators.render import Drive, NoSuchPlate, Studio
from simulators.render import Vehicle as Rendered
from simulators.render import plate as drawn_plate
from simulators.render.vehicle import Kind
from simulators.world import LaneWorld

log = structlog.get_logger()

KEPT_DRIVES = 24
"""In memory, about 1.5 MB each; all others are read back from the cache folder."""

_KINDS: dict[str, Kind] = {"cargo": "lorry", "car": "car", "coach": "coach"}


class Album:
    """The pictures of one lane's camera.  A vehicle whose drive is not there yet is not seen: rendering takes
    a second or more, and `prepare` does it in a thread."""

    def __init__(self, lane: LaneWorld, cache: Path, seed: int) -> None:
        self._lane = lane
        self._studio = Studio(cache, seed)
        self._drives: OrderedDict[str, Drive] = OrderedDict()
        self._empty: tuple[bytes, ...] = ()
        self._dark: tuple[bytes, ...] = ()
        self._rendering = asyncio.Lock()

    def open(self) -> None:
        """Render or read the pictures of the empty lane.  Raises OSError."""
        self._empty = self._empty or self._studio.empty()
        self._dark = self._dark or self._studio.dark()

    @property
    def dark(self) -> tuple[bytes, ...]:
        return self._dark

    async def prepare(self, vehicle: Vehicle) -> None:
        """Have the vehicle's drive at hand.  Raises OSError when it can't be rendered."""
        key = _key(vehicle)
        async with self._rendering:
            if key in self._drives:
                self._drives.move_to_end(key)
                return
            drive = await asyncio.to_thread(self._studio.drive, _rendered(vehicle))
        self._drives[key] = drive
        while len(self._drives) > KEPT_DRIVES:
            self._drives.popitem(last=False)

    def file(self, vehicle: Vehicle) -> Path:
        """Where the vehicle's pictures are kept once it was rendered, now or by another run."""
        return self._studio.file(_rendered(vehicle))

    def view(self, number: int) -> bytes:
        """The picture of this number."""
        seen = self._lane.in_view
        if seen is not None:
            moving, before_m = seen
            drive = self._drives.get(_key(moving.visit.vehicle))
            if drive is not None:
                return drive.picture(before_m, number)
        return self._empty[number % len(self._empty)]


def _key(vehicle: Vehicle) -> str:
    plate = vehicle.front
    return f"{vehicle.model} {vehicle.colour} {plate.country} {plate.text}" if plate else vehicle.model


def _rendered(vehicle: Vehicle) -> Rendered:
    return Rendered(_KINDS[MODELS[vehicle.model].profile], vehicle.colour, _drawn(vehicle.front))


def _drawn(plate: Plate | None):
    if plate is None:
        return None
    try:
        return drawn_plate(plate.country, plate.text)
    except NoSuchPlate as error:
        log.warning("album.no_such_plate", country=plate.country, error=str(error))
        return None
