"""A register service on real HTTP/1.1.

    GET  /register                                  {"kinds": [...], "draw": {"commitment": ..., "rate": ...}}
    POST /register {"kind": ..., "question": {}}    {"as_of": ..., "hits": [...]}

Rows are plain data, asked anew for each question, so that whoever runs the world may change them meanwhile.
Faults: `outage` (hangs up), `silent` (never answers), `error` (503), `refusing` (401), `garbage` (no JSON),
`wrong_shape`, `bad_utf8`, `endless` (a body without end), `cut` (half a body).  `latency_s` delays answers.
"""

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import h11
import structlog

from simulators.registers.answers import BadQuestion, Row, answer
from simulators.registers.draw import Draw

QUESTION_MAX_BYTES = 64 * 1024
CONNECTIONS_MAX = 256
IDLE_S = 10.0
PATH = "/register"
FAULTS = ("outage", "silent", "error", "refusing", "garbage", "wrong_shape", "bad_utf8", "endless", "cut")

log = structlog.get_logger()


def now() -> datetime:
    return datetime.now(UTC)


class HttpRegister:
    """`rows()` gives the rows of each kind, `as_of()` the time of the data; `draw` answers the random
    re-check.  `token`: the bearer token that is asked for; `tls`: a server context, with client certificates
    if it demands them."""

    def __init__(
        self,
        name: str,
        rows: Callable[[], Mapping[str, Sequence[Row]]],
        *,
        as_of: Callable[[], datetime] = now,
        draw: Draw | None = None,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.name = name
        self.draw = draw
        self.latency_s = 0.0
        self.asked = 0
        self._rows = rows
        self._as_of = as_of
        self._token = token
        self._tls = tls
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[Any]] = set()
        self._faults: set[str] = set()

    @property
    def address(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self._host}:{self._port}{PATH}"

    async def start(self) -> None:
        await self.stop()
        self._server = await asyncio.start_server(self._serve, self._host, self._port, ssl=self._tls)
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        serving = tuple(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    def step(self, seconds: float) -> None:
        """A service has no physics."""

    def faults(self) -> tuple[str, ...]:
        return FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        if fault not in FAULTS:
            raise KeyError(f"{self.name}: no fault {fault!r}; known: {', '.join(FAULTS)}")
        (self._faults.add if on else self._faults.discard)(fault)

    # --- HTTP ---------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._serving) >= CONNECTIONS_MAX or "outage" in self._faults:
            writer.transport.abort()
            return
        self._serving.add(task)
        try:
            await self._converse(reader, writer)
        except (OSError, TimeoutError, h11.ProtocolError) as error:
            log.debug("simulator.register_connection_ended", register=self.name, error=str(error))
        except asyncio.CancelledError:
            pass  # the service stops; the connection is cut below
        finally:
            self._serving.discard(task)
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h11.Connection(h11.SERVER)
        while True:
            asked = await self._request(http, reader)
            if asked is None:
                return
            request, body = asked
            if self.latency_s:
                await asyncio.sleep(self.latency_s)
            if "silent" in self._faults:
                await reader.read()
            if "outage" in self._faults:
                return
            await self._reply(http, writer, *self._respond(request, body))
            if http.our_state is h11.MUST_CLOSE or http.their_state is h11.MUST_CLOSE:
                return
            http.start_next_cycle()

    async def _request(
        self, http: h11.Connection, reader: asyncio.StreamReader
    ) -> tuple[h11.Request, bytes] | None:
        request: h11.Request | None = None
        body = b""
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                async with asyncio.timeout(IDLE_S):
                    http.receive_data(await reader.read(16384))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > QUESTION_MAX_BYTES:
                    return None
            elif isinstance(event, h11.EndOfMessage) and request is not None:
                return request, body
            else:
                return None

    async def _reply(
        self, http: h11.Connection, writer: asyncio.StreamWriter, status: int, body: bytes
    ) -> None:
        endless, cut = "endless" in self._faults, "cut" in self._faults
        length = 1 << 40 if endless else len(body)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(length))]
        writer.write(http.send(h11.Response(status_code=status, headers=headers)) or b"")
        while endless:
            writer.write(b" " * 65536)
            await writer.drain()
        if cut:
            writer.write(body[: len(body) // 2])
            await writer.drain()
            raise ConnectionResetError("fault: cut")
        writer.write((http.send(h11.Data(data=body)) or b"") + (http.send(h11.EndOfMessage()) or b""))
        await writer.drain()

    # --- what is said -------------------------------------------------------------------------------------

    def _respond(self, request: h11.Request, body: bytes) -> tuple[int, bytes]:
        if "error" in self._faults:
            return 503, b'{"error": "out of order"}'
        token = dict(request.headers).get(b"authorization", b"")
        if "refusing" in self._faults or (self._token and token != f"Bearer {self._token}".encode()):
            return 401, b'{"error": "who are you?"}'
        if request.target != PATH.encode():
            return 404, b'{"error": "no register here"}'
        if request.method == b"GET":
            return 200, _json(self._description())
        if request.method != b"POST":
            return 405, b'{"error": "GET or POST"}'
        if "garbage" in self._faults:
            return 200, b"<html>it works</html>"
        if "wrong_shape" in self._faults:
            return 200, b'{"as_of": 5, "hits": {"a": [[[]]]}}'
        if "bad_utf8" in self._faults:
            return 200, b'{"as_of": "\xff\xfe", "hits": []}'
        return self._asked(body)

    def _description(self) -> Row:
        kinds = sorted(self._rows()) + (["draw"] if self.draw else [])
        public = {"commitment": self.draw.commitment, "rate": self.draw.rate} if self.draw else None
        return {"kinds": kinds, "draw": public}

    def _asked(self, body: bytes) -> tuple[int, bytes]:
        try:
            document = json.loads(body)
            kind, question = document["kind"], document["question"]
            if not isinstance(kind, str) or not isinstance(question, dict):
                raise BadQuestion("kind is no text or question no object")
            hits = answer(kind, cast(Row, question), self._rows().get(kind, ()), self.draw)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            return 400, _json({"error": str(error)})
        self.asked += 1
        as_of = self._as_of().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return 200, _json({"as_of": as_of, "hits": hits})


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
