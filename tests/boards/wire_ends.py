"""Both ends of a board's wire for `tests/wire/modbus_*.toml`: what one request or answer means to each.

`means` of a request: { reads = "inputs", count = 6 }, { output = 0, on = true } or { output = 0,
closed_for_s = 0.7 }.  Of an answer: { inputs = [...] }, { confirmed = true } or { exception = 2 }; its
settings hold the request (`asked`, hex) and the same request in words (`order`).
"""

import asyncio
from collections.abc import Callable
from typing import Any

from drivers.boards import Board
from drivers.errors import DeviceError, DeviceFault
from simulators.boards.module import SimulatedBoard
from simulators.modbus import RtuRequests, TcpRequests, respond, rtu_frame
from simulators.serial_line import PtyLine
from tests.boards.bench import opened

Means = dict[str, Any]
MakeDriver = Callable[[str], Board]
CLOSED_NOTHING = b"\x02\x01\x00"


class Ends:
    """`serial`: RTU, else TCP.  `make_driver` gets the address of the far end."""

    def __init__(self, make_driver: MakeDriver, make_simulator: Callable[[], Any], *, serial: bool) -> None:
        self._make_driver = make_driver
        self._make_simulator = make_simulator
        self._serial = serial

    # --- the driver's end ---------------------------------------------------------------------------------

    def driver_writes(self, means: Means, settings: Means) -> bytes:
        asked, _ = asyncio.run(self._exchange(means, b"", settings.get("transaction", 1)))
        return asked

    def driver_reads(self, data: bytes, settings: Means) -> Means | None:
        transaction = int.from_bytes(data[:2], "big")
        _, result = asyncio.run(self._exchange(settings["order"], data, transaction))
        return result

    async def _exchange(self, order: Means, answer: bytes, transaction: int) -> tuple[bytes, Means | None]:
        """What the driver sends to say `order`, and what it makes of `answer`."""
        received: list[bytes] = []

        def reply(request: bytes) -> bytes:
            received.append(request)
            if len(received) > 1:
                return answer
            pdu = CLOSED_NOTHING
            return rtu_frame(1, pdu) if self._serial else request[:4] + bytes([0, 1 + len(pdu), 1]) + pdu

        async with FarEnd(reply, self._serial) as far, opened(self._make_driver(far.address)) as board:
            if not self._serial:
                board._link._client.ctx.next_tid = transaction - 1
            result = await understood(board, order)
        return received[1], result

    # --- the simulator's end ------------------------------------------------------------------------------

    def simulator_reads(self, data: bytes, settings: Means) -> Means | None:
        simulator: SimulatedBoard = self._make_simulator()
        memory: Any = simulator._desk._memory
        read: list[Means] = []
        really_read = memory.read_inputs

        def noted(address: int, count: int) -> list[bool]:
            read.append({"reads": "inputs", "first": address, "count": count})
            return really_read(address, count)

        memory.read_inputs = noted
        if (pdu := self._pdu(data)) is None or respond(pdu, memory)[0] & 0x80:
            return None
        if read:
            return read[0]
        module = simulator.module
        moved = [output for output, count in enumerate(module.closings) if count]
        if not moved:
            return {"output": int.from_bytes(pdu[1:3], "big") & 0xF, "on": False}
        if not module.pulsing(moved[0]):
            return {"output": moved[0], "on": True}
        tenths = 0
        while module.outputs[moved[0]]:
            module.step(0.1)
            tenths += 1
        return {"output": moved[0], "closed_for_s": tenths / 10}

    def simulator_writes(self, means: Means, settings: Means) -> bytes:
        simulator: SimulatedBoard = self._make_simulator()
        for channel, closed in enumerate(means.get("inputs", ())):
            simulator.module.set_input(channel, closed)
        asked = bytes.fromhex(settings["asked"])
        pdu = self._pdu(asked)
        assert pdu is not None
        answer = respond(pdu, simulator._desk._memory)
        if self._serial:
            return rtu_frame(asked[0], answer)
        (request,) = TcpRequests().feed(asked)
        return request.answer(answer)

    def _pdu(self, data: bytes) -> bytes | None:
        if self._serial:
            return next((pdu for _, pdu in RtuRequests().feed(data)), None)
        return next((request.pdu for request in TcpRequests().feed(data)), None)


async def understood(board: Board, order: Means) -> Means | None:
    """Give the order; what the board's driver says came of it."""
    try:
        if "reads" in order:
            return {"inputs": list(await board.read_inputs())}
        if "on" in order:
            await board.set_output(order["output"], order["on"])
        else:
            await board.pulse(order["output"], order["closed_for_s"])
    except DeviceFault as fault:
        return {"exception": int(fault.message.split("exception ")[1].split()[0], 16)}
    except DeviceError:
        return None
    return {"confirmed": True}


class FarEnd:
    """Answers each request with `reply(request)`, over TCP or a pty; b"" answers nothing."""

    def __init__(self, reply: Callable[[bytes], bytes], serial: bool) -> None:
        self._reply = reply
        self._line = PtyLine() if serial else None

    async def __aenter__(self) -> "FarEnd":
        if self._line:
            line = self._line
            await line.start(lambda request: line.send(self._reply(request)))
            self.address = line.address
        else:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(260):
            if answer := self._reply(request):
                writer.write(answer)
            else:
                break
        writer.close()

    async def __aexit__(self, *_: object) -> None:
        if self._line:
            await self._line.stop()
        else:
            self._server.close()
