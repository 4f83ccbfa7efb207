"""What MJPEG and RTSP cameras have in common: a child process that grabs and reads, and its supervision.

A hung or dead child raises; reopening is the daemon's supervisor's work.  The child lives from `open` to
`close` and never longer than this process.
"""

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, ClassVar, Literal, TypeVar
from urllib.parse import urlsplit

import structlog
from pydantic import Field, SecretStr, model_validator

from drivers.child import Child, Gone
from drivers.device import Options
from drivers.errors import (
    DeviceError,
    DeviceFault,
    DeviceUnavailable,
)
from drivers.plate_camera import FrameRead, PlateCamera
from drivers.plate_camera.frame_messages import frame_of
from drivers.plate_camera.liveness import Arrived, Lack, Liveness, unread_s
from drivers.plate_camera.priors import Priors
from drivers.plate_camera.stream_errors import silent, told, useless

WORKER = "drivers.plate_camera.worker"
READINGS_MAX = 8
"""Readings kept for a slow consumer; older ones are dropped: the newest frame wins."""
OPENING_S = 0.2
"""Between two looks at what has come of a stream that is not open yet."""
START_S = 10.0
"""For starting the child and loading its libraries, on a slow and busy machine."""
HANDLED_S = 2.0
"""For ending the child before and for telling the new one what it needs, at the most."""

T = TypeVar("T")

log = structlog.get_logger()


class StreamOptions(Options):
    """Where the stream is and who asks for it.  Credentials never stand in the URL: URLs get logged."""

    schemes: ClassVar[tuple[str, ...]]

    url: str
    """Where the stream is; no user or password in it, since URLs get logged."""
    user: str = ""
    """Who asks for the stream."""
    password: SecretStr | None = None
    """That user's password."""
    open_timeout_s: float = Field(5.0, gt=0, le=30)
    """A camera that takes longer to give its first picture is not there, in seconds."""
    silent_s: float = Field(2.0, ge=0.5, le=30)
    """Seconds without a picture after which the camera counts as lost."""
    priors: Priors = Field(default_factory=dict)
    """How many times more frequent plates of a country (`TJ`) or of a series (`"KZ 1993 private"`) are here
    than the format table says; 0: they never come."""

    @model_validator(mode="after")
    def _url_is_plain(self) -> "StreamOptions":
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError(f"url: {error}") from None
        if parts.scheme not in self.schemes or not host:
            raise ValueError(f"url must look like {self.schemes[0]}://HOST[:PORT]/PATH")
        if "@" in parts.netloc:
            raise ValueError("url holds credentials: put them into `user` and `password`")
        if any(ord(character) <= 32 for character in self.url):
            raise ValueError("url holds blanks or control characters")
        if self.password is not None and not self.user:
            raise ValueError("a `password` needs a `user`")
        return self


class StreamCamera(PlateCamera):
    """Base of the cameras that are read through a child process."""

    scheme: ClassVar[Literal["mjpeg", "rtsp"]]

    def __init__(self, name: str, options: StreamOptions) -> None:
        super().__init__(name, options)
        self.options: StreamOptions = options
        self._child: Child | None = None
        self._listening: asyncio.Task[None] | None = None
        self._readings: deque[FrameRead] = deque(maxlen=READINGS_MAX)
        self._news = asyncio.Event()
        self._opened = asyncio.Event()
        self._lost: DeviceError | None = None
        self._life = Liveness(options.silent_s, 0.0)
        self._watching = False
        self._asked: dict[int, asyncio.Future[bytes]] = {}
        self._numbers = itertools.count(1)
        self._size = ""

    @property
    def silent_s(self) -> float | None:
        """Longer than the option's: pictures that come, and are of no use yet, are no silence."""
        return unread_s(self.options.silent_s)

    @property
    def open_s(self) -> float:
        return self._opening_s + HANDLED_S

    @property
    def _opening_s(self) -> float:
        """How long a first picture is waited for."""
        return START_S + self.options.open_timeout_s + self.options.silent_s

    def settings(self) -> dict[str, Any]:
        """What the child is told."""
        return {
            "scheme": self.scheme,
            "url": self.options.url,
            "user": self.options.user,
            "password": self._password,
            "authentication": "digest",
            "ca": "",
            "open_timeout_s": self.options.open_timeout_s,
            "silent_s": self.options.silent_s,
            "priors": self.options.priors,
        }

    @property
    def _password(self) -> str:
        return self.options.password.get_secret_value() if self.options.password else ""

    async def open(self) -> None:
        await self.close()
        self._readings.clear()
        self._news.clear()
        self._opened.clear()
        self._lost = None
        try:
            self._child = await Child.start(WORKER, self.settings(), (self._password,))
            self._life = Liveness(self.options.silent_s, _now_s())
            self._listening = asyncio.create_task(self._listen(self._child))
            await self._wait_opened()
            if self._watching:
                await self.watch(True)
        except (OSError, Gone) as error:
            await self.close()
            raise DeviceUnavailable(
                self.name, f"the camera's process could not be started: {error}"
            ) from None
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        child, self._child = self._child, None
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
        if child is not None:
            await child.kill()
        for asked in self._asked.values():
            asked.cancel()
        self._asked.clear()

    async def readings(self) -> AsyncIterator[FrameRead]:
        while True:
            if self._child is None:
                raise self._lost or DeviceUnavailable(self.name, "the camera is not open")
            await self._alive(self._news.wait)
            if self._lost is not None and not self._readings:
                raise self._lost
            self._news.clear()
            while self._readings:
                yield self._readings.popleft()

    async def watch(self, on: bool) -> None:
        self._watching = on
        if self._child is not None:
            try:
                await self._child.tell({"watch": on})
            except Gone as error:
                raise self._lost or DeviceUnavailable(self.name, f"the camera's process: {error}") from None

    async def picture(self) -> bytes:
        return await self._picture({})

    async def still(self, bytes_max: int) -> bytes:
        return await self._picture({"bytes": bytes_max})

    async def _picture(self, how: dict[str, int]) -> bytes:
        if self._child is None:
            raise DeviceUnavailable(self.name, "the camera is not open")
        number = next(self._numbers)
        asked: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asked[number] = asked
        try:
            await self._child.tell({"picture": number, **how})
            return await self._alive(lambda: asyncio.shield(asked))
        except Gone as error:
            raise self._lost or DeviceUnavailable(self.name, f"the camera's process: {error}") from None
        except asyncio.CancelledError:
            if asked.cancelled() and self._lost is not None:
                raise self._lost from None
            raise
        finally:
            self._asked.pop(number, None)

    async def identify(self) -> str:
        return self._size

    async def _alive(self, wait: Callable[[], Awaitable[T]]) -> T:
        """What `wait` waits for, or the error once no pictures come, or none of use."""
        since_s = _now_s()
        while True:
            try:
                # `wait_for` may swallow a cancellation
                async with asyncio.timeout_at(self._life.due(since_s)[0]):
                    return await wait()
            except TimeoutError:
                due_s, lack = self._life.due(since_s)
                if due_s > _now_s():
                    continue  # some have come
            if self._lost is not None:
                raise self._lost
            if lack is Lack.SILENT:
                raise silent(self.name, self.options.url, self._life.silent_s)
            raise useless(self.name, self.options.url, lack, self._life.unread_s)

    async def _wait_opened(self) -> None:
        """Until the first picture, or an error: what the child told, its silence, or torn pictures alone."""
        within_s = self._opening_s
        end_s = _now_s() + within_s
        while not self._opened.is_set():
            torn_s = self._life.torn_since_s()
            if torn_s is not None and torn_s + self.options.open_timeout_s <= _now_s():
                raise self._lost or useless(
                    self.name, self.options.url, Lack.TORN, self.options.open_timeout_s
                )
            if end_s <= _now_s():
                raise self._lost or silent(self.name, self.options.url, within_s)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(OPENING_S):
                    await self._opened.wait()
        if self._lost is not None and not self._readings:
            raise self._lost

    async def _listen(self, child: Child) -> None:
        try:
            async for header, blob in child.messages():
                if header["kind"] == "error":
                    await child.last_words()
                self._take(child, header, blob)
        except Gone as error:
            self._lose(DeviceUnavailable(self.name, f"the camera's process is gone: {error}"), child)
        except (KeyError, TypeError, ValueError) as error:
            self._lose(DeviceFault(self.name, f"the camera's process sent nonsense: {error!r}"), child)

    def _take(self, child: Child, header: dict[str, Any], blob: bytes) -> None:
        match header["kind"]:
            case "opened":
                self._size = f"{header['width']} x {header['height']} pixels"
                self._life.framed(_now_s())
                self._opened.set()
            case "arrived":
                self._life.told(
                    Arrived(**{name: int(header[name]) for name in ("whole", "torn", "damaged")}), _now_s()
                )
            case "frame":
                self._life.framed(_now_s())
                self._readings.append(frame_of(header, blob))
                self._news.set()
            case "picture":
                asked = self._asked.get(header["id"])
                if asked is not None and not asked.done():
                    asked.set_result(blob)
            case "error":
                self._lose(told(self.name, self.options.url, header, child), child)
            case kind:
                raise ValueError(f"a message of kind {kind!r}")

    def _lose(self, error: DeviceError, child: Child) -> None:
        """Keep the first reason; wake whoever waits."""
        if self._lost is None:
            self._lost = error
            log.debug(
                "plate_camera.lost", device=self.name, error=str(error), ffmpeg=list(child.complaints)[-5:]
            )
        self._news.set()
        self._opened.set()
        for asked in self._asked.values():
            asked.cancel()


def _now_s() -> float:
    return asyncio.get_running_loop().time()
