"""A camera of twenty megapixels: read and cut out right, within the child's memory."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from drivers.plate_camera.jpeg import PIXELS_MAX
from drivers.plate_camera.pictures import CROP_MARGIN
from drivers.plate_camera.worker import MEMORY_BYTES
from simulators.plate_camera.camera import Camera
from simulators.plate_camera.rtsp_h264 import Simulator
from tests.lane_pictures import Drive
from tests.plate_camera.cameras import PLATE, children, opened, running, until
from tests.plate_camera.stepping import stepping

SIZE = (5472, 3648)


@pytest.fixture(scope="module")
def large(drive: Drive) -> np.ndarray:
    """What such a camera sees: the lane's camera's picture with as many pixels, and more ground below."""
    frame = cv2.imdecode(np.frombuffer(drive.standing[0], np.uint8), cv2.IMREAD_COLOR)
    assert frame is not None
    wide = cv2.resize(frame, (SIZE[0], SIZE[0] * frame.shape[0] // frame.shape[1]))
    return np.vstack([wide, wide[: SIZE[1] - wide.shape[0]]])


async def test_a_motion_jpeg_camera_of_twenty_megapixels_is_read(large: np.ndarray) -> None:
    assert 0.99 * PIXELS_MAX < SIZE[0] * SIZE[1] <= PIXELS_MAX
    jpeg = bytes(cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 85])[1])
    camera = Camera(lambda _: jpeg, frames_per_s=2.0)
    async with running("mjpeg", camera) as simulated, opened("mjpeg", simulated.address) as device:
        await device.watch(True)
        read = await until(device, lambda reading: bool(reading.plates))
        assert read.size == SIZE
        assert read.plates[0].text == PLATE.text
        assert len(read.picture) <= 200_000
        x, y, width, height = read.plates[0].box
        by = int(width * CROP_MARGIN)
        expected = large[y - by : y + height + by, x - by : x + width + by]
        crop = cv2.imdecode(np.frombuffer(read.crop, np.uint8), cv2.IMREAD_COLOR)
        assert crop is not None
        shown = cv2.resize(crop, expected.shape[1::-1])
        assert np.abs(shown.astype(int) - expected.astype(int)).mean() < 6, "cut out of this very place"
        (child,) = children()
        assert _peak_bytes(child.pid) < 0.75 * MEMORY_BYTES


@pytest.mark.long
async def test_an_h264_camera_of_twenty_megapixels_is_read(large: np.ndarray) -> None:
    """With as many pictures to refer to as the highest level allows (ITU-T H.264, A.3.1): all are kept."""
    clip = _encoded(large, 12, {"preset": "ultrafast", "x264-params": "ref=8:keyint=12:scenecut=0:bframes=0"})
    simulated = Simulator("camera", clip, 2.0)
    async with stepping(simulated, 0.05), opened("rtsp", simulated.address, open_timeout_s=20.0) as device:
        await device.watch(True)
        read = await until(device, lambda reading: bool(reading.plates) and reading.number > len(clip))
        assert (read.size, read.plates[0].text) == (SIZE, PLATE.text)
        (child,) = children()
        assert _peak_bytes(child.pid) < 0.85 * MEMORY_BYTES


def _encoded(picture: np.ndarray, count: int, options: dict[str, str]) -> list[bytes]:
    av = pytest.importorskip("av")
    encoder = av.CodecContext.create("libx264", "w")
    (encoder.height, encoder.width), encoder.pix_fmt = picture.shape[:2], "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(2), Fraction(1, 2)
    encoder.thread_count, encoder.options = 1, options
    frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
    made: list[bytes] = []
    for number in range(count):
        frame.pts = number
        made += [bytes(packet) for packet in encoder.encode(frame)]
    return made + [bytes(packet) for packet in encoder.encode(None)]


def _peak_bytes(pid: int) -> int:
    """The most address space that it had."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmPeak"))
