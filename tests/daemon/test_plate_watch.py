"""Plates are read while the lane does not know them, and not a frame longer."""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from drivers.plate_camera import FrameRead, PlateCandidate
from lane_controller.daemon.sensing.plates import FRAMES_MIN
from lane_controller.daemon.service import Daemon
from simulators.kit import LaneKit
from tests.campaigns.fed_devices import Fed
from tests.campaigns.fed_lane import Feeder, fed
from tests.daemon.rig import Rig, until

FRONT, REAR = "camera", "camera-rear"
SPEED = 10.0
"""Times life's pace."""
MORE = 40
"""Frames after which a camera that goes on is known to go on."""


class Eye:
    """What reads a fed camera's frames, one after another while it is told to watch, as its process does;
    `looked` counts them all, `read` those that are read."""

    def __init__(self, name: str, text: str, confidence: float) -> None:
        self.camera = Fed.devices[name]
        self.text, self.confidence = text, confidence
        self.looked = self.read = 0

    async def look(self) -> None:
        for number in itertools.count():
            await asyncio.sleep(0.02)
            box = (0, 0, 100, 20)
            plates = (PlateCandidate(self.text, self.text, "KZ", self.confidence, box),)
            watched = self.camera.watched
            self.looked += 1
            self.read += watched
            self.camera.see(
                FrameRead(
                    number, time.monotonic(), f"{number}", None, watched, plates if watched else (), b"", ()
                )
            )


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
async def site(folder: Path, front: float, rear: float) -> AsyncGenerator[Site]:
    """A lane that is open and empty; its cameras will read plates with these confidences."""
    rig = Rig(folder, LaneKit(profile="car", camera="mjpeg", rear_camera="mjpeg"))
    await rig.bench.start()
    try:
        file = rig.write(read_s=36000.0, hold_s=36000.0)
    finally:
        await rig.bench.stop()  # the wires are not used
        rig.bench.discard()
    daemon = Daemon(fed(file, SPEED))
    running = asyncio.create_task(daemon.run())
    await until(daemon.ready.is_set, "the daemon runs")
    eyes = Eye(FRONT, "123ABC02", front), Eye(REAR, "45AB02", rear)
    looking = [asyncio.create_task(eye.look()) for eye in eyes]
    try:
        made = Site(daemon, *eyes)
        await made.opens()
        yield made
    finally:
        daemon.stop()
        await running
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
        await lane.more(lane.front)
        assert lane.front.read == lane.rear.read == 0, "nobody is there"
        await lane.loop(True)
        await until(lambda: lane.told("front") == ["low_confidence"], "it is told, after the patience")
        read = lane.front.read
        await lane.more(lane.front)
        assert lane.front.read >= read + MORE, "each frame is read"
        assert lane.told("rear") == [None]
        assert not lane.rear.camera.watched
        await lane.loop(False)
        await until(lambda: not lane.front.camera.watched, "its camera rests")
