"""Modbus for I/O modules: one request at a time, never repeated, every answer checked against its question.

The codec and the ports are pymodbus's.  Around it stands what a lane needs and the library leaves open:

- a write goes out once: the library's retries and its own reconnection are off (a lost answer does not say
  whether the relay moved, and reconnecting is the supervisor's work);
- a Modbus exception does not raise in pymodbus: here it is a `DeviceFault` that names the code;
- the answer's function, length and echo are compared with the question, because a wrong level is worse than
  none.  RTU answers carry no transaction number, so after a lost answer the line must fall silent before the
  next question: a late answer would pass as the answer to it;
- a caller who gives up (a deadline) does not leave its answer on the wire for the next one.

Source: Modbus Application Protocol V1.1b3 (functions, exception codes), Modbus over Serial Line V1.02 2.5.1
(silence between frames), MODBUS Messaging on TCP/IP V1.0b 3.1 (MBAP header).
"""

import asyncio
import contextlib
import errno
import logging
import os
import struct
import time
from collections.abc import Callable
from typing import Any

from pymodbus import FramerType
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.client.base import ModbusBaseClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadCoilsResponse,
    ReadDiscreteInputsRequest,
    ReadDiscreteInputsResponse,
)
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadHoldingRegistersResponse

from drivers.errors import DeviceError, DeviceFault, DeviceTimeout, DeviceUnavailable, ProtocolError

# The library logs each lost answer as an error of its own; all it knows is in our errors, once.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

COIL_ON = 0xFF00
COIL_OFF = 0x0000
EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "server device failure",
    5: "acknowledge, still working",
    6: "server device busy",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target did not respond",
}
SETTLE_S = 0.1
"""Silence that ends a spoiled RTU exchange: far over 3.5 characters at 9600 baud (4 ms), so that a slow
RS-485 adapter's late answer is thrown away and not taken for the next one."""
MBAP_BYTES = 7
MBAP_LENGTH_MAX = 254


class WriteSingleCoil(ModbusPDU):
    """FC05 with its raw 16-bit value.  pymodbus knows only on and off; timed relays take a number here."""

    function_code = 5
    rtu_frame_size = 8

    def __init__(self, address: int = 0, value: int = COIL_OFF, dev_id: int = 0) -> None:
        super().__init__(dev_id=dev_id, address=address)
        self.value = value

    def encode(self) -> bytes:
        return struct.pack(">HH", self.address, self.value)

    def decode(self, data: bytes) -> None:
        self.address, self.value = struct.unpack(">HH", data)


class ModbusLink:
    """The connection to one module.  Methods raise DeviceUnavailable (not connected, connection lost),
    DeviceTimeout (no whole answer within `timeout_s`), DeviceFault (exception answer) or ProtocolError."""

    def __init__(self, device: str, where: str, unit: int, timeout_s: float) -> None:
        self.device = device
        self.where = where
        self._unit = unit
        self._timeout_s = timeout_s
        self._client: ModbusBaseClient | None = None
        self._lock = asyncio.Lock()
        self._lost: asyncio.Future[DeviceError] | None = None
        self._cause = ""
        self._received = b""
        self._received_at_s = 0.0
        self._must_settle = False

    # --- life ---------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connect.  Raises DeviceUnavailable with the operating system's own words."""
        self.close()
        self._lost = asyncio.get_running_loop().create_future()
        self._lock = asyncio.Lock()
        client = self._make_client()
        client.register(WriteSingleCoil)
        connect: Callable[[], Any] = client.ctx.call_create

        async def connect_and_note() -> Any:
            # The library reports only that it failed; the operator needs to know why.
            try:
                return await connect()
            except OSError as error:
                self._cause = os.strerror(error.errno) if error.errno else str(error)
                if error.errno == errno.EAGAIN:  # pyserial's exclusive lock
                    self._cause = "another program has it open"
                raise

        client.ctx.call_create = connect_and_note
        self._cause = f"no answer within {self._timeout_s:g} s"
        if not await client.connect():
            raise DeviceUnavailable(
                self.device,
                f"could not connect to {self.where}: {self._cause}",
                hint="check power, cable and address",
            )
        self._client = client
        self._must_settle = not self._has_transactions

    def close(self) -> None:
        """Let go of the port; safe at any time."""
        client, self._client = self._client, None
        self._lose(DeviceUnavailable(self.device, f"{self.where} was closed"))
        if client is not None:
            with contextlib.suppress(Exception):
                client.close()

    @property
    def is_open(self) -> bool:
        return self._client is not None and not (self._lost is not None and self._lost.done())

    _has_transactions = True

    def _make_client(self) -> ModbusBaseClient:
        raise NotImplementedError

    # --- questions ----------------------------------------------------------------------------------------

    async def read_coils(self, address: int, count: int) -> tuple[bool, ...]:
        """FC01."""
        answer = await self._ask(ReadCoilsRequest(address=address, count=count, dev_id=self._unit))
        return self._bits(answer, ReadCoilsResponse, count)

    async def read_discrete_inputs(self, address: int, count: int) -> tuple[bool, ...]:
        """FC02."""
        answer = await self._ask(ReadDiscreteInputsRequest(address=address, count=count, dev_id=self._unit))
        return self._bits(answer, ReadDiscreteInputsResponse, count)

    async def read_holding_registers(self, address: int, count: int) -> tuple[int, ...]:
        """FC03."""
        answer = await self._ask(ReadHoldingRegistersRequest(address=address, count=count, dev_id=self._unit))
        if type(answer) is not ReadHoldingRegistersResponse or len(answer.registers) != count:
            raise self._wrong(f"a read of {count} registers")
        return tuple(answer.registers)

    async def write_coil(self, address: int, value: int) -> None:
        """FC05, once; `value` is COIL_ON, COIL_OFF or what the module's manual says.  The module confirms by
        the echo, and only the exact echo counts."""
        answer = await self._ask(WriteSingleCoil(address, value, self._unit))
        if not isinstance(answer, WriteSingleCoil) or (answer.address, answer.value) != (address, value):
            raise self._wrong(f"coil {address:#06x} := {value:#06x}")

    # --- one exchange -------------------------------------------------------------------------------------

    async def _ask(self, request: ModbusPDU) -> ModbusPDU:
        lock = self._lock
        await lock.acquire()
        # The exchange itself cannot be called back once it is on the wire: it ends in its own task, which
        # keeps the lock until the answer came or its time is up.
        exchange = asyncio.create_task(self._exchange(request))

        def ended(task: asyncio.Task[ModbusPDU]) -> None:
            lock.release()
            if not task.cancelled():
                task.exception()  # an error that nobody waits for any more is not "never retrieved"

        exchange.add_done_callback(ended)
        answer = await asyncio.shield(exchange)
        if isinstance(answer, ExceptionResponse):
            code = answer.exception_code
            raise DeviceFault(
                self.device,
                f"{self.where} answered function {request.function_code:02d} at address "
                f"{request.address:#06x} with Modbus exception {code:#04x} "
                f"({EXCEPTIONS.get(code, 'unknown code')})",
                hint="check the module's model, unit number and output modes",
            )
        return answer

    async def _exchange(self, request: ModbusPDU) -> ModbusPDU:
        client, lost = self._client, self._lost
        if client is None or lost is None:
            raise DeviceUnavailable(self.device, f"{self.where} is not open")
        if self._must_settle:
            await self._settle()
        if lost.done():
            raise lost.result().retold(self.device)
        self._received = b""
        answering = asyncio.ensure_future(client.ctx.execute(False, request))
        try:
            await asyncio.wait((answering, lost), return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                return answering.result()
            raise lost.result().retold(self.device)
        except ModbusException:
            self._must_settle = not self._has_transactions
            if lost.done():
                raise lost.result().retold(self.device) from None
            raise DeviceTimeout(
                self.device,
                f"{self.where} gave no whole answer to function {request.function_code:02d} within "
                f"{self._timeout_s:g} s (received: {self._received.hex(' ') or 'nothing'})",
                hint="check power and cable; on RS-485 also A/B, unit number and baud rate",
            ) from None
        finally:
            answering.cancel()

    async def _settle(self) -> None:
        """Wait, at most a second, until the line has been silent for SETTLE_S."""
        waiting_since_s = time.monotonic()
        while (now_s := time.monotonic()) - waiting_since_s < 1.0:
            silent_for_s = now_s - max(self._received_at_s, waiting_since_s)
            if silent_for_s >= SETTLE_S:
                break
            await asyncio.sleep(SETTLE_S - silent_for_s)
        self._must_settle = False

    # --- what comes in ------------------------------------------------------------------------------------

    def _packet(self, sending: bool, data: bytes) -> bytes:
        """pymodbus's view of the wire: `data` is all that was received since the last whole frame."""
        if sending:
            return data
        self._received = data[:64]
        self._received_at_s = time.monotonic()
        complaint = self._complaint(data)
        if complaint:
            self._lose(
                ProtocolError(
                    self.device,
                    f"{self.where} sent {complaint}: {self._received.hex(' ')}",
                    hint="is this a Modbus module?",
                )
            )
            return b""
        return data

    def _complaint(self, data: bytes) -> str:
        return ""

    def _connection(self, connected: bool) -> None:
        if not connected:
            self._lose(DeviceUnavailable(self.device, f"{self.where} closed the connection"))

    def _lose(self, error: DeviceError) -> None:
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(error)

    def _bits(self, answer: ModbusPDU, kind: type[ModbusPDU], count: int) -> tuple[bool, ...]:
        if type(answer) is not kind or len(answer.bits) != (count + 7) // 8 * 8:
            raise self._wrong(f"a read of {count} bits")
        return tuple(answer.bits[:count])

    def _wrong(self, asked: str) -> ProtocolError:
        error = ProtocolError(
            self.device,
            f"{self.where} answered {asked} with {self._received.hex(' ')}, which does not belong to it",
            hint="two masters on one line, or not the module that was configured",
        )
        self._lose(error)
        return error


class TcpLink(ModbusLink):
    """Modbus TCP: the MBAP header is checked before the library sees it, because a header that lies about
    its length would only show as a time-out."""

    def __init__(self, device: str, host: str, port: int, unit: int, timeout_s: float) -> None:
        super().__init__(device, f"Modbus TCP {host}:{port} unit {unit}", unit, timeout_s)
        self._host, self._port = host, port

    def _make_client(self) -> ModbusBaseClient:
        return AsyncModbusTcpClient(
            self._host,
            port=self._port,
            timeout=self._timeout_s,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._packet,
            trace_connect=self._connection,
        )

    def _complaint(self, data: bytes) -> str:
        if len(data) < MBAP_BYTES + 1:
            return ""
        protocol, length = struct.unpack(">HH", data[2:6])
        if protocol != 0:
            return f"protocol number {protocol} in an MBAP header (0 is Modbus)"
        if not 3 <= length <= MBAP_LENGTH_MAX:
            return f"length {length} in an MBAP header (3 to {MBAP_LENGTH_MAX})"
        return answer_complaint(data[MBAP_BYTES : 6 + length]) if len(data) >= 6 + length else ""


def answer_complaint(pdu: bytes) -> str:
    """Why these bytes are no answer to any of the functions asked here; "" if they may be one."""
    function, body = pdu[0], pdu[1:]
    if function & 0x80:
        wanted = 1
    elif function in (1, 2, 3):
        wanted = 1 + body[0]
    elif function == WriteSingleCoil.function_code:
        wanted = 4
    else:
        return f"function {function:#04x}, which was not asked"
    return "" if len(body) == wanted else f"function {function:02d} with {len(body)} bytes, not {wanted}"


class RtuLink(ModbusLink):
    """Modbus RTU on a serial port, 8 data bits, no parity, one stop bit; opened exclusively."""

    _has_transactions = False

    def __init__(self, device: str, path: str, baudrate: int, unit: int, timeout_s: float) -> None:
        super().__init__(device, f"Modbus RTU {path} unit {unit}", unit, timeout_s)
        self._path, self._baudrate = path, baudrate

    def _make_client(self) -> ModbusBaseClient:
        return AsyncModbusSerialClient(
            self._path,
            framer=FramerType.RTU,
            baudrate=self._baudrate,
            bytesize=8,
            parity="N",
            stopbits=1,
            timeout=self._timeout_s,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._packet,
            trace_connect=self._connection,
        )
