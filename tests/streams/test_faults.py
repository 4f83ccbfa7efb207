"""Faults hit the bytes between two ends, as said, by their seed, and in bounded memory."""

import asyncio
import math
from collections.abc import Callable

import pytest

from simulators.faults import (
    FAULTS,
    Cut,
    Delay,
    Direction,
    Drop,
    Fault,
    FaultedLine,
    FaultedPort,
    Garble,
    HalfFrames,
    SlowClose,
    Stall,
)
from simulators.faults.channel import WAITING_BYTES_MAX

FRAME = bytes(range(32))


class FakeLine:
    """The inner line, looked at without a wire."""

    lost_bytes = 0
    address = "nowhere"

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.came = asyncio.Event()
        self.stopped = asyncio.Event()
        self.received: Callable[[bytes], None] = lambda _: None

    async def start(self, received: Callable[[bytes], None]) -> None:
        self.received = received
        self.stopped.clear()

    async def stop(self) -> None:
        self.stopped.set()

    def send(self, data: bytes) -> None:
        self.sent.append(data)
        self.came.set()


async def through(*faults: Fault, frames: int = 20) -> list[bytes]:
    inner = FakeLine()
    line = FaultedLine(inner, faults)
    await line.start(lambda _: None)
    for _ in range(frames):
        line.send(FRAME)
    while line._out.waiting_bytes:
        await asyncio.sleep(0.001)
    return inner.sent


async def test_without_faults_bytes_pass_at_once_both_ways():
    inner = FakeLine()
    line = FaultedLine(inner)
    heard: list[bytes] = []
    await line.start(heard.append)
    line.send(b"out")
    inner.received(b"in")
    assert (inner.sent, heard) == ([b"out"], [b"in"])


@pytest.mark.parametrize(
    "fault",
    [
        Garble(bits=2),
        Drop(length=3),
        HalfFrames(gap_s=0),
        Garble(probability=0.5),
        Delay(delay_s=0.001, jitter_s=0.001),
    ],
    ids=repr,
)
async def test_a_seed_repeats_and_another_differs(fault):
    first, again = await through(fault), await through(fault)
    assert first == again
    if not isinstance(fault, Delay):
        assert first != await through(type(fault)(**{**vars(fault), "seed": 99}))


async def test_garble_flips_the_bits_it_was_told_to():
    for frame in await through(Garble(bits=1)):
        assert sum((a ^ b).bit_count() for a, b in zip(frame, FRAME, strict=True)) == 1


async def test_drop_loses_neighbouring_bytes():
    for frame in await through(Drop(length=5)):
        assert len(frame) == 27
        at = next((n for n, byte in enumerate(frame) if byte != n), 27)
        assert frame == FRAME[:at] + FRAME[at + 5 :]
    assert await through(Drop(length=99)) == []


async def test_half_frames_lose_nothing():
    sent = await through(HalfFrames(gap_s=0.001), frames=5)
    assert len(sent) > 5
    assert b"".join(sent) == FRAME * 5


async def test_delay_keeps_the_order():
    inner = FakeLine()
    line = FaultedLine(inner, [Delay(delay_s=0.002, jitter_s=0.01)])
    await line.start(lambda _: None)
    for number in range(10):
        line.send(bytes([number]))
    assert inner.sent == []
    while len(inner.sent) < 10:
        inner.came.clear()
        await asyncio.wait_for(inner.came.wait(), 5)
    assert inner.sent == [bytes([number]) for number in range(10)]


async def test_a_stall_without_end_holds_a_bounded_amount():
    inner = FakeLine()
    line = FaultedLine(inner, [Stall(stall_s=math.inf)])
    await line.start(lambda _: None)
    for _ in range(10_000):
        line.send(FRAME)
    assert inner.sent == []
    assert line._out.waiting_bytes <= WAITING_BYTES_MAX
    assert line.lost_bytes == 320_000 - line._out.waiting_bytes
    line.set_faults([])
    line.send(b"again")
    assert inner.sent == [b"again"]


async def test_a_cut_sends_part_of_a_frame_and_pulls_the_cable():
    inner = FakeLine()
    line = FaultedLine(inner, [Cut(seed=4)])
    await line.start(lambda _: None)
    line.send(FRAME)
    await asyncio.wait_for(inner.stopped.wait(), 5)
    assert len(b"".join(inner.sent)) < len(FRAME)
    await line.start(lambda _: None)
    assert not inner.stopped.is_set()


async def test_a_direction_leaves_the_other_alone():
    inner = FakeLine()
    line = FaultedLine(inner, [Drop(length=99, direction=Direction.TO_DEVICE)])
    heard: list[bytes] = []
    await line.start(heard.append)
    line.send(FRAME)
    inner.received(FRAME)
    assert (inner.sent, heard) == ([FRAME], [])


async def test_faults_work_one_after_another():
    sent = await through(HalfFrames(gap_s=0), Drop(length=1), frames=1)
    assert len(sent) <= 2
    assert len(b"".join(sent)) == 30


async def test_probability_is_how_often():
    hit = sum(frame != FRAME for frame in await through(Garble(probability=0.2), frames=1000))
    assert 140 < hit < 260


def test_every_fault_has_a_name_and_a_way_to_be_off():
    assert {fault.__name__ for fault in FAULTS.values()} == {
        "Cut",
        "Delay",
        "Drop",
        "Garble",
        "HalfFrames",
        "SlowClose",
        "Stall",
    }


# --- the TCP proxy ------------------------------------------------------------------------------------------


@pytest.fixture
async def echo():
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            writer.write(data)
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def make_port(echo):
    made: list[FaultedPort] = []

    async def make(*faults: Fault) -> tuple[FaultedPort, asyncio.StreamReader, asyncio.StreamWriter]:
        port = FaultedPort("127.0.0.1", echo, faults)
        made.append(port)
        await port.start()
        host, _, number = port.address.partition(":")
        return port, *await asyncio.open_connection(host, int(number))

    yield make
    for port in made:
        await port.stop()


async def test_the_proxy_passes_bytes_and_loses_none_under_delay(make_port):
    _, reader, writer = await make_port(Delay(delay_s=0.001), HalfFrames(gap_s=0.0005))
    payload = bytes(range(256)) * 1000
    writer.write(payload)
    async with asyncio.timeout(10):
        assert await reader.readexactly(len(payload)) == payload
    writer.transport.abort()


async def test_the_proxy_cuts_a_connection_and_takes_the_next(make_port):
    port, reader, writer = await make_port(Cut())
    writer.write(b"hello")
    async with asyncio.timeout(5):
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(5)
    port.set_faults([])
    host, _, number = port.address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(number))
    writer.write(b"hello")
    async with asyncio.timeout(5):
        assert await reader.readexactly(5) == b"hello"
    writer.transport.abort()


async def test_a_slow_close_is_still_a_close(make_port):
    _, reader, writer = await make_port(SlowClose(delay_s=0.05))
    writer.write_eof()
    async with asyncio.timeout(5):
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
    writer.transport.abort()


async def test_a_stopped_proxy_refuses(make_port):
    port, _, writer = await make_port()
    await port.stop()
    await port.stop()
    host, _, number = port.address.partition(":")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(host, int(number))
    writer.transport.abort()
