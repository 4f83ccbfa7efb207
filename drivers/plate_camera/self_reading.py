"""What cameras that read plates by themselves have in common: their events made into frames.

Each event of a vehicle becomes one `agreed` frame, each sign of life an unwatched one.  The camera's clock is
told where it is off and decides nothing: a frame counts as taken when its event came.
"""

import asyncio
import contextlib
import hashlib
import itertools
import time
from abc import abstractmethod
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import structlog
from pydantic import Field

from drivers.device import Options
from drivers.errors import DeviceError, DeviceTimeout, DeviceUnavailable
from drivers.plate_camera import FrameRead, PlateCamera, PlateCandidate
from drivers.plate_camera.events import Known, Told, plate_in
from drivers.plate_camera.picture_child import PictureChild

READINGS_MAX = 32
"""Kept for a slow consumer; a lane has one vehicle at a time."""
CLOCK_OFF_S = 5.0
"""A camera's clock that is off by more is told."""
CONFIDENCE_MIN = 1e-6

log = structlog.get_logger()


class SelfReadingOptions(Options):
    """How much a camera's own word is worth."""

    confidence_max: float = Field(1.0, gt=0, le=1)
    """The camera's confidences are cut to this: below 1 for one that is surer than it is right."""
    confidence_untold: float = Field(0.8, gt=0, le=1)
    """What a plate counts whose confidence the camera does not tell."""


class SelfReadingCamera(PlateCamera):
    """Base: `_connect` opens, `_signs` yields what comes, None being a sign of life."""

    def __init__(self, name: str, options: SelfReadingOptions | Any) -> None:
        super().__init__(name, options)
        self.confidence_max: float = options.confidence_max
        self.confidence_untold: float = options.confidence_untold
        self.clock_off_s: float | None = None
        """How far the camera's clock is ahead of ours, None before it was told."""
        self._pictures = PictureChild(name)
        self._known = Known()
        self._readings: deque[FrameRead] = deque(maxlen=READINGS_MAX)
        self._news = asyncio.Event()
        self._lost: Exception | None = None
        self._listening: asyncio.Task[None] | None = None
        self._watching = False
        self._numbers = itertools.count(1)

    @abstractmethod
    async def _connect(self) -> None:
        """Connect and verify.  Raises DeviceError."""

    @abstractmethod
    def _signs(self) -> AsyncIterator[Told | None]:
        """Events and signs of life, until the camera is lost."""

    @abstractmethod
    async def _disconnect(self) -> None:
        """Let go.  Idempotent, raises nothing."""

    @property
    @abstractmethod
    def _where(self) -> str:
        """The camera's address, for people."""

    async def open(self) -> None:
        await self.close()
        self._readings.clear()
        self._news.clear()
        self._lost = None
        try:
            await self._connect()
        except BaseException:
            await self.close()
            raise
        self._pictures.prepare()
        self._listening = asyncio.create_task(self._listen(), name=f"events of {self.name}")

    async def close(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
        await self._disconnect()
        await self._pictures.close()

    async def readings(self) -> AsyncIterator[FrameRead]:
        while True:
            if self._listening is None:
                raise DeviceUnavailable(self.name, f"{self._where} is not open")
            try:
                if not self._readings:  # some may be left from a reader before
                    async with asyncio.timeout(self.silent_s):  # `wait_for` may swallow a cancellation
                        await self._news.wait()
            except TimeoutError:
                raise DeviceTimeout(
                    self.name,
                    f"{self._where}: no event and no sign of life for {self.silent_s:g} s",
                    hint="camera hung, or no network?",
                ) from None
            self._news.clear()
            while self._readings:
                yield self._readings.popleft()
            if self._lost is not None:
                self._news.set()
                raise self._lost

    async def watch(self, on: bool) -> None:
        self._watching = on

    async def identify(self) -> str:
        if self._listening is None:
            return ""
        off_s = self.clock_off_s
        clock = "" if off_s is None or abs(off_s) <= CLOCK_OFF_S else f", its clock is {_ahead(off_s)}"
        return f"{self.model}{clock}"

    async def _listen(self) -> None:
        try:
            async for sign in self._signs():
                await self._take(sign)
            self._lost = DeviceUnavailable(
                self.name,
                f"{self._where} closed the connection",
                hint="the camera restarts, or has another client?",
            )
        except DeviceError as error:
            self._lost = error
        except Exception as error:  # a bug: it comes out of `readings` as such
            self._lost = error
        finally:
            self._news.set()

    async def _take(self, sign: Told | None) -> None:
        came_s = time.monotonic()
        if sign is None or self._known.again(sign.identity):
            self._tell(self._pulse(came_s))
            return
        if sign.clock_s is not None:
            self.clock(sign.clock_s)
        if not self._watching:
            self._tell(self._pulse(came_s, sign.clock_s))
            return
        self._tell(await self._frame(sign, came_s))

    def clock(self, camera_s: float) -> None:
        """The camera told its clock: when it is off, that is said, once until it changes."""
        off_s = camera_s - time.time()
        was_s, self.clock_off_s = self.clock_off_s, off_s
        if abs(off_s) > CLOCK_OFF_S and (was_s is None or abs(off_s - was_s) > CLOCK_OFF_S):
            log.warning("plate_camera.clock_off", device=self.name, clock=_ahead(off_s))

    def _tell(self, frame: FrameRead) -> None:
        self._readings.append(frame)
        self._news.set()

    def _pulse(self, came_s: float, clock_s: float | None = None) -> FrameRead:
        number = next(self._numbers)
        return FrameRead(number, came_s, f"pulse {number}", clock_s, False, (), b"", ())

    async def _frame(self, told: Told, came_s: float) -> FrameRead:
        small = await self._pictures.small(told.picture, told.crop, told.box)
        text = plate_in(told.text)
        plates: tuple[PlateCandidate, ...] = ()
        if text:
            share = self.confidence_untold if told.confidence is None else told.confidence
            share = min(self.confidence_max, max(CONFIDENCE_MIN, share))
            display = " ".join(told.text.split())
            plates = (PlateCandidate(text, display, told.country, share, small.box),)
        mark = hashlib.blake2b(
            told.identity.encode() + b"\0" + (told.picture or told.crop), digest_size=12
        ).hexdigest()
        return FrameRead(
            number=next(self._numbers),
            taken_s=came_s,
            fingerprint=mark,
            source_time_s=told.clock_s,
            watched=True,
            plates=plates,
            picture=small.picture,
            crops=(small.crop,) if plates and small.crop else (),
            agreed=True,
        )


def _ahead(off_s: float) -> str:
    return f"{abs(off_s):.0f} s {'ahead of' if off_s > 0 else 'behind'} ours"
