"""A camera that serves motion JPEG over HTTP/1.1.

    GET /stream            multipart/x-mixed-replace, one JPEG a part (RFC 2046, 5.1, as browsers know it)
    GET /picture           the next picture as one image/jpeg

Each part has Content-Type, Content-Length and X-Timestamp (the camera's clock, seconds), in the words of
Espressif's camera web server (arduino-esp32, CameraWebServer, app_httpd.cpp: `_STREAM_BOUNDARY`,
`_STREAM_PART`) and of mjpg-streamer before it.  Other paths are 404, other methods 405.
"""

import asyncio

from simulators.plate_camera.camera import Shown
from simulators.plate_camera.wired import REQUEST_BYTES_MAX, Viewer, WiredCamera, split_request

BOUNDARY = "laneframe"


class _Stream(Viewer):
    def encode(self, shown: Shown) -> bytes:
        return part(shown)


class _Still(Viewer):
    """Waits for one picture, then the connection closes."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        super().__init__(writer)
        self.sent = asyncio.Event()

    def encode(self, shown: Shown) -> bytes:
        self.sent.set()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {len(shown.picture)}\r\n"
        return head.encode() + b"Connection: close\r\n\r\n" + shown.picture


def part(shown: Shown, boundary: str = BOUNDARY) -> bytes:
    """One part of the multipart stream, its boundary line before it."""
    head = f"\r\n--{boundary}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(shown.picture)}\r\n"
    return f"{head}X-Timestamp: {shown.time_s:.6f}\r\n\r\n".encode() + shown.picture


class Simulator(WiredCamera):
    """The camera on its HTTP port."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/stream"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        words, fields = split_request(await reader.readuntil(b"\r\n\r\n"))
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            await _refuse(writer, "400 Bad Request")
        elif words[0] != "GET":
            await _refuse(writer, "405 Method Not Allowed", "Allow: GET\r\n")
        elif self.guard and not self.guard.admits("GET", fields.get("authorization", "")):
            await _refuse(writer, "401 Unauthorized", f"WWW-Authenticate: {self.guard.challenge}\r\n")
        elif words[1].split("?")[0] == "/stream":
            kind = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nCache-Control: no-store\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n".encode())
            self.viewers.add(_Stream(writer))
            while await reader.read(REQUEST_BYTES_MAX):
                pass  # nothing more is expected: until the far end goes
        elif words[1].split("?")[0] == "/picture":
            still = _Still(writer)
            self.viewers.add(still)
            await still.sent.wait()
            self.viewers.discard(still)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        else:
            await _refuse(writer, "404 Not Found")


async def _refuse(writer: asyncio.StreamWriter, status: str, more: str = "") -> None:
    writer.write(f"HTTP/1.1 {status}\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
