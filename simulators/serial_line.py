"""The cable of a simulated serial device: a pty, or a TCP port as a serial server would offer.

Both are a `Line`: bytes sent by the device go out, bytes from the controller come in through a callback.  As
on a real RS-232 line nothing is kept for a listener who isn't there: what can't be delivered is lost and
counted, so a line costs a bounded amount of memory whoever is at its other end.
"""

import asyncio
import contextlib
import os
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import structlog

BACKLOG_BYTES = 4096
"""Bytes that may wait to be sent; a tty's own buffer in the kernel has the same size."""

log = structlog.get_logger()


class Line(Protocol):
    """What a simulated device needs from its wire.  Methods never block."""

    @property
    def lost_bytes(self) -> int:
        """Bytes of the device that nobody took."""
        ...

    @property
    def address(self) -> str:
        """What a configuration names as `port`."""
        ...

    async def start(self, received: Callable[[bytes], None]) -> None:
        """Open; from now on `received` is called with each chunk the controller sends.  Raises OSError."""
        ...

    async def stop(self) -> None:
        """Close: for the controller, the pulled cable.  Idempotent; `start` may be called again."""
        ...

    def send(self, data: bytes) -> None:
        """Send to the controller, as far as it takes the bytes."""
        ...


class PtyLine:
    """A pseudo terminal.  The device holds the master; the controller opens `address`.

    `link` is a symlink with a stable name, so that a configuration can name the port before it exists.
    `baud` paces the bytes as a real line of that speed would (10 bits a byte); None sends them at once.  A
    pty ignores line settings and has no modem lines.
    """

    def __init__(self, link: Path | None = None, *, baud: int | None = None) -> None:
        self.lost_bytes = 0
        self._link = link
        self._seconds_a_byte = 10 / baud if baud else 0.0
        self._backlog = bytearray()
        self._pacing: asyncio.TimerHandle | None = None
        self._master = -1
        self._slave = -1
        self._tty = ""

    @property
    def address(self) -> str:
        return str(self._link) if self._link else self._tty

    async def start(self, received: Callable[[bytes], None]) -> None:
        await self.stop()
        # Our own slave end stays open: else reading the master fails with EIO until a controller opens it.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._tty = os.ttyname(self._slave)
        if self._link:
            _point(self._link, self._tty)
        asyncio.get_running_loop().add_reader(self._master, self._read, received)

    def _read(self, received: Callable[[bytes], None]) -> None:
        with contextlib.suppress(BlockingIOError):
            received(os.read(self._master, 4096))

    async def stop(self) -> None:
        if self._master < 0:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        if self._pacing:
            self._pacing.cancel()
            self._pacing = None
        if self._link and self._link.is_symlink() and os.readlink(self._link) == self._tty:
            self._link.unlink()
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1
        self._backlog.clear()

    def send(self, data: bytes) -> None:
        if self._master < 0:
            self.lost_bytes += len(data)
            return
        room = BACKLOG_BYTES - len(self._backlog)
        self.lost_bytes += max(len(data) - room, 0)
        self._backlog += data[:room]
        if self._pacing is None:
            self._write()

    def _write(self) -> None:
        """Write what is due now; with a baud rate in slices of 20 ms, as a UART would hand them over."""
        self._pacing = None
        slice_bytes = max(int(0.02 / self._seconds_a_byte), 1) if self._seconds_a_byte else BACKLOG_BYTES
        due = bytes(self._backlog[:slice_bytes])
        del self._backlog[:slice_bytes]
        try:
            written = os.write(self._master, due)
        except BlockingIOError:
            written = 0
        self.lost_bytes += len(due) - written
        if self._seconds_a_byte:
            delay_s = len(due) * self._seconds_a_byte
            self._pacing = asyncio.get_running_loop().call_later(delay_s, self._write_rest)

    def _write_rest(self) -> None:
        self._pacing = None
        if self._backlog:
            self._write()


def _point(link: Path, target: str) -> None:
    """Make `link` point at `target` in one step: who looks in between finds old or new."""
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.exists() and not link.is_symlink():
        raise FileExistsError(f"{link} exists and is no symlink; not replaced")
    beside = link.with_name(f".{link.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    beside.replace(link)


class TcpLine:
    """A TCP port that serves the device's bytes to every controller connected, as most serial servers do.

    `port` 0 takes a free one; after the first start the same port is used again.  A controller that does not
    read loses bytes once `BACKLOG_BYTES` wait for it.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.lost_bytes = 0
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> str:
        return f"tcp://{self._host}:{self._port}"

    @property
    def connections(self) -> int:
        """Controllers connected now."""
        return len(self._writers)

    async def start(self, received: Callable[[bytes], None]) -> None:
        await self.stop()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            try:
                while data := await reader.read(4096):
                    received(data)
            except OSError as error:
                log.debug("simulator.line_lost", address=self.address, error=str(error))
            finally:
                self._writers.discard(writer)
                writer.transport.abort()

        self._server = await asyncio.start_server(serve, self._host, self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await server.wait_closed()

    def send(self, data: bytes) -> None:
        if not self._writers:
            self.lost_bytes += len(data)
        for writer in self._writers:
            if writer.transport.get_write_buffer_size() + len(data) > BACKLOG_BYTES:
                self.lost_bytes += len(data)
            else:
                writer.write(data)
