"""One HTTP/1.1 exchange as a server has it: a request in, an answer out, on a connection's streams."""

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import h11

CHUNK_BYTES = 64 * 1024
ANSWER_S = 5.0
LINGER_S = 5.0
"""For what is still coming after a refusal.  A camera with digest sends its pictures before it hears that it
must prove itself first: closing on it then would cost it the answer."""

Field = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """A request without its body; `target` as sent, `fields` by name in lower case."""

    method: bytes
    target: bytes
    fields: Mapping[bytes, bytes]

    @property
    def path(self) -> bytes:
        return self.target.partition(b"?")[0]

    @property
    def query(self) -> bytes:
        return self.target.partition(b"?")[2]

    @property
    def content_type(self) -> str:
        return self.fields.get(b"content-type", b"").decode("latin-1")


class Refused(Exception):
    """An answer that is no 2xx.  `last` closes the connection: the rest of the request was not read."""

    def __init__(self, status: int, error: str, *, last: bool = True, headers: Sequence[Field] = ()) -> None:
        super().__init__(error)
        self.status, self.last, self.headers = status, last, tuple(headers)


def request_of(event: h11.Request) -> Request:
    return Request(event.method, event.target, {name: value for name, value in event.headers})


async def next_event(http: h11.Connection, reader: asyncio.StreamReader) -> Any:
    """h11's next event.  Raises h11.RemoteProtocolError for what is no HTTP."""
    while (event := http.next_event()) is h11.NEED_DATA:
        http.receive_data(await reader.read(CHUNK_BYTES))
    return event


async def send(
    http: h11.Connection,
    writer: asyncio.StreamWriter,
    status: int,
    told: Mapping[str, Any],
    headers: Sequence[Field] = (),
    *,
    last: bool = False,
) -> None:
    """Answer with JSON, where an answer is still possible.  Raises TimeoutError, OSError."""
    if http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
        return
    body = json.dumps(told).encode()
    fields = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers]
    if last:
        fields.append(("Connection", "close"))
    parts = (h11.Response(status_code=status, headers=fields), h11.Data(data=body), h11.EndOfMessage())
    writer.write(b"".join(http.send(part) or b"" for part in parts))
    async with asyncio.timeout(ANSWER_S):
        await writer.drain()


async def linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closing while bytes are still under way would reset the connection, and with it the answer."""
    if writer.can_write_eof():
        writer.write_eof()
    with contextlib.suppress(TimeoutError, OSError):
        async with asyncio.timeout(LINGER_S):
            while await reader.read(CHUNK_BYTES):
                pass
