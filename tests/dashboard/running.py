"""A dashboard, a broker and users for the tests, each on a free port, gone afterwards."""

import asyncio
import contextlib
import re
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import create_engine

from dashboard.api.event_stream import Connection
from dashboard.api.security import WORKPLACE_COOKIE
from dashboard.app import create_app
from dashboard.service import Service, service_of
from dashboard.site import Site, load_site
from dashboard.store.engine import migrate
from dashboard.store.stage import Stage
from dashboard.users.accounts import save_user
from lane_controller.messages.words import Agency, UserRole
from tests.dashboard.postgres import free_port

SITE = "khorgos"
EMPTY_STORE = "sqlite:///store.db"
PASSWORD = "correct horse battery"
HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""As weak as argon2 can be (a hash says of itself how strong it is): a thousand sign-ins prove no more than
one, and that one is made with an account of the command line's."""
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Of clients that speak plain HTTP: httpx would load a machine's certificates for each."""

USERS: dict[str, tuple[UserRole, Agency | None]] = {
    "dana": (UserRole.OPERATOR, Agency.TRANSPORT),
    "bolat": (UserRole.OPERATOR, Agency.BORDER),
    "sara": (UserRole.SECOND_LINE, Agency.BORDER),
    "lena": (UserRole.SHIFT_LEADER, Agency.BORDER),
    "igor": (UserRole.AUDITOR, None),
    "root": (UserRole.ADMINISTRATOR, None),
}


@contextlib.contextmanager
def mosquitto(folder: Path) -> Generator[int]:
    """A plain broker on loopback; its port."""
    port = free_port()
    settings = [
        f"listener {port} 127.0.0.1",
        "allow_anonymous true",
        "persistence false",
        "max_queued_messages 100000",
        "message_size_limit 300000",
        "set_tcp_nodelay true",
        "log_dest stderr",
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mosquitto.conf").write_text("\n".join(settings) + "\n")
    with (folder / "mosquitto.log").open("ab") as log:
        process = subprocess.Popen(
            ["/usr/sbin/mosquitto", "-c", str(folder / "mosquitto.conf")], stdout=log, stderr=log
        )
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing listens on {port}")
        time.sleep(0.01)


def signing_key(folder: Path) -> tuple[Path, Ed25519PublicKey]:
    key = Ed25519PrivateKey.generate()
    path = folder / "signing.pem"
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path, key.public_key()


def site_file(folder: Path, broker_port: int, store_url: str = EMPTY_STORE, **more: Any) -> Path:
    """Writes a SITE.toml; its signing key lies beside it."""
    if not (folder / "signing.pem").exists():
        signing_key(folder)
    demo = str(more.get("demo", False)).lower()
    port = more.get("port", 0)
    text = f"""
site = "{SITE}"
time_zone = "Asia/Almaty"
demo = {demo}
[listen]
port = {port}
[store]
url = "{store_url}"
[broker]
port = {broker_port}
[signing]
key = "signing.pem"
key_id = "test"
"""
    path = folder / "site.toml"
    path.write_text(text)
    return path


async def add_users(service: Service, demo: bool = False) -> None:
    for name, (role, agency) in USERS.items():

        async def job(stage: Stage, name: str = name, role: UserRole = role, agency: Any = agency) -> None:
            await save_user(
                stage,
                name=name,
                role=role,
                agency=agency,
                password=HASHED,
                language="en",
                demo=demo,
                by="test",
            )

        await service.writer.do(job)


@dataclass(frozen=True, slots=True)
class Running:
    """A served dashboard.  `url` answers; `service` is what is behind it."""

    url: str
    service: Service
    broker_port: int
    public_key: Ed25519PublicKey

    @property
    def site(self) -> Site:
        return self.service.site


@cache
def _migrated() -> bytes:
    """An empty store on SQLite at the newest revision: eight migrations take longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/store.db")
        with engine.begin() as connection:
            migrate(connection)
        engine.dispose()
        return Path(folder, "store.db").read_bytes()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@contextlib.asynccontextmanager
async def running(
    folder: Path, broker_port: int, store_url: str = EMPTY_STORE, again: int = 0
) -> AsyncGenerator[Running]:
    """The whole dashboard in this event loop, with all users of USERS.  `again`: the port of one that ran in
    this folder before, and whose users it has."""
    _, public = signing_key(folder)
    listening = socket.create_server(("127.0.0.1", again))
    port = listening.getsockname()[1]
    site = load_site(site_file(folder, broker_port, store_url, port=port))
    if store_url == EMPTY_STORE and not (folder / "store.db").exists():
        (folder / "store.db").write_bytes(_migrated())
    async with service_of(site) as service:
        if not again:
            await add_users(service)
        server = _Server(
            uvicorn.Config(
                create_app(service),
                http=Connection,
                port=port,
                log_config=None,
                lifespan="off",
                timeout_graceful_shutdown=1,
            )
        )
        serving = asyncio.create_task(server.serve([listening]))
        # What is published before the subscription stands is gone, and the tests' lanes send nothing twice.
        async with asyncio.timeout(60):
            while not (server.started and service.live.connected):
                await asyncio.sleep(0.01)
        try:
            yield Running(f"http://127.0.0.1:{port}", service, broker_port, public)
        finally:
            service.close()
            server.should_exit = True
            await serving


async def signed_in(base: str, name: str, **options: Any) -> httpx.AsyncClient:
    """A client with a session; its CSRF token goes with every request."""
    client = httpx.AsyncClient(base_url=base, follow_redirects=False, timeout=60, verify=NO_TLS, **options)
    page = await client.get("/sign-in")
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    answer = await client.post("/sign-in", data={"name": name, "password": PASSWORD, "csrf": csrf.group(1)})
    assert answer.status_code == 303, answer.text
    page = await client.get("/account")
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token is not None
    client.headers["X-CSRF-Token"] = token.group(1)
    return client


async def enrolled(base: str, *places: str) -> dict[str, str]:
    """Enrols a browser as each place; what its cookie says."""
    cookies: dict[str, str] = {}
    root = await signed_in(base, "root")
    for place in dict.fromkeys(places):
        if WORKPLACE_COOKIE in root.cookies:
            root.cookies.delete(WORKPLACE_COOKIE)
        answer = await root.post("/workplaces", data={"name": place})
        assert answer.status_code == 303, answer.text
        cookies[place] = answer.cookies[WORKPLACE_COOKIE]
    await root.aclose()
    return cookies


async def signed_in_at(base: str, *people: tuple[str, str]) -> list[httpx.AsyncClient]:
    """Clients of (name, work place), each at a browser that is enrolled as that place."""
    cookies = await enrolled(base, *(place for _, place in people))
    return [await signed_in(base, name, cookies={WORKPLACE_COOKIE: cookies[place]}) for name, place in people]
