"""Far ends that are no cameras: each becomes a DeviceError in bounded time and memory."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from drivers.errors import DeviceError, DeviceRefused, DeviceTimeout, ProtocolError
from drivers.plate_camera.streaming import StreamCamera
from tests.plate_camera.cameras import driver, until

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


PEERS: dict[str, tuple[str, Peer, type[DeviceError]]] = {
    "http: silent": ("mjpeg", says(), DeviceTimeout),
    "http: hangs up": ("mjpeg", says(then_hold=False), DeviceError),
    "http: noise": ("mjpeg", says(NOISE), ProtocolError),
    "http: a web page": (
        "mjpeg",
        says(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"),
        DeviceRefused,
    ),
    "http: no such path": (
        "mjpeg",
        says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        DeviceRefused,
    ),
    "http: endless headers": ("mjpeg", says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 40_000), ProtocolError),
    "http: parts of noise": ("mjpeg", says(HTTP, *[part(NOISE[:5000])] * 60), ProtocolError),
    "http: flood without a part": ("mjpeg", says(HTTP, NOISE), ProtocolError),
    "http: a part without end": (
        "mjpeg",
        says(HTTP, b"--b\r\n\r\n", *[b"\x00" * 500_000] * 18),
        ProtocolError,
    ),
    "http: picture bombs": ("mjpeg", says(HTTP, *[part(bomb(65_000))] * 60), ProtocolError),
    "http: half a picture, for ever": ("mjpeg", says(HTTP, part(bomb(64))[:-9]), DeviceTimeout),
    "rtsp: silent": ("rtsp", says(), DeviceError),
    "rtsp: hangs up": ("rtsp", says(then_hold=False), DeviceError),
    "rtsp: flood of noise": ("rtsp", _flood, DeviceError),
    "rtsp: a web server": ("rtsp", says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), DeviceError),
    "rtsp: no such path": ("rtsp", says(b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n"), DeviceError),
}


async def look(device: StreamCamera) -> None:
    await device.open()
    await until(device, lambda reading: False)


@pytest.mark.parametrize("peer", PEERS)
async def test_a_far_end_that_is_no_camera_is_an_error(peer: str) -> None:
    kind, serve, expected = PEERS[peer]
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    scheme = "http" if kind == "mjpeg" else "rtsp"
    device = driver(kind, f"{scheme}://127.0.0.1:{port}/x", silent_s=0.5, open_timeout_s=0.5)
    try:
        with pytest.raises(expected) as raised:
            await look(device)
        assert f"127.0.0.1:{port}" in str(raised.value)
    finally:
        await device.close()
        server.close()
