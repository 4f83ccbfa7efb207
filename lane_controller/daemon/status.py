"""The lane's Unix socket (mode 0600): one JSON line asks, one JSON line answers.

`{"ask": "status"}`, or `{"ask": "erase", …}` for what must go through the daemon that holds the journal."""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path
from typing import Any, cast

import structlog

log = structlog.get_logger()

LINE_MAX = 64 * 1024
PATH_BYTES_MAX = 107
"""Of a Unix socket's path (unix(7): sun_path has 108 bytes, one of them ends it)."""
ASK_S = 5.0
"""A client that takes longer to ask is sent away."""

Answer = dict[str, Any]
Handler = Callable[[Answer], Awaitable[Answer]]


async def serve(path: Path, handlers: dict[str, Handler]) -> None:
    """Answer until cancelled.  Raises OSError when the socket can't be made."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(ASK_S):
                line = await reader.readline()
            writer.write(json.dumps(await _answer(line, handlers), default=str).encode() + b"\n")
            async with asyncio.timeout(ASK_S):
                await writer.drain()
        except (OSError, TimeoutError, ValueError) as error:
            log.debug("status socket", error=str(error))
        finally:
            writer.close()

    with _listening(path) as line:
        async with await asyncio.start_unix_server(answer, sock=line, limit=LINE_MAX) as server:
            await server.serve_forever()


@contextlib.contextmanager
def _listening(path: Path) -> Generator[socket.socket]:
    """A Unix socket that its owner alone can reach from the first moment on."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and not path.is_socket():
        raise FileExistsError(f"{path}: there is a file of another kind where the status socket should be")
    path.unlink(missing_ok=True)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        line.bind(str(path))
    finally:
        os.umask(before)
    try:
        yield line
    finally:
        line.close()
        path.unlink(missing_ok=True)


async def _answer(line: bytes, handlers: dict[str, Handler]) -> Answer:
    try:
        asked: Any = json.loads(line)
    except (ValueError, RecursionError):  # the latter for what is nested too deep
        asked = None
    if not isinstance(asked, dict):
        return {"error": "expected one line of JSON with `ask`"}
    question = cast("Answer", asked)
    handler = handlers.get(str(question.get("ask")))
    if handler is None:
        return {"error": f"expected `ask` to be one of {', '.join(handlers)}"}
    try:
        return await handler(question)
    except Exception as error:  # whoever asks must not wait for an answer that never comes
        log.error("status socket: a question could not be answered", exc_info=error)
        return {"error": f"the lane could not answer: {type(error).__name__}"}


async def ask(path: Path, question: Answer, timeout_s: float = 10.0) -> Answer:
    """Ask a running lane.  Raises OSError when nobody listens, TimeoutError, ValueError for no JSON."""
    async with asyncio.timeout(timeout_s):
        reader, writer = await asyncio.open_unix_connection(path, limit=1 << 24)
        try:
            writer.write(json.dumps(question).encode() + b"\n")
            await writer.drain()
            return json.loads(await reader.readline())
        finally:
            writer.close()
