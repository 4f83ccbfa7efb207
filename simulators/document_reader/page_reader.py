"""A full-page reader: what it is.  How it hands its pages over stands in the files of its wires.

A document is laid on its bed; it takes a frame under white light and, where it has the lamps, one in
infrared, and gives them away as JPEG.  Taking them costs some 30 ms of a processor, in a thread.
"""

import asyncio
import random
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np
import structlog

from simulators.render.page import Shown, draw, front
from simulators.render.page.page import Picture, noise

log = structlog.get_logger()

FAULTS = (
    "dark_lens",
    "moving_glare",
    "upside_down",
    "wrong_side",
    "half_file",
    "wrong_type",
    "slow",
    "dead",
)
"""What can be wrong: its glass is covered; a lamp mirrors in the laminate, elsewhere in each of three frames;
the document is laid down turned by 180 degrees, or with the side that has no zone; its disk is full and
pictures are cut; its software was set to another format; it takes seconds over each page; it does nothing."""

DARK = 0.01
"""What a covered lens lets through: less than the sensor's noise."""
JPEG_QUALITY = 85
SLOW_S = 2.0
WAITING_MAX = 8
"""Documents that were laid down and not yet handed over; a further one is lost, as by a jammed reader."""
NO_PICTURE = b"%PDF-1.4 a page as a document file"

Light = Literal["white", "infrared"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture as it is given away."""

    light: Light
    data: bytes = field(repr=False)


class Bed:
    """The reader's glass: lines of a document in, frames out.  `seed` repeats skew and glare."""

    def __init__(self, *, infrared: bool = True, seed: int = 0) -> None:
        self.infrared = infrared
        self.faults: set[str] = set()
        self._draw = random.Random(seed)

    def frames(self, lines: tuple[str, ...]) -> list[Frame]:
        """The frames of a page that bears these lines.  Raises ValueError (lines of no form), FontMissing."""
        faults, seed = set(self.faults), self._draw.randrange(1 << 30)
        shown = (front if "wrong_side" in faults else draw)(lines, seed=seed)
        if "upside_down" in faults:
            shown = Shown(shown.white[::-1, ::-1], shown.infrared[::-1, ::-1])
        pictures: list[tuple[Light, Picture]] = [("white", shown.white)]
        if self.infrared:
            pictures.append(("infrared", shown.infrared))
        if "moving_glare" in faults:
            whites = [_with_glare(shown.white, turn, seed) for turn in range(3)]
            pictures[:1] = [("white", white) for white in whites]
        return [Frame(light, self._encoded(picture, faults)) for light, picture in pictures]

    def _encoded(self, picture: Picture, faults: set[str]) -> bytes:
        if "dark_lens" in faults:
            picture = _covered(picture)
        if "wrong_type" in faults:
            return NO_PICTURE
        data = bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1])
        return data[: len(data) // 2] if "half_file" in faults else data


def _covered(picture: Picture) -> Picture:
    grain = noise(*picture.shape[:2])
    grains = cv2.merge([grain, grain, grain]) if picture.ndim == 3 else grain
    return cv2.add((picture * DARK).astype(np.uint8), grains, dtype=cv2.CV_8U).astype(np.uint8)


def _with_glare(picture: Picture, turn: int, seed: int) -> Picture:
    """A lamp's mirror image over the zone: its third number `turn` of three."""
    height, width = picture.shape[:2]
    chance = random.Random(seed)
    middle = (int(width * (0.22 + 0.28 * turn + chance.uniform(-0.04, 0.04))), int(height * 0.83))
    spot = np.zeros((height, width), np.float32)
    cv2.ellipse(spot, middle, (width // 9, height // 8), 12.0, 0, 360, 255.0, -1)
    spot = cv2.blur(spot, (41, 41))[:, :, None]
    return np.clip(picture.astype(np.float32) + spot, 0, 255).astype(np.uint8)


class PageReader(ABC):
    """A `SimulatedDevice`.  `present(lines)` lays a document down; a wire says how it is handed over."""

    def __init__(self, name: str, *, infrared: bool = True, seed: int = 0) -> None:
        self.name = name
        self.bed = Bed(infrared=infrared, seed=seed)
        self._laid: asyncio.Queue[tuple[str, ...]] = asyncio.Queue(WAITING_MAX)
        self._working: asyncio.Task[None] | None = None

    @property
    @abstractmethod
    def address(self) -> str:
        """Where the wire is, once started."""

    async def start(self) -> None:
        await self.stop()
        await self.connect()
        self._laid = asyncio.Queue(WAITING_MAX)
        self._working = asyncio.create_task(self._work(), name=f"pages of {self.name}")

    async def stop(self) -> None:
        working, self._working = self._working, None
        if working is None:
            return
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await self.disconnect()

    def step(self, seconds: float) -> None:  # noqa: B027
        """Nothing in it moves by itself."""

    def faults(self) -> tuple[str, ...]:
        return FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        if fault not in FAULTS:
            raise KeyError(f"no fault {fault!r}; known: {', '.join(FAULTS)}")
        (self.bed.faults.add if on else self.bed.faults.discard)(fault)

    def present(self, lines: tuple[str, ...]) -> None:
        """Lay a document down that bears these lines."""
        if "dead" in self.bed.faults or self._working is None or self._laid.full():
            return
        self._laid.put_nowait(lines)

    async def _work(self) -> None:
        while True:
            lines = await self._laid.get()
            try:
                frames = await asyncio.to_thread(self.bed.frames, lines)
                await self.hand_over(frames)
            except (OSError, ValueError) as error:
                log.warning("page_reader.failed", reader=self.name, error=f"{type(error).__name__}: {error}")

    @abstractmethod
    async def connect(self) -> None:
        """Open the wire.  Raises OSError."""

    @abstractmethod
    async def disconnect(self) -> None:
        """Close the wire."""

    @abstractmethod
    async def hand_over(self, frames: list[Frame]) -> None:
        """Give one page away.  Raises OSError when nobody takes it."""
