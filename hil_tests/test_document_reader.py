"""What a document reader promises (drivers/document_reader).

`[expect.NAME] lines` are presented by the bench's keeper (or its simulator) while the suite waits; for a
reader that gives pages `pages` says how many are laid down, one after another, and `infrared` whether it has
such lamps.
"""

import asyncio

import cv2
import numpy as np

from drivers.document_reader import FRAMES_MAX, PAGE_BYTES_MAX, DocumentReader, MrzRead, PageRead
from hil_tests.asking import opened, until
from hil_tests.bench import BenchDevice

ROLE = "document_reader"
PAGE_PIXELS_MIN = 400
"""Of a page's shorter side: a zone has some 44 cells of 7 pixels then."""


async def test_it_opens_and_speaks_only_when_used(device_under_test: BenchDevice) -> None:
    async with opened(device_under_test, DocumentReader) as reader:
        assert reader.silent_s is None


async def test_a_presented_document_is_read_as_printed(device_under_test: BenchDevice) -> None:
    expected = device_under_test.expect.get("lines")
    async with opened(device_under_test, DocumentReader) as reader:
        if expected is None:
            return
        read = await until(reader, lambda reading: isinstance(reading, MrzRead), 60)
        assert read.lines == tuple(expected)


async def test_each_page_that_is_laid_down_comes_as_whole_pictures(device_under_test: BenchDevice) -> None:
    expect = device_under_test.expect
    async with opened(device_under_test, DocumentReader) as reader:
        readings = reader.readings()
        try:
            for _ in range(int(expect.get("pages", 0))):
                assert reader.gives_pages
                async with asyncio.timeout(60):
                    page = await anext(readings)
                assert isinstance(page, PageRead)
                frames = (page.image, *page.others)
                assert len(frames) <= FRAMES_MAX
                assert sum(map(len, frames)) <= PAGE_BYTES_MAX
                for frame in frames:
                    picture = cv2.imdecode(np.frombuffer(frame, np.uint8), cv2.IMREAD_UNCHANGED)
                    assert picture is not None
                    assert min(picture.shape[:2]) >= PAGE_PIXELS_MIN, "too coarse for a zone to be read"
                if "infrared" in expect:
                    assert page.infrared is expect["infrared"]
        finally:
            await readings.aclose()
