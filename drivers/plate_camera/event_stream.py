"""Cameras that answer one request with events for ever: a multipart body, each part a text or a picture."""

import asyncio
import contextlib
import time
from abc import abstractmethod
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import structlog
from pydantic import Field, model_validator

from drivers.device import OPEN_S
from drivers.errors import DeviceTimeout, DeviceUnavailable, ProtocolError
from drivers.plate_camera.events import Told
from drivers.plate_camera.gathering import Gathering
from drivers.plate_camera.http_camera import HttpCamera, HttpCameraOptions
from drivers.plate_camera.multipart import BrokenMultipart, MultipartReader, Part, boundary_of
from drivers.plate_camera.self_reading import SelfReadingCamera

TEXT_BYTES_MAX = 256 * 1024

log = structlog.get_logger()


class EventStreamOptions(HttpCameraOptions):
    """`url` is the camera's address alone: `http://HOST[:PORT]`."""

    silent_s: float = Field(30.0, ge=2, le=600)
    """Seconds without an event or a heartbeat after which the camera counts as lost."""
    channel: int = Field(1, ge=1, le=999)
    """The camera's channel; 1 but for a recorder with several."""

    @model_validator(mode="after")
    def _no_path(self) -> "EventStreamOptions":
        parts = urlsplit(self.url)
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError(f"url is the camera's address alone, such as {parts.scheme}://{parts.netloc}")
        return self


class EventStreamCamera(SelfReadingCamera):
    """`stream_path` and `picture_path` are asked with GET; `read` reads a part that is no picture."""

    def __init__(self, name: str, options: EventStreamOptions) -> None:
        super().__init__(name, options)
        self._options = options
        self._camera = HttpCamera(name, options)
        self._response: httpx.Response | None = None
        self._boundary = ""
        self._refused = 0

    @property
    @abstractmethod
    def stream_path(self) -> str: ...

    @property
    @abstractmethod
    def picture_path(self) -> str: ...

    @abstractmethod
    def read(self, part: Part) -> list[Told]:
        """The vehicles that a part tells of; [] for a heartbeat and for another event.  Raises ValueError."""

    @property
    def open_s(self) -> float:
        return max(OPEN_S, self._options.open_timeout_s + 2.0)

    @property
    def silent_s(self) -> float | None:
        return self._options.silent_s

    @property
    def _where(self) -> str:
        return self._camera.base

    async def _connect(self) -> None:
        await self._camera.open()
        timeout = httpx.Timeout(self._options.open_timeout_s, read=None)
        request = self._camera.client.build_request(
            "GET", self._camera.base + self.stream_path, timeout=timeout
        )
        try:
            async with asyncio.timeout(self._options.open_timeout_s + 1.0):
                self._response = await self._camera.send(request, stream=True)
        except TimeoutError:
            raise DeviceTimeout(
                self.name, f"{self._where}: no answer in time", hint="camera hung, or no network?"
            ) from None
        content_type = self._response.headers.get("content-type", "")
        boundary = boundary_of(content_type)
        if boundary is None:
            raise ProtocolError(
                self.name,
                f"{self._where} answered {content_type[:80]!r} where a multipart stream was expected",
                hint="is this camera's model right, and does it give events?",
            )
        self._boundary = boundary

    async def _disconnect(self) -> None:
        response, self._response = self._response, None
        if response is not None:
            with contextlib.suppress(httpx.HTTPError, RuntimeError):
                await response.aclose()
        await self._camera.close()

    async def picture(self) -> bytes:
        return await self._picture()

    async def still(self, bytes_max: int) -> bytes:
        return await self._picture(bytes_max)

    async def _picture(self, still_bytes: int | None = None) -> bytes:
        try:
            async with asyncio.timeout(self._options.open_timeout_s):
                whole = await self._camera.picture(self.picture_path)
        except TimeoutError:
            raise DeviceTimeout(self.name, f"{self._where}: no picture in time") from None
        small = await self._pictures.small(whole, b"", None, still_bytes)
        if not small.picture:
            raise ProtocolError(self.name, f"{self._where}{self.picture_path} can't be decoded")
        return small.picture

    async def _signs(self) -> AsyncIterator[Told | None]:
        response = self._response
        if response is None:
            raise DeviceUnavailable(self.name, f"{self._where} is not open")
        gathering = Gathering(self._read)
        parts = MultipartReader(self._boundary, empty=True)
        chunks = response.aiter_raw()
        coming: asyncio.Task[bytes] | None = None
        try:
            while True:
                coming = coming or asyncio.ensure_future(_next(chunks))
                until_s = gathering.until_s
                left_s = None if until_s is None else max(0.0, until_s - time.monotonic())
                await asyncio.wait({coming}, timeout=left_s)
                if not coming.done():
                    for told in gathering.give_up():
                        yield told
                    continue
                chunk, coming = coming.result(), None
                if not chunk:
                    return
                for part in parts.feed(chunk):
                    whole = gathering.take(part, time.monotonic())
                    for told in whole:
                        yield told
                    if not whole:
                        yield None
        except httpx.HTTPError as error:
            raise self._camera.lost(error) from error
        except BrokenMultipart as error:
            raise ProtocolError(
                self.name, f"{self._where} broke its multipart stream: {error}", hint="reconnecting"
            ) from None
        finally:
            if coming is not None:
                coming.cancel()
                with contextlib.suppress(asyncio.CancelledError, httpx.HTTPError):
                    await coming

    def _read(self, part: Part) -> list[Told]:
        try:
            if len(part.data) > TEXT_BYTES_MAX:
                raise ValueError(f"a text of {len(part.data)} bytes")
            return self.read(part)
        except ValueError as error:  # one event is lost, the stream goes on
            self._refused += 1
            tell = log.warning if self._refused == 1 else log.debug
            tell("plate_camera.bad_event", device=self.name, error=str(error)[:200], refused=self._refused)
            return []


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    """The next bytes; b"" at the end."""
    async for chunk in chunks:
        if chunk:
            return chunk
    return b""
