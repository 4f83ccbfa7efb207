"""A camera whose H.264 errs or means harm, on the real wire: a clear error, nothing read from a torn picture,
and the lane goes on once the camera does."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator

import pytest

from drivers.errors import ProtocolError
from drivers.plate_camera import FrameRead, liveness
from lane_controller.daemon import devices
from lane_controller.daemon.devices import Watch
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Health
from simulators.render.drives import Films
from tests.plate_camera.cameras import children, driver, opened, until
from tests.plate_camera.clips import Clip, encoded, playing

MEMORY_MAX = 700 * 1024 * 1024
"""Of the child, resident: what reading takes, and nothing for what the camera announces."""

LONG = pytest.mark.long
FAULTS = [
    ("absurd_size", "protocol", r"pictures of 16384 x 16384 pixels"),
    ("damaged_slices", "silent", r"pictures come from rtsp.* damaged: the decoder could make out none"),
    pytest.param("restless_size", "protocol", r"change their size all the time \(\d+ x", marks=LONG),
    pytest.param("parameter_flood", "protocol", r"more than 320 parameter sets and no picture", marks=LONG),
    pytest.param("unreadable_sets", "silent", r"torn: none was whole", marks=LONG),
    ("truncated_fragments", "silent", r"torn: none was whole"),
    pytest.param("orphaned_fragments", "silent", r"torn: none was whole", marks=LONG),
    pytest.param("blackout", "silent", r"no picture from rtsp://\S+ for 0.8 s", marks=LONG),
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveness, "UNREAD_S", 1.6)
    monkeypatch.setattr(devices, "backoff_s", _at_once)


def _at_once(failures: int, chance: float, *, refused: bool = False) -> float:
    return 0.1


class Supervised:
    """A camera under the lane's supervision: all that the lane was told, and what its child took."""

    def __init__(self, address: str) -> None:
        self.device = driver("rtsp", address, silent_s=0.8, open_timeout_s=3.0)
        self.readings: list[FrameRead] = []
        self.health: list[tuple[Health, str]] = []
        self.memory = 0
        self._news = asyncio.Event()
        self.watch = Watch(
            self.device, self._came, self._changed, now_s=asyncio.get_running_loop().time, chance=lambda: 0.0
        )

    def _came(self, reading: FrameRead) -> None:
        self.readings.append(reading)
        self._news.set()

    def _changed(self, health: Health, reason: Reason) -> None:
        self.health.append((health, reason.code))
        self._news.set()

    async def told(self, health: Health) -> None:
        """Until the lane is told it anew."""
        known = len(self.health)
        while not any(one == health for one, _ in self.health[known:]):
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await self._news.wait()
            self.memory = max([self.memory, *(child.memory_info().rss for child in children())])


@contextlib.asynccontextmanager
async def supervised(address: str) -> AsyncGenerator[Supervised]:
    one = Supervised(address)
    await one.device.watch(True)
    going = asyncio.create_task(one.watch.run())
    try:
        async with asyncio.timeout(90):
            yield one
    finally:
        going.cancel()
        await asyncio.wait({going})
        assert not children()


@pytest.mark.parametrize(("fault", "code", "said"), FAULTS)
async def test_the_lane_is_told_what_is_wrong_and_goes_on_after_it(
    fault: str, code: str, said: str, clip: Clip
) -> None:
    async with playing(clip) as simulated, supervised(simulated.address) as camera:
        await camera.told(Health.GOOD)
        simulated.set_fault(fault, True)
        await camera.told(Health.DEGRADED)
        assert camera.health[-1] == (Health.DEGRADED, code)
        assert re.search(said, camera.watch.last_error), camera.watch.last_error
        simulated.set_fault(fault, False)
        await camera.told(Health.GOOD)
        assert {reading.fingerprint for reading in camera.readings} <= clip.whole
        assert {reading.size for reading in camera.readings} == {(480, 272)}
        assert 0 < camera.memory < MEMORY_MAX


async def test_a_description_that_announces_an_absurd_size_is_refused(clip: Clip) -> None:
    async with playing(clip) as simulated:
        simulated.set_fault("absurd_size", True)
        with pytest.raises(ProtocolError, match="16384 x 16384") as raised:
            await driver("rtsp", simulated.address).open()
        assert "smaller picture" in raised.value.hint
        assert not children()


async def test_a_camera_that_is_set_to_another_size_is_read_at_that_size(
    clip: Clip, films: Films, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = encoded(films, tmp_path_factory.mktemp("clip"), size=(320, 192))
    async with playing(clip) as simulated, opened("rtsp", simulated.address) as device:
        first = await until(device, lambda reading: True)
        (child,) = children()
        simulated.show(other.pieces)
        later = await until(device, lambda reading: reading.size != first.size)
        assert later.size == (320, 192)
        assert later.fingerprint in other.whole
        assert later.number > first.number
        assert await device.identify() == "320 x 192 pixels"
        assert children() == [child], "nothing was lost for it"
