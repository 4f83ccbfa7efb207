"""A smart camera on its HTTP port: requests with digest, parts without end.  A `SimulatedDevice`."""

import asyncio
import ssl
from abc import abstractmethod
from collections import deque

from simulators.plate_camera.guard import Guard
from simulators.plate_camera.smart_eye import Passing, SmartEye
from simulators.plate_camera.wired import Wired, split_request

BODY_BYTES_MAX = 64 * 1024


class SmartWired(Wired):
    """`refused` counts requests with a wrong password, `asked` keeps the last requests' lines, `told` the
    last vehicles as sent.  One fault more than the eye has: `drop`, the cable pulled."""

    def __init__(
        self,
        name: str,
        eye: SmartEye,
        *,
        port: int = 0,
        guard: Guard | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(name, port=port, guard=guard)
        self.eye = eye
        self.tls = tls
        self.refused = 0
        self.asked: deque[str] = deque(maxlen=100)
        self.told: deque[bytes] = deque(maxlen=8)
        self.listeners: set[asyncio.StreamWriter] = set()
        self._dropped = False

    @property
    def address(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    def gone(self, writer: asyncio.StreamWriter) -> None:
        self.listeners.discard(writer)

    def step(self, seconds: float) -> None:
        for sign in self.eye.step(seconds):
            data = self.encode(sign)
            if sign is not None:
                self.told.append(data)
            if sign is not None and "half_part" in self.eye.faults_set:
                data = data[: len(data) // 2]
            for writer in tuple(self.listeners):
                writer.write(data)
                if sign is not None and "half_part" in self.eye.faults_set:
                    writer.close()

    @abstractmethod
    def encode(self, sign: Passing | None) -> bytes:
        """A vehicle, or a heartbeat, as it goes over the wire."""

    def faults(self) -> tuple[str, ...]:
        return (*self.eye.FAULTS, "drop")

    def set_fault(self, fault: str, on: bool) -> None:
        if fault == "drop":
            self._dropped = on
            if on:
                self.cut()
        else:
            self.eye.set_fault(fault, on)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not self._dropped:
            words, fields = split_request(await reader.readuntil(b"\r\n\r\n"))
            length = fields.get("content-length", "0")
            if len(words) != 3 or not length.isdecimal() or int(length) > BODY_BYTES_MAX:
                await answer(writer, "400 Bad Request")
                return
            body = await reader.readexactly(int(length))
            self.asked.append(" ".join(words[:2]))
            given = fields.get("authorization", "")
            if self.guard and not self.open_to_all(body) and not self.guard.admits(words[0], given):
                self.refused += bool(given)
                await answer(writer, "401 Unauthorized", more=f"WWW-Authenticate: {self.guard.challenge}\r\n")
            elif not await self.reply(words[0], words[1], body, writer):
                return

    def open_to_all(self, body: bytes) -> bool:
        """Whether a request is answered to anybody."""
        return False

    @abstractmethod
    async def reply(self, method: str, target: str, body: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection is of no more use."""

    async def listen(self, writer: asyncio.StreamWriter, content_type: str, first: bytes = b"") -> None:
        """Begin an answer without end, and go on until the far end goes."""
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + first)
        self.listeners.add(writer)
        while not writer.is_closing():
            await asyncio.sleep(0.02)


async def answer(
    writer: asyncio.StreamWriter, status: str, body: bytes = b"", *, kind: str = "text/plain", more: str = ""
) -> None:
    """One whole answer on a connection that stays open."""
    head = f"HTTP/1.1 {status}\r\n{more}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
