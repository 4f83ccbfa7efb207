"""50 open walls on one dashboard while 200 lanes say 30 events a second: from a lane's publish to the socket
of each client, ingest and commit included.

The lanes publish single events of clean lorries over mosquitto with mutual TLS; the store is SQLite.  An
event counts for a client when a message about its lane comes before the lane's next event; events that
change nothing on the tile send none.  Beside it, at the same pace and from the same clients, a bare server
that only writes texts of the same size to its streams.
"""

import asyncio
import contextlib
import multiprocessing
import re
import subprocess
import time
from collections.abc import AsyncGenerator
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import psutil
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from measures import Figure, Measurement, at_most, percentile
from measures.dashboard_ingest import BORDERLANE, messages
from measures.rigs.mqtt_lanes import Lanes, access_list, journal_name, lane_name, site_toml
from measures.rigs.scratch import scratch
from simulators.broker import Broker
from simulators.children import Child
from simulators.pki import Authority
from tests.dashboard.postgres import free_port

LANES, WALLS, EVENTS_A_SECOND = 200, 50, 30
SECONDS = {False: 30, True: 120}
PASSWORD = "correct horse battery"
NAMES = ("dashboard-walls-latency-p99", "dashboard-walls-memory", "dashboard-walls-cpu")
_LANE = re.compile(rb'data: \{"lane":"(lane-\d+)"')


class Watcher:
    """One open stream, read as a browser does: when what came about which lane (monotonic)."""

    def __init__(self, heard: list[tuple[str, float]]) -> None:
        self._heard = heard
        self.bytes = 0
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self, port: int, path: str, cookie: str) -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"
        self._writer.write(request.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head:
            raise RuntimeError(f"the stream was refused: {head[:80]!r}")
        self._task = asyncio.create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65_536):
            now = time.monotonic()
            self.bytes += len(data)
            self._heard += [(found.decode(), now) for found in _LANE.findall(data)]

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._writer is not None:
            self._writer.close()


def bare(pipe: Connection, port: int) -> None:
    """Writes what it is given to all its streams, and nothing else; tells its CPU time at the end."""
    queues: set[asyncio.Queue[str]] = set()

    async def stream(_: Request) -> StreamingResponse:
        queue: asyncio.Queue[str] = asyncio.Queue()
        queues.add(queue)

        async def texts() -> AsyncGenerator[str]:
            while True:
                yield await queue.get()

        return StreamingResponse(texts(), media_type="text/event-stream")

    async def serve() -> None:
        app = Starlette(routes=[Route("/stream", stream)])
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        pipe.send("ready")
        reading = asyncio.get_running_loop()
        while (text := await reading.run_in_executor(None, pipe.recv)) is not None:
            for queue in queues:
                queue.put_nowait(text)
        pipe.send(time.process_time())
        server.should_exit = True
        server.force_exit = True
        await serving

    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(serve())


def latencies(said: list[tuple[str, float]], heard: list[list[tuple[str, float]]]) -> list[float]:
    """Seconds from each event to the first message about its lane, at each client, before the lane's next."""
    found: list[float] = []
    by_lane: dict[str, list[float]] = {}
    for lane, at in said:
        by_lane.setdefault(lane, []).append(at)
    for client in heard:
        came: dict[str, list[float]] = {}
        for lane, at in client:
            came.setdefault(lane, []).append(at)
        for lane, times in by_lane.items():
            for at, after in zip(times, [*times[1:], float("inf")], strict=True):
                first = next((one for one in came.get(lane, ()) if at <= one < after), None)
                if first is not None:
                    found.append(first - at)
    return found


async def measured(folder: Path, seconds: int) -> list[Figure]:
    authority = Authority(folder / "pki")
    lanes, site = authority.issue("lanes"), authority.issue("dashboard")
    broker = Broker(
        folder / "broker", authority.issue("broker", server=True), access_list("lanes", "dashboard")
    )
    count = EVENTS_A_SECOND * seconds
    told = messages(folder, count // LANES + 2, "single")
    await broker.start()
    port = free_port()
    file = site_toml(folder, "sqlite:///store.db", broker.port, site, authority.command_key("m-1").private)
    file.write_text(file.read_text().replace("port = 0", f"port = {port}"))
    await asyncio.to_thread(
        subprocess.run,
        [str(BORDERLANE), "dashboard", str(file), "--add-user", "dana:operator:transport"],
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
        capture_output=True,
    )
    child = Child("dashboard", (str(BORDERLANE), "dashboard", str(file)), folder / "dashboard.log")
    await child.start()
    try:
        await child.until(lambda: _listening(child), 60)
        cookie = await signed_in(port)
        process = psutil.Process(child.pid)
        async with Lanes(LANES, broker.port, lanes) as connections:

            def say(step: int) -> tuple[str, float]:
                number, index = step % LANES, step // LANES
                message = told[index]
                payload = message.payload.replace(lane_name(0).encode(), lane_name(number).encode())
                payload = payload.replace(journal_name(0).encode(), journal_name(number).encode())
                connections.connections[number].publish(message.audience, payload)
                return lane_name(number), time.monotonic()

            for step in range(LANES):  # every lane is known before it counts
                say(step)
                await asyncio.sleep(0.005)
            await connections.acknowledged(1, 60)
            heard: list[list[tuple[str, float]]] = [[] for _ in range(WALLS)]
            watchers = [Watcher(one) for one in heard]
            for watcher in watchers:
                await watcher.open(port, "/api/v1/stream", cookie)
            await asyncio.sleep(3)
            for one in heard:
                one.clear()
            before, cpu_before = process.memory_info().rss, _cpu_s(process)
            began, said = time.monotonic(), list[tuple[str, float]]()
            for step in range(count - LANES):
                await asyncio.sleep(max(0.0, began + step / EVENTS_A_SECOND - time.monotonic()))
                said.append(say(LANES + step))
            await asyncio.sleep(1)
            cpu, grown = _cpu_s(process) - cpu_before, process.memory_info().rss - before
            took = (count - LANES) / EVENTS_A_SECOND
            size = sum(one.bytes for one in watchers) // max(1, sum(len(one) for one in heard))
            for watcher in watchers:
                watcher.close()
    finally:
        await child.stop()
        await broker.stop()
    found = latencies(said, heard)
    plain, plain_cpu = await _bare(min(size, 4000), EVENTS_A_SECOND * 10)
    beside = (
        f"median {1000 * percentile(found, 0.5):.1f} ms of {len(found)} messages; bare server-sent events "
        f"p99 {1000 * percentile(plain, 0.99):.1f} ms, {100 * plain_cpu / 10:.1f} % of a core; "
        f"{LANES} lanes, {EVENTS_A_SECOND} events/s, {WALLS} walls, {took:.0f} s, SQLite"
    )
    return [
        at_most(NAMES[0], 1000 * percentile(found, 0.99), "ms", 50, beside),
        at_most(NAMES[1], grown / 1e6, "MB", 10, f"over {took:.0f} s with {WALLS} walls open"),
        at_most(NAMES[2], 100 * cpu / took, "% of a core", 10, beside),
    ]


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def _listening(child: Child) -> bool:
    return "ingest.connected" in child.tail()


async def signed_in(port: int) -> str:
    """The session's cookie of a signed-in user."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        page = await client.get("/sign-in")
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        csrf = found[1] if found else ""
        form = {"name": "dana", "password": PASSWORD, "csrf": csrf}
        answer = await client.post("/sign-in", data=form)
        if answer.status_code != 303:
            raise RuntimeError(f"not signed in: {answer.status_code}")
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


async def _bare(size: int, count: int) -> tuple[list[float], float]:
    """Latencies (s) and CPU time (s) of the bare server at the same pace."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    port = free_port()
    process = context.Process(target=bare, args=(theirs, port), daemon=True)
    process.start()
    try:
        await asyncio.to_thread(ours.recv)
        heard: list[list[tuple[str, float]]] = [[] for _ in range(WALLS)]
        watchers = [Watcher(one) for one in heard]
        for watcher in watchers:
            await watcher.open(port, "/stream", "none=1")
        said: list[tuple[str, float]] = []
        began = time.monotonic()
        for step in range(count):
            await asyncio.sleep(max(0.0, began + step / EVENTS_A_SECOND - time.monotonic()))
            lane = f"lane-{step}"
            said.append((lane, time.monotonic()))
            ours.send(f'event: lane\ndata: {{"lane":"{lane}"{" " * size}}}\n\n')
        await asyncio.sleep(1)
        ours.send(None)
        cpu_s = await asyncio.to_thread(ours.recv)
        for watcher in watchers:
            watcher.close()
        return latencies(said, heard), cpu_s
    finally:
        process.join(10)
        if process.is_alive():
            process.kill()


def run(full: bool) -> list[Figure]:
    with scratch() as folder:
        return asyncio.run(measured(folder, SECONDS[full]))


MEASUREMENTS = [Measurement(NAMES, run)]
