"""Mutual TLS between a lane and its broker: what is wrong is said in words, the lane goes on and keeps its
events, comes back by itself when it is mended, and never speaks without TLS."""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from lane_controller.daemon import uplink as uplink_module
from lane_controller.daemon.configuration.tables import BrokerTable
from lane_controller.daemon.journal import Journal
from lane_controller.daemon.outbox import Outbox
from lane_controller.daemon.uplink import Uplink
from simulators.broker import access_list
from simulators.children import free_port
from simulators.pki import Authority, Identity
from tests.daemon.facts import loop_on
from tests.daemon.rig import until
from tests.daemon.site import MOSQUITTO, Mosquitto, Store
from tests.daemon.test_uplink import Lane

OWN = "test/lane-1"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uplink_module, "PUBLISH_S", 1.0)
    monkeypatch.setattr(uplink_module, "backoff_s", lambda *_: 0.05)
    monkeypatch.setattr("lane_controller.daemon.outbox.ACK_S", 0.5)


class Secured(Mosquitto):
    """A broker that wants certificates; the store reaches it at another port without."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.tls_port = free_port()
        self.authority = Authority(folder / "pki")
        (folder / "acl").write_text(access_list([OWN], ["dashboard"]))
        (folder / "acl").chmod(0o600)
        self.plain = self.file.read_text()
        self.use(self.authority.issue("broker", server=True))

    def use(self, identity: Identity) -> None:
        """From its next start on."""
        folder = self.file.parent
        self.file.write_text(
            f"per_listener_settings true\n{self.plain}listener {self.tls_port} 127.0.0.1\n"
            f"cafile {self.authority.certificate}\ncertfile {identity.certificate}\nkeyfile {identity.key}\n"
            f"require_certificate true\nuse_identity_as_username true\nacl_file {folder / 'acl'}\n"
        )

    def spawn(self) -> None:
        with (self.file.parent / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen([MOSQUITTO, "-c", str(self.file)], stdout=log, stderr=log)


class TlsLane(Lane):
    """A lane whose files of TLS lie in `folder` and may be changed while it runs."""

    def __init__(self, folder: Path, broker: Secured) -> None:
        folder.mkdir()
        self.folder, self.broker = folder, broker
        self.table = BrokerTable(
            host="localhost",
            port=broker.tls_port,
            ca=folder / "ca.pem",
            certificate=folder / "own.pem",
            key=folder / "own.key",
        )
        self.give(broker.authority.issue(OWN))
        super().__init__(folder / "journal", broker.tls_port)

    def give(self, identity: Identity, ca: Path | None = None) -> None:
        (self.folder / "ca.pem").write_bytes((ca or identity.ca).read_bytes())
        (self.folder / "own.pem").write_bytes(identity.certificate.read_bytes())
        (self.folder / "own.key").write_bytes(identity.key.read_bytes())

    def _open(self, journal: Journal) -> None:
        self.journal = journal
        self.loop = loop_on(journal)
        self.outboxes = {journal.id: Outbox(journal)}
        self.uplink = Uplink(self.table, "test", "lane-1", self.outboxes, self)


Setup = tuple[TlsLane, Secured, Store]


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[Setup]:
    broker = Secured(tmp_path)
    await broker.start()
    store = Store(broker.port)
    await store.start()
    lane = TlsLane(tmp_path / "lane", broker)
    try:
        yield lane, broker, store
    finally:
        await lane.stop()
        await store.stop()
        broker.kill()


async def delivered(lane: TlsLane, store: Store) -> None:
    journal = lane.journal
    await until(
        lambda: store.contiguous(journal.id) == journal.last_sequence == journal.acknowledged,
        f"everything delivered; {lane.uplink.problem}",
        30,
    )
    assert store.forks == 0


def foreign(lane: TlsLane) -> Identity:
    return Authority(lane.folder / "foreign").issue(OWN)


def wrong_authority(lane: TlsLane) -> None:
    lane.give(lane.broker.authority.issue(OWN), foreign(lane).ca)


def foreign_certificate(lane: TlsLane) -> None:
    lane.give(foreign(lane), lane.broker.authority.certificate)


def expired_certificate(lane: TlsLane) -> None:
    lane.give(lane.broker.authority.issue(OWN, days=-1))


def anothers_certificate(lane: TlsLane) -> None:
    lane.give(lane.broker.authority.issue("test/lane-2"))


def anothers_key(lane: TlsLane) -> None:
    (lane.folder / "own.key").write_bytes(foreign(lane).key.read_bytes())


def no_certificate(lane: TlsLane) -> None:
    (lane.folder / "own.pem").unlink()


def no_pem(lane: TlsLane) -> None:
    (lane.folder / "own.pem").write_bytes(b"\xff not a certificate")


def empty_authority(lane: TlsLane) -> None:
    (lane.folder / "ca.pem").write_text("")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (wrong_authority, "is not from the authority in broker.ca "),
        (foreign_certificate, "own.pem: it is from an authority that the broker does not know"),
        (expired_certificate, "own.pem: it has expired, or one of the clocks is wrong"),
        (anothers_certificate, "own.pem is for test/lane-2, this lane is test/lane-1"),
        (anothers_key, "own.key is not the key of broker.certificate "),
        (no_certificate, "own.pem can't be read: No such file"),
        (no_pem, "own.pem holds no certificate in PEM"),
        (empty_authority, "ca.pem holds no certificate in PEM"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_certificate_of_ours_that_will_not_do_is_named_and_mended_by_putting_a_good_one_there(
    setup: Setup, spoil: Callable[[TlsLane], None], said: str
):
    lane, broker, store = setup
    spoil(lane)
    with capture_logs() as logs:
        lane.start()
        await until(lambda: said in lane.uplink.problem, f"{said!r} in {lane.uplink.problem!r}")
    assert not lane.uplink.connected
    (first, *_) = [entry for entry in logs if entry["event"] == "broker lost" and said in entry["error"]]
    assert (first["host"], first["port"], first["log_level"]) == ("localhost", broker.tls_port, "warning")
    lane.happen(2)
    assert lane.outboxes[lane.journal.id].backlog == lane.journal.last_sequence > 0
    lane.give(broker.authority.issue(OWN))
    await delivered(lane, store)
    assert lane.uplink.problem == ""


async def restart(broker: Secured, identity: Identity) -> None:
    broker.kill()
    broker.use(identity)
    await broker.start()


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda pki: pki.issue("old broker", server=True, days=-1), "has expired, or this machine's clock"),
        (lambda pki: pki.issue("client"), "is not a server's certificate"),
    ],
    ids=["expired", "a client's"],
)
async def test_a_brokers_certificate_that_will_not_do_is_said_and_the_lane_comes_back(
    setup: Setup, made: Callable[[Authority], Identity], said: str
):
    lane, broker, store = setup
    lane.start()
    lane.happen()
    await delivered(lane, store)
    await restart(broker, made(broker.authority))
    await until(lambda: said in lane.uplink.problem, f"{said!r} in {lane.uplink.problem!r}")
    lane.happen(2)
    await restart(broker, broker.authority.issue("broker", server=True))
    await delivered(lane, store)


async def test_a_broker_under_another_host_name_is_not_spoken_to(setup: Setup, monkeypatch):
    lane, _, _ = setup
    lane.table = lane.table.model_copy(update={"host": "ip6-localhost-of-another-site"})
    monkeypatch.setattr("socket.create_connection", resolving(lane.table.host, lane.broker.tls_port))
    lane._open(lane.journal)
    lane.start()
    await until(lambda: "is for another host: Hostname mismatch" in lane.uplink.problem, lane.uplink.problem)


def resolving(name: str, port: int):
    """As if the name stood for this machine; nothing else of the connection is changed."""
    import socket

    real = socket.create_connection

    def connect(address: tuple[str, int], *args: object, **options: object):
        host, wanted = address
        return real(("127.0.0.1" if (host, wanted) == (name, port) else host, wanted), *args, **options)

    return connect


@contextlib.asynccontextmanager
async def listener(answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Something that is no TLS: what it was told first."""
    heard: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            heard.append(await reader.read(4096))
            writer.write(answer)
            await writer.drain()
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()


@pytest.mark.parametrize(
    "answer", [b"\x20\x02\x00\x00", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", os.urandom(500)],
    ids=["CONNACK", "HTTP", "closed", "noise"],
)  # fmt: skip
async def test_where_no_tls_is_spoken_the_lane_says_so_and_says_nothing_in_the_clear(
    setup: Setup, answer: bytes
):
    lane, _, store = setup
    async with listener(answer) as (port, heard):
        lane.table = lane.table.model_copy(update={"port": port})
        lane._open(lane.journal)
        lane.start()
        await until(lambda: len(heard) > 3 and lane.uplink.problem, "it tried some times")
        assert f"localhost:{port}" in lane.uplink.problem
        assert "TLS" in lane.uplink.problem
        assert {first[:1] for first in heard} == {b"\x16"}, "a handshake record of TLS (RFC 8446, 5.1)"
        assert not any(b"MQTT" in first for first in heard)
    assert store.contiguous(lane.journal.id) == 0


async def test_a_plain_broker_on_the_port_is_not_used(setup: Setup):
    lane, broker, store = setup
    lane.table = lane.table.model_copy(update={"port": broker.port})
    lane._open(lane.journal)
    lane.start()
    await until(lambda: "TLS" in lane.uplink.problem, "said")
    lane.happen()
    assert store.contiguous(lane.journal.id) == 0
    assert not lane.uplink.connected
