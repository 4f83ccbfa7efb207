"""A page scanner that serves its newest page over HTTP/1.1.

    GET /page       200 the page, with ETag and Last-Modified; 204 none yet; 304 still the one asked about
                    `Prefer: wait=N` (RFC 7240) is held for up to N seconds until there is a new one

One frame is sent as image/jpeg, several as multipart/form-data, the light as each part's name.  `dead` takes
the request and never answers; `slow` lets the page trickle; stopped, the port is closed.
"""

import asyncio
import contextlib
import ssl
from email.utils import formatdate

from simulators.document_reader.page_http_push import form
from simulators.document_reader.page_reader import SLOW_S, Frame, PageReader

REQUEST_BYTES_MAX = 8192
CONNECTIONS_MAX = 8
IDLE_S = 30.0
WAIT_MAX_S = 60.0
PATH = "/page"
_BOUNDARY = "page-frame-7f31b2"
_CHUNKS = 20


class HttpPullScanner(PageReader):
    """`token` is what it asks for ("" for nothing); `tls` a server's context."""

    def __init__(
        self,
        name: str,
        *,
        token: str = "",
        tls: ssl.SSLContext | None = None,
        port: int = 0,
        infrared: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__(name, infrared=infrared, seed=seed)
        self.asked = 0
        """Requests so far."""
        self.sent = 0
        """Pages sent so far."""
        self._token, self._tls, self._port = token, tls, port
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._page: tuple[str, bytes] | None = None
        self._number = 0
        self._changed = asyncio.Condition()

    @property
    def address(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}{PATH}"

    async def connect(self) -> None:
        self._changed = asyncio.Condition()
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self._port, ssl=self._tls, limit=REQUEST_BYTES_MAX
        )
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def disconnect(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
            serving = tuple(self._serving)
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)

    async def hand_over(self, frames: list[Frame]) -> None:
        async with self._changed:
            self._number += 1
            if len(frames) == 1:
                self._page = ("image/jpeg", frames[0].data)
            else:
                self._page = (f"multipart/form-data; boundary={_BOUNDARY}", form(frames, _BOUNDARY))
            self._changed.notify_all()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._serving) >= CONNECTIONS_MAX:
            writer.transport.abort()
            return
        self._serving.add(task)
        try:
            while await self._serve(reader, writer):
                pass
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the far end broke off, or sent a request that no scanner reads
        except asyncio.CancelledError:
            pass  # stopped; the connection is cut below
        finally:
            self._serving.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether another may follow."""
        async with asyncio.timeout(IDLE_S):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        words = first.split(" ")
        fields = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            writer.write(_head("400 Bad Request", {"Connection": "close"}))
            await writer.drain()
            return False
        self.asked += 1
        if "dead" in self.bed.faults:
            await reader.read()
            return False
        await self._answer(writer, words[0], words[1], fields)
        return True

    async def _answer(
        self, writer: asyncio.StreamWriter, method: str, target: str, fields: dict[str, str]
    ) -> None:
        if self._token and fields.get("authorization") != f"Bearer {self._token}":
            writer.write(_head("401 Unauthorized", {"WWW-Authenticate": "Bearer"}))
        elif target.partition("?")[0] != PATH:
            writer.write(_head("404 Not Found"))
        elif method != "GET":
            writer.write(_head("405 Method Not Allowed", {"Allow": "GET"}))
        else:
            await self._until_new(fields)
            if self._page is None:
                writer.write(_head("204 No Content"))
            elif fields.get("if-none-match") == self._tag:
                writer.write(_head("304 Not Modified", {"ETag": self._tag}))
            else:
                await self._send(writer, *self._page)
        await writer.drain()

    @property
    def _tag(self) -> str:
        return f'"page-{self._number}"'

    async def _until_new(self, fields: dict[str, str]) -> None:
        """Hold a request that prefers so, while there is nothing new for it."""
        _, _, wait = fields.get("prefer", "").partition("wait=")
        known = fields.get("if-none-match", "")
        if wait.replace(".", "", 1).isdigit():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(float(wait), WAIT_MAX_S)), self._changed:
                    await self._changed.wait_for(lambda: self._page is not None and known != self._tag)

    async def _send(self, writer: asyncio.StreamWriter, kind: str, body: bytes) -> None:
        self.sent += 1
        fields = {"Content-Type": kind, "ETag": self._tag, "Last-Modified": formatdate(usegmt=True)}
        writer.write(_head("200 OK", fields, len(body)))
        chunks = _CHUNKS if "slow" in self.bed.faults else 1
        size = len(body) // chunks + 1
        for at in range(0, len(body), size):
            writer.write(body[at : at + size])
            await writer.drain()
            if chunks > 1:
                await asyncio.sleep(SLOW_S / chunks)


def _head(status: str, fields: dict[str, str] | None = None, length: int = 0) -> bytes:
    all_fields = {**(fields or {}), "Cache-Control": "no-store"}
    if not status.startswith(("204", "304")):
        all_fields["Content-Length"] = str(length)
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in all_fields.items())]
    return "\r\n".join([*lines, "", ""]).encode()
