"""MRZ swipe readers and 2D imagers that send a zone's lines over a serial line or a virtual COM port.

Device: Access-IS LSR and OCR310e/315e, Honeywell and Newland imagers set to OCR.  The reader speaks only when
a document is swiped; nothing is sent to it.  Framing as in `drivers.document_reader.mrz_framing`.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import ClassVar

from drivers.device import Grade, Options
from drivers.document_reader import DocumentReader, MrzRead, Unreadable
from drivers.document_reader.mrz_framing import FramingOptions, MrzFramer
from drivers.errors import DeviceUnavailable
from drivers.stream import StreamOptions, close_stream, open_stream, read_some

_PATIENCE_S = 3600.0
"""Silence is normal: this only bounds one wait."""


class MrzSwipeOptions(FramingOptions, StreamOptions):
    """The stream's and the framing's options."""


class Driver(DocumentReader):
    """Yields MrzRead, and Unreadable for a swipe that gave no whole zone."""

    model: ClassVar[str] = "MRZ swipe reader, serial or virtual COM (Access-IS and like)"
    grade: ClassVar[Grade] = Grade.SIMULATED
    options_type: ClassVar[type[Options]] = MrzSwipeOptions

    def __init__(self, name: str, options: MrzSwipeOptions) -> None:
        super().__init__(name, options)
        self._options = options
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> None:
        options = self._options
        self._streams = await open_stream(
            self.name,
            options.port,
            baud=options.baud,
            bytesize=options.bytesize,
            parity=options.parity,
            stopbits=options.stopbits,
        )
        _keep_alive(self._streams[1])

    async def close(self) -> None:
        streams, self._streams = self._streams, None
        if streams:
            await close_stream(streams[1])

    async def readings(self) -> AsyncIterator[MrzRead | Unreadable]:
        if self._streams is None:
            raise DeviceUnavailable(self.name, f"{self._options.port} is not open")
        reader = self._streams[0]
        framer = MrzFramer(self._options)
        while True:
            wait_s = self._options.idle_s if framer.pending else _PATIENCE_S
            data = await read_some(self.name, reader, within_s=wait_s)
            for reading in framer.feed(data) if data else framer.idle():
                yield reading


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """A reader that never speaks hides a dead serial server: the kernel asks it every second."""
    connection = writer.get_extra_info("socket")
    if connection is None:
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT):
        connection.setsockopt(socket.IPPROTO_TCP, option, 1)
