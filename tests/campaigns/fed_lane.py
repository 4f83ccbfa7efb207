"""A cargo lane's daemon with fed drivers: `python -m tests.campaigns.fed_lane FILE PASSAGES EVERY SPEED`.

Lorry after lorry drives through, each with its own plate, driver, document and weight.  After every EVERY
passages one line on stdout: passages so far, resident memory in kB, events in the journal.
"""

import asyncio
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from drivers.document_reader import MrzRead
from drivers.plate_camera import FrameRead, PlateCandidate
from lane_controller.commands.logs import set_up
from lane_controller.daemon import commissioning
from lane_controller.daemon.configuration import Configuration, load
from lane_controller.daemon.service import Daemon
from lane_controller.messages.words import Arm, Audience, Mode
from simulators.mrz_lines import Fields, td3
from tests.campaigns.fed_devices import BY_ROLE, PICTURE_BYTES, Fed, FedPresence

WAIT_S = 30.0


def fed(file: Path, speed: float) -> Configuration:
    """The lane's configuration with fed drivers in place of its own, commissioned."""
    configuration = load(file)
    clock = configuration.clock.model_copy(update={"speed": speed})
    devices = tuple(replace(one, type=BY_ROLE[one.role]) for one in configuration.devices)
    registers = tuple(replace(one, type=BY_ROLE["register"]) for one in configuration.registers)
    configuration = replace(configuration, clock=clock, devices=devices, registers=registers)
    seen = {
        spec.name: commissioning.Seen(commissioning.wiring(configuration, spec), "now", "test", {})
        for spec in devices
        if spec.role in commissioning.WALKED_ROLES
    }
    commissioning.save(configuration.commissioning, configuration, seen)
    return configuration


class Feeder:
    """Plays passages into the devices of a running daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._speed = daemon.clock.speed
        self._at: dict[str, Any] = {device.role: device for device in Fed.devices.values()}
        self._sensors: dict[str, list[Any]] = {}
        for device in Fed.devices.values():
            if isinstance(device, FedPresence):
                self._sensors.setdefault(device.place, []).append(device)
        self._frames = 0
        self._chance = random.Random(1)

    async def run(self, passages: int, every: int) -> None:
        await self._begin()
        for number in range(1, passages + 1):
            await self._passage(number)
            if number % every == 0:
                say(f"{number} {resident_kb()} {self._daemon.journal.last_sequence}")

    async def _begin(self) -> None:
        moving = asyncio.create_task(self._move_arm())
        self._moving = moving  # held, or it would be collected
        for place in self._sensors:
            await self._see(place, False)
        self._at["barrier"].moves.set()
        await self._until(lambda lane: lane.mode is Mode.OPEN and lane.arm is Arm.LOWERED, "open")

    async def _move_arm(self) -> None:
        arm = self._at["barrier"]
        while True:
            await arm.moves.wait()
            arm.moves.clear()
            end = Arm.RAISED if arm.raised else Arm.LOWERED
            await self._arm_shows(arm, between=True, arms=(Arm.RISING, Arm.LOWERING, Arm.UNKNOWN))
            await self._arm_shows(arm, between=False, arms=(end,))

    async def _arm_shows(self, arm: Any, *, between: bool, arms: tuple[Arm, ...]) -> None:
        while (lane := self._daemon.loop.lane) is None or lane.arm not in arms:
            arm.tell(between)
            await self._wait(0.06)

    async def _passage(self, number: int) -> None:
        await self._see("arrival", True)
        await self._until(lambda lane: lane.passage is not None, "a passage")
        await self._until(lambda _: self._at["plate_camera"].watched, "the camera watches")
        for _ in range(4):
            self._frame(number)
            await self._wait(0.02)
        await self._until(lambda lane: lane.passage is not None and lane.passage.plates, "a plate")
        await self._weigh(0.0, 1.3)
        await self._see("deck_entry", True)
        await self._see("arrival", False)
        await self._see("deck_entry", False)
        while (lane := self._daemon.loop.lane) and lane.passage and not lane.passage.weight:
            await self._weigh(37_400.0 + number % 500, 0.6)
        self._at["document_reader"].show(MrzRead(document(number), b""))
        await self._until(lambda lane: lane.arm is Arm.RAISED, "the arm is up")
        await self._see("deck_exit", True)
        await self._see("clearance", True)
        await self._see("deck_exit", False)
        await self._see("exit", True)
        await self._see("clearance", False)
        await self._see("exit", False)
        await self._until(lambda lane: lane.passage is None and lane.arm is Arm.LOWERED, "gone")

    async def _see(self, place: str, covered: bool) -> None:
        """A level that stands until the lane has been told of it."""
        wanted = len(self._sensors[place])
        while self._told(place, covered) < wanted:
            for sensor in self._sensors[place]:
                sensor.see(covered)
            await self._wait(0.06)

    def _told(self, place: str, covered: bool) -> int:
        lane = self._daemon.loop.lane
        assert lane is not None
        return sum(one.place == place and one.covered is covered for one in lane.sensors)

    async def _weigh(self, kg: float, seconds: float) -> None:
        for _ in range(6):
            self._at["scale"].weigh(kg)
            self._at["scale"].weigh(kg)  # at once: on a busy machine two frames alone may be far apart
            await self._wait(seconds / 6)

    def _frame(self, number: int) -> None:
        self._frames += 1
        text = f"{number % 1000:03}ABC{number // 1000 % 17 + 1:02}"
        plate = PlateCandidate(text, text, "KZ", 0.95, (0, 0, 100, 20))
        self._at["plate_camera"].see(
            FrameRead(
                number=self._frames,
                taken_s=time.monotonic(),
                fingerprint=str(self._frames),
                source_time_s=None,
                watched=True,
                plates=(plate,),
                picture=self._picture(),
                crops=(),
            )
        )

    def _picture(self) -> bytes:
        return b"\xff\xd8" + self._chance.randbytes(PICTURE_BYTES)

    async def _wait(self, lane_s: float) -> None:
        await asyncio.sleep(lane_s / self._speed)

    async def _until(self, true: Callable[[Any], object], what: str) -> None:
        try:
            async with asyncio.timeout(WAIT_S):
                while not true(self._daemon.loop.lane):
                    await asyncio.sleep(0.001)
        except TimeoutError:
            state = self._daemon.state_message(Audience.SECOND_LINE).decode()
            raise AssertionError(f"did not happen: {what}; the lane: {state}") from None


def document(number: int) -> tuple[str, ...]:
    """The MRZ of the passage's driver."""
    letters = "".join(chr(ord("A") + int(digit)) for digit in str(number))
    return td3(
        Fields("P", "KAZ", f"N{number:08}", "KAZ", f"SAMPLE{letters}", "AIGERIM", "880211", "F", "310211")
    )


def resident_kb() -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main(file: Path, passages: int, every: int, speed: float) -> None:
    set_up()
    daemon = Daemon(fed(file, speed))
    running = asyncio.create_task(daemon.run())
    await daemon.ready.wait()
    await Feeder(daemon).run(passages, every)
    say("done")
    await asyncio.to_thread(sys.stdin.read)  # until whoever looks at us has seen enough
    daemon.stop()
    await running


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
