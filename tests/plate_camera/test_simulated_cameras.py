"""The simulated cameras' own ends: what they answer, what they send, how they fail."""

import asyncio
import random
import re
import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.plate_camera.camera import Camera
from simulators.plate_camera.guard import Guard
from simulators.plate_camera.rtp import Packets
from simulators.plate_camera.rtp_jpeg import UnsuitableJpeg, packets, read_jpeg
from simulators.plate_camera.rtsp import description
from simulators.plate_camera.rtsp_session import Session
from simulators.plate_camera.wired import CONNECTIONS_MAX, REQUEST_BYTES_MAX
from tests.lane_pictures import Drive
from tests.plate_camera.cameras import running

URL = "rtsp://127.0.0.1:554/lane"


def ask(session: Session, request: str) -> str:
    first, *rest = request.split("\n")
    fields = dict(line.split(": ", 1) for line in rest)
    return session.answer(first.split(" "), {name.lower(): value for name, value in fields.items()}).decode()


def test_a_session_goes_from_describe_to_teardown_as_rfc_2326_has_it() -> None:
    session = Session(random.Random(1), description(10))
    assert "Public: OPTIONS, DESCRIBE" in ask(session, f"OPTIONS {URL} RTSP/1.0\nCSeq: 1")
    described = ask(session, f"DESCRIBE {URL} RTSP/1.0\nCSeq: 2")
    assert described.startswith("RTSP/1.0 200 OK\r\nCSeq: 2\r\n")
    head, body = described.split("\r\n\r\n", 1)
    assert f"Content-Length: {len(body)}" in head
    assert "m=video 0 RTP/AVP 26" in body
    # RFC 2326, 10.4: a transport that the server has not is answered 461.
    udp = f"SETUP {URL}/trackID=1 RTSP/1.0\nCSeq: 3\nTransport: RTP/AVP;unicast;client_port=5000-5001"
    assert ask(session, udp).startswith("RTSP/1.0 461 ")
    tcp = f"SETUP {URL}/trackID=1 RTSP/1.0\nCSeq: 4\nTransport: RTP/AVP/TCP;unicast;interleaved=2-3"
    answer = ask(session, tcp)
    assert "interleaved=2-3" in answer
    found = re.search(r"Session: (\w+)", answer)
    assert found
    assert not session.playing
    assert "RTP-Info" in ask(session, f"PLAY {URL} RTSP/1.0\nCSeq: 5\nSession: {found[1]}")
    assert session.playing
    assert ask(session, f"TEARDOWN {URL} RTSP/1.0\nCSeq: 6\nSession: {found[1]}").startswith("RTSP/1.0 200")
    assert session.over


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (f"PLAY {URL} RTSP/1.0\nCSeq: 1", "455"),
        (f"RECORD {URL} RTSP/1.0\nCSeq: 1", "501"),
        (f"DESCRIBE {URL} RTSP/2.0\nCSeq: 1", "505"),
        (f"DESCRIBE {URL} RTSP/1.0", "400"),
        ("DESCRIBE", "400"),
        (f"DESCRIBE {URL}way RTSP/1.0\nCSeq: 1", "404"),
    ],
)
def test_a_wrong_request_is_answered_with_its_status(request_: str, status: str) -> None:
    assert ask(Session(random.Random(1), description(10)), request_).startswith(f"RTSP/1.0 {status} ")


def test_a_foreign_session_is_not_obeyed() -> None:
    session = Session(random.Random(1), description(10))
    ask(session, f"SETUP {URL} RTSP/1.0\nCSeq: 1\nTransport: RTP/AVP/TCP")
    assert ask(session, f"PLAY {URL} RTSP/1.0\nCSeq: 2\nSession: 0").startswith("RTSP/1.0 454 ")
    assert not session.playing


def test_rtp_packets_put_together_again_are_the_picture(drive: Drive) -> None:
    """Read by the fields of RFC 3550 (5.1) and RFC 2435 (3.1), independently of whoever wrote them."""
    scan = read_jpeg(drive.standing[0])
    made = packets(Packets(ssrc=7, sequence=65_534, start=2**32 - 90_000), scan, time_s=1.5)
    data = b""
    for number, packet in enumerate(made):
        first, kind, sequence, stamp, ssrc = struct.unpack(">BBHII", packet[:12])
        assert (first, ssrc, kind & 0x7F) == (0x80, 7, 26)
        assert sequence == (65_534 + number) % 65_536
        assert stamp == 45_000  # half a second past the turn of the 32 bits
        assert bool(kind & 0x80) == (number == len(made) - 1)
        specific, offset = packet[12], int.from_bytes(packet[13:16], "big")
        assert (specific, offset) == (0, len(data))
        assert tuple(packet[16:20]) == (1, 255, 960 // 8, 544 // 8)
        at = 20
        if offset == 0:
            zero, precision, length = struct.unpack(">BBH", packet[20:24])
            assert (zero, precision, length) == (0, 0, 128)
            assert packet[24:152] == scan.tables
            at = 152
        data += packet[at:]
    assert drive.standing[0].endswith(data + b"\xff\xd9")


@given(st.binary(max_size=400))
def test_what_is_no_baseline_jpeg_is_not_sent(data: bytes) -> None:
    for jpeg in (data, b"\xff\xd8" + data + b"\xff\xd9"):
        with pytest.raises(UnsuitableJpeg):
            read_jpeg(jpeg)


def test_the_same_seconds_give_the_same_pictures_and_each_fault_shows() -> None:
    camera = Camera(lambda number: b"view %d" % number, dark=[b"dark"])
    assert camera.step(0.05) is None
    shown = camera.step(0.05)
    assert shown is not None
    assert (shown.number, shown.picture) == (1, b"view 1")
    camera.set_fault("frozen_picture", True)
    frozen = camera.step(0.1)
    assert frozen is not None
    assert (frozen.picture, frozen.time_s > shown.time_s) == (b"view 1", True)
    camera.set_fault("frozen_stream", True)
    still = camera.step(0.1)
    assert still is not None
    assert (still.picture, still.time_s) == (b"view 1", frozen.time_s)
    camera.set_fault("frozen_picture", False)
    camera.set_fault("frozen_stream", False)
    camera.set_fault("dark_lens", True)
    dark = camera.step(0.1)
    assert dark is not None
    assert dark.picture == b"dark"
    camera.set_fault("blackout", True)
    assert camera.step(0.1) is None
    with pytest.raises(KeyError, match="dark_lens, frozen_picture"):
        camera.set_fault("rust", True)
    with pytest.raises(ValueError, match="no dark pictures"):
        Camera(lambda number: b"").set_fault("dark_lens", True)


async def http(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(400_000), 5)
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /nothing HTTP/1.1\r\n\r\n", b"404"),
        (b"POST /stream HTTP/1.1\r\n\r\n", b"405"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"\xff\xfe\r\n\r\n", b"400"),
        (b"GET /stream HTTP/1.1\r\nX: " + b"y" * REQUEST_BYTES_MAX, b""),
    ],
    ids=["path", "method", "nonsense", "bytes", "endless"],
)
async def test_the_http_camera_answers_wrong_requests_and_goes_on(
    request_: bytes, status: bytes, camera: Camera
) -> None:
    async with running("mjpeg", camera) as simulated:
        answer = await http(simulated.port, request_)
        assert answer[9:12] == status
        picture = await http(simulated.port, b"GET /picture HTTP/1.1\r\n\r\n")
        jpeg = picture.split(b"\r\n\r\n", 1)[1]
        assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) is not None


@pytest.mark.parametrize("noise", [b"\x00" * 5000, b"$\x00\xff\xff", b"OPTIONS\r\n\r\n", b"\r\n" * 300])
async def test_the_rtsp_camera_survives_noise(noise: bytes, camera: Camera) -> None:
    async with running("rtsp", camera) as simulated:
        reader, writer = await asyncio.open_connection("127.0.0.1", simulated.port)
        writer.write(noise)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 5)
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", simulated.port)
        writer.write(f"OPTIONS {URL} RTSP/1.0\r\nCSeq: 9\r\n\r\n".encode())
        assert await asyncio.wait_for(reader.readline(), 5) == b"RTSP/1.0 200 OK\r\n"
        writer.close()


async def test_a_viewer_that_does_not_read_costs_no_more_than_its_backlog(camera: Camera) -> None:
    async with running("mjpeg", camera) as simulated:
        _, writer = await asyncio.open_connection("127.0.0.1", simulated.port, limit=1024)
        writer.write(b"GET /stream HTTP/1.1\r\n\r\n")
        while not simulated.viewers:
            await asyncio.sleep(0.01)
        (viewer,) = simulated.viewers
        for _ in range(300):
            simulated.step(0.1)
            await asyncio.sleep(0)
        assert viewer.writer.transport.get_write_buffer_size() < 1_000_000
        writer.close()


async def test_more_viewers_than_a_camera_serves_are_turned_away(camera: Camera) -> None:
    async with running("rtsp", camera) as simulated:
        held = [await asyncio.open_connection("127.0.0.1", simulated.port) for _ in range(CONNECTIONS_MAX)]
        for reader, writer in held:
            writer.write(f"OPTIONS {URL} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
            await reader.readline()
        assert await http(simulated.port, b"") == b""
        for _, writer in held:
            writer.close()


async def test_a_restarted_camera_is_at_the_same_address(camera: Camera) -> None:
    async with running("rtsp", camera) as simulated:
        address = simulated.address
        await simulated.stop()
        await simulated.stop()
        await simulated.start()
        assert simulated.address == address


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_a_guard_admits_nobody_without_the_password(scheme: str) -> None:
    guard = Guard("lane", "secret", scheme=scheme)  # type: ignore[arg-type]
    assert "secret" not in repr(guard)
    for claim in ("", "Basic", "Digest", 'Digest username="lane"', "Basic bGFuZTp3cm9uZw==", "Digest é=1"):
        assert not guard.admits("GET", claim)
