"""The server side of Modbus, sans I/O: requests in, answers out, as the standard says.

Functions 01, 02, 03, 04, 05, 06, 0F and 10; everything else is answered with exception 01.  Checks come in
the standard's order: function (01), quantity and value (03), address (02), then the device itself (04, 06).

    TCP  | transaction 2 | protocol 0 2 | length 2 | unit 1 | PDU |      length counts unit and PDU
    RTU  | unit 1 | PDU | CRC-16 2, low byte first |
    PDU  | function 1 | data |          exception: | function + 80 | code |

Sources: Modbus Application Protocol Specification V1.1b3, sections 4, 6 and 7; MODBUS Messaging on TCP/IP
Implementation Guide V1.0b, section 3.1; Modbus over Serial Line V1.02, section 2.5.1 and appendix B (CRC).
"""

import struct
from dataclasses import dataclass
from typing import Protocol

ILLEGAL_FUNCTION = 1
ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3
DEVICE_FAILURE = 4
DEVICE_BUSY = 6

BITS_READ_MAX = 2000
BITS_WRITE_MAX = 1968
REGISTERS_READ_MAX = 125
REGISTERS_WRITE_MAX = 123
PDU_MAX = 253


class ExceptionAnswer(Exception):
    """Raised by a memory to answer with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception {code}")
        self.code = code


class Memory(Protocol):
    """A module's data model.  Each method may raise ExceptionAnswer.  Addresses count from 0."""

    def read_coils(self, address: int, count: int) -> list[bool]: ...
    def read_inputs(self, address: int, count: int) -> list[bool]: ...
    def read_holding(self, address: int, count: int) -> list[int]: ...
    def read_input_registers(self, address: int, count: int) -> list[int]: ...
    def write_coil(self, address: int, value: int) -> None:
        """`value` is the raw word.  A memory that follows the standard takes FF00 and 0000 only."""
        ...

    def write_holding(self, address: int, value: int) -> None: ...


class EmptyMemory:
    """Answers every address with exception 02; a module overrides what it has."""

    def read_coils(self, address: int, count: int) -> list[bool]:
        raise ExceptionAnswer(ILLEGAL_ADDRESS)

    def read_inputs(self, address: int, count: int) -> list[bool]:
        raise ExceptionAnswer(ILLEGAL_ADDRESS)

    def read_holding(self, address: int, count: int) -> list[int]:
        raise ExceptionAnswer(ILLEGAL_ADDRESS)

    def read_input_registers(self, address: int, count: int) -> list[int]:
        raise ExceptionAnswer(ILLEGAL_ADDRESS)

    def write_coil(self, address: int, value: int) -> None:
        raise ExceptionAnswer(ILLEGAL_ADDRESS)

    def write_holding(self, address: int, value: int) -> None:
        raise ExceptionAnswer(ILLEGAL_ADDRESS)


def on_or_off(value: int) -> bool:
    """A coil's value in FC05 as the standard has it (6.5).  Raises ExceptionAnswer 03 on anything else."""
    if value not in (0x0000, 0xFF00):
        raise ExceptionAnswer(ILLEGAL_VALUE)
    return value == 0xFF00


def respond(pdu: bytes, memory: Memory) -> bytes:
    """The answer PDU to a request PDU of at least one byte."""
    function = pdu[0]
    try:
        return bytes([function]) + _answer(function, pdu[1:], memory)
    except ExceptionAnswer as answer:
        return bytes([function | 0x80, answer.code])


def _answer(function: int, data: bytes, memory: Memory) -> bytes:
    if function in (0x01, 0x02):
        address, count = _range(data, BITS_READ_MAX)
        read = memory.read_coils if function == 0x01 else memory.read_inputs
        packed = pack_bits(read(address, count))
        return bytes([len(packed)]) + packed
    if function in (0x03, 0x04):
        address, count = _range(data, REGISTERS_READ_MAX)
        read_words = memory.read_holding if function == 0x03 else memory.read_input_registers
        words = read_words(address, count)
        return bytes([2 * count]) + struct.pack(f">{count}H", *words)
    if function in (0x05, 0x06):
        address, value = _two_words(data)
        write = memory.write_coil if function == 0x05 else memory.write_holding
        write(address, value)
        return data
    if function == 0x0F:
        address, count, body = _written(data, BITS_WRITE_MAX)
        if len(body) != (count + 7) // 8:
            raise ExceptionAnswer(ILLEGAL_VALUE)
        memory.read_coils(address, count)  # all addresses are known before the first is written
        for offset, bit in enumerate(unpack_bits(body, count)):
            memory.write_coil(address + offset, 0xFF00 if bit else 0x0000)
        return data[:4]
    if function == 0x10:
        address, count, body = _written(data, REGISTERS_WRITE_MAX)
        if len(body) != 2 * count:
            raise ExceptionAnswer(ILLEGAL_VALUE)
        memory.read_holding(address, count)
        for offset, word in enumerate(struct.unpack(f">{count}H", body)):
            memory.write_holding(address + offset, word)
        return data[:4]
    raise ExceptionAnswer(ILLEGAL_FUNCTION)


def _two_words(data: bytes) -> tuple[int, int]:
    if len(data) != 4:
        raise ExceptionAnswer(ILLEGAL_VALUE)
    first, second = struct.unpack(">HH", data)
    return first, second


def _range(data: bytes, count_max: int) -> tuple[int, int]:
    address, count = _two_words(data)
    if not 1 <= count <= count_max:
        raise ExceptionAnswer(ILLEGAL_VALUE)
    if address + count > 0x10000:
        raise ExceptionAnswer(ILLEGAL_ADDRESS)
    return address, count


def _written(data: bytes, count_max: int) -> tuple[int, int, bytes]:
    if len(data) < 5 or len(data) - 5 != data[4]:
        raise ExceptionAnswer(ILLEGAL_VALUE)
    address, count = _range(data[:4], count_max)
    return address, count, data[5:]


def pack_bits(bits: list[bool]) -> bytes:
    """First bit in the lowest bit of the first byte; the last byte is filled with zeros (6.1)."""
    packed = bytearray((len(bits) + 7) // 8)
    for index, bit in enumerate(bits):
        packed[index // 8] |= bit << index % 8
    return bytes(packed)


def unpack_bits(data: bytes, count: int) -> list[bool]:
    return [bool(data[index // 8] >> index % 8 & 1) for index in range(count)]


# --- Modbus TCP -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TcpRequest:
    transaction: int
    unit: int
    pdu: bytes

    def answer(self, pdu: bytes) -> bytes:
        return struct.pack(">HHHB", self.transaction, 0, len(pdu) + 1, self.unit) + pdu


class BrokenStream(Exception):
    """The peer does not speak Modbus TCP: the connection is to be closed (guide 4.2.2)."""


class TcpRequests:
    """Cuts a byte stream into requests.  Holds at most one frame's bytes."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[TcpRequest]:
        """Raises BrokenStream at a header that can't be one."""
        self._buffer += data
        requests: list[TcpRequest] = []
        while len(self._buffer) >= 7:
            transaction, protocol, length, unit = struct.unpack(">HHHB", self._buffer[:7])
            if protocol != 0 or not 2 <= length <= PDU_MAX + 1:
                raise BrokenStream(f"MBAP header {self._buffer[:7].hex(' ')}")
            end = 6 + length
            if len(self._buffer) < end:
                break
            requests.append(TcpRequest(transaction, unit, self._buffer[7:end]))
            self._buffer = self._buffer[end:]
        return requests


# --- Modbus RTU -------------------------------------------------------------------------------------------


def crc16(data: bytes) -> bytes:
    """CRC-16 with polynomial A001 (reflected), start FFFF, low byte first on the wire (appendix B)."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


def rtu_frame(unit: int, pdu: bytes) -> bytes:
    body = bytes([unit]) + pdu
    return body + crc16(body)


class RtuRequests:
    """Finds requests in the bytes of a serial line.

    The standard cuts frames by silence, of which a pty keeps little.  So a request is cut by the length that
    its function implies, wherever it begins: after noise the next whole request is found again.  `silence`
    is told of a gap: what is left then is a frame of an unknown function, or noise.
    """

    FRAME_MAX = 256

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """(unit, PDU) of each whole request."""
        self._buffer += data
        requests: list[tuple[int, bytes]] = []
        while frame := self._cut():
            requests.append((frame[0], frame[1:-2]))
        self._buffer = self._buffer[-self.FRAME_MAX :]
        return requests

    def _cut(self) -> bytes:
        """The first whole frame, wherever it begins, taken out with all before it."""
        for start in range(len(self._buffer) - 7):
            frame = self._buffer[start : start + self._length(self._buffer[start:])]
            if frame and crc16(frame[:-2]) == frame[-2:]:
                self._buffer = self._buffer[start + len(frame) :]
                return frame
        return b""

    @staticmethod
    def _length(data: bytes) -> int:
        """Length of the whole request that begins here; 0 if none does."""
        if 1 <= data[1] <= 6:
            return 8
        if data[1] in (0x0F, 0x10) and len(data) >= 9 + data[6]:
            return 9 + data[6]
        return 0

    def silence(self) -> list[tuple[int, bytes]]:
        """The line has been silent for 3.5 characters: what is left is one frame or nothing."""
        frame, self._buffer = self._buffer, b""
        if 4 <= len(frame) <= self.FRAME_MAX and crc16(frame[:-2]) == frame[-2:]:
            return [(frame[0], frame[1:-2])]
        return []
