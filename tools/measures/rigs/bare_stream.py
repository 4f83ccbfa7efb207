"""A server that writes what it is given to all its server-sent event streams, and nothing else: what the
web server, the sockets and the machine take of a wall's time."""

import asyncio
import contextlib
import multiprocessing
import time
from collections.abc import AsyncGenerator
from multiprocessing.connection import Connection

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from measures.rigs.streams import Told, latencies, opened
from tests.dashboard.postgres import free_port


def serve(pipe: Connection, port: int) -> None:
    """Tells at the end what CPU time (s) it took from the first text on."""
    queues: set[asyncio.Queue[str | None]] = set()

    async def stream(_: Request) -> StreamingResponse:
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        queues.add(queue)

        async def texts() -> AsyncGenerator[str]:
            while (text := await queue.get()) is not None:
                yield text

        return StreamingResponse(texts(), media_type="text/event-stream")

    async def run() -> None:
        app = Starlette(routes=[Route("/stream", stream)])
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        pipe.send("ready")
        loop = asyncio.get_running_loop()
        text: str | None = await loop.run_in_executor(None, pipe.recv)
        began = time.process_time()
        while text is not None:
            for queue in queues:
                queue.put_nowait(text)
            text = await loop.run_in_executor(None, pipe.recv)
        pipe.send(time.process_time() - began)
        for queue in queues:
            queue.put_nowait(None)
        server.should_exit = True
        await serving

    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(run())


async def bare(walls: int, size: int, count: int, a_second: int) -> tuple[list[float], float]:
    """Latencies (s) and CPU time (s) of `count` messages of about `size` bytes."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    port = free_port()
    process = context.Process(target=serve, args=(theirs, port), daemon=True)
    process.start()
    try:
        await asyncio.to_thread(ours.recv)
        watchers = await opened(walls, port, "/stream", "none=1")
        said: list[Told] = []
        began = time.monotonic()
        for step in range(count):
            await asyncio.sleep(max(0.0, began + step / a_second - time.monotonic()))
            said.append(Told(f"lane-{step}", step, time.monotonic()))
            ours.send(f'id: {step}\nevent: lane\ndata: {{"lane":"lane-{step}"{" " * size}}}\n\n')
        await asyncio.sleep(1)
        ours.send(None)
        cpu_s = await asyncio.to_thread(ours.recv)
        for watcher in watchers:
            watcher.close()
        return latencies(said, watchers), cpu_s
    finally:
        process.join(10)
        if process.is_alive():
            process.kill()
