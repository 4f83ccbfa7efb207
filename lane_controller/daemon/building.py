"""From specifications to device objects: boards first, then the roles on them.  No I/O happens here."""

from collections.abc import Iterable
from typing import Any

from drivers.boards.shared import SharedBoard
from drivers.device import Device
from drivers.errors import DeviceError
from lane_controller.daemon.configuration.loading import DeviceSpec


def build(specs: Iterable[DeviceSpec]) -> tuple[dict[str, Device[Any]], dict[str, DeviceError]]:
    """Devices by name, and for each that can't be built as configured, why."""
    devices: dict[str, Device[Any]] = {}
    refused: dict[str, DeviceError] = {}
    for spec in sorted(specs, key=lambda spec: spec.board is not None):
        try:
            devices[spec.name] = _build_one(spec, devices)
        except DeviceError as error:
            refused[spec.name] = error
        except KeyError:
            pass  # its board is missing or was refused, which is told there
    return devices, refused


def _build_one(spec: DeviceSpec, devices: dict[str, Device[Any]]) -> Device[Any]:
    make: Any = spec.type
    if spec.role == "board":
        return SharedBoard(make(spec.name, spec.options))
    if spec.board is None:
        return make(spec.name, spec.options)
    return make(spec.name, spec.options, devices[spec.board])
