"""The simulators' Modbus server, held to the standard's own examples and to garbage."""

import asyncio
import socket
import struct
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.boards.io_module import IoModule
from simulators.boards.moxa_e1214 import MoxaE1214
from simulators.boards.waveshare_relay import WaveshareRelay
from simulators.modbus import (
    BrokenStream,
    EmptyMemory,
    RtuRequests,
    TcpRequests,
    crc16,
    on_or_off,
    respond,
    rtu_frame,
)
from tests.boards.bench import SIMULATORS, running, until


def serial_port(path: str) -> BinaryIO:
    return open(path, "r+b", buffering=0)


class Example(EmptyMemory):
    """The values behind the examples of the Modbus Application Protocol V1.1b3, section 6."""

    def __init__(self) -> None:
        self.coils = [False] * 0x400
        self.holding = {at: 0 for at in range(0x200)} | {0x6B: 0x022B, 0x6C: 0, 0x6D: 0x0064}
        for offset, byte in enumerate((0xCD, 0x6B, 0x05)):
            for bit in range(8):
                self.coils[0x13 + 8 * offset + bit] = bool(byte >> bit & 1)

    def read_coils(self, address: int, count: int) -> list[bool]:
        return self.coils[address : address + count]

    def read_holding(self, address: int, count: int) -> list[int]:
        return [self.holding[address + at] for at in range(count)]

    def write_coil(self, address: int, value: int) -> None:
        self.coils[address] = on_or_off(value)

    def write_holding(self, address: int, value: int) -> None:
        self.holding[address] = value


@pytest.mark.parametrize(
    ("clause", "request_", "answer"),
    [
        ("6.1 read coils 20-38", "01 00 13 00 13", "01 03 CD 6B 05"),
        ("6.3 read holding 108-110", "03 00 6B 00 03", "03 06 02 2B 00 00 00 64"),
        ("6.5 coil 173 on", "05 00 AC FF 00", "05 00 AC FF 00"),
        ("6.6 register 2 := 3", "06 00 01 00 03", "06 00 01 00 03"),
        ("6.11 ten coils from 20", "0F 00 13 00 0A 02 CD 01", "0F 00 13 00 0A"),
        ("6.12 two registers from 2", "10 00 01 00 02 04 00 0A 01 02", "10 00 01 00 02"),
        ("7 unknown function", "2B 0E 01 00", "AB 01"),
        ("6.5 value neither on nor off", "05 00 AC 00 07", "85 03"),
        ("6.1 quantity 0", "01 00 13 00 00", "81 03"),
        ("6.1 quantity over 2000", "01 00 13 07 D1", "81 03"),
        ("6.11 byte count against quantity", "0F 00 13 00 0A 01 CD", "8F 03"),
        ("6.2 no discrete inputs here", "02 00 00 00 08", "82 02"),
        ("4.4 past the last address", "03 FF FF 00 02", "83 02"),
    ],
)
def test_the_standards_examples_are_answered_byte_for_byte(clause: str, request_: str, answer: str):
    assert respond(bytes.fromhex(request_), Example()).hex(" ").upper() == answer, clause


def test_ten_coils_are_written_lowest_bit_first():
    memory = Example()
    respond(bytes.fromhex("0F 00 13 00 0A 02 CD 01"), memory)
    assert memory.coils[0x13 : 0x13 + 10] == [bool(int(bit)) for bit in "1011001110"]


@given(st.binary(min_size=1, max_size=260))
def test_every_request_gets_an_answer_of_its_own_function(pdu: bytes):
    answer = respond(pdu, Example())
    assert answer[0] & 0x7F == pdu[0] & 0x7F
    assert len(answer) <= 253
    if answer[0] & 0x80:
        assert len(answer) == 2


@given(
    st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 255), st.binary(min_size=1, max_size=253))),
    st.data(),
)
def test_tcp_requests_are_found_however_the_stream_is_cut(
    frames: list[tuple[int, int, bytes]], data: st.DataObject
):
    stream = b"".join(struct.pack(">HHHB", t, 0, len(pdu) + 1, unit) + pdu for t, unit, pdu in frames)
    requests = TcpRequests()
    found: list[tuple[int, int, bytes]] = []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        found += [(r.transaction, r.unit, r.pdu) for r in requests.feed(stream[:cut])]
        stream = stream[cut:]
    assert found == frames


@given(st.lists(st.binary(max_size=400), max_size=8))
def test_garbage_on_tcp_ends_in_a_broken_stream_or_nothing(chunks: list[bytes]):
    requests = TcpRequests()
    try:
        for chunk in chunks:
            requests.feed(chunk)
    except BrokenStream:
        pass


def test_the_crc_is_the_one_of_the_published_frames():
    for frame in ("01 05 00 00 FF 00 8C 3A", "01 05 02 00 00 07 8D B0", "01 02 00 00 00 08 79 CC"):
        data = bytes.fromhex(frame)
        assert crc16(data[:-2]) == data[-2:]


@given(st.binary(max_size=40), st.integers(0, 8))
def test_an_rtu_request_is_found_after_noise_and_however_it_is_cut(noise: bytes, cut: int):
    frame = rtu_frame(1, b"\x05\x02\x00\x00\x07")
    requests = RtuRequests()
    found = requests.feed(noise) + requests.feed(frame[:cut]) + requests.feed(frame[cut:])
    assert (1, b"\x05\x02\x00\x00\x07") in found


@given(st.integers(0, 63))
def test_an_rtu_request_with_one_damaged_bit_is_no_request(bit: int):
    frame = bytearray(rtu_frame(1, b"\x05\x02\x00\x00\x07"))
    frame[bit // 8] ^= 1 << bit % 8
    requests = RtuRequests()
    assert requests.feed(bytes(frame)) + requests.silence() == []


def test_an_unknown_function_is_a_frame_when_silence_ends_it():
    requests = RtuRequests()
    assert requests.feed(rtu_frame(1, b"\x2b\x0e\x01\x00")) == []
    assert requests.silence() == [(1, b"\x2b\x0e\x01\x00")]


async def test_an_unknown_function_on_the_line_is_answered_with_exception_1():
    async with running(WaveshareRelay("io")) as simulator:
        transcript = simulator.server.transcript
        with serial_port(simulator.address) as port:
            port.write(rtu_frame(1, b"\x2b\x0e\x01\x00"))
            await until(lambda: bool(transcript.entries()) and transcript.entries()[-1].sender == "device")
        assert transcript.entries()[-1].data == rtu_frame(1, b"\xab\x01")


async def test_another_unit_and_a_wrong_crc_are_not_answered_and_a_broadcast_is_done_in_silence():
    async with running(WaveshareRelay("io")) as simulator:
        with serial_port(simulator.address) as port:
            port.write(rtu_frame(2, b"\x05\x00\x00\xff\x00"))
            port.write(rtu_frame(1, b"\x05\x00\x01\xff\x00")[:-1] + b"\x00")
            port.write(rtu_frame(0, b"\x05\x00\x02\xff\x00"))
            await until(lambda: simulator.module.outputs[2])
        assert simulator.module.outputs == [False, False, True] + [False] * 5
        assert all(entry.sender == "controller" for entry in simulator.server.transcript.entries())


@given(st.lists(st.binary(min_size=1, max_size=400), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_a_flood_of_garbage_neither_stops_a_module_nor_moves_a_relay_it_did_not_order(chunks: list[bytes]):
    async def trial() -> None:
        async with running(MoxaE1214("io")) as simulator:
            host, port = simulator.address.split(":")
            _, rogue = await asyncio.open_connection(host, int(port))
            for chunk in chunks:
                rogue.write(b"\xff" + chunk)
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(bytes.fromhex("00 02 00 00 00 06 01 02 00 00 00 06"))
            async with asyncio.timeout(5):
                assert await reader.readexactly(10) == bytes.fromhex("00 02 00 00 00 04 01 02 01 00")
            assert sum(simulator.module.closings) == 0
            for each in (rogue, writer):
                each.transport.abort()

    asyncio.run(trial())


async def test_a_peer_that_never_reads_its_answers_is_disconnected():
    async with running(MoxaE1214("io")) as simulator:
        host, port = simulator.address.split(":")
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.connect((host, int(port)))
        _, writer = await asyncio.open_connection(sock=deaf)
        writer.transport.pause_reading()
        question = bytes.fromhex("00 01 00 00 00 06 01 03 00 24 00 0C")
        async with asyncio.timeout(20):
            while simulator.server.connections or not writer.is_closing():
                try:
                    writer.write(question * 500)
                    await writer.drain()
                except OSError:
                    break
        await until(lambda: simulator.server.connections == 0)
        writer.transport.abort()


# --- the module's own timers --------------------------------------------------------------------------------


def test_a_module_ends_each_pulse_in_its_own_time():
    module = IoModule(2, 3)
    moved: list[bool] = []
    module.wire_output(1, moved.append)
    module.close_for(0, 0.5)
    module.close_for(1, 1.0)
    module.step(0.6)
    assert module.outputs == [False, True, False]
    module.close_for(1, 1.0)
    module.step(0.9)
    assert module.outputs[1]
    module.step(0.1)
    assert moved == [True, False]
    assert module.closings == [1, 1, 0]


def test_a_timed_off_opens_and_closes_again():
    module = IoModule(1, 1)
    module.switch(0, True)
    module.open_for(0, 1.0)
    assert module.outputs == [False]
    module.step(1.1)
    assert module.outputs == [True]


def test_an_armed_watchdog_opens_every_relay_when_the_host_is_silent():
    module = IoModule(1, 2)
    module.watchdog_s = 2.0
    module.switch(0, True)
    module.step(1.5)
    module.hear_host()
    module.step(1.5)
    assert module.outputs == [True, False]
    module.step(0.6)
    assert module.outputs == [False, False]


@pytest.mark.parametrize("kind", SIMULATORS)
def test_an_unknown_fault_lists_the_known_ones(kind: str):
    simulator = SIMULATORS[kind]()
    with pytest.raises(KeyError, match="silent"):
        simulator.set_fault("rust", True)
    assert simulator.faults()
