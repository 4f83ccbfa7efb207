"""200 lanes of messages into one dashboard, from the publisher over a real mosquitto to the committed row.

Each lane's connection is its own, under mutual TLS.  A row counts as committed when the store's
acknowledgement of it has come back to its lane.  Every twentieth message is sent twice; at the end the store
is read: every sequence once, none missing.  Beside it a bare subscriber of the same library, which counts.

Lanes, broker, worker and database share this machine's cores, so the rate by the clock is the rate of all of
them together.  `...-per-core` is what the worker's own CPU allows: one core's second over its CPU an event.
"""

import asyncio
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import aiomqtt
import psutil
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import create_async_engine

from dashboard.store.engine import database_url
from dashboard.store.tables import EVENTS
from lane_controller.daemon.journal import Journal, StoredEvent
from lane_controller.daemon.outbox import IN_FLIGHT_EVENTS_MAX, batches
from lane_controller.messages.envelope import BATCH_EVENTS_MAX
from measures import Figure, Measurement, at_least, shown
from measures.rigs.mqtt_lanes import SITE, Lanes, Message, access_list, journal_name, lane_name, site_toml
from measures.rigs.scratch import ROOT, scratch
from simulators.broker import Broker
from simulators.children import Child
from simulators.pki import Authority, Identity
from tests.dashboard.postgres import Postgres, why_missing
from tests.lane.stories import Story

LANES = 200
EVENTS_A_LANE = {"single": {False: 100, True: 400}, "batches": {False: 1000, True: 5000}}
WINDOW = {"single": 16, "batches": IN_FLIGHT_EVENTS_MAX}
"""Events of a lane on their way to the store.  One that is behind sends batches, never many single ones."""
REPEAT_EVERY = 20
TIMEOUT_S = 400.0
TARGET_IN_BATCHES = 20_000
BORDERLANE = Path(sys.executable).with_name("borderlane")
STORY = ROOT / "tests" / "lane" / "clean_lorry.txt"


def messages(folder: Path, events: int, form: str) -> list[Message]:
    """One lane's first `events` events of clean lorries, as its uplink sends them."""
    story = Story()
    first, *rest = STORY.read_text("utf-8").split("arrival covered", 1)
    story.play(first)
    while len(story.teller.told) < events:
        story.play("arrival covered" + rest[0].rsplit("show", 1)[0])
        story.play("wait 60")
    at = story.teller.at
    stored = [
        StoredEvent(
            sequence,
            at,
            os.urandom(32),
            said.audience,
            said.passage,
            said.maintenance,
            said.data.model_dump(mode="json"),
        )
        for sequence, said in enumerate(story.teller.told[:events], 1)
    ]
    journal = Journal.create(folder / "lane.journal", SITE, lane_name(0), journal=journal_name(0))
    step = 1 if form == "single" else BATCH_EVENTS_MAX
    made = [
        Message(batch.audience, batch.payload, min(start + step, events))
        for start in range(0, events, step)
        for batch in batches(stored[start : start + step], journal)
    ]
    journal.close()
    return made


# --- beside it, in a process of its own -------------------------------------------------------------------


def bare(pipe: Connection, port: int, identity: Identity, count: int) -> None:
    """Counts messages of the same topics, and tells when it had all."""

    async def serve() -> None:
        tls = aiomqtt.TLSParameters(str(identity.ca), str(identity.certificate), str(identity.key))
        async with aiomqtt.Client("127.0.0.1", port, tls_params=tls) as client:
            await client.subscribe(f"borderlane/v1/{SITE}/+/event/+", qos=1)
            pipe.send("ready")
            began, seen = _cpu_s(), 0
            async for _ in client.messages:
                seen += 1
                if seen == count:
                    break
            pipe.send((time.monotonic(), _cpu_s() - began))

    asyncio.run(serve())


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


# --- one run ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """Events a second, and CPU time an event (s) by who took it; the same of the bare subscriber."""

    rate: float
    cpu_s: dict[str, float]
    bare: float
    bare_cpu_s: float
    lost: int
    doubled: int


async def measured(
    folder: Path, form: str, events: int, url: str, database: psutil.Process | None = None
) -> Run:
    authority = Authority(folder / "pki")
    lanes, site = authority.issue("lanes"), authority.issue("dashboard")
    broker = Broker(
        folder / "broker", authority.issue("broker", server=True), access_list("lanes", "dashboard")
    )
    said = messages(folder, events, form)
    count = LANES * (len(said) + len(said) // REPEAT_EVERY)
    file = site_toml(folder, url, broker.port, site, authority.command_key("measured-1").private)
    await broker.start()
    try:
        bare_rate, bare_cpu = await _bare_run(broker, lanes, site, said, events, count)
        rate, cpu = await _store_run(broker, lanes, said, events, file, WINDOW[form], database)
    finally:
        await broker.stop()
    lost, doubled = await _counted(url, folder, events)
    return Run(rate, cpu, bare_rate, bare_cpu, lost, doubled)


async def _store_run(
    broker: Broker,
    lanes: Identity,
    said: list[Message],
    events: int,
    file: Path,
    window: int,
    database: psutil.Process | None,
) -> tuple[float, dict[str, float]]:
    child = Child("dashboard", (str(BORDERLANE), "dashboard", str(file)), file.with_name("dashboard.log"))
    await child.start()
    try:
        await child.until(lambda: _listening(child), 30)
        parts = {
            "worker": [psutil.Process(child.pid)],
            "broker": [psutil.Process(broker.child.pid)],
            "lanes": [psutil.Process()],
        }
        if database is not None:
            parts["database"] = [database, *database.children()]
        async with Lanes(LANES, broker.port, lanes) as connections:
            before = _busy_s(parts)
            began = await connections.publish(said, window=window, repeat_every=REPEAT_EVERY)
            ended = await connections.acknowledged(events, TIMEOUT_S)
            after = _busy_s(parts)
        cpu_s = {name: (after[name] - before[name]) / (LANES * events) for name in parts}
        return LANES * events / (ended - began), cpu_s
    finally:
        await child.stop()


def _busy_s(parts: dict[str, list[psutil.Process]]) -> dict[str, float]:
    """CPU seconds so far."""
    times = {name: [process.cpu_times() for process in processes] for name, processes in parts.items()}
    return {name: sum(one.user + one.system for one in found) for name, found in times.items()}


async def _listening(child: Child) -> bool:
    """Whether the dashboard has subscribed at its broker."""
    return "ingest.connected" in child.tail()


async def _bare_run(
    broker: Broker, lanes: Identity, site: Identity, said: list[Message], events: int, count: int
) -> tuple[float, float]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=bare, args=(theirs, broker.port, site, count), daemon=True)
    process.start()
    theirs.close()
    try:
        await asyncio.to_thread(ours.recv)
        async with Lanes(LANES, broker.port, lanes) as connections:
            began = await connections.publish(said, window=None, repeat_every=REPEAT_EVERY)
            ended, cpu_s = await asyncio.to_thread(ours.recv)
        return LANES * events / (ended - began), cpu_s / (LANES * events)
    finally:
        process.join(20)
        if process.is_alive():
            process.kill()


async def _counted(url: str, folder: Path, events: int) -> tuple[int, int]:
    """Events lost and doubled, read from the store itself."""
    engine = create_async_engine(database_url(url, folder))
    ours = EVENTS.c.lane.like("lane-%")
    async with engine.connect() as connection:
        rows = await connection.scalar(select(func.count()).where(ours)) or 0
        keys = select(EVENTS.c.lane, EVENTS.c.journal, EVENTS.c.sequence).where(ours).distinct().subquery()
        distinct = await connection.scalar(select(func.count()).select_from(keys)) or 0
    await engine.dispose()
    return LANES * events - distinct, rows - distinct


def names(form: str, store: str) -> tuple[str, str]:
    """By the clock, and by the worker's own CPU."""
    return f"dashboard-ingest-{store}-{form}", f"dashboard-ingest-{store}-{form}-per-core"


def run(form: str, store: str) -> Callable[[bool], list[Figure]]:
    def measure(full: bool) -> list[Figure]:
        events = EVENTS_A_LANE[form][full]
        with scratch() as folder:
            if store == "sqlite":
                done = asyncio.run(measured(folder, form, events, "sqlite:///store.db"))
            elif (missing := why_missing()) is not None:
                return [shown(name, 0, "events/s", f"not measured: {missing}") for name in names(form, store)]
            else:
                server = Postgres(durable=True)
                try:
                    url, database = server.new_database("measured"), psutil.Process(server.pid)
                    done = asyncio.run(measured(folder, form, events, url, database))
                finally:
                    server.stop()
        return _figures(form, store, events, done)

    return measure


def _figures(form: str, store: str, events: int, done: Run) -> list[Figure]:
    by_clock, by_core = names(form, store)
    took = ", ".join(f"{part} {1e6 * cpu_s:.0f}" for part, cpu_s in done.cpu_s.items())
    cpu = f"CPU us an event: {took}, the bare subscriber {1e6 * done.bare_cpu_s:.0f}"
    beside = (
        f"bare subscriber {done.bare:.0f} events/s; {cpu}; {os.cpu_count()} cores; {LANES} lanes, "
        f"{LANES * events} events, lost {done.lost}, doubled {done.doubled}"
    )
    if done.lost or done.doubled:
        return [
            Figure(name, 0, "events/s", "lost 0, doubled 0", False, beside) for name in (by_clock, by_core)
        ]
    rate, core_rate = round(done.rate), round(1 / done.cpu_s["worker"])
    if form == "batches":
        return [
            at_least(by_clock, rate, "events/s", TARGET_IN_BATCHES, beside),
            at_least(by_core, core_rate, "events/s", TARGET_IN_BATCHES, cpu),
        ]
    return [shown(by_clock, rate, "events/s", beside), shown(by_core, core_rate, "events/s", cpu)]


MEASUREMENTS = [
    Measurement(names(form, store), run(form, store))
    for store in ("sqlite", "postgres")
    for form in ("single", "batches")
]
