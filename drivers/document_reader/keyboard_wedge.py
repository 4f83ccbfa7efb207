"""MRZ readers that type: USB keyboards as far as the system can tell ("keyboard wedge").

Read from the reader's own input device (`/dev/input/by-id/...-event-kbd`), never through a desktop, and
grabbed (EVIOCGRAB), so that what is typed reaches nobody else.  Set the reader to the US keyboard layout.

Grade: proved against a simulator that writes the same records into a FIFO.  The grab itself was never tried:
no input device could be made where this was written.  It is done wherever the path is a character device.
"""

import asyncio
import errno
import fcntl
import os
import stat
from collections.abc import AsyncIterator
from typing import ClassVar

from drivers.device import Grade, Options
from drivers.document_reader import DocumentReader, MrzRead, Unreadable
from drivers.document_reader.input_events import LOST, RECORD, WRONG_LAYOUT, KeyDecoder
from drivers.document_reader.mrz_framing import FramingOptions, MrzFramer
from drivers.errors import DeviceError, DeviceRefused, DeviceUnavailable

EVIOCGRAB = 0x40044590
"""`_IOW('E', 0x90, int)` of linux/input.h."""
_CHUNK_BYTES = 64 * RECORD.size


class KeyboardWedgeOptions(FramingOptions):
    """`path`: the input device, best by its name under /dev/input/by-id."""

    path: str
    """The input device, best by its name under /dev/input/by-id."""


class Driver(DocumentReader):
    """Yields MrzRead, and Unreadable for anything typed that is no whole zone; reason `wrong_layout` asks
    for the reader's keyboard layout to be set to US, `keys_lost` for another swipe."""

    model: ClassVar[str] = "MRZ keyboard wedge, USB (exclusive grab not tried)"
    grade: ClassVar[Grade] = Grade.SIMULATED
    options_type: ClassVar[type[Options]] = KeyboardWedgeOptions

    def __init__(self, name: str, options: KeyboardWedgeOptions) -> None:
        super().__init__(name, options)
        self._options = options
        self._fd = -1

    async def open(self) -> None:
        await self.close()
        try:
            self._fd = os.open(self._options.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            kind = os.fstat(self._fd).st_mode
            if stat.S_ISCHR(kind):
                fcntl.ioctl(self._fd, EVIOCGRAB, 1)
        except OSError as error:
            await self.close()
            raise self._open_error(error) from error
        if not (stat.S_ISCHR(kind) or stat.S_ISFIFO(kind)):
            await self.close()
            raise DeviceRefused(
                self.name, f"{self._options.path} is no input device", hint="see /dev/input/by-id"
            )

    async def close(self) -> None:
        # The grab ends with the descriptor.
        fd, self._fd = self._fd, -1
        if fd >= 0:
            asyncio.get_running_loop().remove_reader(fd)
            os.close(fd)

    async def readings(self) -> AsyncIterator[MrzRead | Unreadable]:
        decoder, framer = KeyDecoder(), MrzFramer(self._options)
        while True:
            # A cut record alone has to be forgotten too, or it would put all later ones out of step.
            data = await self._read(self._options.idle_s if framer.pending or decoder.pending else None)
            found = framer.feed(decoder.feed(data)) if data else framer.idle()
            if not data:
                decoder.reset()
            for reading in found:
                yield _explained(reading)

    async def _read(self, within_s: float | None) -> bytes:
        """The next bytes; b"" after `within_s` of silence.  Raises DeviceUnavailable when it is unplugged."""
        loop = asyncio.get_running_loop()
        if self._fd < 0:
            raise DeviceUnavailable(self.name, f"{self._options.path} is not open")
        readable = asyncio.Event()
        loop.add_reader(self._fd, readable.set)
        try:
            async with asyncio.timeout(within_s):
                await readable.wait()
            data = os.read(self._fd, _CHUNK_BYTES)
        except TimeoutError:
            return b""
        except OSError as error:
            raise DeviceUnavailable(
                self.name, f"{self._options.path} is gone: {error.strerror}", hint="is it plugged in?"
            ) from error
        finally:
            if self._fd >= 0:
                loop.remove_reader(self._fd)
        if not data:
            raise DeviceUnavailable(self.name, f"{self._options.path} is gone", hint="is it plugged in?")
        return data

    def _open_error(self, error: OSError) -> DeviceError:
        path = self._options.path
        match error.errno:
            case errno.ENOENT | errno.ENODEV | errno.ENXIO:
                return DeviceUnavailable(self.name, f"{path} is not there", hint="is the reader plugged in?")
            case errno.EBUSY:
                return DeviceUnavailable(
                    self.name, f"{path} is in use", hint="another program has grabbed the reader"
                )
            case errno.EACCES | errno.EPERM:
                return DeviceRefused(
                    self.name, f"no permission to open {path}", hint="add the service's user to group input"
                )
            case errno.ENOTTY | errno.EINVAL:
                return DeviceRefused(self.name, f"{path} is no input device", hint="see /dev/input/by-id")
            case _:
                return DeviceUnavailable(self.name, f"{path} can't be opened: {error.strerror}")


def _explained(reading: MrzRead | Unreadable) -> MrzRead | Unreadable:
    """The reason that only the keys can tell."""
    if isinstance(reading, Unreadable) and WRONG_LAYOUT in reading.raw:
        return Unreadable("wrong_layout", reading.raw)
    if isinstance(reading, Unreadable) and LOST in reading.raw:
        return Unreadable("keys_lost", reading.raw)
    return reading
