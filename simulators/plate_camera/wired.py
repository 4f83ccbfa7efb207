"""A camera on a TCP port; a protocol's file adds what it says.  A `SimulatedDevice`."""

import asyncio
import ssl
from abc import ABC, abstractmethod

from simulators.plate_camera.camera import Camera, Shown
from simulators.plate_camera.guard import Guard

CONNECTIONS_MAX = 8
REQUEST_BYTES_MAX = 8192
BACKLOG_BYTES = 512 * 1024
"""A viewer with more than this unread gets no new picture until it has caught up: newest wins."""


class Viewer(ABC):
    """One connection that has asked for pictures."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer

    def send(self, shown: Shown) -> None:
        if self.writer.transport.get_write_buffer_size() <= BACKLOG_BYTES:
            self.writer.write(self.encode(shown))

    @abstractmethod
    def encode(self, shown: Shown) -> bytes:
        """A picture as it goes over the wire."""


class Wired(ABC):
    """A TCP server.  `port` 0 takes a free one and keeps it over a restart.  With a `guard` requests must
    prove who asks."""

    def __init__(self, name: str, *, port: int = 0, guard: Guard | None = None) -> None:
        self.name = name
        self.guard = guard
        self.tls: ssl.SSLContext | None = None
        self.answers_after_s = 0.0
        """What each connection waits for before anything is said: a camera that is still starting."""
        self._port = port
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def port(self) -> int:
        """The TCP port, once started."""
        return self._port

    @property
    @abstractmethod
    def address(self) -> str:
        """The stream's URL, without credentials."""

    async def start(self) -> None:
        await self.stop()
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self._port, limit=REQUEST_BYTES_MAX, ssl=self.tls
        )
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        serving = dict(self._connections)
        for writer in serving.values():
            writer.transport.abort()
        await asyncio.gather(*serving, return_exceptions=True)

    def cut(self) -> None:
        """Break off all connections, as a pulled cable does to whoever is connected."""
        for writer in self._connections.values():
            writer.transport.abort()

    @abstractmethod
    def gone(self, writer: asyncio.StreamWriter) -> None:
        """A connection has ended."""

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= CONNECTIONS_MAX:
            writer.transport.abort()
            return
        self._connections[task] = writer
        try:
            await asyncio.sleep(self.answers_after_s)
            await self.serve(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass  # the far end broke off, or sent a request that no camera reads
        finally:
            del self._connections[task]
            self.gone(writer)
            writer.transport.abort()

    @abstractmethod
    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends."""


class WiredCamera(Wired):
    """A camera that shows pictures.  A step sends at most one picture: the newest."""

    def __init__(self, name: str, camera: Camera, *, port: int = 0, guard: Guard | None = None) -> None:
        super().__init__(name, port=port, guard=guard)
        self.camera = camera
        self.viewers: set[Viewer] = set()

    def gone(self, writer: asyncio.StreamWriter) -> None:
        self.viewers = {viewer for viewer in self.viewers if viewer.writer is not writer}

    def step(self, seconds: float) -> None:
        if (shown := self.camera.step(seconds)) is not None:
            for viewer in tuple(self.viewers):
                viewer.send(shown)

    def faults(self) -> tuple[str, ...]:
        return self.camera.FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        self.camera.set_fault(fault, on)


def split_request(head: bytes) -> tuple[list[str], dict[str, str]]:
    """The words of a request line, and the header fields by lower-case name."""
    first, *rest = head.decode("latin-1").split("\r\n")
    fields = (line.split(":", 1) for line in rest if ":" in line)
    return first.split(" "), {name.strip().lower(): value.strip() for name, value in fields}
