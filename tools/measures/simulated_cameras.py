"""What a playing simulated camera costs: its share of a core while vehicles come, stand and leave again.

The camera has this process to itself and the lane's own tempo; who looks at it is a process of its own, which
grabs every picture and decodes none.  Beside it stands the same camera with nobody looking.
"""

import asyncio
import random
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from measures import Figure, Measurement, at_most
from measures.rigs.scratch import ROOT
from simulators.clockwork import TICK_S
from simulators.equipment import FRAMES_PER_S, Part, cameras
from simulators.fleet import vehicle
from simulators.geometry import GEOMETRY
from simulators.kit import LaneKit
from simulators.world import LaneWorld, Moving, Visit

KITS = {
    "mjpeg": (LaneKit(profile="car"), "saloon"),
    "rtsp": (LaneKit(profile="cargo", camera="rtsp"), "rigid-2"),
}
PLAYS_S = {False: 6.0, True: 60.0}
LIMIT_PERCENT = 5.0
SPEED_M_S = 2.0
OPENS_S = 30.0
LOOKS = """
import cv2, sys
stream = cv2.VideoCapture(sys.argv[1])
print(stream.grab(), flush=True)
while stream.grab():
    pass
"""


def run(full: bool) -> list[Figure]:
    return [asyncio.run(_measured(name, PLAYS_S[full])) for name in KITS]


async def _measured(name: str, seconds: float) -> Figure:
    kit, model = KITS[name]
    geometry = GEOMETRY[kit.profile]
    lane = LaneWorld("lane-1", geometry)
    comes = vehicle(random.Random(1), model)
    lane.vehicles.append(Moving(Visit(1, comes, ()), geometry.appear_m))
    (part,) = cameras(kit, lane, ROOT / "var" / "drives", seed=1)
    assert part.album is not None
    await part.album.prepare(comes)
    await part.device.start()
    player = _Player(part, lane)
    try:
        alone = await player.play(seconds)
        async with _looking(part, player):
            looked_at = await player.play(seconds)
    finally:
        await part.device.stop()
    beside = f"{FRAMES_PER_S:g} pictures a second; {alone:.2f} % with nobody looking; over {seconds:g} s"
    return at_most(f"lane-simulated-camera-{name}", looked_at, "% of a core", LIMIT_PERCENT, beside)


class _Player:
    """Steps a camera at the lane's tempo while one vehicle after another comes, stands and leaves."""

    def __init__(self, part: Part, lane: LaneWorld) -> None:
        self._part, self._lane, self._moving = part, lane, lane.vehicles[0]

    async def play(self, seconds: float) -> float:
        """The share of a core in percent, over `seconds` of playing."""
        used, began = time.process_time(), time.monotonic()
        now = began
        while now - began < seconds:
            await asyncio.sleep(TICK_S)
            before, now = now, time.monotonic()
            self._drive(now - before)
            self._part.step(now - before, now - before)
        return 100 * (time.process_time() - used) / (now - began)

    def _drive(self, seconds: float) -> None:
        moving, geometry = self._moving, self._lane.geometry
        moving.front_m += SPEED_M_S * seconds
        if moving.rear_m > geometry.gone_m:
            moving.front_m = geometry.appear_m


@asynccontextmanager
async def _looking(part: Part, player: _Player) -> AsyncGenerator[None]:
    """Somebody looks at the camera, and has seen a picture."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOOKS, part.device.address, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    playing = asyncio.create_task(player.play(OPENS_S))
    try:
        if await process.stdout.readline() != b"True\n":
            raise RuntimeError(f"OpenCV saw no picture at {part.device.address} within {OPENS_S:g} s")
        playing.cancel()
        yield
    finally:
        playing.cancel()
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


MEASUREMENTS = [Measurement(tuple(f"lane-simulated-camera-{name}" for name in KITS), run)]
