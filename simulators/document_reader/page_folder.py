"""A scanner whose software writes each page's frames as files into a folder, as they do onto a share.

    0001_white.jpg, 0001_ir.jpg

Written under another name and renamed when whole; `slow` writes in place instead, a piece at a time, as
simpler software does.  Of several frames in one light the first is kept.  `stop` takes the folder away, as a
share whose server is gone; `start` brings it back with what lay in it.
"""

import asyncio
from pathlib import Path

from simulators.document_reader.page_reader import SLOW_S, Frame, PageReader

MARK = ".borderlane-pages"
"""What whoever sets the folder up puts into it."""
_ENDS = {"white": "_white", "infrared": "_ir"}
_CHUNKS = 10


class FolderScanner(PageReader):
    """`folder` is made when it is not there."""

    def __init__(self, name: str, folder: Path, *, infrared: bool = True, seed: int = 0) -> None:
        super().__init__(name, infrared=infrared, seed=seed)
        self.folder = folder
        self._away = folder.with_name(folder.name + ".unmounted")
        self._number = 0

    @property
    def address(self) -> str:
        return str(self.folder)

    async def connect(self) -> None:
        if self._away.is_dir():
            self._away.rename(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / MARK).touch()

    async def disconnect(self) -> None:
        if self.folder.is_dir():
            self.folder.rename(self._away)

    async def hand_over(self, frames: list[Frame]) -> None:
        self._number += 1
        for light, frame in {frame.light: frame for frame in reversed(frames)}.items():
            name = f"{self._number:04d}{_ENDS[light]}.jpg"
            if "slow" in self.bed.faults:
                await self._in_place(name, frame.data)
            else:
                part = self.folder / f".{name}.part"
                part.write_bytes(frame.data)
                part.rename(self.folder / name)

    async def _in_place(self, name: str, data: bytes) -> None:
        size = len(data) // _CHUNKS + 1
        for at in range(0, len(data), size):
            _append(self.folder / name, data[at : at + size])
            await asyncio.sleep(SLOW_S / _CHUNKS)


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
