"""The commissioning walk: every input and output of the lane is tried once, and what was seen is recorded.

A person stands at the lane and does what is asked; a simulated bench has nobody to ask, and answers with what
it reads.  Nothing is believed that was not seen: an input must change and change back, the arm must reach
both ends, the scale must show a known weight.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

from drivers.barrier import ArmPosition, Barrier, BarrierReading
from drivers.device import Device
from drivers.document_reader import DocumentReader
from drivers.errors import DeviceError
from drivers.plate_camera import PlateCamera
from drivers.presence import Presence
from drivers.scale import Scale, WeightReading
from drivers.signal import Lamp, Signal
from lane_controller.daemon.equipment import Equipment

PERSON_S = 120.0
"""What a person is asked to do must have happened by then."""
TRAVEL_S = 20.0
SETTLE_S = 5.0

Results = dict[str, str]


class NotSeen(Exception):
    """A step whose result did not come; the text says what was waited for."""


class Guide(Protocol):
    """Who stands at the lane."""

    by: str

    async def do(self, what: str) -> bool:
        """Ask for something to be done now; False when nobody can (a simulated bench)."""
        ...

    async def confirm(self, question: str) -> bool:
        """Whether what was asked is so, as seen with one's own eyes."""
        ...

    async def known_weight_kg(self) -> float | None:
        """A weight on the deck that is known, None when there is none to be had."""
        ...


class Simulated:
    """A simulated bench: nobody is there to cover a loop, and the simulation is its own witness."""

    by = "simulation"

    async def do(self, what: str) -> bool:
        return False

    async def confirm(self, question: str) -> bool:
        return True

    async def known_weight_kg(self) -> float | None:
        return None


async def walk(device: Device[Any], equipment: Equipment, guide: Guide) -> Results:
    """Try one device.  Raises NotSeen or DeviceError when it is not as configured."""
    if isinstance(device, Presence):
        return await _presence(device, guide)
    if isinstance(device, Barrier):
        return await _barrier(device, equipment, guide)
    if isinstance(device, Signal):
        return await _signal(device, guide)
    if isinstance(device, Scale):
        return await _scale(device, guide)
    if isinstance(device, PlateCamera):
        picture = await device.picture()
        if not await guide.confirm(
            f"{device.name}: does the camera look where it should ({len(picture)} B)?"
        ):
            raise NotSeen("the picture is not of its place")
        return {"picture": f"{len(picture)} bytes"}
    if isinstance(device, DocumentReader):
        if not await guide.do(f"{device.name}: put any document into the reader now"):
            return {"document": "not tried: simulated"}
        return {
            "document": type(await first_reading(device, lambda _: True, PERSON_S, "a document")).__name__
        }
    return {}


async def _presence(device: Presence, guide: Guide) -> Results:
    clear = "covered" if await device.read() else "clear"
    if not await guide.do(f"{device.name} ({device.place}): cover it now"):
        return {"level": clear, "covered": "not tried: simulated"}
    await first_reading(device, lambda one: one.covered, PERSON_S, f"{device.name} to be covered")
    await guide.do(f"{device.name} ({device.place}): clear it now")
    await first_reading(device, lambda one: not one.covered, PERSON_S, f"{device.name} to be clear")
    return {"level": clear, "covered": "seen", "clear": "seen"}


async def _barrier(device: Barrier, equipment: Equipment, guide: Guide) -> Results:
    if not await guide.confirm(f"{device.name}: is nobody and nothing under the arm? It will move"):
        raise NotSeen("the place under the arm clear")
    await device.raise_arm()
    await _position(device, ArmPosition.RAISED)
    if not await guide.confirm(f"{device.name}: is the arm up?"):
        raise NotSeen("the arm up, though its end switch says so")
    results = {"raised": "seen"}
    for sensor in equipment.clearance:
        if await sensor.read():
            raise NotSeen(f"the place under the arm clear ({sensor.name})")
    await device.lower_arm()
    await _position(device, ArmPosition.LOWERED)
    if not await guide.confirm(f"{device.name}: is the arm down?"):
        raise NotSeen("the arm down, though its end switch says so")
    return results | {"lowered": "seen"}


async def _position(device: Barrier, position: ArmPosition) -> None:
    def there(reading: BarrierReading) -> bool:
        return reading.position is position

    await first_reading(device, there, TRAVEL_S, f"the end switch `{position}`")


async def _signal(device: Signal, guide: Guide) -> Results:
    for lamp in (Lamp.GREEN, Lamp.RED):
        await device.show(lamp)
        if not await guide.confirm(f"{device.name}: does it show {lamp}?"):
            raise NotSeen(f"the light {lamp}")
    return {"green": "seen", "red": "seen"}


async def _scale(device: Scale, guide: Guide) -> Results:
    reading: WeightReading = await first_reading(
        device, lambda one: one.gross_kg is not None, SETTLE_S, "a weight"
    )
    results = {"reading": f"{reading.gross_kg} kg"}
    known_kg = await guide.known_weight_kg()
    if known_kg is None:
        return results | {"known_weight": "not tried: simulated"}
    await first_reading(
        device,
        lambda one: one.gross_kg is not None and abs(one.gross_kg - known_kg) <= max(0.002 * known_kg, 40.0),
        PERSON_S,
        f"{known_kg} kg on the display and here (a factor of ten is the option fixed_zero)",
    )
    return results | {"known_weight": f"{known_kg} kg seen"}


async def first_reading(
    device: Device[Any], wanted: Callable[[Any], bool], within_s: float, what: str
) -> Any:
    """The first reading that is as wanted.  Raises NotSeen, DeviceError."""
    readings: AsyncIterator[Any] = device.readings()
    try:
        async with asyncio.timeout(within_s):
            async for reading in readings:
                if wanted(reading):
                    return reading
    except TimeoutError:
        pass
    finally:
        close: Callable[[], Awaitable[None]] | None = getattr(readings, "aclose", None)
        if close is not None:
            with contextlib.suppress(DeviceError):
                await close()
    raise NotSeen(f"waited {within_s:.0f} s for {what}")
