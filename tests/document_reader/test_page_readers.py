"""Every page reader on its wire: a page that is laid down comes whole, once, and a bad one has a reason."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.document_reader import PageRead, Unreadable, page_folder_look
from drivers.document_reader.page_frames import check
from drivers.errors import DeviceError, DeviceTimeout, DeviceUnavailable
from simulators.document_reader import page_http_push
from simulators.document_reader.page_reader import PageReader
from tests.document_reader.pages import PASSPORT, first, opened, pair

WIRES = ("push", "pull", "folder")


@pytest.fixture(params=WIRES)
async def wired(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[PageReader, AsyncIterator]]:
    """A started reader, and the readings of its driver."""
    reader, driver = pair(request.param, tmp_path)
    await reader.start()
    async with opened(driver) as readings:
        yield reader, readings
    await reader.stop()


async def test_a_page_that_is_laid_down_comes_once_the_infrared_frame_first(wired):
    reader, readings = wired
    for _ in range(2):
        reader.present(PASSPORT)
        page = await first(readings)
        assert isinstance(page, PageRead)
        assert page.infrared
        assert [check(frame) for frame in (page.image, *page.others)] == [(1416, 1028)] * 2
        infrared = cv2.imdecode(np.frombuffer(page.image, np.uint8), cv2.IMREAD_UNCHANGED)
        assert infrared.ndim == 2
    waiting = asyncio.ensure_future(anext(readings))
    await asyncio.wait({waiting}, timeout=0.15)
    assert not waiting.done(), "each page once"
    waiting.cancel()
    await asyncio.wait({waiting})


async def test_a_page_that_is_no_picture_is_told_as_such_and_the_next_one_is_read(
    wired, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(page_folder_look, "PATIENCE_S", 0.2)
    reader, readings = wired
    for fault in ("half_file", "wrong_type"):
        reader.set_fault(fault, True)
        reader.present(PASSPORT)
        assert await first(readings) == Unreadable("bad_picture", b"")
        reader.set_fault(fault, False)
    reader.present(PASSPORT)
    assert isinstance(await first(readings), PageRead)


async def test_a_slow_reader_s_page_comes_whole_all_the_same(wired, monkeypatch: pytest.MonkeyPatch):
    for module in ("page_http_push", "page_http_pull", "page_folder"):
        monkeypatch.setattr(f"simulators.document_reader.{module}.SLOW_S", 0.2)
    reader, readings = wired
    reader.set_fault("slow", True)
    reader.present(PASSPORT)
    page = await first(readings)
    assert isinstance(page, PageRead)
    assert len(page.others) == 1


@pytest.mark.parametrize("model", ["pull", "folder"])
async def test_a_reader_that_is_gone_is_lost_and_its_page_of_the_meantime_is_read(model: str, tmp_path: Path):
    reader, driver = pair(model, tmp_path)
    with pytest.raises(DeviceUnavailable, match="page: "):
        await driver.open()
    await reader.start()
    async with opened(driver) as readings:
        waiting = asyncio.ensure_future(anext(readings))
        await asyncio.wait({waiting}, timeout=0.1)
        await reader.stop()
        async with asyncio.timeout(2):
            with pytest.raises(DeviceError):
                await waiting
    with pytest.raises(DeviceUnavailable):
        await driver.open()
    await reader.start()
    async with opened(driver) as readings:
        reader.present(PASSPORT)
        assert isinstance(await first(readings), PageRead)
    await reader.stop()


async def test_a_page_is_posted_again_until_the_lane_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page_http_push, "AGAIN_S", 0.05)
    monkeypatch.setattr(page_http_push, "TRIES", 200)
    reader, driver = pair("push", tmp_path)
    assert isinstance(reader, page_http_push.HttpPushReader)
    await reader.start()
    reader.present(PASSPORT)
    while not reader.answers:
        await asyncio.sleep(0.01)
    async with opened(driver) as readings:
        assert isinstance(await first(readings), PageRead)
        while reader.answers[-1] != 202:
            await asyncio.sleep(0.01)
    await reader.stop()
    assert reader.answers[0] == 0


async def test_a_scanner_that_hangs_is_a_timeout(tmp_path: Path):
    reader, driver = pair("pull", tmp_path)
    await reader.start()
    async with opened(driver) as readings:
        reader.set_fault("dead", True)
        async with asyncio.timeout(5):
            with pytest.raises(DeviceTimeout, match=r"nothing for 2 s"):
                await anext(readings)
    await reader.stop()


async def test_a_page_under_the_camera_is_taken_once_and_a_camera_that_goes_is_lost(tmp_path: Path):
    reader, driver = pair("v4l2", tmp_path)
    with pytest.raises(DeviceUnavailable, match="No such file"):
        await driver.open()
    await reader.start()
    async with opened(driver) as readings:
        assert await driver.identify() == "1600 x 1200 pixels"
        waiting = asyncio.ensure_future(first(readings))
        reader.present(PASSPORT)
        page = await waiting
        assert isinstance(page, PageRead)
        assert not page.infrared
        assert 1 <= 1 + len(page.others) <= 3
        seen = cv2.imdecode(np.frombuffer(page.image, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert float(seen[200:1000, 300:1300].mean()) > 150, "the page, not the hand nor the bed"
        waiting = asyncio.ensure_future(first(readings))
        await reader.stop()
        with pytest.raises(DeviceError):
            await waiting


@pytest.mark.parametrize("model", [*WIRES, "v4l2"])
async def test_a_driver_that_was_never_opened_or_is_closed_says_so(model: str, tmp_path: Path):
    _, driver = pair(model, tmp_path)
    await driver.close()
    with pytest.raises(DeviceUnavailable, match="is not open"):
        await anext(driver.readings())
    assert driver.gives_pages
    assert driver.silent_s is None
