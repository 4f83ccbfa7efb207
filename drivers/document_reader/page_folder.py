"""Page scanners whose software writes files into a folder, on this computer or on a share.

    0001.jpg                       a page under white light
    0001_white.jpg, 0001_ir.png    the two frames of one page: the names differ by their marks alone

The folder holds the file `.borderlane-pages`, which somebody put there by hand and which says that whatever
else is put there is taken and *deleted*: pictures once they are read, anything else within a minute or so,
and all that lies there when the driver opens, since nobody knows whose page that is.  A share that is not
mounted shows by that file too.  The folder is looked into again and again, as shares tell nobody of changes.
A file counts as whole when it stands still and has a picture's beginning and end, however it is written:
under its own name, or under another and renamed.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import ClassVar, TypeVar

import structlog
from pydantic import Field, model_validator

from drivers.device import Grade, Options
from drivers.document_reader import DocumentReader, PageRead, Unreadable
from drivers.document_reader.page_folder_look import MARK, FolderLook, NotMarked
from drivers.errors import DeviceError, DeviceRefused, DeviceTimeout, DeviceUnavailable

LOOK_EVERY_S = 0.1
LOOK_S = 1.5
"""A look takes milliseconds; a share that takes longer hangs."""
FRESH_S = 10.0
"""After a shorter loss what lies there has come meanwhile, and is the page of whoever waits there."""

log = structlog.get_logger()
Result = TypeVar("Result")


class FolderOptions(Options):
    """Which folder, and how its files are called."""

    folder: Path
    """Where the scanner's software writes; all that is put there is deleted. It holds .borderlane-pages."""
    settle_s: float = Field(0.3, ge=0.05, le=10)
    """A file that has not changed for so many seconds is whole."""
    infrared_mark: str = Field("_ir", max_length=32)
    """End of the name (before the suffix) of an infrared frame."""
    white_mark: str = Field("_white", max_length=32)
    """End of the name of a frame under white light; it may be left out."""

    @model_validator(mode="after")
    def _marks_differ(self) -> "FolderOptions":
        if self.infrared_mark and self.infrared_mark.lower() == self.white_mark.lower():
            raise ValueError("infrared_mark and white_mark are the same: no frame could be told apart")
        return self


class Driver(DocumentReader):
    """Yields PageRead, and Unreadable for a picture that never became whole."""

    model: ClassVar[str] = "page scanner, files in a folder"
    grade: ClassVar[Grade] = Grade.SIMULATED
    options_type: ClassVar[type[Options]] = FolderOptions
    gives_pages: ClassVar[bool] = True

    def __init__(self, name: str, options: FolderOptions) -> None:
        super().__init__(name, options)
        self._options = options
        self._look: FolderLook | None = None
        self._hung: threading.Thread | None = None
        self._looked_s = -FRESH_S

    async def open(self) -> None:
        options = self._options
        self._look = None
        look = FolderLook(options.folder, options.settle_s, options.infrared_mark, options.white_mark)
        fresh = time.monotonic() - self._looked_s < FRESH_S
        if gone := await self._in_thread(lambda: look.begin(empty=not fresh)):
            log.warning("page_folder.emptied", device=self.name, files=gone)
        self._look = look

    async def close(self) -> None:
        self._look = None

    async def readings(self) -> AsyncIterator[PageRead | Unreadable]:
        found: deque[PageRead | Unreadable] = deque()
        while True:
            look = self._look
            if look is None:
                raise DeviceUnavailable(self.name, f"{self._options.folder} is not open")
            found += await self._in_thread(lambda look=look: look.look(time.monotonic()))
            self._looked_s = time.monotonic()
            while found:
                yield found.popleft()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _in_thread(self, call: Callable[[], Result]) -> Result:
        """What `call` returns, from a thread of its own: one that hangs in a dead share must neither hold up
        this process's end nor be joined by another at each try.  Raises a DeviceError."""
        folder = self._options.folder
        loop = asyncio.get_running_loop()
        end_s = loop.time() + LOOK_S
        while self._hung is not None and self._hung.is_alive():
            if loop.time() > end_s:
                raise DeviceTimeout(self.name, f"{folder} still hangs", hint="is the share's server up?")
            await asyncio.sleep(0.01)
        answer: asyncio.Future[Result] = loop.create_future()

        def work() -> None:
            try:
                result = call()
            except BaseException as error:  # told to whoever waits
                _tell(loop, answer, answer.set_exception, error)
            else:
                _tell(loop, answer, answer.set_result, result)

        thread = threading.Thread(target=work, name=f"folder of {self.name}", daemon=True)
        self._hung = thread
        thread.start()
        try:
            async with asyncio.timeout(LOOK_S):
                return await answer
        except TimeoutError:
            raise DeviceTimeout(
                self.name, f"{folder}: no answer within {LOOK_S:g} s", hint="is the share's server up?"
            ) from None
        except NotMarked:
            raise DeviceUnavailable(
                self.name,
                f"{folder} does not hold {MARK}",
                hint="is the share mounted? If this is the folder, and all that is put there may be deleted: "
                f"touch {folder / MARK}",
            ) from None
        except OSError as error:
            raise self._error(error) from error

    def _error(self, error: OSError) -> DeviceError:
        said = f"{error.filename or self._options.folder}: {error.strerror or error}"
        if isinstance(error, PermissionError):
            return DeviceRefused(
                self.name, said, hint="the service's user must read, write and delete in this folder"
            )
        if isinstance(error, NotADirectoryError):
            return DeviceRefused(self.name, said, hint="name a folder")
        return DeviceUnavailable(self.name, said, hint="is the folder there, and the share mounted?")


def _tell(
    loop: asyncio.AbstractEventLoop,
    answer: "asyncio.Future[Result]",
    tell: Callable[..., None],
    outcome: object,
) -> None:
    """From the thread, to a loop that may have gone on or ended."""

    def told() -> None:
        if not answer.done():
            tell(outcome)

    if not loop.is_closed():
        loop.call_soon_threadsafe(told)
