"""A small HTTP/1.1 server to which a page reader's software posts pages.

    POST /pages        Authorization: Bearer TOKEN; the body as in `page_form.py`

    202 {"frames": 2}  taken            408 the body was too slow   415 neither picture nor multipart
    400 no HTTP                         413 over 16 MiB             422 no whole picture
    401 no or a wrong token             404, 405 not POST /pages    503 not now: post it again

Anybody can connect, so: nothing is read of a body before its sender has proved who it is, everything has its
bound in bytes and seconds, and where all places are taken the oldest stranger makes room.
"""

import asyncio
import contextlib
import hmac
import json
import ssl
from collections.abc import Callable, Mapping
from typing import Any

import h11
import structlog

from drivers.document_reader import PAGE_BYTES_MAX, PageRead, Unreadable
from drivers.document_reader.page_form import WrongType, frames_in, kind_of
from drivers.document_reader.page_frames import BadPage, page_of

PATH = b"/pages"
HEAD_BYTES_MAX = 16 * 1024
BODY_BYTES_MAX = PAGE_BYTES_MAX + 64 * 1024
"""Multipart fields come on top."""
CHUNK_BYTES = 64 * 1024
HEAD_S = 5.0
"""From connecting, or from the answer before, to the end of a request's header; of the TLS handshake too."""
KEPT_S = 60.0
"""The same for a sender who has proved who it is and keeps its connection."""
BODY_S = 15.0
ANSWER_S = 5.0
LINGER_S = 1.0
CONNECTIONS_MAX = 16

log = structlog.get_logger()

Take = Callable[[PageRead | Unreadable], bool]


class Refused(Exception):
    """An answer that is no 2xx.  `last` closes the connection: the rest of the request was not read."""

    def __init__(
        self, status: int, error: str, *, last: bool = True, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status, self.last, self.headers = status, last, headers or {}


class PageListener:
    """`take` gets each page that came and says whether it could be taken."""

    def __init__(self, device: str, token: str, take: Take) -> None:
        self._device, self._token, self._take = device, token.encode(), take
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._proved: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> tuple[str, int]:
        """Listen; returns address and port.  Raises OSError."""
        handshake_s = HEAD_S if tls else None
        self._server = await asyncio.start_server(
            self._connected, host, port, ssl=tls, ssl_handshake_timeout=handshake_s, limit=CHUNK_BYTES
        )
        return self._server.sockets[0].getsockname()[:2]

    async def stop(self) -> None:
        """Close the port and all connections, at once.  Idempotent."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        serving = dict(self._connections)
        for task, writer in serving.items():
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._server is None or not self._make_room():
            writer.transport.abort()
            return
        self._connections[task] = writer
        try:
            await self._converse(task, reader, writer)
        except (OSError, TimeoutError, h11.ProtocolError, ssl.SSLError) as error:
            log.debug("page_listener.connection_ended", device=self._device, error=type(error).__name__)
        except asyncio.CancelledError:
            pass  # the driver closes, or a stranger made room; the connection is cut below
        finally:
            self._connections.pop(task, None)
            self._proved.discard(task)
            writer.transport.abort()

    def _make_room(self) -> bool:
        """Whether one more may come: the oldest that has not proved who it is goes for it."""
        if len(self._connections) < CONNECTIONS_MAX:
            return True
        for task, writer in self._connections.items():
            if task not in self._proved:
                del self._connections[task]
                writer.transport.abort()
                task.cancel()
                return True
        return False

    async def _converse(
        self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES_MAX)
        while True:
            try:
                async with asyncio.timeout(KEPT_S if task in self._proved else HEAD_S):
                    request = await _next(http, reader)
                if not isinstance(request, h11.Request):
                    return
                status, told = await self._answer(task, http, request, reader, writer)
                await _send(http, writer, status, told, {})
            except h11.RemoteProtocolError as error:
                await _send(http, writer, error.error_status_hint, {"error": str(error)}, {}, last=True)
            except Refused as refused:
                told = {"error": str(refused)}
                await _send(http, writer, refused.status, told, refused.headers, last=refused.last)
            if http.our_state is not h11.DONE or http.their_state is not h11.DONE:
                await _linger(reader, writer)
                return
            http.start_next_cycle()

    async def _answer(
        self,
        task: asyncio.Task[None],
        http: h11.Connection,
        request: h11.Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> tuple[int, dict[str, Any]]:
        """Status and body of one answer.  Raises Refused."""
        fields = {name: value for name, value in request.headers}
        given = fields.get(b"authorization", b"")
        if not hmac.compare_digest(given, b"Bearer " + self._token):
            raise Refused(
                401, "who are you? Authorization: Bearer TOKEN", headers={"WWW-Authenticate": "Bearer"}
            )
        self._proved.add(task)
        path, _, query = request.target.partition(b"?")
        if path != PATH:
            raise Refused(404, "pages are posted to /pages")
        if request.method != b"POST":
            raise Refused(405, "pages are posted", headers={"Allow": "POST"})
        content_type = fields.get(b"content-type", b"").decode("latin-1")
        try:
            kind_of(content_type)
        except WrongType as error:
            raise Refused(415, str(error)) from None
        if int(fields.get(b"content-length", b"0")) > BODY_BYTES_MAX:
            raise Refused(413, f"a page has at most {PAGE_BYTES_MAX} bytes")
        body = await self._body(http, reader, writer)
        return self._taken(content_type, body, b"light=infrared" in query.split(b"&"))

    async def _body(
        self, http: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes:
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_S):
                if http.they_are_waiting_for_100_continue:
                    writer.write(http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
                while not isinstance(event := await _next(http, reader), h11.EndOfMessage):
                    if not isinstance(event, h11.Data):
                        raise ConnectionResetError("the sender is gone")
                    body += event.data
                    if len(body) > BODY_BYTES_MAX:
                        raise Refused(413, f"a page has at most {PAGE_BYTES_MAX} bytes")
        except TimeoutError:
            raise Refused(408, f"the page did not come within {BODY_S:g} s") from None
        return bytes(body)

    def _taken(self, content_type: str, body: bytes, infrared: bool) -> tuple[int, dict[str, Any]]:
        try:
            page = page_of(frames_in(content_type, body, infrared=infrared))
        except BadPage as error:
            self._take(Unreadable("bad_picture", b""))
            raise Refused(422, str(error), last=False) from None
        if not self._take(page):
            raise Refused(503, "the lane takes no page now", last=False, headers={"Retry-After": "1"})
        return 202, {"frames": 1 + len(page.others)}


async def _next(http: h11.Connection, reader: asyncio.StreamReader) -> Any:
    while (event := http.next_event()) is h11.NEED_DATA:
        http.receive_data(await reader.read(CHUNK_BYTES))
    return event


async def _send(
    http: h11.Connection,
    writer: asyncio.StreamWriter,
    status: int,
    told: dict[str, Any],
    headers: Mapping[str, str],
    *,
    last: bool = False,
) -> None:
    if http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
        return
    body = json.dumps(told).encode()
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    if last:
        fields["Connection"] = "close"
    parts = (
        h11.Response(status_code=status, headers=list(fields.items())),
        h11.Data(data=body),
        h11.EndOfMessage(),
    )
    writer.write(b"".join(http.send(part) or b"" for part in parts))
    async with asyncio.timeout(ANSWER_S):
        await writer.drain()


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closing while bytes are still under way would reset the connection, and with it the answer."""
    if writer.can_write_eof():
        writer.write_eof()
    with contextlib.suppress(TimeoutError, OSError):
        async with asyncio.timeout(LINGER_S):
            while await reader.read(CHUNK_BYTES):
                pass
