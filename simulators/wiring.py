"""Barrier, light and presence sensors of a simulated lane, and their wires to the I/O modules.

Polarity is mixed on purpose, as on real sites: loops close their contact when covered, photocells and the
barrier's fault relay are fail-safe and open theirs.  The keys of `tables` are those of the lane's
configuration (docs/configuration.md, drivers' options).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulators.barrier.arm import Arm
from simulators.boards.adam_6060 import Adam6060
from simulators.boards.module import SimulatedBoard
from simulators.boards.moxa_e1214 import MoxaE1214
from simulators.boards.waveshare_relay import WaveshareRelay
from simulators.faults import FaultedLine
from simulators.kit import LaneKit
from simulators.presence.sensor import Loop, Photocell, Sensor
from simulators.serial_line import PtyLine
from simulators.signal.light import Light
from simulators.world import LaneWorld

RAISE, LOWER, GREEN = 0, 1, 2
"""Relays of the first board."""
PULSE_S = 0.5
GREEN_S = 3.0
"""A timed green is three times what the signal's contract calls its refresh time."""

INPUTS = {"moxa-e1214": 6, "waveshare-relay": 8, "adam-6060": 6}
"""Inputs of each board."""

Table = dict[str, Any]

_TEMPO: Table = {"poll_s": 0.05, "timeout_s": 0.8}
"""Gentle: all lanes of a demo and all their devices share one machine."""


class WiringError(ValueError):
    """The lane's boards have too few inputs; the message says how many are missing."""


class Wiring:
    """`arm`, `light`, `sensors` by name and `boards` by name, wired to each other and to the lane's world.

    `travel_s` is how long the arm takes from end to end.  Raises WiringError.
    """

    def __init__(self, kit: LaneKit, lane: LaneWorld, folder: Path, *, travel_s: float = 2.0) -> None:
        self.arm = Arm("arm", travel_s=travel_s)
        self.arm.under = lambda: lane.under_arm
        self.light = Light("light")
        self.sensors = {sensor.name: sensor for sensor in _sensors(lane)}
        self.lines: dict[str, FaultedLine] = {}
        self.boards: dict[str, SimulatedBoard] = {}
        self.tables: dict[str, Table] = {}
        for number, model in enumerate(kit.boards, 1):
            self.boards[f"board-{number}"] = self._board(f"board-{number}", model, folder)
        self._free = [
            (f"board-{number}", channel)
            for number, model in enumerate(kit.boards, 1)
            for channel in range(INPUTS[model])
        ]
        self._wire(lane)

    def _board(self, name: str, model: str, folder: Path) -> SimulatedBoard:
        if model == "moxa-e1214":
            return MoxaE1214(name, pulse_s={RAISE: PULSE_S, LOWER: PULSE_S, GREEN: GREEN_S})
        if model == "adam-6060":
            return Adam6060(name)
        self.lines[name] = FaultedLine(PtyLine(folder / f"{name}.tty"))
        return WaveshareRelay(name, line=self.lines[name])

    def board_tables(self) -> dict[str, Table]:
        """The boards' tables; ports are known once the boards were started."""
        tables: dict[str, Table] = {}
        for name, board in self.boards.items():
            if isinstance(board, WaveshareRelay):
                tables[name] = {"driver": "waveshare-relay", "port": board.address, **_TEMPO}
                continue
            host, _, port = board.address.rpartition(":")
            tables[name] = {"driver": "adam-6060", "host": host, "port": int(port), "wiring": "dry", **_TEMPO}
            if isinstance(board, MoxaE1214):
                widths = {
                    str(relay): s for relay, s in ((RAISE, PULSE_S), (LOWER, PULSE_S), (GREEN, GREEN_S))
                }
                tables[name] |= {"driver": "moxa-e1214", "pulse_s": widths, "pulse_unit_s": 0.1}
                del tables[name]["wiring"]
        return tables

    def _wire(self, lane: LaneWorld) -> None:
        first, module = "board-1", self.boards["board-1"].module
        module.wire_output(RAISE, self.arm.raise_contact)
        module.wire_output(LOWER, self.arm.lower_contact)
        module.wire_output(GREEN, self.light.green_contact)
        self.tables["arm"] = {
            "role": "barrier",
            "board": first,
            "raise_output": RAISE,
            "lower_output": LOWER,
            "pulse_s": PULSE_S,
            "raised_switch": self._contact(lambda: self.arm.raised_switch, first),
            "lowered_switch": self._contact(lambda: self.arm.lowered_switch, first),
            "fault": self._contact(lambda: not self.arm.fault, first, active="open"),
            "local_key": self._contact(lambda: self.arm.key, first),
        }
        self.tables["light"] = {"role": "signal", "board": first, "green_output": GREEN}
        for place, sensor in _places(self.sensors, lane):
            active = "open" if isinstance(sensor, Photocell) else "closed"
            contact = self._contact(sensor.contact, active=active)
            self.tables[sensor.name] = {
                "role": "presence",
                "board": contact.pop("board"),
                "place": place,
                "input": contact,
            }

    def _contact(self, source: Callable[[], bool], board: str = "", *, active: str = "closed") -> Table:
        """Wire `source` to the next free input; with `board` named, the table leaves it out."""
        if not self._free:
            raise WiringError(
                "the boards have too few inputs for this lane's sensors: give it a second board"
            )
        where, channel = self._free.pop(0)
        self.boards[where].module.wire_input(channel, source)
        contact: Table = {"channel": channel, "active": active}
        return contact if board else {"board": where, **contact}

    def step(self, world_s: float, board_s: float) -> None:
        """Advance arm and sensors by the world's seconds, modules by their own."""
        self.arm.step(world_s)
        for sensor in self.sensors.values():
            sensor.step(world_s)
        for board in self.boards.values():
            board.step(board_s)


def _sensors(lane: LaneWorld) -> list[Sensor]:
    """The sensors of a lane, those under the arm first: they sit on the first board."""

    def there(place: str) -> Callable[[], bool]:
        return lambda: lane.covered(place)

    fail_safe = {"closed_when_covered": False}
    beam = lane.geometry.profile == "pedestrian"
    sensors: list[Sensor] = []
    for place in ("clearance", "arrival", "deck_entry", "deck_exit", "exit"):
        if place not in lane.geometry.places:
            continue
        name = place.replace("_", "-")
        if place.startswith("deck") or beam:
            sensors.append(Photocell(f"cell-{name}", there(place), **fail_safe))
        else:
            sensors.append(Loop(f"loop-{name}", there(place)))
        if place == "clearance" and not beam:
            # A high trailer drops out over a loop: a photocell looks at the same place (docs/sources.md 42).
            sensors.append(Photocell("cell-clearance", there(place), **fail_safe))
    return sensors


def _places(sensors: dict[str, Sensor], lane: LaneWorld) -> list[tuple[str, Sensor]]:
    return [
        (place, sensor)
        for name, sensor in sensors.items()
        for place in lane.geometry.places
        if name.partition("-")[2] == place.replace("_", "-")
    ]
