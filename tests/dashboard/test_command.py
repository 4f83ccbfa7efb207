"""`borderlane dashboard`: users from the command line, mistakes with their exit codes, and how it stops."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from dashboard.commands.dashboard import command
from dashboard.store.engine import database_url, open_database
from dashboard.users.accounts import list_users
from lane_controller.messages.words import Agency, UserRole
from tests.dashboard.postgres import free_port
from tests.dashboard.running import PASSWORD, signed_in, site_file
from tests.dashboard.test_ingest import until

BORDERLANE = Path(sys.executable).with_name("borderlane")
WRONG_USE, NOT_REACHED = 2, 3


def dashboard(*arguments: object, passwords: str = "") -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments], input=passwords)


def add_user(site: Path, *users: str, passwords: str = PASSWORD) -> Result:
    options = [word for user in users for word in ("--add-user", user)]
    return dashboard(site, *options, passwords=passwords)


@contextlib.contextmanager
def served(site: Path, log: Path) -> Generator[subprocess.Popen[bytes]]:
    with log.open("wb") as file:
        process = subprocess.Popen([str(BORDERLANE), "dashboard", str(site)], stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


async def answering(url: str) -> None:
    async with httpx.AsyncClient(timeout=30) as client:

        async def answers() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return (await client.get(f"{url}/sign-in")).status_code == 200
            return False

        await until(answers, seconds=60)


async def test_users_are_made_in_a_store_that_is_made_with_them_and_changed_by_a_second_call(
    tmp_path: Path, store_url: str
) -> None:
    site = site_file(tmp_path, 1, store_url)
    first = await asyncio.to_thread(
        add_user, site, "dana:operator:transport", "igor:auditor", passwords=f"{PASSWORD}\n{PASSWORD}\n"
    )
    assert (first.exit_code, first.stderr) == (0, "")
    again = await asyncio.to_thread(add_user, site, "dana:second_line:border", passwords="another long one")
    assert (again.exit_code, again.stderr) == (0, "")
    async with open_database(database_url(store_url, tmp_path)) as database, database.reads.connect() as one:
        users = {user.name: (user.role, user.agency) for user in await list_users(one)}
    assert users == {
        "dana": (UserRole.SECOND_LINE, Agency.BORDER),
        "igor": (UserRole.AUDITOR, None),
    }


@pytest.mark.parametrize(
    ("users", "passwords", "said"),
    [
        (["dana:chief"], PASSWORD, "--add-user dana:chief: expected NAME:ROLE[:AGENCY]"),
        (["dana:operator:police"], PASSWORD, "an agency of border, customs"),
        (["Dana!:operator"], PASSWORD, "--add-user Dana!: names: a-z"),
        (["dana:operator"], "short", "--add-user dana: the password needs at least 10 characters"),
        (["dana:operator", "bolat:operator"], PASSWORD, "2 users and 1 passwords: give one password a line"),
    ],
)
def test_a_user_that_cannot_be_is_refused_with_what_to_do(
    tmp_path: Path, users: list[str], passwords: str, said: str
) -> None:
    refused = add_user(site_file(tmp_path, 1), *users, passwords=passwords)
    assert refused.exit_code == WRONG_USE
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_every_mistake_of_a_site_file_is_told_at_once(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(
        'site = "Khorgos"\ntime_zone = "Asia/Nowhere"\nlanguage = ["en"]\n'
        '[listen]\naddress = "0.0.0.0"\n[store]\nurl = "mysql://x"\n[broker]\nport = 99999\n'
        '[signing]\nkey = "gone.pem"\nkey_id = "k"\n'
    )
    told = dashboard(site)
    assert told.exit_code == WRONG_USE
    for place in (
        f"{site}:1: site: found 'Khorgos'; use a-z, 0-9, _ and -",
        f"{site}:2: time_zone: found 'Asia/Nowhere'; expected an IANA name",
        f"{site}:3: language: unknown key",
        f"{site}:4: listen: address 0.0.0.0 is not loopback",
        f"{site}:6: store: url: expected sqlite:///FILE",
        f"{site}:9: broker.port: ",
        f"{site}:11: signing.key: found no file",
    ):
        assert place in told.stderr, told.stderr
    assert len(told.stderr.splitlines()) == 7
    for content, said in ((b"site = ", "is not TOML"), (b"\xff", "is not UTF-8"), (None, "cannot be read")):
        site.unlink(missing_ok=True)
        if content is not None:
            site.write_bytes(content)
        told = dashboard(site)
        assert (told.exit_code, "Traceback" in told.stderr) == (WRONG_USE, False)
        assert told.stderr.startswith(f"{site}: {said}")


def test_a_signing_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    site = site_file(tmp_path, 1)
    (tmp_path / "signing.pem").chmod(0o644)
    refused = dashboard(site)
    assert refused.exit_code == WRONG_USE
    assert f"chmod 600 {tmp_path}/signing.pem" in refused.stderr


def test_a_store_that_is_not_reached_ends_it_with_what_to_do(tmp_path: Path) -> None:
    site = site_file(tmp_path, 1, f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    refused = dashboard(site)
    assert refused.exit_code == NOT_REACHED
    assert "start PostgreSQL or correct store.url" in refused.stderr


def test_a_taken_port_ends_it_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = dashboard(site_file(tmp_path, 1, port=port))
    assert refused.exit_code == NOT_REACHED
    assert f"http://127.0.0.1:{port}: cannot listen there" in refused.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_when_told_though_browsers_hang_on_its_streams(
    tmp_path: Path, number: signal.Signals
) -> None:
    """No broker is there: that keeps nobody from the pages."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    site = site_file(tmp_path, 1, port=port)
    assert (await asyncio.to_thread(add_user, site, "dana:operator:transport")).exit_code == 0
    log = tmp_path / "dashboard.log"
    with served(site, log) as process:
        await answering(url)
        dana = await signed_in(url, "dana")
        async with (
            dana.stream("GET", "/api/v1/stream") as read,
            dana.stream("GET", "/api/v1/stream", params={"position": "0"}) as unread,
        ):
            parts = read.aiter_text()
            assert "event: hello" in await anext(parts)
            assert unread.status_code == 200
            os.kill(process.pid, number)
            # The stream ends as it should, not by a broken line: the browser asks again by itself.
            rest = [part async for part in parts]
            assert all(part.endswith("\n\n") for part in rest if part)
        assert await ended(process) == 0
    told = log.read_text()
    assert "dashboard.stopped" in told
    # Nothing had to be cancelled when the time for it was over, nothing fell over on the way.
    assert "Cancel" not in told
    assert "Traceback" not in told


async def ended(process: subprocess.Popen[bytes]) -> int | None:
    limit = time.monotonic() + 30

    def over() -> bool:
        return process.poll() is not None or time.monotonic() > limit

    await until(over, seconds=31)
    return process.returncode
