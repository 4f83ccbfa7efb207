"""50 open walls on one dashboard while 200 lanes say 30 events a second: from a lane's publish to the socket
of each client, ingest and commit included.

The lanes are online and publish single events of clean lorries over mosquitto with mutual TLS; the store is
SQLite.  When an event was told is known by its position in the store, which the stream's ids count; events
that change nothing on the tile send none.  Beside it, at the same pace and from the same clients, a bare
server that only writes texts of the same size to its streams.
"""

import asyncio
import os
import re
import subprocess
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine

from dashboard.store.engine import database_url
from dashboard.store.tables import EVENTS
from lane_controller.messages.words import Audience
from measures import Figure, Measurement, at_most, percentile
from measures.dashboard_ingest import BORDERLANE, messages
from measures.rigs.bare_stream import bare
from measures.rigs.mqtt_lanes import Lanes, Message, access_list, journal_name, lane_name, site_toml
from measures.rigs.scratch import scratch
from measures.rigs.streams import Told, Watcher, bytes_a_message, latencies, opened
from simulators.broker import Broker
from simulators.children import Child
from simulators.pki import Authority, Identity
from tests.dashboard.postgres import free_port

LANES, WALLS, EVENTS_A_SECOND = 200, 50, 30
SECONDS = {False: 30, True: 120}
BARE_SECONDS, BARE_BYTES_MAX = 10, 4000
URL = "sqlite:///store.db"
PASSWORD = "correct horse battery"
NAMES = ("dashboard-walls-latency-p99", "dashboard-walls-memory", "dashboard-walls-cpu")


@dataclass(frozen=True, slots=True)
class Site:
    """A running dashboard with its broker."""

    lanes: Identity
    broker: Broker
    port: int
    process: psutil.Process


@dataclass(frozen=True, slots=True)
class Run:
    """`said` is (lane, sequence, when); CPU (s) and growth (bytes) are of the dashboard's process."""

    said: list[tuple[str, int, float]]
    watchers: list[Watcher]
    cpu_s: float
    grown: int
    took_s: float


@asynccontextmanager
async def running(folder: Path) -> AsyncGenerator[Site]:
    authority = Authority(folder / "pki")
    lanes, site = authority.issue("lanes"), authority.issue("dashboard")
    broker = Broker(
        folder / "broker", authority.issue("broker", server=True), access_list("lanes", "dashboard")
    )
    await broker.start()
    port = free_port()
    file = site_toml(folder, URL, broker.port, site, authority.command_key("m-1").private)
    file.write_text(file.read_text().replace("port = 0", f"port = {port}"))
    command = (str(BORDERLANE), "dashboard", str(file))
    add = [*command, "--add-user", "dana:operator:transport"]
    await asyncio.to_thread(
        subprocess.run, add, input=f"{PASSWORD}\n", text=True, check=True, capture_output=True
    )
    child = Child("dashboard", command, folder / "dashboard.log")
    await child.start()
    try:
        await child.until(lambda: _listening(child), 60)
        yield Site(lanes, broker, port, psutil.Process(child.pid))
    finally:
        await child.stop()
        await broker.stop()


async def watched(site: Site, told: list[Message], count: int) -> Run:
    """Says `count` events, the first one of each lane before anybody watches."""
    cookie = await signed_in(site.port)
    async with Lanes(LANES, site.broker.port, site.lanes) as connections:

        def say(step: int) -> tuple[str, int, float]:
            number, message = step % LANES, told[step // LANES]
            payload = message.payload.replace(lane_name(0).encode(), lane_name(number).encode())
            payload = payload.replace(journal_name(0).encode(), journal_name(number).encode())
            connections.connections[number].publish(message.audience, payload)
            return lane_name(number), message.up_to, time.monotonic()

        for step in range(LANES):
            connections.connections[step].publish_to("status", b'{"status":"online"}')
            say(step)
            await asyncio.sleep(0.005)
        await connections.acknowledged(1, 60)
        watchers = await opened(WALLS, site.port, "/api/v1/stream", cookie)
        await asyncio.sleep(3)
        for watcher in watchers:
            watcher.forget()
        before, cpu_before = site.process.memory_info().rss, _cpu_s(site.process)
        began, said = time.monotonic(), list[tuple[str, int, float]]()
        for step in range(count - LANES):
            await asyncio.sleep(max(0.0, began + step / EVENTS_A_SECOND - time.monotonic()))
            said.append(say(LANES + step))
        await asyncio.sleep(1)
        cpu, grown = _cpu_s(site.process) - cpu_before, site.process.memory_info().rss - before
        for watcher in watchers:
            watcher.close()
    return Run(said, watchers, cpu, grown, (count - LANES) / EVENTS_A_SECOND)


async def placed(folder: Path, said: list[tuple[str, int, float]]) -> list[Told]:
    """What was said to everybody, with the positions that the store gave it."""
    engine = create_async_engine(database_url(URL, folder))
    statement = select(EVENTS.c.lane, EVENTS.c.sequence, EVENTS.c.position)
    async with engine.connect() as connection:
        rows = await connection.execute(statement.where(EVENTS.c.audience == Audience.LANE.value))
        positions = {(row.lane, row.sequence): row.position for row in rows}
    await engine.dispose()
    return [
        Told(lane, positions[lane, sequence], at_s)
        for lane, sequence, at_s in said
        if (lane, sequence) in positions
    ]


async def measured(folder: Path, seconds: int) -> list[Figure]:
    count = EVENTS_A_SECOND * seconds
    async with running(folder) as site:
        run = await watched(site, messages(folder, count // LANES + 2, "single"), count)
    found = latencies(await placed(folder, run.said), run.watchers)
    size = min(bytes_a_message(run.watchers), BARE_BYTES_MAX)
    plain, plain_cpu_s = await bare(WALLS, size, EVENTS_A_SECOND * BARE_SECONDS, EVENTS_A_SECOND)
    beside = (
        f"median {1000 * percentile(found, 0.5):.1f} ms of {len(found)} messages; bare server-sent events "
        f"median {1000 * percentile(plain, 0.5):.1f}, p99 {1000 * percentile(plain, 0.99):.1f} ms, "
        f"{100 * plain_cpu_s / BARE_SECONDS:.1f} % of a core; {LANES} lanes, {EVENTS_A_SECOND} events/s, "
        f"{WALLS} walls, {run.took_s:.0f} s, SQLite; load {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores"
    )
    over = f"over {run.took_s:.0f} s with {WALLS} walls open"
    return [
        at_most(NAMES[0], 1000 * percentile(found, 0.99), "ms", 50, beside),
        at_most(NAMES[1], run.grown / 1e6, "MB", 10, over),
        at_most(NAMES[2], 100 * run.cpu_s / run.took_s, "% of a core", 10, beside),
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


def run(full: bool) -> list[Figure]:
    with scratch() as folder:
        return asyncio.run(measured(folder, SECONDS[full]))


MEASUREMENTS = [Measurement(NAMES, run)]
