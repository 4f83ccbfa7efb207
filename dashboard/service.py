"""The dashboard's parts, put together, and how long they run."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from dashboard.api.hub import Hub
from dashboard.api.tiles import made_tile
from dashboard.commands.live import LiveAsker
from dashboard.commands.proposals import Proposals
from dashboard.commands.sender import CommandSender
from dashboard.commands.signing import Signer
from dashboard.housekeeping import Housekeeping
from dashboard.ingest.live import Live
from dashboard.ingest.receive import Receiver
from dashboard.ingest.stills import Stills
from dashboard.ingest.subscriber import Subscriber
from dashboard.site import Site
from dashboard.store import read
from dashboard.store.engine import Database, database_url, open_database
from dashboard.store.reread import after_upgrade
from dashboard.store.tables import SITE_LANE
from dashboard.store.writer import Writer
from dashboard.users.sessions import Sessions
from dashboard.users.sign_in import SignIn, may_sign_in
from dashboard.users.workplaces import Workplaces
from dashboard.views.alarm_board import Recent
from dashboard.views.language import Speaker
from dashboard.views.source import Source

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Service:
    """What requests are answered with."""

    site: Site
    database: Database
    writer: Writer
    live: Live
    receiver: Receiver
    subscriber: Subscriber
    source: Source
    sender: CommandSender
    live_asker: LiveAsker
    sessions: Sessions
    sign_in: SignIn
    proposals: Proposals
    workplaces: Workplaces
    hub: Hub
    recent: Recent

    def close(self) -> None:
        """Ends what browsers wait for: the dashboard stops."""
        self.hub.close()
        self.live_asker.stills.close()

    def speaker(self, language: str) -> Speaker:
        known = language if language in self.site.languages else self.site.languages[0]
        return Speaker(known, self.site.zone)


@asynccontextmanager
async def store_of(site: Site) -> AsyncGenerator[tuple[Database, Writer]]:
    """The site's store with its writer running.  Raises StoreError."""
    part = site.store
    password = part.password_file.read_text("utf-8").strip() if part.password_file else None
    async with open_database(database_url(part.url, site.folder, password)) as database:
        await after_upgrade(database, site.site)
        writer = Writer(database)
        await writer.start()
        running = asyncio.create_task(writer.run())
        try:
            yield database, writer
        finally:
            await writer.stop()
            await running


@asynccontextmanager
async def service_of(site: Site) -> AsyncGenerator[Service]:
    """The dashboard of a site, listening to its broker.  Raises StoreError and KeyRefused."""
    signer = Signer.load(site.signing.key, site.signing.key_id)
    async with store_of(site) as (database, writer):
        live = Live()
        stills = Stills()
        receiver = Receiver(site.site, writer, live, stills)
        subscriber = Subscriber(site, receiver, writer, live)
        source = Source.over(database, live, writer)
        sessions = Sessions(database, writer, lambda user: may_sign_in(user, site.demo))
        proposals = Proposals(writer, sessions, lambda: hub.requests_changed())
        await proposals.load()
        sender = CommandSender(site.site, signer, source, database, writer, subscriber.publish, proposals)
        hub = await _hub(database, writer, live, source, proposals)
        parts = {
            "hub": hub.run(),
            "subscriber": subscriber.run(),
            "commands": sender.run(),
            "proposals": proposals.run(),
            "housekeeping": Housekeeping(site, database, writer, live, hub).run(),
        }
        service = Service(
            site=site,
            database=database,
            writer=writer,
            live=live,
            receiver=receiver,
            subscriber=subscriber,
            source=source,
            sender=sender,
            live_asker=LiveAsker(site.site, signer, source, writer, stills, subscriber.publish),
            sessions=sessions,
            sign_in=SignIn(database, writer, sessions, site.demo),
            proposals=proposals,
            workplaces=Workplaces(database),
            hub=hub,
            recent=Recent(source),
        )
        async with _running(parts):
            try:
                yield service
            finally:
                service.close()


async def _hub(database: Database, writer: Writer, live: Live, source: Source, proposals: Proposals) -> Hub:
    """Told from now on of what is stored and heard."""

    async def lanes() -> list[str]:
        return [*await source.lanes(), SITE_LANE]

    hub = Hub(lambda: live.connected, proposals.states, partial(made_tile, source), lanes)
    async with database.reads.connect() as connection:
        hub.start_at(await read.positions(connection))
    writer.follow(hub.committed)
    live.follow(hub.changed)
    return hub


@asynccontextmanager
async def _running(parts: Mapping[str, Coroutine[Any, Any, None]]) -> AsyncGenerator[None]:
    """What runs as long as the dashboard does, by name.  A part that fails is reported, and ends no other."""
    tasks = [asyncio.create_task(part, name=name) for name, part in parts.items()]
    for task in tasks:
        task.add_done_callback(_report)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("dashboard.part_failed", part=task.get_name(), error=repr(error), exc_info=error)
