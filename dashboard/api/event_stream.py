"""Server-sent events written to the browser's connection itself.

What fifty walls are told goes out fifty times.  Each time through the layers of the application and h11 costs
twice what the socket does, and they have nothing to say about a piece of a body that is under way.
"""

from collections.abc import AsyncGenerator
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection(H11Protocol):
    """uvicorn's connection, which its requests know: `scope["connection"]`."""

    @property
    def app(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self._with_itself

    @app.setter
    def app(self, app: ASGIApp) -> None:
        self._app = app

    async def _with_itself(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["connection"] = self
        await self._app(scope, receive, send)

    def offer(self, piece: bytes) -> bool:
        """Writes a piece of a body whose length was not said (RFC 9112, 7.1); False when the browser has not
        taken what it was sent before."""
        if self.flow.write_paused or self.transport.is_closing():
            return False
        if not piece:  # as a chunk it would end the body
            return True
        if self.scope["http_version"] == "1.1":
            piece = b"%x\r\n%b\r\n" % (len(piece), piece)
        self.transport.write(piece)
        return True

    async def write(self, piece: bytes) -> None:
        """Writes a piece as soon as the browser takes it."""
        while not self.offer(piece) and not self.transport.is_closing():
            await self.flow.drain()


class EventStream(StreamingResponse):
    def __init__(self, texts: AsyncGenerator[str], connection: Connection) -> None:
        # A proxy that collects an answer before it hands it on would keep the events.
        headers = {"X-Accel-Buffering": "no"}
        super().__init__(texts, media_type="text/event-stream", headers=headers)
        self._connection = connection

    async def stream_response(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for text in self.body_iterator:
            assert isinstance(text, str)
            await self._connection.write(text.encode())
        await send({"type": "http.response.body", "body": b"", "more_body": False})
