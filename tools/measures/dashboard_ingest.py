"""200 lanes of messages into one dashboard, from the publisher over a real mosquitto to the committed row.

Each lane's connection is its own, under mutual TLS.  A row counts as committed when the store's
acknowledgement of it has come back to its lane.  Every twentieth message is sent twice; at the end the store
is read: every sequence once, none missing.  Beside it a bare subscriber of the same library, which counts.
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
    """Events a second, the same of the bare subscriber, and the worker's CPU time an event (s)."""

    rate: float
    bare: float
    cpu_s: float
    bare_cpu_s: float
    lost: int
    doubled: int


async def measured(folder: Path, form: str, events: int, url: str) -> Run:
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
        rate, cpu = await _store_run(broker, lanes, said, events, file, WINDOW[form])
    finally:
        await broker.stop()
    lost, doubled = await _counted(url, folder, events)
    return Run(rate, bare_rate, cpu, bare_cpu, lost, doubled)


async def _store_run(
    broker: Broker, lanes: Identity, said: list[Message], events: int, file: Path, window: int
) -> tuple[float, float]:
    child = Child("dashboard", (str(BORDERLANE), "dashboard", str(file)), file.with_name("dashboard.log"))
    await child.start()
    try:
        await child.until(lambda: _listening(child), 30)
        process = psutil.Process(child.pid)
        async with Lanes(LANES, broker.port, lanes) as connections:
            before = process.cpu_times()
            began = await connections.publish(said, window=window, repeat_every=REPEAT_EVERY)
            ended = await connections.acknowledged(events, TIMEOUT_S)
            after = process.cpu_times()
        cpu_s = after.user + after.system - before.user - before.system
        return LANES * events / (ended - began), cpu_s / (LANES * events)
    finally:
        await child.stop()


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


def run(form: str, store: str) -> Callable[[bool], list[Figure]]:
    def measure(full: bool) -> list[Figure]:
        events = EVENTS_A_LANE[form][full]
        name = f"dashboard-ingest-{store}-{form}"
        with scratch() as folder:
            if store == "sqlite":
                done = asyncio.run(measured(folder, form, events, "sqlite:///store.db"))
            elif (missing := why_missing()) is not None:
                return [shown(name, 0, "events/s", f"not measured: {missing}")]
            else:
                server = Postgres(durable=True)
                try:
                    done = asyncio.run(measured(folder, form, events, server.new_database("measured")))
                finally:
                    server.stop()
        beside = (
            f"bare subscriber {done.bare:.0f} events/s; CPU an event {1e6 * done.cpu_s:.0f} us, bare "
            f"{1e6 * done.bare_cpu_s:.0f} us; {LANES} lanes, {LANES * events} events, lost {done.lost}, "
            f"doubled {done.doubled}"
        )
        if done.lost or done.doubled:
            return [Figure(name, 0, "events/s", "lost 0, doubled 0", False, beside)]
        if form == "batches":
            return [at_least(name, round(done.rate), "events/s", TARGET_IN_BATCHES, beside)]
        return [shown(name, round(done.rate), "events/s", beside)]

    return measure


MEASUREMENTS = [
    Measurement((f"dashboard-ingest-{store}-{form}",), run(form, store))
    for store in ("sqlite", "postgres")
    for form in ("single", "batches")
]
