"""Plates are read while the lane does not know them, and not a frame longer."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.plate_camera import FrameRead, PlateCandidate
from lane_controller.daemon.sensing.parked import LOOK_FRAMES
from lane_controller.daemon.sensing.plates import FRAMES_MIN
from lane_controller.daemon.service import Daemon
from simulators.kit import LaneKit
from tests.campaigns.fed_devices import Fed
from tests.campaigns.fed_lane import Feeder, fed
from tests.daemon.rig import Rig, until

FRONT, REAR = "camera", "camera-rear"
SPEED = 10.0
"""Times life's pace."""
PATIENT = dict.fromkeys(("read_s", "register_s", "permit_s", "leave_s", "hold_s", "approach_s"), 36000.0)
PARKED = "777XYZ05"
MORE = 40
"""Frames after which a camera that goes on is known to go on."""


class Eye:
    """What reads a fed camera's frames, one after another while it is told to watch, as its process does;
    `looked` counts them all, `read` those that are read.  `shown` are the texts in them."""

    def __init__(self, name: str, *shown: str, confidence: float) -> None:
        self.camera = Fed.devices[name]
        self.shown, self.confidence = shown, confidence
        self.looked = self.read = 0
        self.rests = False

    async def look(self) -> None:
        while True:
            await asyncio.sleep(0.02)
            if not self.rests:
                self.see()

    def see(self) -> None:
        """One frame."""
        plates = tuple(
            PlateCandidate(text, text, "KZ", self.confidence, (300 if text == PARKED else 0, 0, 100, 20))
            for text in self.shown
        )
        watched = self.camera.watched
        self.looked += 1
        self.read += watched
        name = f"{self.looked}"
        frame = FrameRead(
            self.looked, time.monotonic(), name, None, watched, plates if watched else (), b"", ()
        )
        self.camera.see(frame)


class Site(Feeder):
    """A car's lane with two cameras, one of them behind."""

    def __init__(self, daemon: Daemon, front: Eye, rear: Eye) -> None:
        super().__init__(daemon)
        self.daemon, self.front, self.rear = daemon, front, rear

    async def opens(self) -> None:
        await self._begin()

    async def loop(self, covered: bool) -> None:
        await self._see("arrival", covered)

    def told(self, side: str) -> list[str | None]:
        """The reasons of what was told of a side, None for a sure plate."""
        facts = [row.fact for row in self.daemon.journal.rows()]
        plates = [fact for fact in facts if fact["kind"] == "plate_read" and fact["side"] == side]
        return [fact["reason"] and fact["reason"]["code"] for fact in plates]

    async def more(self, eye: Eye) -> None:
        before = eye.looked
        await until(lambda: eye.looked >= before + MORE, "it looks on")


@asynccontextmanager
async def running(folder: Path, kit: LaneKit) -> AsyncGenerator[Daemon]:
    """The daemon of a lane whose drivers are fed."""
    rig = Rig(folder, kit)
    await rig.bench.start()
    try:
        file = rig.write(clear_for_s=0.2, **PATIENT)
    finally:
        await rig.bench.stop()  # the wires are not used
        rig.bench.discard()
    Fed.devices.clear()
    daemon = Daemon(fed(file, SPEED))
    runs = asyncio.create_task(daemon.run())
    try:
        await until(daemon.ready.is_set, "the daemon runs")
        yield daemon
    finally:
        daemon.stop()
        await runs


@asynccontextmanager
async def site(folder: Path, front: float, rear: float) -> AsyncGenerator[Site]:
    """A car's lane that is open and empty; its cameras will read plates with these confidences."""
    kit = LaneKit(profile="car", camera="mjpeg", rear_camera="mjpeg")
    async with running(folder, kit) as daemon:
        eyes = Eye(FRONT, "123ABC02", confidence=front), Eye(REAR, "45AB02", confidence=rear)
        looking = [asyncio.create_task(eye.look()) for eye in eyes]
        try:
            made = Site(daemon, *eyes)
            await made.opens()
            yield made
        finally:
            for task in looking:
                task.cancel()


async def test_no_frame_is_read_once_a_plate_is_sure_and_the_other_side_goes_on(tmp_path: Path) -> None:
    async with site(tmp_path, front=0.9, rear=0.02) as lane:
        await lane.loop(True)
        await until(lambda: lane.told("front") == [None], "the front plate is sure")
        await until(lambda: not lane.front.camera.watched, "its camera rests")
        read, read_behind = lane.front.read, lane.rear.read
        assert read >= FRAMES_MIN
        await lane.more(lane.front)
        assert lane.front.read == read, "looked at, and read no more"
        assert lane.rear.read > read_behind, "nothing is known of the other side yet"
        await lane.loop(False)
        await until(lambda: not lane.rear.camera.watched, "nobody is there any more")


async def test_an_unsure_plate_is_read_until_the_vehicle_leaves_the_loop(tmp_path: Path) -> None:
    async with site(tmp_path, front=0.2, rear=0.9) as lane:
        await lane.loop(True)
        await until(lambda: lane.told("front") == ["low_confidence"], "it is told, after the patience")
        read = lane.front.read
        await lane.more(lane.front)
        assert lane.front.read >= read + MORE, "each frame is read"
        assert lane.told("rear") == [None]
        assert not lane.rear.camera.watched
        await lane.loop(False)
        await until(lambda: not lane.front.camera.watched, "its camera rests")


class Lorries(Feeder):
    """Lorries before one camera, beside which another vehicle is parked; `eye` reads while it is wanted."""

    def __init__(self, daemon: Daemon, eye: Eye) -> None:
        super().__init__(daemon)
        self.daemon, self.eye = daemon, eye

    async def opens(self) -> None:
        await self._begin()

    async def comes(self, number: int, *shown: str) -> None:
        """One drives through while the camera sees these plates, and the parked one again after it."""
        self.eye.shown, self.eye.rests = shown, True
        await self._passage(number)
        self.eye.shown, self.eye.rests = (PARKED,), False

    async def stands_there(self, *shown: str) -> None:
        self.eye.shown = shown
        await self._see("arrival", True)

    def _frame(self, number: int) -> None:
        self.eye.see()

    async def looks(self) -> None:
        """The empty lane is looked at, and a few frames are enough."""
        before = self.eye.read
        await until(lambda: self.eye.read >= before + LOOK_FRAMES, "it looks")
        await until(lambda: not self.eye.camera.watched, "the look is over")

    def last(self) -> dict[str, Any]:
        return [row.fact for row in self.daemon.journal.rows() if row.fact["kind"] == "plate_read"][-1]


@pytest.mark.long
async def test_a_vehicle_parked_in_the_picture_is_not_taken_for_the_one_on_the_loop(tmp_path: Path) -> None:
    async with running(tmp_path, LaneKit(profile="cargo", camera="mjpeg")) as daemon:
        eye = Eye(FRONT, PARKED, confidence=0.9)
        looking = asyncio.create_task(eye.look())
        try:
            lane = Lorries(daemon, eye)
            await lane.opens()
            await lane.looks()
            await lane.comes(1, "123ABC02")  # which hides the parked one
            await lane.looks()
            await lane.comes(2, "124ABD02", PARKED)
            told = lane.last()
            assert (told["plate"]["text"], told["reason"]) == ("124ABD02", None)
            assert [one["text"] for one in told["vote"]["parked"]] == [PARKED]
            await lane.looks()
            await lane.stands_there(PARKED)
            await until(lambda: lane.last() != told, "the third one's reading")
            assert (lane.last()["plate"], lane.last()["reason"]["code"]) == (None, "parked")
            held = daemon.loop.lane
            assert held is not None
            assert held.permit is None
        finally:
            looking.cancel()
