"""Opens a byte stream to a device: a serial port, or the same bytes through a TCP serial server.

`port = "/dev/ttyUSB0"` opens the port for us alone; `port = "tcp://10.0.0.7:4001"` connects.  Every way a
stream can fail comes out as a `DeviceError` that says what a person can do; drivers see bytes, nothing else.

Parity is set on the port but not checked by it (pyserial leaves INPCK off): a protocol must prove its frames
by itself.
"""

import asyncio
import contextlib
import errno
import os
import termios
from typing import Annotated, Literal
from urllib.parse import urlsplit

import serial
import serial_asyncio_fast
from pydantic import AfterValidator

from drivers.device import Options
from drivers.errors import DeviceError, DeviceRefused, DeviceTimeout, DeviceUnavailable

BUFFER_BYTES = 16 * 1024
"""Bytes held unread before the transport stops reading: what a flooding peer can cost."""
CHUNK_BYTES = 4096


def checked_port(port: str) -> str:
    """`port` if it names a device path or `tcp://host:port`.  Raises ValueError with what was expected."""
    if port.startswith("/"):
        return port
    parts = urlsplit(port)
    try:
        number = parts.port
    except ValueError:
        number = None
    if parts.scheme == "tcp" and parts.hostname and number and not parts.path.strip("/"):
        return port
    raise ValueError(f'"{port}" is neither a device path (/dev/ttyUSB0) nor tcp://HOST:PORT')


class StreamOptions(Options):
    """Where the bytes come from.  The four line settings matter on a serial port only."""

    port: Annotated[str, AfterValidator(checked_port)]
    """A serial port's path, or tcp://HOST:PORT of a serial server."""
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = 9600
    """Bits a second; on a serial port only, as the next three."""
    bytesize: Literal[7, 8] = 8
    """Data bits."""
    parity: Literal["N", "E", "O"] = "N"
    """None, even or odd."""
    stopbits: Literal[1, 2] = 1
    """Stop bits."""


async def open_stream(
    device_name: str,
    port: str,
    *,
    baud: int = 9600,
    bytesize: int = 8,
    parity: str = "N",
    stopbits: int = 1,
    connect_s: float = 3.0,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The open stream's two ends.

    Raises DeviceUnavailable (not there, taken, refused, not reached in `connect_s`), DeviceRefused (no
    permission, not a serial port, settings it can't do).
    """
    try:
        async with asyncio.timeout(connect_s):
            if port.startswith("tcp://"):
                parts = urlsplit(port)
                return await asyncio.open_connection(parts.hostname, parts.port, limit=BUFFER_BYTES)
            if _is_pseudo_terminal(port):
                # A pseudo terminal has no line settings, and glibc turns asking for 7E1 into an error.
                bytesize, parity, stopbits = 8, "N", 1
            return await serial_asyncio_fast.open_serial_connection(
                url=port,
                baudrate=baud,
                bytesize=bytesize,
                parity=parity,
                stopbits=stopbits,
                exclusive=True,
                limit=BUFFER_BYTES,
            )
    except TimeoutError as error:
        raise DeviceUnavailable(
            device_name, f"{port} did not open in {connect_s:g} s", hint="check the address and the network"
        ) from error
    except (OSError, ValueError, termios.error) as error:
        raise _open_error(device_name, port, error) from error


def _is_pseudo_terminal(port: str) -> bool:
    return os.path.realpath(port).startswith("/dev/pts/")


def _open_error(device: str, port: str, error: Exception) -> DeviceError:
    # pyserial's SerialException is an OSError, with no errno where the port can't be configured;
    # termios.error, which it lets through, is none.
    number = error.errno if isinstance(error, OSError) else None
    if port.startswith("tcp://"):
        hint = "is the serial server on, and is this its port?"
        return DeviceUnavailable(device, f"{port} can't be reached: {error}", hint=hint)
    if number == errno.ENOENT:
        return DeviceUnavailable(
            device, f"{port} is not there", hint="is the cable or USB adapter plugged in?"
        )
    if number in (errno.EAGAIN, errno.EBUSY):
        return DeviceUnavailable(device, f"{port} is in use", hint="another program has it open")
    if number in (errno.EACCES, errno.EPERM):
        return DeviceRefused(
            device, f"no permission to open {port}", hint="add the service's user to the group of the port"
        )
    if number is None or number in (errno.ENOTTY, errno.EINVAL, errno.EISDIR):
        return DeviceRefused(
            device, f"{port} can't be set up as a serial port: {error}", hint="check port and line settings"
        )
    return DeviceUnavailable(device, f"{port} can't be opened: {error}", hint="check the cable")


async def read_some(device_name: str, reader: asyncio.StreamReader, *, within_s: float) -> bytes:
    """The next bytes, at most `CHUNK_BYTES`; b"" when none came in `within_s`.

    Raises DeviceUnavailable when the cable was pulled or the far end closed.
    """
    try:
        async with asyncio.timeout(max(within_s, 0.0)):
            data = await reader.read(CHUNK_BYTES)
    except TimeoutError:
        return b""
    except (OSError, serial.SerialException) as error:
        raise DeviceUnavailable(device_name, f"the line is gone: {error}", hint="check the cable") from error
    if not data:
        raise DeviceUnavailable(
            device_name, "the far end closed the connection", hint="check cable and serial server"
        )
    return data


async def write_all(
    device_name: str, writer: asyncio.StreamWriter, data: bytes, *, within_s: float = 1.0
) -> None:
    """Hand `data` to the line.  Raises DeviceUnavailable (line gone), DeviceTimeout (it takes no bytes)."""
    if writer.transport.is_closing():
        raise DeviceUnavailable(device_name, "the line is gone", hint="check the cable")
    try:
        writer.write(data)
        async with asyncio.timeout(within_s):
            await writer.drain()
    except TimeoutError as error:
        raise DeviceTimeout(
            device_name, f"took no bytes for {within_s:g} s", hint="check flow control"
        ) from error
    except (OSError, serial.SerialException) as error:
        raise DeviceUnavailable(device_name, f"the line is gone: {error}", hint="check the cable") from error


async def close_stream(writer: asyncio.StreamWriter, *, within_s: float = 0.5) -> None:
    """Let go of the port at once and never raise.  Unsent bytes are lost: draining a dead line can block."""
    if not writer.transport.is_closing():
        writer.transport.abort()
    with contextlib.suppress(TimeoutError, OSError, serial.SerialException):
        async with asyncio.timeout(within_s):
            await writer.wait_closed()
