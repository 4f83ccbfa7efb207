"""Modbus servers on real wires: a TCP port, and a serial line.

Faults of the module as a whole, the same for both: `silent` (takes requests, answers none), `slow` (answers a
second late, simulated time), `busy` (exception 06 to everything), `failed` (exception 04 to every write).
"""

import asyncio
from collections.abc import Callable

import structlog

from simulators.modbus import (
    DEVICE_BUSY,
    DEVICE_FAILURE,
    BrokenStream,
    Memory,
    RtuRequests,
    TcpRequests,
    respond,
    rtu_frame,
)
from simulators.serial_line import Line
from simulators.transcript import Transcript

FAULTS = ("silent", "slow", "busy", "failed")
WRITES = (0x05, 0x06, 0x0F, 0x10)
SLOW_S = 1.0
LATE_MAX = 64
CONNECTIONS_MAX = 8
GAP_S = 0.02
"""Ends an RTU frame: over 3.5 characters at 9600 baud (4 ms), as exact as a busy machine can be."""

log = structlog.get_logger()


class Desk:
    """Answers requests under the faults that are set, and keeps the late answers of a slow module."""

    def __init__(self, memory: Memory, hear: Callable[[], None]) -> None:
        self.faults: set[str] = set()
        self._memory = memory
        self._hear = hear
        self._late: list[tuple[float, Callable[[], None]]] = []

    def serve(self, pdu: bytes, send: Callable[[bytes], None]) -> None:
        """Call `send` with the answer PDU: now, later (`step`) or never."""
        self._hear()
        if "silent" in self.faults:
            return
        if "busy" in self.faults:
            answer = bytes([pdu[0] | 0x80, DEVICE_BUSY])
        elif "failed" in self.faults and pdu[0] in WRITES:
            answer = bytes([pdu[0] | 0x80, DEVICE_FAILURE])
        else:
            answer = respond(pdu, self._memory)
        if "slow" not in self.faults:
            send(answer)
        elif len(self._late) < LATE_MAX:
            self._late.append((SLOW_S, lambda: send(answer)))

    def step(self, seconds: float) -> None:
        waiting = [(left_s - seconds, send) for left_s, send in self._late]
        self._late = [(left_s, send) for left_s, send in waiting if left_s > 0]
        for left_s, send in waiting:
            if left_s <= 0:
                send()


class ModbusTcpServer:
    """One module on a TCP port; `port` 0 takes a free one and keeps it over a restart.

    Each connection is served in the order of its requests.  A peer that breaks the MBAP header is
    disconnected; one that does not read its answers is, too, once 4 KiB wait for it.
    """

    BACKLOG_BYTES = 4096

    def __init__(self, desk: Desk, *, unit: int = 1, host: str = "127.0.0.1", port: int = 0) -> None:
        self.transcript = Transcript()
        self._desk = desk
        self._unit = unit
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def address(self) -> str:
        return f"{self._host}:{self._port}"

    @property
    def connections(self) -> int:
        return len(self._connections)

    async def start(self) -> None:
        await self.stop()
        self._server = await asyncio.start_server(self._serve, self._host, self._port)
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

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= CONNECTIONS_MAX:
            writer.transport.abort()
            return
        self._connections[task] = writer
        requests = TcpRequests()

        def send(data: bytes) -> None:
            self.transcript.add("device", data)
            if writer.transport.get_write_buffer_size() > self.BACKLOG_BYTES:
                writer.transport.abort()
            elif not writer.is_closing():
                writer.write(data)

        try:
            while data := await reader.read(4096):
                self.transcript.add("controller", data)
                for request in requests.feed(data):
                    if request.unit in (self._unit, 0, 255):
                        self._desk.serve(request.pdu, lambda pdu, of=request: send(of.answer(pdu)))
        except (OSError, BrokenStream) as error:
            log.debug("simulator.modbus_connection_ended", address=self.address, error=str(error))
        finally:
            self._connections.pop(task, None)
            writer.transport.abort()


class ModbusRtuServer:
    """One module on a serial line.  A request to another unit, or with a wrong CRC, is not answered; unit 0
    is a broadcast: done and not answered (serial line V1.02, 2.1)."""

    def __init__(self, desk: Desk, line: Line, *, unit: int = 1) -> None:
        self.transcript = Transcript()
        self._desk = desk
        self._line = line
        self._unit = unit
        self._requests = RtuRequests()
        self._gap: asyncio.TimerHandle | None = None

    @property
    def address(self) -> str:
        return self._line.address

    async def start(self) -> None:
        self._requests = RtuRequests()
        await self._line.start(self._received)

    async def stop(self) -> None:
        if self._gap:
            self._gap.cancel()
        await self._line.stop()

    def _received(self, data: bytes) -> None:
        self.transcript.add("controller", data)
        if self._gap:
            self._gap.cancel()
        self._gap = asyncio.get_running_loop().call_later(GAP_S, self._silent)
        self._serve(self._requests.feed(data))

    def _silent(self) -> None:
        self._serve(self._requests.silence())

    def _serve(self, requests: list[tuple[int, bytes]]) -> None:
        for unit, pdu in requests:
            if unit == self._unit:
                self._desk.serve(pdu, lambda answer: self._send(rtu_frame(self._unit, answer)))
            elif unit == 0:
                self._desk.serve(pdu, lambda answer: None)

    def _send(self, data: bytes) -> None:
        self.transcript.add("device", data)
        self._line.send(data)
