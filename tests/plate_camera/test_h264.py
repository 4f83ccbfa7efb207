"""A rendered drive as H.264 over real sockets: what reaches the reader when packets are lost."""

import asyncio
import base64
import contextlib
import os
import random
import re
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from drivers.errors import DeviceTimeout
from drivers.plate_camera import FrameRead, liveness, rtsp_source
from drivers.plate_camera.pictures import fingerprint
from drivers.plate_camera.sources import Settings
from simulators.plate_camera import rtsp
from simulators.plate_camera.camera import Camera
from simulators.plate_camera.rtp import Packets
from simulators.plate_camera.rtp_h264 import AccessUnit, packets, units
from simulators.plate_camera.rtsp_h264 import Simulator
from simulators.render.drives import h264 as encoder
from tests.lane_pictures import Drive
from tests.plate_camera.cameras import PLATE, opened, until
from tests.plate_camera.clips import FRAMES_PER_S, Clip, playing
from tests.plate_camera.stepping import stepping

TAKEN = 50


def taken(address: str) -> list[str]:
    """Fingerprints of all pictures that the driver's child would look at."""
    settings = Settings("rtsp", address, "", "", "digest", "", open_timeout_s=5, silent_s=3)
    stream = rtsp_source.pictures(settings)
    found: list[str] = []
    with contextlib.closing(stream):  # type: ignore[type-var]
        for one in stream:
            one.hold()
            picture = one.decode()
            assert picture is not None
            found.append(fingerprint(picture))
            if len(found) == TAKEN:
                return found
    raise AssertionError("the stream ended")


def played(address: str, transport: str) -> Iterator[str]:
    """The same by a player that has no relay before it."""
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = f"rtsp_transport;{transport}|threads;1"
    capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 5000])
    for _ in range(TAKEN):
        good, picture = capture.read()
        if good:
            yield fingerprint(np.asarray(picture, np.uint8))


async def test_without_loss_every_picture_is_as_it_was_encoded(clip: Clip) -> None:
    async with playing(clip) as simulated:
        assert set(await asyncio.to_thread(taken, simulated.address)) <= clip.whole


@pytest.mark.parametrize("slices", [1, 3])
async def test_no_torn_picture_is_taken_of_a_lossy_stream(slices: int, clip: Clip, sliced: Clip) -> None:
    shown = clip if slices == 1 else sliced
    async with playing(shown, loss=0.02) as simulated:
        found = await asyncio.to_thread(taken, simulated.address)
        assert simulated.loss.lost > 5
        assert set(found) <= shown.whole


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_player_that_takes_all_shows_torn_pictures(transport: str, clip: Clip) -> None:
    """What the relay is for; and the camera serves both transports."""
    async with playing(clip) as simulated:
        assert set(await asyncio.to_thread(lambda: [*played(simulated.address, transport)])) <= clip.whole
    async with playing(clip, loss=0.02) as simulated:
        assert set(await asyncio.to_thread(lambda: [*played(simulated.address, transport)])) - clip.whole


async def test_the_driver_plays_it(clip: Clip) -> None:
    async with playing(clip, loss=0.01) as simulated, opened("rtsp", simulated.address) as device:
        assert await device.identify() == "480 x 272 pixels"
        first = await until(device, lambda reading: True)
        later = await until(device, lambda reading: reading.fingerprint != first.fingerprint)
        assert {first.fingerprint, later.fingerprint} <= clip.whole


async def test_a_stream_of_torn_pictures_alone_is_told_from_a_silent_one(
    clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "UNREAD_S", 2.0)
    async with playing(clip) as simulated, opened("rtsp", simulated.address, silent_s=0.8) as device:
        await until(device, lambda reading: True)
        simulated.loss.probability = 0.7
        with pytest.raises(
            DeviceTimeout, match=r"pictures come from rtsp.* torn: none was whole for 2 s"
        ) as it:
            await until(device, lambda reading: False)
        assert "packets are lost" in it.value.hint
        with pytest.raises(DeviceTimeout, match="torn"):
            await device.picture()


async def test_a_stream_that_falls_silent_is_told_from_a_torn_one(clip: Clip) -> None:
    async with (
        playing(clip, loss=0.01) as simulated,
        opened("rtsp", simulated.address, silent_s=0.8) as device,
    ):
        simulated.set_fault("blackout", True)
        with pytest.raises(DeviceTimeout, match=r"no picture from .* for 0.8 s"):
            await until(device, lambda reading: False)


async def test_a_stream_that_begins_torn_does_not_open_and_says_so(clip: Clip) -> None:
    async with playing(clip, loss=0.7) as simulated:
        with pytest.raises(DeviceTimeout, match="torn"):
            async with opened("rtsp", simulated.address, open_timeout_s=1.0, silent_s=0.5):
                pass


def test_packets_put_together_again_are_the_units(clip: Clip) -> None:
    """Read by the fields of RFC 6184 (5.6 to 5.8), independently of whoever wrote them."""
    kinds: set[int] = set()
    for number, piece in enumerate(clip.pieces[:12]):
        picture = AccessUnit(units(piece))
        made = packets(Packets(7, 65_530, 0), picture, number / 10)
        assert [packet[1] >> 7 for packet in made] == [0] * (len(made) - 1) + [1]
        assert all(len(packet) <= 1412 for packet in made)
        found: list[bytes] = []
        for payload in (packet[12:] for packet in made):
            kinds.add(payload[0] & 31)
            match payload[0] & 31:
                case 24:
                    at = 1
                    while at < len(payload):
                        size = int.from_bytes(payload[at : at + 2], "big")
                        found.append(payload[at + 2 : at + 2 + size])
                        at += 2 + size
                case 28:
                    start, end = payload[1] & 0x80, payload[1] & 0x40
                    if start:
                        found.append(bytes([payload[0] & 0xE0 | payload[1] & 0x1F]))
                    found[-1] += payload[2:]
                    assert not (start and end)
                case _:
                    found.append(payload)
        assert b"".join(b"\x00\x00\x01" + unit for unit in found) == piece.replace(
            b"\x00\x00\x00\x01", b"\x00\x00\x01"
        )
    assert {24, 28} <= kinds


async def test_the_description_brings_the_parameter_sets(clip: Clip) -> None:
    async with playing(clip) as simulated:
        reader, writer = await asyncio.open_connection("127.0.0.1", simulated.port)
        writer.write(f"DESCRIBE {simulated.address} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        said = await asyncio.wait_for(reader.readuntil(b"a=control:trackID=1\r\n"), 5)
        writer.close()
    sets = re.search(rb"profile-level-id=(\w+);sprop-parameter-sets=([^,\s]+),(\S+)", said)
    assert sets
    sequence, picture = (base64.b64decode(each) for each in sets.groups()[1:])
    assert (sequence[0] & 31, picture[0] & 31) == (7, 8)
    assert sequence[1:4].hex().upper() == sets[1].decode()
    assert b"\x00\x00\x01" + sequence in clip.pieces[0]


def test_a_clip_that_begins_in_the_middle_is_refused(clip: Clip) -> None:
    with pytest.raises(ValueError, match="stand for itself"):
        Simulator("camera", clip.pieces[1:], FRAMES_PER_S)


async def test_noise_on_the_way_gives_pictures_or_an_error(clip: Clip) -> None:
    """Bits that turn inside packets are not seen by the relay: the decoder then errs, and nothing crashes."""
    chance = random.Random(9)
    noisy = tuple(
        bytes(byte ^ (chance.random() < 0.0005) for byte in piece) if number else piece
        for number, piece in enumerate(clip.pieces)
    )
    async with playing(Clip(noisy, frozenset())) as simulated:
        assert len(await asyncio.to_thread(taken, simulated.address)) == TAKEN


async def test_a_lane_s_camera_that_encodes_h264_is_read(drive: Drive) -> None:
    """What it shows may jump: each picture stands for itself, and brings its parameter sets."""
    settings = encoder.Settings(4.0, kbit_s=12_000, key_every_s=0.0)
    standing = encoder.encoded(drive.standing, settings)
    assert all(AccessUnit(units(piece)).key for piece in standing)
    camera = Camera(lambda number: standing[number * 3 % len(standing)])
    simulated = rtsp.Simulator("camera", camera, encoding="h264")
    async with stepping(simulated, 0.05), opened("rtsp", simulated.address) as device:
        await device.watch(True)
        read = await until(device, lambda reading: bool(reading.plates))
        assert (read.plates[0].text, read.size) == (PLATE.text, (960, 544))
        camera.set_fault("frozen_picture", True)
        shown = [read.fingerprint]

        def frozen(reading: FrameRead) -> bool:
            shown.append(reading.fingerprint)
            return shown[-1] == shown[-2]

        await until(device, frozen)
