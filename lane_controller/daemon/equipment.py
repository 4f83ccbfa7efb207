"""The lane's devices and registers as built, each with its supervisor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from drivers.barrier import Barrier
from drivers.device import Device
from drivers.document_reader.chips import ChipReader
from drivers.plate_camera import PlateCamera
from drivers.presence import Presence
from drivers.registers import Register
from drivers.signal import Signal
from lane_controller.daemon.building import build
from lane_controller.daemon.configuration import Configuration, DeviceSpec
from lane_controller.daemon.devices import Watch
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import DeviceRole, Health, Place, Side

Role = TypeVar("Role")
HealthHeard = Callable[[str, DeviceRole, "Place | None", Health, Reason], None]


@dataclass(slots=True)
class Equipment:
    """`watches` by device name; the roles' objects by what the lane does with them."""

    watches: dict[str, Watch]
    barrier: Barrier | None
    signals: tuple[Signal, ...]
    cameras: tuple[PlateCamera, ...]
    sides: dict[str, Side]
    """Of the vehicle that a camera looks at, by the camera's name."""
    chips: tuple[ChipReader, ...]
    clearance: tuple[Presence, ...]
    registers: dict[str, Register]
    """By the kind that they are asked."""

    def running(self, device: str) -> bool:
        return self.watches[device].running


def equip(
    configuration: Configuration,
    on_reading: Callable[[DeviceSpec], Callable[[Any], None]],
    on_health: HealthHeard,
    now_s: Callable[[], float],
) -> Equipment:
    """Build all devices and their supervisors; nothing is opened yet.

    Raises DeviceError for one that can't be built, which a checked configuration does not have."""
    devices, refused = build(configuration.devices)
    for error in refused.values():
        raise error
    watches: dict[str, Watch] = {}
    for spec in configuration.devices:
        health = _told(spec.name, DeviceRole(spec.role), spec.place, on_health)
        watches[spec.name] = Watch(devices[spec.name], on_reading(spec), health, now_s=now_s)
    registers: dict[str, Register] = {}
    for spec in configuration.registers:
        register: Any = spec.type(spec.name, spec.options)
        health = _told(spec.name, DeviceRole.REGISTER, None, on_health)
        watches[spec.name] = Watch(register, _nothing, health, now_s=now_s)
        for kind in spec.kinds:
            registers[kind] = register
    built = list(devices.values())
    return Equipment(
        watches=watches,
        barrier=next(iter(_of(built, Barrier)), None),
        signals=_of(built, Signal),
        cameras=_of(built, PlateCamera),
        sides={spec.name: "rear" if spec.side == "rear" else "front" for spec in configuration.devices},
        chips=_of(built, ChipReader),
        clearance=tuple(sensor for sensor in _of(built, Presence) if sensor.place == Place.CLEARANCE),
        registers=registers,
    )


def _of(devices: list[Device[Any]], role: type[Role]) -> tuple[Role, ...]:
    return tuple(device for device in devices if isinstance(device, role))


def _told(
    name: str, role: DeviceRole, place: str | None, on_health: HealthHeard
) -> Callable[[Health, Reason], None]:
    at = None if place is None else Place(place)
    return lambda health, reason: on_health(name, role, at, health, reason)


def _nothing(_: object) -> None:
    """A register has no readings."""
