"""Far ends that are no cameras: each becomes a DeviceError in bounded time and memory."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from drivers.errors import DeviceError, DeviceRefused, ProtocolError
from drivers.plate_camera.sources import Settings, SourceError, pictures
from simulators.plate_camera.camera import Camera
from tests.plate_camera.cameras import children, driver, running

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n"
NOISE = random.Random(3).randbytes(200_000)


def says(*pieces: bytes, then_hold: bool = True) -> Peer:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if then_hold:
            await reader.read()
        writer.close()

    return serve


async def _flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(NOISE)
        await writer.drain()


def bomb(side: int) -> bytes:
    """A tiny JPEG that claims `side` x `side` pixels."""
    size = side.to_bytes(2, "big") * 2
    return b"\xff\xd8\xff\xc0\x00\x11\x08" + size + b"\x03" + bytes(9) + b"\xff\xd9"


def part(data: bytes) -> bytes:
    return b"--b\r\nContent-Length: %d\r\n\r\n" % len(data) + data + b"\r\n"


HTTP_PEERS: dict[str, tuple[Peer, str]] = {
    "silent": (says(), "timeout"),
    "hangs up": (says(then_hold=False), "protocol or unavailable"),  # as the reset or the end came first
    "noise": (says(NOISE), "protocol"),
    "a web page": (
        says(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"),
        "refused",
    ),
    "no such path": (says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), "refused"),
    "busy": (says(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"), "unavailable"),
    "endless headers": (says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 40_000), "protocol"),
    "the end of the stream": (says(HTTP, then_hold=False), "unavailable"),
    "parts of noise": (says(HTTP, *[part(NOISE[:5000])] * 60), "protocol"),
    "a flood without a part": (says(HTTP, NOISE), "protocol"),
    "a part without end": (says(HTTP, b"--b\r\n\r\n", *[b"\x00" * 500_000] * 18), "protocol"),
    "picture bombs": (says(HTTP, *[part(bomb(65_000))] * 60), "protocol"),
    "half a picture, for ever": (says(HTTP, part(bomb(64))[:-9]), "timeout"),
}
RTSP_PEERS: dict[str, Peer] = {
    "silent": says(),
    "hangs up": says(then_hold=False),
    "flood of noise": _flood,
    "a web server": says(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
}


@contextlib.asynccontextmanager
async def listening(peer: Peer) -> AsyncIterator[int]:
    server = await asyncio.start_server(peer, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


@pytest.mark.parametrize("name", HTTP_PEERS)
async def test_an_http_server_that_is_no_camera_is_told_apart(name: str) -> None:
    peer, kind = HTTP_PEERS[name]
    async with listening(peer) as port:
        url = f"http://127.0.0.1:{port}/x"
        settings = Settings("mjpeg", url, "", "", "digest", "", open_timeout_s=0.5, silent_s=0.5)
        with pytest.raises(SourceError) as raised:
            await asyncio.to_thread(list, pictures(settings))
    assert raised.value.kind in kind.split(" or ")
    assert raised.value.message


@pytest.mark.parametrize("name", RTSP_PEERS)
async def test_an_rtsp_port_that_is_no_camera_is_a_device_error(name: str) -> None:
    async with listening(RTSP_PEERS[name]) as port:
        device = driver("rtsp", f"rtsp://127.0.0.1:{port}/x", silent_s=0.5, open_timeout_s=0.5)
        with pytest.raises(DeviceError, match=f"127.0.0.1:{port}"):
            await device.open()
        assert not children()


async def test_pictures_that_would_fill_the_memory_are_a_device_error() -> None:
    async with listening(says(HTTP, *[part(bomb(65_000))] * 60)) as port:
        device = driver("mjpeg", f"http://127.0.0.1:{port}/x")
        with pytest.raises(ProtocolError, match="65000 x 65000"):
            await device.open()


async def test_a_path_that_the_camera_has_not_needs_a_person(camera: Camera) -> None:
    async with running("rtsp", camera) as simulated:
        with pytest.raises(DeviceRefused, match="404"):
            await driver("rtsp", simulated.address.replace("/lane", "/main")).open()
