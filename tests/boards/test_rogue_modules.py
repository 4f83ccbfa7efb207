"""Far ends that break Modbus: a clear error, never a wrong level, a false confirmation, a hang or a crash."""

import asyncio
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from drivers.boards import Board
from drivers.boards.modbus_board import SerialOptions
from drivers.boards.moxa_e1214 import Driver as Moxa
from drivers.boards.moxa_e1214 import MoxaOptions
from drivers.boards.waveshare_relay import Driver as Waveshare
from drivers.errors import DeviceError, DeviceTimeout, DeviceUnavailable, ProtocolError
from simulators.modbus import rtu_frame
from simulators.serial_line import PtyLine
from tests.boards.bench import opened, until

FUZZ = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
CLOSE = b"close"
Reply = Callable[[bytes], bytes]


class RogueTcp:
    """Answers the first request as a module should (so that `open` succeeds), all others with `reply`."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    async def __aenter__(self) -> "RogueTcp":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._tasks: set[asyncio.Task[Any]] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            first = await reader.read(260)
            writer.write(first[:4] + bytes([0, 4, 1, 2, 1, 0]))
            while request := await reader.read(260):
                reply = self._reply(request)
                if reply == CLOSE:
                    break
                writer.write(reply)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()


def moxa(port: int, timeout_s: float = 0.15) -> Board:
    return Moxa("io", MoxaOptions(host="127.0.0.1", port=port, timeout_s=timeout_s))


def watched(trial: Any) -> None:
    """Run it, and fail if anything reached the loop's exception handler: nobody would have heard of it."""
    unheard: list[dict[str, Any]] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
        async with asyncio.timeout(20):
            await trial

    asyncio.run(run())
    assert not unheard


def mbap(request: bytes, pdu: bytes) -> bytes:
    return request[:4] + struct.pack(">HB", len(pdu) + 1, request[6]) + pdu


@given(st.binary(max_size=300))
@example(b"\x00" * 300)
@example(b"\x00\x02\x00\x00\x00\x01\x01\x00")
@FUZZ
def test_random_bytes_are_never_a_level(answer: bytes):
    async def trial() -> None:
        async with RogueTcp(lambda request: answer) as rogue, opened(moxa(rogue.port)) as board:
            with pytest.raises(DeviceError):
                await board.read_inputs()

    watched(trial())


@given(st.binary(min_size=1, max_size=250))
@example(b"\x02\x00")  # no bits at all
@example(b"\x02\x02\x01\x00")  # too many bits
@example(b"\x01\x01\x01")  # another function's answer
@example(b"\x82")  # an exception without a code
@example(b"\x05\x00\x10\xff\x00")
@FUZZ
def test_only_the_right_answer_is_a_level(pdu: bytes):
    async def trial() -> None:
        async with RogueTcp(lambda request: mbap(request, pdu)) as rogue, opened(moxa(rogue.port)) as board:
            if len(pdu) == 3 and pdu[:2] == b"\x02\x01":
                assert await board.read_inputs() == tuple(bool(pdu[2] >> at & 1) for at in range(6))
            else:
                with pytest.raises(DeviceError):
                    await board.read_inputs()

    watched(trial())


@given(
    st.binary(max_size=6)
    | st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)).map(
        lambda w: b"\x05" + struct.pack(">HH", *w)
    )
)
@example(b"\x05\x00\x03\x00\x00")
@example(b"\x05\x00\x02\xff\x00")
@FUZZ
def test_only_the_exact_echo_confirms_an_order(pdu: bytes):
    async def trial() -> None:
        async with RogueTcp(lambda request: mbap(request, pdu)) as rogue, opened(moxa(rogue.port)) as board:
            if pdu == b"\x05\x00\x03\xff\x00":
                await board.set_output(3, True)
            else:
                with pytest.raises(DeviceError):
                    await board.set_output(3, True)

    watched(trial())


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda q: b"\x00\x63" + mbap(q, b"\x02\x01\x3f")[2:], DeviceTimeout, "no whole answer"),
        (lambda q: q[:2] + b"\x00\x07" + mbap(q, b"\x02\x01\x3f")[4:], ProtocolError, "protocol number 7"),
        (lambda q: q[:4] + b"\xff\xff\x01\x02\x01\x3f", ProtocolError, "length 65535"),
        (lambda q: mbap(q, b"\x02\x01\x3f")[:-1], DeviceTimeout, "received: 00"),
        (lambda q: mbap(q, b"\x2b\x0e\x01"), ProtocolError, "function 0x2b"),
        (lambda q: CLOSE, DeviceUnavailable, "closed the connection"),
    ],
    ids=["other transaction", "other protocol", "lying length", "cut", "other function", "hangs up"],
)
async def test_each_broken_frame_says_what_is_wrong(change: Reply, error: type[Exception], says: str):
    async with RogueTcp(change) as rogue, opened(moxa(rogue.port)) as board:
        with pytest.raises(error, match=says):
            await board.read_inputs()


async def test_an_answer_in_single_bytes_is_still_an_answer():
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while request := await reader.read(260):
            for byte in mbap(request, b"\x02\x01\x2a"):
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.001)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with opened(moxa(server.sockets[0].getsockname()[1], 0.5)) as board:
        assert await board.read_inputs() == (False, True, False, True, False, True)
    server.close()


async def test_a_flooding_module_ends_in_an_error_and_costs_no_memory():
    flood = b"\x00\x02\x00\x00\x00\xc8" * 200_000
    async with RogueTcp(lambda request: flood) as rogue, opened(moxa(rogue.port, 0.3)) as board:
        with pytest.raises(DeviceError):
            await board.read_inputs()
        with pytest.raises(DeviceError):
            await board.read_inputs()


async def test_a_refused_connection_names_the_address_and_the_reason():
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(DeviceUnavailable, match=rf"127\.0\.0\.1:{port}.*[Rr]efused"):
        await moxa(port).open()


# --- RTU ----------------------------------------------------------------------------------------------------


class RoguePty:
    def __init__(self, reply: Reply) -> None:
        self.line = PtyLine()
        self._reply = reply
        self._asked = 0

    async def __aenter__(self) -> "RoguePty":
        await self.line.start(self._received)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.line.stop()

    def _received(self, data: bytes) -> None:
        self._asked += 1
        self.line.send(rtu_frame(1, b"\x02\x01\x00") if self._asked == 1 else self._reply(data))


def relay(path: str) -> Board:
    return Waveshare("io", SerialOptions(port=path, timeout_s=0.05))


@given(st.binary(max_size=300))
@example(b"\x01\x02\x01\x3f")
@example(b"\x01\x02\xff" + b"\x00" * 100)
@settings(FUZZ, max_examples=15)
def test_random_bytes_on_the_line_are_never_a_level(answer: bytes):
    async def trial() -> None:
        async with RoguePty(lambda request: answer) as rogue, opened(relay(rogue.line.address)) as board:
            with pytest.raises(DeviceError):
                await board.read_inputs()

    watched(trial())


@given(st.integers(0, 39))
@settings(FUZZ, max_examples=10)
def test_one_damaged_bit_on_the_line_is_never_a_level_or_a_confirmation(bit: int):
    def damaged(request: bytes) -> bytes:
        frame = bytearray(rtu_frame(1, b"\x02\x01\x2a") if request[1] == 2 else request)
        frame[bit // 8] ^= 1 << bit % 8
        return bytes(frame)

    async def trial() -> None:
        async with RoguePty(damaged) as rogue, opened(relay(rogue.line.address)) as board:
            with pytest.raises(DeviceError):
                await board.read_inputs()
            with pytest.raises(DeviceError):
                await board.pulse(0, 0.7)

    watched(trial())


@pytest.mark.parametrize(
    "answer",
    [
        rtu_frame(1, b"\x01\x01\x2a"),  # FC01 to a question of FC02
        rtu_frame(1, b"\x02\x02\x2a\x00"),  # 16 inputs of an 8-input board
        rtu_frame(2, b"\x02\x01\x2a"),  # another unit
    ],
)
async def test_a_whole_frame_that_answers_another_question_is_refused(answer: bytes):
    async with RoguePty(lambda request: answer) as rogue, opened(relay(rogue.line.address)) as board:
        with pytest.raises(DeviceError):
            await board.read_inputs()


@pytest.mark.parametrize("echo", [b"\x05\x02\x00\x00\x06", b"\x05\x02\x01\x00\x07", b"\x05\x00\x00\xff\x00"])
async def test_a_timed_relay_that_echoes_another_time_has_not_confirmed(echo: bytes):
    async def pulse_into(rogue: RoguePty) -> None:
        async with opened(relay(rogue.line.address)) as board:
            await board.pulse(0, 0.7)

    async with RoguePty(lambda request: rtu_frame(1, echo)) as rogue:
        with pytest.raises(ProtocolError, match="does not belong"):
            await pulse_into(rogue)


async def test_a_port_that_another_program_holds_says_so():
    async with RoguePty(lambda request: b"") as rogue, opened(relay(rogue.line.address)):
        with pytest.raises(DeviceUnavailable, match="another program has it open"):
            await relay(rogue.line.address).open()


async def test_a_port_that_is_no_serial_port_or_not_there_says_so(tmp_path: Any):
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path / "missing"):
        with pytest.raises(DeviceUnavailable, match=str(path)):
            await relay(str(path)).open()


async def test_a_pulled_cable_is_noticed_while_an_answer_is_awaited():
    asked: list[bytes] = []

    def note(request: bytes) -> bytes:
        asked.append(request)
        return b""

    async with RoguePty(note) as rogue:
        board = Waveshare("io", SerialOptions(port=rogue.line.address, timeout_s=0.8))
        async with opened(board):
            reading = asyncio.create_task(board.read_inputs())
            await until(lambda: bool(asked))
            await rogue.line.stop()
            with pytest.raises(DeviceUnavailable):
                await reading
