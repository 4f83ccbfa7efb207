"""The devices of one simulated lane, each on its real wire, fed by the lane's world.

The bench knows what each device *is* (load on the deck, contacts, documents in hand) from the world alone, so
that two sensors contradict each other only where a fault says so.
"""

from pathlib import Path
from typing import Any, Protocol, cast

import structlog

from simulators.books import Books
from simulators.card_desk import CardDesk
from simulators.device import SimulatedDevice
from simulators.equipment import Part, cameras, cards, readers, registers, scale
from simulators.faults import FAULTS, FaultedLine
from simulators.faults.kinds import Fault
from simulators.fleet import Vehicle
from simulators.kit import LaneKit
from simulators.wiring import Table, Wiring
from simulators.world import Happening, LaneWorld

log = structlog.get_logger()

_SETTINGS: dict[str, dict[str, float]] = {
    "garble": {"probability": 0.5},
    "drop": {"probability": 0.5},
    "delay": {"delay_s": 0.3},
    "stall": {"stall_s": 5.0},
    "slow_close": {"delay_s": 5.0},
}
"""Settings of line faults, where the fault's own defaults would leave nothing whole, or there are none."""

LINE_FAULTS = tuple(name for name in FAULTS if name != "cut")
"""A cut line is a pulled cable, which `pull` does."""


class Faulty(Protocol):
    """Anything that can be broken by name."""

    def faults(self) -> tuple[str, ...]: ...

    def set_fault(self, fault: str, on: bool) -> None: ...


class UnknownFault(KeyError):
    """No such device or fault; the message lists those there are."""

    def __str__(self) -> str:
        return str(self.args[0])


class LaneBench:
    """`devices` are those with a wire of their own, by the names of the lane's configuration."""

    def __init__(
        self, kit: LaneKit, lane: LaneWorld, books: Books, folder: Path, *, seed: int, drives: Path
    ) -> None:
        """Builds the devices; opens nothing.  `drives` is the cache of rendered pictures."""
        self.kit = kit
        self.lane = lane
        self.folder = folder
        self.wiring = Wiring(kit, lane, folder)
        parts = [
            *scale(kit, lane, folder, seed),
            *readers(kit, folder, seed),
            *cards(kit, seed),
            *cameras(kit, lane, drives, seed),
            *registers(kit, books, folder, seed),
        ]
        self.parts: dict[str, Part] = {part.device.name: part for part in parts}
        self.pulled: set[str] = set()
        self._line_faults: dict[str, set[str]] = {}

    @property
    def devices(self) -> dict[str, SimulatedDevice]:
        return {**self.wiring.boards, **{name: part.device for name, part in self.parts.items()}}

    async def start(self) -> None:
        """Open all wires.  Raises OSError."""
        for device in self.devices.values():
            await device.start()

    async def stop(self) -> None:
        """Close all wires.  Idempotent."""
        for device in self.devices.values():
            await device.stop()

    def discard(self) -> None:
        """Remove what lies outside the bench's folder, once it is stopped for good."""
        for part in self.parts.values():
            if isinstance(part.device, CardDesk):
                part.device.discard()

    @property
    def environment(self) -> dict[str, str]:
        """Variables that the lane's process needs to find this bench's devices."""
        return {key: value for part in self.parts.values() for key, value in part.environment.items()}

    def step(self, world_s: float, board_s: float) -> None:
        """Advance all devices; then tell the world what the arm and the light show."""
        self.wiring.step(world_s, board_s)
        self.lane.arm_open = self.wiring.arm.open
        self.lane.green = self.wiring.light.shows == "green"
        for part in self.parts.values():
            part.step(world_s, board_s)

    def tell(self, happening: Happening) -> None:
        """Something happened in this lane: documents go into readers."""
        for part in self.parts.values():
            part.tell(happening)

    async def prepare(self, vehicle: Vehicle) -> None:
        """Have what the camera shows of this vehicle rendered before it comes."""
        for part in self.parts.values():
            if part.album is not None:
                await part.album.prepare(vehicle)

    def drives(self, vehicle: Vehicle) -> list[Path]:
        """The files that hold what the lane's cameras show of this vehicle, once it was rendered."""
        return [
            file
            for part in self.parts.values()
            if part.album is not None
            for file in part.album.files(vehicle)
        ]

    # --- configuration ------------------------------------------------------------------------------------

    def device_tables(self) -> dict[str, Table]:
        """The lane's `[devices]`; complete once the bench was started."""
        own = {name: part.table() for name, part in self.parts.items() if not part.is_register}
        return {**self.wiring.board_tables(), **self.wiring.tables, **own}

    def register_tables(self) -> dict[str, Table]:
        return {name: part.table() for name, part in self.parts.items() if part.is_register}

    # --- faults -------------------------------------------------------------------------------------------

    def _faulty(self) -> dict[str, Faulty]:
        return {"arm": self.wiring.arm, "light": self.wiring.light, **self.wiring.sensors, **self.devices}

    def _lines(self) -> dict[str, FaultedLine]:
        lines = {name: part.line for name, part in self.parts.items() if part.line is not None}
        return {**self.wiring.lines, **lines}

    def known_faults(self, device: str) -> tuple[str, ...]:
        """The faults that can be set on a device or its line.  Raises UnknownFault."""
        known = self._faulty()
        if device not in known:
            raise UnknownFault(f"no device {device!r}; there are {', '.join(sorted(known))}")
        on_line = LINE_FAULTS if device in self._lines() else ()
        return (*known[device].faults(), *on_line)

    def set_fault(self, device: str, fault: str, on: bool) -> None:
        """Set or clear a fault of a device or of its line.  Raises UnknownFault."""
        known = self.known_faults(device)
        if fault not in known:
            raise UnknownFault(f"{device} has no fault {fault!r}; there are {', '.join(known)}")
        if fault in LINE_FAULTS:
            faults = self._line_faults.setdefault(device, set())
            (faults.add if on else faults.discard)(fault)
            self._lines()[device].set_faults([_line_fault(name) for name in sorted(faults)])
        else:
            self._faulty()[device].set_fault(fault, on)
        log.info("bench.fault", lane=self.lane.name, device=device, fault=fault, on=on)

    async def pull(self, device: str) -> None:
        """Pull the device's cable.  Raises UnknownFault."""
        await self._wire(device).stop()
        self.pulled.add(device)
        log.info("bench.cable_pulled", lane=self.lane.name, device=device)

    async def put_back(self, device: str) -> None:
        """Put the cable back.  Raises UnknownFault, OSError when its port was taken meanwhile."""
        wire = self._wire(device)
        if device in self.pulled:
            await wire.start()
            self.pulled.discard(device)
            log.info("bench.cable_put_back", lane=self.lane.name, device=device)

    def _wire(self, device: str) -> SimulatedDevice:
        if device not in self.devices:
            wired = ", ".join(sorted(self.devices))
            raise UnknownFault(f"{device!r} has no cable of its own; those with one: {wired}")
        return self.devices[device]

    # --- looking at it ------------------------------------------------------------------------------------

    def show(self) -> dict[str, Any]:
        """The lane as it truly is, for whoever looks at a running simulation."""
        lane = self.lane
        return {
            "lane": lane.name,
            "arm_open": round(lane.arm_open, 2),
            "light": self.wiring.light.shows,
            "deck_kg": round(lane.deck_load_kg),
            "covered": [place for place in lane.geometry.places if lane.covered(place)],
            "vehicles": [
                {
                    "visit": moving.visit.number,
                    "model": moving.visit.vehicle.model,
                    "phase": moving.phase,
                    "front_m": round(moving.front_m, 1),
                }
                for moving in lane.vehicles
            ],
            "coming": len(lane.coming),
            "departed": lane.departed,
            "struck": self.wiring.arm.struck,
            "devices": {name: device.address for name, device in self.devices.items()},
            "pulled": sorted(self.pulled),
        }


def _line_fault(name: str) -> Fault:
    kind = cast("type[Any]", FAULTS[name])
    return cast("Fault", kind(seed=1, **_SETTINGS.get(name, {})))
