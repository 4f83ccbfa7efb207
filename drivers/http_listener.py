"""A small HTTP/1.1 server to which a device's own software posts what it has.

Anybody can connect, so: nothing is kept of a body before its sender has proved who it is, everything has its
bound in bytes and seconds, and where all places are taken the oldest stranger makes room.  A body that is too
slow is answered with 408, one that is too big with 413, what is no HTTP as h11 says.
"""

import asyncio
import ssl
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import h11
import structlog
from pydantic import model_validator

from drivers.device import Options
from drivers.errors import DeviceRefused, DeviceUnavailable
from drivers.http_address import server_context, split_listen
from drivers.http_exchange import CHUNK_BYTES, Refused, Request, linger, next_event, request_of, send

HEAD_BYTES_MAX = 16 * 1024
HEAD_S = 5.0
"""From connecting, or from the answer before, to the end of a request's header; of the TLS handshake too."""
KEPT_S = 60.0
"""The same for a sender who has proved who it is and keeps its connection."""
BODY_S = 15.0
CONNECTIONS_MAX = 16

log = structlog.get_logger()


class ListenOptions(Options):
    """Where something is posted to."""

    listen: str
    """Address and port to listen at, HOST:PORT."""
    certificate: Path | None = None
    """PEM file of the listener's certificate: then it speaks TLS."""
    key: Path | None = None
    """PEM file of its private key."""

    @model_validator(mode="after")
    def _place(self) -> "ListenOptions":
        split_listen(self.listen)
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        return self


class HttpListener(ABC):
    """Base: `prove` and `look` judge a request before its body is read, `take` gets it whole."""

    body_bytes_max: ClassVar[int]
    what: ClassVar[str]
    """What is posted, for people: "a page"."""

    def __init__(self, device: str) -> None:
        self.device = device
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._proved: set[asyncio.Task[None]] = set()

    @abstractmethod
    def prove(self, request: Request) -> None:
        """Raises Refused (401) unless the request's sender has proved who it is."""

    @abstractmethod
    def look(self, request: Request) -> None:
        """Raises Refused for a request whose body is not wanted."""

    @abstractmethod
    def take(self, request: Request, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and JSON of the answer.  Raises Refused."""

    def refused(self, refused: Refused, peer: str) -> None:  # noqa: B027
        """Told of each refusal; `peer` is the sender's address."""

    async def open(self, options: ListenOptions) -> str:
        """Listen; returns where and how, for people.  Raises DeviceRefused, DeviceUnavailable."""
        tls = None
        if options.certificate and options.key:
            tls = server_context(self.device, options.certificate, options.key)
        try:
            found, port = await self.start(*split_listen(options.listen), tls)
        except PermissionError as error:
            raise DeviceRefused(
                self.device, f"no permission to listen at {options.listen}", hint="take a port over 1023"
            ) from error
        except OSError as error:
            raise DeviceUnavailable(
                self.device,
                f"can't listen at {options.listen}: {error.strerror or error}",
                hint="is the port taken, or the address not this computer's?",
            ) from error
        return f"listens at {found}:{port}" + ("" if tls else ", plain")

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
            log.debug("http_listener.connection_ended", device=self.device, error=type(error).__name__)
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
        peer = str((writer.get_extra_info("peername") or ("",))[0])
        while True:
            try:
                async with asyncio.timeout(KEPT_S if task in self._proved else HEAD_S):
                    event = await next_event(http, reader)
                if not isinstance(event, h11.Request):
                    return
                request = request_of(event)
                self.prove(request)
                self._proved.add(task)
                self.look(request)
                body = await self._body(http, request, reader, writer)
                await send(http, writer, *self.take(request, body))
            except h11.RemoteProtocolError as error:
                await send(http, writer, error.error_status_hint, {"error": str(error)}, last=True)
            except Refused as refused:
                self.refused(refused, peer)
                told = {"error": str(refused)}
                await send(http, writer, refused.status, told, refused.headers, last=refused.last)
            if http.our_state is not h11.DONE or http.their_state is not h11.DONE:
                await linger(reader, writer)
                return
            http.start_next_cycle()

    async def _body(
        self,
        http: h11.Connection,
        request: Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bytes:
        big = Refused(413, f"{self.what} has at most {self.body_bytes_max} bytes")
        if int(request.fields.get(b"content-length", b"0")) > self.body_bytes_max:
            raise big
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_S):
                if http.they_are_waiting_for_100_continue:
                    writer.write(http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
                while not isinstance(event := await next_event(http, reader), h11.EndOfMessage):
                    if not isinstance(event, h11.Data):
                        raise ConnectionResetError("the sender is gone")
                    body += event.data
                    if len(body) > self.body_bytes_max:
                        raise big
        except TimeoutError:
            raise Refused(408, f"{self.what} did not come within {BODY_S:g} s") from None
        return bytes(body)
