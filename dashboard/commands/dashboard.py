"""`borderlane dashboard SITE.toml`: runs the site's dashboard, or adds users and ends."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

import click
import structlog
import uvicorn

from dashboard.api.event_stream import Connection
from dashboard.app import create_app
from dashboard.commands.signing import KeyRefused
from dashboard.service import Service, service_of, store_of
from dashboard.site import Listen, Site, SiteError, load_site
from dashboard.store.engine import StoreError
from dashboard.store.stage import Stage
from dashboard.users.accounts import AccountRefused, save_user
from dashboard.users.passwords import PasswordRefused, hash_password
from dashboard.views.language import Speaker
from lane_controller.messages.words import Agency, UserRole

WRONG_USE = 2
NOT_REACHED = 3
GRACE_S = 3

_log = structlog.get_logger()


@click.command()
@click.argument("site_file", metavar="SITE.toml", type=click.Path(path_type=Path))
@click.option(
    "--add-user",
    "new_users",
    multiple=True,
    metavar="NAME:ROLE[:AGENCY]",
    help="Add this user, or change an existing one, and end.  May be given several times.",
)
@click.option(
    "--passwords",
    type=click.File("r"),
    default="-",
    help="File with one password a line, in the order of the users; standard input when left out.",
)
@click.option("--demo-users", is_flag=True, help="Mark the added users as demo: a real site refuses them.")
def command(site_file: Path, new_users: tuple[str, ...], passwords: TextIO, demo_users: bool) -> None:
    """Show the lanes of a site to its operators."""
    try:
        site = load_site(site_file)
        if new_users:
            asyncio.run(_add_users(site, [_user(text) for text in new_users], passwords, demo_users))
        else:
            asyncio.run(_serve(site))
    except (SiteError, KeyRefused, AccountRefused) as error:
        click.echo(f"{error}", err=True)
        sys.exit(WRONG_USE)
    except StoreError as error:
        click.echo(f"{error}", err=True)
        sys.exit(NOT_REACHED)


def _user(text: str) -> tuple[str, UserRole, Agency | None]:
    name, _, rest = text.partition(":")
    role, _, agency = rest.partition(":")
    try:
        return name, UserRole(role), Agency(agency) if agency else None
    except ValueError:
        roles, agencies = ", ".join(UserRole), ", ".join(Agency)
        raise AccountRefused(
            f"--add-user {text}: expected NAME:ROLE[:AGENCY], "
            f"with a role of {roles} and an agency of {agencies}"
        ) from None


async def _add_users(
    site: Site, users: list[tuple[str, UserRole, Agency | None]], passwords: TextIO, demo: bool
) -> None:
    lines = passwords.read().splitlines()
    if len(lines) < len(users):
        raise AccountRefused(f"{len(users)} users and {len(lines)} passwords: give one password a line")
    async with store_of(site) as (_, writer):
        for (name, role, agency), password in zip(users, lines, strict=False):
            try:
                hashed = await hash_password(password)
            except PasswordRefused as refused:
                raise AccountRefused(f"--add-user {name}: {_said(refused)}") from None

            async def job(
                stage: Stage,
                name: str = name,
                role: UserRole = role,
                agency: Agency | None = agency,
                hashed: str = hashed,
            ) -> None:
                await save_user(
                    stage,
                    name=name,
                    role=role,
                    agency=agency,
                    password=hashed,
                    language=site.languages[0],
                    demo=demo,
                    by="(command line)",
                )

            try:
                await writer.do(job)
            except AccountRefused as refused:
                raise AccountRefused(f"--add-user {name}: {_said(refused)}") from None


def _said(refused: Exception) -> str:
    """What a refusal's code says, in the language of the terminal's messages."""
    return Speaker("en", ZoneInfo("UTC")).reason(str(refused), {}).text


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: stopping is ours, in our order."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def _serve(site: Site) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    with _listening(site.listen) as listening:
        async with service_of(site) as service:
            await _run(site, service, stopping, listening)
    _log.info("dashboard.stopped", site=site.site)


def _listening(listen: Listen) -> socket.socket:
    """Bound by ourselves: uvicorn ends the whole process when it cannot.  Raises StoreError."""
    family = socket.AF_INET6 if ":" in listen.address else socket.AF_INET
    try:
        return socket.create_server((listen.address, listen.port), family=family, backlog=2048)
    except OSError as error:
        scheme = "https" if listen.certificate else "http"
        raise StoreError(
            f"{scheme}://{listen.address}:{listen.port}: cannot listen there ({error.strerror}); "
            "stop the program that uses the port, or change [listen] in the site's file"
        ) from None


async def _run(site: Site, service: Service, stopping: asyncio.Event, listening: socket.socket) -> None:
    server = _Server(
        uvicorn.Config(
            create_app(service),
            http=Connection,
            ssl_certfile=site.listen.certificate,
            ssl_keyfile=site.listen.key,
            timeout_graceful_shutdown=GRACE_S,
            server_header=False,
            access_log=False,
            log_config=None,
            lifespan="off",
            h11_max_incomplete_event_size=32 * 1024,
        )
    )
    # What was made up to here lives as long as the process, and the events on their way are some hundred
    # thousand objects without a cycle: looking through them again and again costs half of the ingest.
    gc.collect()
    gc.freeze()
    gc.set_threshold(500_000, 20, 50)
    serving = asyncio.create_task(server.serve([listening]))
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    service.close()
    server.should_exit = True
    await serving
