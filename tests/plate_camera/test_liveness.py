"""Pictures that come and are of no use yet are no silence; what is wrong is told apart."""

import asyncio

import cv2
import numpy as np

from drivers.plate_camera.liveness import Arrived, Lack, Liveness, unread_s
from simulators.plate_camera.camera import Camera
from tests.plate_camera.cameras import opened, running, until


def test_nothing_that_comes_is_silence() -> None:
    life = Liveness(2.0, 100.0)
    assert life.due(100.0) == (102.0, Lack.SILENT)
    life.told(Arrived(1, 0), 101.0)
    life.framed(101.0)
    life.told(Arrived(1, 0), 101.9)  # told again, and no more than before
    assert life.due(100.0) == (103.0, Lack.SILENT)


def test_one_who_begins_to_wait_late_waits_as_long() -> None:
    life = Liveness(2.0, 100.0)
    assert life.due(150.0) == (152.0, Lack.SILENT)


def test_torn_pictures_are_life_and_told_after_a_while() -> None:
    life = Liveness(2.0, 100.0)
    for tenth in range(101):
        life.told(Arrived(1, tenth), 100.0 + tenth / 10)
    assert life.due(100.0) == (110.0, Lack.TORN)


def test_whole_pictures_that_are_not_decoded_are_borne_as_long() -> None:
    life = Liveness(2.0, 100.0)
    for tenth in range(101):
        life.told(Arrived(tenth, tenth // 50), 100.0 + tenth / 10)
    assert life.due(100.0) == (110.0, Lack.UNREAD)
    life.framed(109.0)
    assert life.due(100.0) == (112.0, Lack.SILENT)


def test_whole_pictures_that_the_decoder_had_to_mend_are_told_as_damaged() -> None:
    life = Liveness(2.0, 100.0)
    for tenth in range(101):
        life.told(Arrived(tenth, 0, max(0, tenth - 2)), 100.0 + tenth / 10)
    assert life.due(100.0) == (110.0, Lack.DAMAGED)
    life.framed(109.0)
    life.told(Arrived(101, 0, 98), 110.1)
    for tenth in range(1, 100):
        life.told(Arrived(101 + tenth, 0, 98), 110.1 + tenth / 10)
    assert life.due(100.0) == (119.0, Lack.UNREAD)


def test_a_patient_camera_stays_patient() -> None:
    assert (unread_s(2.0), unread_s(30.0)) == (10.0, 30.0)


async def test_a_camera_whose_pictures_come_and_are_not_decoded_is_not_lost_at_once() -> None:
    """What arrives counts, not what has been made of it."""
    whole = bytes(cv2.imencode(".jpg", np.full((120, 160, 3), 90, np.uint8))[1])
    cut = whole[: whole.index(b"\xff\xda")]  # its size can be told, and there is nothing to decode
    shown = whole
    camera = Camera(lambda number: shown)
    async with (
        running("mjpeg", camera) as simulated,
        opened("mjpeg", simulated.address, silent_s=0.5) as device,
    ):
        readings = device.readings()
        await anext(readings)
        shown = cut
        waiting = asyncio.ensure_future(anext(readings))
        while (await asyncio.wait({waiting}, timeout=2.0))[0]:  # what was under way
            assert not waiting.exception()
            waiting = asyncio.ensure_future(anext(readings))
        shown = whole
        await waiting
        await until(device, lambda reading: True)
