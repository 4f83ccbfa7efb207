"""A camera that looks down on a bed where pages are laid: what a Video4Linux camera sees, in a FIFO.

Motion JPEG, one picture after another, `FRAMES_PER_S` a second; a FIFO stands for /dev/videoN because no
kernel here can make one.  A hand comes over the bed before each page and after it.  Glare moves with time.
`dead` sends nothing while the FIFO stays open; stopped, the FIFO is gone.
"""

import asyncio
import contextlib
import os
from pathlib import Path

import cv2
import numpy as np

from simulators.document_reader.page_reader import JPEG_QUALITY, Frame, PageReader
from simulators.render.page.page import Picture, noise

FRAMES_PER_S = 10.0
SIZE = (1600, 1200)
HAND_S = 0.3
SHOWN_S = 1.6
"""At least for so long a page lies there, however much of a hurry its owner is in."""
NOISES = 3


class PageCamera(PageReader):
    """`present` puts a page on the bed for SHOWN_S; the next one waits its turn."""

    def __init__(self, name: str, path: Path, *, seed: int = 0) -> None:
        super().__init__(name, infrared=False, seed=seed)
        self.path = path
        self._fd = -1
        self._filming: asyncio.Task[None] | None = None
        self._seed = seed
        self._empty: list[bytes] = []
        self._hand: list[bytes] = []
        self._view: list[bytes] = []

    @property
    def address(self) -> str:
        return str(self.path)

    async def connect(self) -> None:
        if not self._empty:
            self._empty, self._hand = await asyncio.to_thread(self._bare)
        self._view = self._empty
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(self.path, 0o600)
        # For both, so that opening waits for nobody and a reader's end never breaks the pipe.
        self._fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._filming = asyncio.create_task(self._film(), name=f"film of {self.name}")

    async def disconnect(self) -> None:
        filming, self._filming = self._filming, None
        if filming is not None:
            filming.cancel()
            await asyncio.gather(filming, return_exceptions=True)
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()

    async def hand_over(self, frames: list[Frame]) -> None:
        """Lay the page down, let it lie, take it off again."""
        view = await asyncio.to_thread(self._lying, frames)
        for shown, lasts_s in ((self._hand, HAND_S), (view, SHOWN_S), (self._hand, HAND_S)):
            self._view = shown
            await asyncio.sleep(lasts_s)
        self._view = self._empty
        await asyncio.sleep(HAND_S)

    def _bare(self) -> tuple[list[bytes], list[bytes]]:
        """The bed, and a hand over it that is nowhere twice."""
        bed = np.full((SIZE[1], SIZE[0], 3), 30, np.uint8)
        hands: list[bytes] = []
        for turn in range(NOISES):
            hand = bed.copy()
            at = (SIZE[0] * (2 + turn) // 6, SIZE[1] * (4 - turn) // 6)
            cv2.ellipse(hand, at, (330, 520), 30.0 + 25 * turn, 0, 360, (120, 140, 185), -1)
            hands.append(_noisy(cv2.blur(hand, (15, 15)).astype(np.uint8), self._seed + turn))
        return [_noisy(bed, self._seed + turn) for turn in range(NOISES)], hands

    def _lying(self, frames: list[Frame]) -> list[bytes]:
        """The page on the bed, once for each of its frames at least; what is no picture shows nothing."""
        view: list[bytes] = []
        whites = [frame.data for frame in frames if frame.light == "white"]
        for turn in range(max(NOISES, len(whites))):
            page = cv2.imdecode(np.frombuffer(whites[turn % len(whites)], np.uint8), cv2.IMREAD_COLOR)
            if page is None:
                return self._empty
            height, width = page.shape[:2]
            top, left = (SIZE[1] - height) // 2, (SIZE[0] - width) // 2
            picture = np.full((SIZE[1], SIZE[0], 3), 30, np.uint8)
            picture[top : top + height, left : left + width] = page
            view.append(_noisy(picture, self._seed + turn))
        return view

    async def _film(self) -> None:
        loop = asyncio.get_running_loop()
        number, next_s = 0, loop.time()
        while True:
            next_s = max(next_s + 1 / FRAMES_PER_S, loop.time())
            number += 1
            if "dead" not in self.bed.faults:
                await self._write(self._view[number % len(self._view)])
            await asyncio.sleep(max(0.0, next_s - loop.time()))

    async def _write(self, data: bytes) -> None:
        """One picture, whole: a reader in the middle of one must get its rest."""
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:
                await asyncio.sleep(0.005)


def _noisy(picture: Picture, turn: int) -> bytes:
    """A picture with a sensor's noise, another one each turn, as JPEG."""
    height, width = picture.shape[:2]
    shift = 13 * turn % 64
    one = noise(height, width + 64)[:, shift : shift + width]
    noisy = cv2.add(picture, cv2.merge([one, one, one]), dtype=cv2.CV_8U)
    return bytes(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1])
