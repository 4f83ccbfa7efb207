"""Cameras over a page's bed, by Video4Linux: one page, held still, gives its sharpest frames.

Made after: the kernel's Video4Linux2 documentation, through OpenCV.  A child process looks
(`page_v4l2_worker.py`) and tells when a page lies there (`page_present.py`): the lane gets each page once, as
up to three frames under white light, the sharpest first.

Grade: proved against a FIFO that carries motion JPEG, read by OpenCV as a camera is but through FFmpeg.  No
Video4Linux device could be made where this was written, so choosing size and format was never tried on one.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from drivers.child import Child, Gone
from drivers.device import Grade, Options
from drivers.document_reader import DocumentReader, PageRead
from drivers.document_reader.page_frames import BadPage, Frame, page_of
from drivers.errors import DeviceError, DeviceFault, DeviceRefused, DeviceTimeout, DeviceUnavailable

WORKER = "drivers.document_reader.page_v4l2_worker"
OPEN_S = 8.0
"""For starting the child, its libraries and the camera, on a slow and busy machine."""
SILENT_S = 3.0
"""Without a sign of life from the child the camera hangs."""


class V4l2Options(Options):
    """Which camera, and how large its pictures are."""

    device: Path
    """The camera, best by its name under /dev/v4l/by-id."""
    width: int = Field(2592, ge=640, le=8192)
    """Wanted width of its pictures; the driver takes the nearest that it has."""
    height: int = Field(1944, ge=480, le=8192)
    """Wanted height."""


class Driver(DocumentReader):
    """Yields PageRead, once for each page that lies still."""

    model: ClassVar[str] = "page camera, Video4Linux (never tried on one)"
    grade: ClassVar[Grade] = Grade.SIMULATED
    options_type: ClassVar[type[Options]] = V4l2Options
    gives_pages: ClassVar[bool] = True

    def __init__(self, name: str, options: V4l2Options) -> None:
        super().__init__(name, options)
        self._options = options
        self._child: Child | None = None
        self._messages: AsyncIterator[tuple[dict[str, Any], bytes]] | None = None
        self._size = ""

    async def open(self) -> None:
        await self.close()
        options = self._options
        settings = {"path": str(options.device), "width": options.width, "height": options.height}
        try:
            self._child = await Child.start(WORKER, settings)
            self._messages = self._child.messages()
            header, _ = await self._next(OPEN_S)
            self._size = f"{int(header['width'])} x {int(header['height'])} pixels"
        except (OSError, Gone) as error:
            await self.close()
            raise DeviceUnavailable(self.name, f"its process could not be started: {error}") from None
        except (KeyError, TypeError, ValueError) as error:
            await self.close()
            raise self._nonsense(error) from None
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        child, self._child, self._messages = self._child, None, None
        if child is not None:
            await child.kill()

    async def readings(self) -> AsyncIterator[PageRead]:
        frames: list[Frame] = []
        while True:
            header, blob = await self._next(SILENT_S)
            if header["kind"] != "frame":
                continue
            frames.append(Frame(blob))
            try:
                if int(header["left"]) > 0:
                    continue
                page, frames = page_of(frames), []
            except (KeyError, TypeError, ValueError, BadPage) as error:
                raise self._nonsense(error) from None
            yield page

    async def identify(self) -> str:
        return self._size

    async def _next(self, within_s: float) -> tuple[dict[str, Any], bytes]:
        """The child's next message that is no error.  Raises a DeviceError."""
        messages, path = self._messages, self._options.device
        if messages is None:
            raise DeviceUnavailable(self.name, f"{path} is not open")
        try:
            async with asyncio.timeout(within_s):
                header, blob = await anext(messages)
        except TimeoutError:
            raise DeviceTimeout(
                self.name, f"no picture from {path} for {within_s:g} s", hint="does the camera hang?"
            ) from None
        except (Gone, StopAsyncIteration) as error:
            raise DeviceUnavailable(self.name, f"{path}: its process is gone: {error}") from None
        if header["kind"] == "error":
            raise self._error(header)
        return header, blob

    def _error(self, header: dict[str, Any]) -> DeviceError:
        said = f"{self._options.device}: {header.get('message')}"
        match header.get("error"):
            case "unavailable":
                return DeviceUnavailable(self.name, said, hint="is the camera plugged in, and free?")
            case "refused":
                hint = "see /dev/v4l/by-id; the service's user must be in the group video"
                return DeviceRefused(self.name, said, hint=hint)
            case _:
                return DeviceFault(self.name, said)

    def _nonsense(self, error: Exception) -> DeviceFault:
        return DeviceFault(self.name, f"its process sent nonsense: {type(error).__name__}")
