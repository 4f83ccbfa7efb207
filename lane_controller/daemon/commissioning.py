"""What the commissioning walk (`borderlane check --walk`) has seen, and whether it still holds.

The record names each device with the digest of its table in the configuration.  A device that was replaced or
rewired has another digest: its part must be walked again, and until then the lane enters no mode `open`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lane_controller.daemon.configuration import Configuration, DeviceSpec

WALKED_ROLES = frozenset({"barrier", "signal", "presence", "scale", "plate_camera", "document_reader"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One device as it was found: `digest` of its wiring, `result` by step, when and by whom."""

    digest: str
    at: str
    by: str
    results: dict[str, str]


def wiring(configuration: Configuration, device: DeviceSpec) -> str:
    """What the walk of a device rests on: its own table and that of its board."""
    boards = {spec.name: spec.digest for spec in configuration.devices if spec.role == "board"}
    return device.digest + boards.get(device.board or "", "")


def load(path: Path) -> dict[str, Seen]:
    """The record by device; {} when there is none or it can't be read (then all is to be walked)."""
    try:
        text: Any = json.loads(path.read_text())
        return {name: Seen(**seen) for name, seen in text["devices"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def save(path: Path, configuration: Configuration, seen: dict[str, Seen]) -> None:
    """Write the record, whole or not at all.  Raises OSError."""
    text = {
        "configuration": configuration.digest,
        "devices": {
            name: {"digest": one.digest, "at": one.at, "by": one.by, "results": one.results}
            for name, one in sorted(seen.items())
        },
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(text, indent=2) + "\n")
    new.rename(path)


def missing(configuration: Configuration) -> list[str]:
    """Names of the devices whose walk is missing or no longer holds, in the order of the configuration."""
    seen = load(configuration.commissioning)
    return [
        spec.name
        for spec in configuration.devices
        if spec.role in WALKED_ROLES
        and (spec.name not in seen or seen[spec.name].digest != wiring(configuration, spec))
    ]
