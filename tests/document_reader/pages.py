"""What the tests of page readers share: pictures, a traveller's lines, an open driver and its readings."""

import asyncio
import random
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from drivers.document_reader import (
    DocumentReader,
    PageRead,
    Unreadable,
    page_folder,
    page_http_pull,
    page_http_push,
    page_v4l2,
)
from simulators.children import free_port
from simulators.document_reader.page_folder import FolderScanner
from simulators.document_reader.page_http_pull import HttpPullScanner
from simulators.document_reader.page_http_push import HttpPushReader
from simulators.document_reader.page_reader import PageReader
from simulators.document_reader.page_v4l2 import PageCamera
from simulators.people import traveller

TOKEN = "a token of the test"
PASSPORT = traveller(random.Random(4), date(2026, 6, 1), state="KAZ").document.lines


def jpeg(shade: int = 200, *, size: tuple[int, int] = (60, 40)) -> bytes:
    """A small whole JPEG; another shade is another picture."""
    picture = np.full((size[1], size[0], 3), shade, np.uint8)
    return bytes(cv2.imencode(".jpg", picture)[1])


def png(shade: int = 200) -> bytes:
    return bytes(cv2.imencode(".png", np.full((40, 60, 3), shade, np.uint8))[1])


def png_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A whole PNG of a few bytes that says it unpacks to gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def jpeg_bomb() -> bytes:
    """A whole JPEG whose header says 65,535 x 65,535."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    return bytes(data)


def pair(model: str, folder: Path) -> tuple[PageReader, DocumentReader]:
    """A simulated reader of this model, and the driver for it; the reader has to be started first."""
    if model == "push":
        port = free_port()
        reader = HttpPushReader("page", f"http://127.0.0.1:{port}/pages", TOKEN)
        options = page_http_push.PushOptions.model_validate({"listen": f"127.0.0.1:{port}", "token": TOKEN})
        return reader, page_http_push.Driver("page", options)
    if model == "pull":
        port = free_port()
        scanner = HttpPullScanner("page", token=TOKEN, port=port)
        pull = page_http_pull.PullOptions.model_validate(
            {"url": f"http://127.0.0.1:{port}/page", "token": TOKEN, "every_s": 0.05, "timeout_s": 2.0}
        )
        return scanner, page_http_pull.Driver("page", pull)
    if model == "folder":
        options = page_folder.FolderOptions(folder=folder / "pages", settle_s=0.1)
        return FolderScanner("page", folder / "pages"), page_folder.Driver("page", options)
    v4l2 = page_v4l2.V4l2Options(device=folder / "video")
    return PageCamera("page", folder / "video"), page_v4l2.Driver("page", v4l2)


async def first(readings: AsyncIterator[Any], within_s: float = 15.0) -> PageRead | Unreadable:
    async with asyncio.timeout(within_s):
        return await anext(readings)


@asynccontextmanager
async def opened(driver: DocumentReader) -> AsyncIterator[AsyncIterator[Any]]:
    """The readings of an open driver."""
    await driver.open()
    readings: Any = driver.readings()
    try:
        yield readings
    finally:
        await readings.aclose()
        await driver.close()
