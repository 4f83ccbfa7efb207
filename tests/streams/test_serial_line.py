"""The simulated cables, and the driver's side of them."""

import asyncio
import os

import pytest

from drivers.errors import DeviceUnavailable
from drivers.stream import close_stream, open_stream, read_some, write_all
from simulators.serial_line import BACKLOG_BYTES, PtyLine, TcpLine
from simulators.transcript import Transcript


class Heard:
    def __init__(self) -> None:
        self.data = b""
        self.came = asyncio.Event()

    def __call__(self, data: bytes) -> None:
        self.data += data
        self.came.set()


@pytest.fixture(params=[PtyLine, TcpLine])
async def line(request):
    made = request.param()
    yield made
    await made.stop()


async def everything(reader: asyncio.StreamReader, length: int) -> bytes:
    data = b""
    while len(data) < length:
        data += await read_some("scale", reader, within_s=5)
    return data


async def test_bytes_go_both_ways(line):
    heard = Heard()
    await line.start(heard)
    reader, writer = await open_stream("scale", line.address)
    await write_all("scale", writer, b"@\r\n\x00\xff\x03\x11\x13")
    await asyncio.wait_for(heard.came.wait(), 5)
    assert heard.data == b"@\r\n\x00\xff\x03\x11\x13"
    line.send(b"hello\r\n\x00\xff\x03\x04\x11\x13")
    assert await everything(reader, 13) == b"hello\r\n\x00\xff\x03\x04\x11\x13"
    await close_stream(writer)
    await close_stream(writer)


async def test_nothing_in_time_is_no_bytes(line):
    await line.start(Heard())
    reader, writer = await open_stream("scale", line.address)
    assert await read_some("scale", reader, within_s=0.01) == b""
    assert await read_some("scale", reader, within_s=-1) == b""
    await close_stream(writer)


async def write_until_lost(writer: asyncio.StreamWriter) -> None:
    # TCP tells a writer only with the answer to its first bytes.
    while True:
        await write_all("scale", writer, b"x")
        await asyncio.sleep(0.001)


async def test_a_pulled_cable_ends_reading_and_writing(line):
    await line.start(Heard())
    reader, writer = await open_stream("scale", line.address)
    await line.stop()
    await line.stop()
    with pytest.raises(DeviceUnavailable):
        await read_some("scale", reader, within_s=5)
    with pytest.raises(DeviceUnavailable):
        await asyncio.wait_for(write_until_lost(writer), 5)
    await close_stream(writer)


async def test_what_nobody_takes_is_lost_and_counted(line):
    await line.start(Heard())
    for _ in range(100):
        line.send(b"0123456789" * 100)
        await asyncio.sleep(0)
    assert line.lost_bytes >= 100_000 - 2 * BACKLOG_BYTES - 65_536
    await line.stop()
    lost = line.lost_bytes
    line.send(b"123")
    assert line.lost_bytes == lost + 3


async def test_a_line_started_again_serves_again(line):
    await line.start(Heard())
    first = line.address
    await line.stop()
    await line.start(Heard())
    if isinstance(line, TcpLine):
        assert line.address == first
    reader, writer = await open_stream("scale", line.address)
    # Over TCP the far end may still be accepting.
    async with asyncio.timeout(5):
        while not (data := await read_some("scale", reader, within_s=0.01)):
            line.send(b"back")
    assert data.startswith(b"back")
    await close_stream(writer)


async def test_a_link_keeps_its_name_and_points_at_nothing_once_pulled(tmp_path):
    link = tmp_path / "dev" / "scale"
    line = PtyLine(link)
    await line.start(Heard())
    assert line.address == str(link)
    first = os.readlink(link)
    await line.stop()
    assert not link.is_symlink()
    await line.start(Heard())
    reader, writer = await open_stream("scale", str(link))
    line.send(b"x")
    assert await read_some("scale", reader, within_s=5) == b"x"
    assert first.startswith("/dev/pts/")
    await close_stream(writer)
    await line.stop()


async def test_a_link_never_replaces_a_file(tmp_path):
    (tmp_path / "scale").write_text("precious")
    line = PtyLine(tmp_path / "scale")
    with pytest.raises(FileExistsError, match="not replaced"):
        await line.start(Heard())
    await line.stop()
    assert (tmp_path / "scale").read_text() == "precious"


async def test_a_paced_line_hands_bytes_over_in_slices():
    line = PtyLine(baud=9600)
    await line.start(Heard())
    reader, writer = await open_stream("scale", line.address)
    line.send(b"0123456789" * 6)
    first = await read_some("scale", reader, within_s=5)
    assert len(first) < 60
    assert first + await everything(reader, 60 - len(first)) == b"0123456789" * 6
    await close_stream(writer)
    await line.stop()


def test_a_transcript_is_bounded():
    transcript = Transcript(entries=3, entry_bytes=4)
    for number in range(10):
        transcript.add("device" if number % 2 else "controller", bytes([number]) * 100)
    assert [entry.data for entry in transcript.entries()] == [bytes([n]) * 4 for n in (7, 8, 9)]
    assert str(transcript).splitlines()[0].startswith("< 07 07 07 07")
