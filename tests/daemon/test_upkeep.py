"""What a daemon looks after by the hour: told as a trouble when it changes, long before it stops the lane."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from lane_controller.daemon import upkeep
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.configuration.tables import BrokerTable, JournalTable
from lane_controller.daemon.erasing import Eraser
from lane_controller.daemon.journal import Journal, reading
from lane_controller.daemon.upkeep import Trouble, Troubles, Upkeep, certificate_trouble, disk_trouble
from lane_controller.lane.facts import ClockJumped, Fact, PersonalErased, TroubleChanged
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Priority
from tests.daemon.facts import NAMES, loop_on, told
from tests.daemon.rig import until

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def trouble(priority: Priority) -> Trouble:
    return Trouble(priority, Reason(code="disk_budget"))


def short(facts: list[Fact]) -> list[tuple[str, str, bool]]:
    return [
        (fact.trouble, fact.priority, fact.standing) for fact in facts if isinstance(fact, TroubleChanged)
    ]


def test_a_trouble_is_told_when_it_comes_when_it_gets_worse_and_when_it_is_over() -> None:
    facts: list[Fact] = []
    troubles = Troubles(Clock(), facts.append)
    steps = [None, Priority.MEDIUM, Priority.MEDIUM, Priority.HIGH, Priority.HIGH, None, None]
    for step in steps:
        troubles.set("disk_budget", None if step is None else trouble(step))
    assert short(facts) == [
        ("disk_budget", "medium", True),
        ("disk_budget", "high", True),
        ("disk_budget", "high", False),
    ]


def test_a_trouble_that_stood_before_the_start_is_not_told_twice_and_is_cleared_when_it_is_over() -> None:
    facts: list[Fact] = []
    troubles = Troubles(Clock(), facts.append, {"disk_budget": Priority.HIGH})
    troubles.set("disk_budget", trouble(Priority.HIGH))
    assert facts == []
    troubles.set("disk_budget", None)
    assert short(facts) == [("disk_budget", "high", False)]


MB = 1024 * 1024


@pytest.mark.parametrize(
    ("size_mb", "free_mb", "priority", "percent"),
    [
        (40, 10_000, None, None),
        (49, 10_000, None, None),
        (50, 10_000, Priority.MEDIUM, 50),
        (79, 10_000, Priority.MEDIUM, 50),
        (80, 10_000, Priority.HIGH, 80),
        (150, 10_000, Priority.HIGH, 80),
        (10, 11, None, None),
        (10, 9, Priority.MEDIUM, 50),
        (10, 0, Priority.HIGH, 80),
    ],
)
def test_the_budget_or_the_disk_whichever_is_nearer_is_told_at_50_and_80_percent(
    size_mb: int, free_mb: int, priority: Priority | None, percent: int | None, monkeypatch
) -> None:
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=free_mb, f_frsize=MB))
    journal: Any = SimpleNamespace(path="journal.sqlite", size_bytes=lambda: size_mb * MB)
    found = disk_trouble(journal, 100)
    assert (found and found.priority) == priority
    assert (found and found.reason.parameters["percent"]) == percent


def certificate(path: Path, ends: datetime) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test/lane-1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(ends - timedelta(days=400))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(made.public_bytes(Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("days", "priority"),
    [
        (31, None),
        (29, Priority.LOW),
        (8, Priority.LOW),
        (6, Priority.MEDIUM),
        (1.5, Priority.MEDIUM),
        (0.5, Priority.HIGH),
        (-3, Priority.HIGH),
    ],
)
def test_a_certificate_is_told_30_7_and_1_days_ahead(
    tmp_path: Path, days: float, priority: Priority | None
) -> None:
    found = certificate_trouble(certificate(tmp_path / "own.pem", NOW + timedelta(days=days)), NOW)
    assert (found and found.priority) == priority
    if found is not None:
        assert str(found.reason.parameters["ends"]).startswith(f"{NOW + timedelta(days=days):%Y-%m-%d}")


@pytest.mark.parametrize("content", [None, b"", b"\xff not a certificate"])
def test_a_certificate_that_can_not_be_read_is_a_trouble_of_its_own(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "own.pem").write_bytes(content)
    found = certificate_trouble(tmp_path / "own.pem", NOW)
    assert found is not None
    assert (found.priority, found.reason.code) == (Priority.HIGH, "certificate_not_readable")


class Lane:
    """A journal with two travellers of long ago in it, and its upkeep."""

    def __init__(self, folder: Path, **journal: int) -> None:
        self.journal: Journal = told(folder / "journal.sqlite")
        self.loop = loop_on(self.journal)
        self.facts: list[Fact] = []
        self.clock = Clock(source="trusted")
        self.eraser = Eraser(self.journal, self.clock, self.post, dict, self.loop.snapshot)
        own = certificate(folder / "own.pem", datetime.now(UTC) + timedelta(days=5))
        broker = BrokerTable(host="localhost", ca=own, certificate=own, key=own)
        table = JournalTable(path=folder / "journal.sqlite", **journal)
        configuration: Any = SimpleNamespace(journal=table, broker=broker)
        self.upkeep = Upkeep(configuration, self.journal, self.clock, self.post, {}, self.eraser.due)

    def post(self, fact: Fact) -> None:
        self.facts.append(fact)
        self.loop.take([(fact, ())])
        self.eraser.follow([fact])


@contextlib.asynccontextmanager
async def running(part: Callable[[], Any]):
    task = asyncio.create_task(part())
    try:
        yield
    finally:
        assert not task.done() or task.exception() is None
        task.cancel()
        await asyncio.wait({task})


@pytest.fixture
def lane(tmp_path: Path):
    made = Lane(tmp_path, size_max_mb=16)
    yield made
    made.journal.close()


async def test_the_disk_is_looked_at_again_and_again(lane: Lane, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(upkeep, "DISK_EVERY_S", 0.01)
    size = [1 * MB]
    monkeypatch.setattr(lane.journal, "size_bytes", lambda: size[0])
    async with running(lane.upkeep.watch_disk):
        size[0] = 9 * MB
        await until(lambda: ("disk_budget", "medium", True) in short(lane.facts), "half full")
        size[0] = 14 * MB
        await until(lambda: ("disk_budget", "high", True) in short(lane.facts), "nearly full")
        size[0] = 2 * MB
        await until(lambda: ("disk_budget", "high", False) in short(lane.facts), "over")
    assert len(lane.facts) == 3


async def test_a_certificate_that_was_renewed_clears_its_trouble(
    lane: Lane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(upkeep, "CERTIFICATES_EVERY_S", 0.01)
    async with running(lane.upkeep.watch_certificates):
        await until(lambda: ("certificate_ends", "medium", True) in short(lane.facts), "five days left")
        certificate(tmp_path / "own.pem", datetime.now(UTC) + timedelta(days=300))
        await until(lambda: ("certificate_ends", "medium", False) in short(lane.facts), "over")


async def test_a_clock_that_is_set_is_a_fact(lane: Lane, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(upkeep, "CLOCK_EVERY_S", 0.01)
    jumps = iter([None, -3600.1234])
    monkeypatch.setattr(lane.clock, "jump_s", lambda: next(jumps, None))
    async with running(lane.upkeep.watch_clock):
        await until(lambda: lane.facts, "the jump")
    (fact,) = lane.facts
    assert isinstance(fact, ClockJumped)
    assert fact.by_s == -3600.123


def named(folder: Path) -> bool:
    """Whether the traveller's name stands in any of the journal's files."""
    return any(NAMES[0].encode() in path.read_bytes() for path in folder.glob("journal.sqlite*"))


async def test_personal_data_go_when_their_time_is_over_and_rows_only_when_a_store_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(upkeep, "RETENTION_EVERY_S", 0.01)
    lane = Lane(tmp_path, personal_days=10, budget_days=20)
    rows = lane.journal.last_number
    assert named(tmp_path)
    pruned: list[int] = []
    prune = upkeep.retention.prune
    # Whole segments go; the test's journal is shorter than one.
    monkeypatch.setattr(
        upkeep.retention,
        "prune",
        lambda journal, before: pruned.append(prune(journal, before, 2)) or pruned[-1],
    )
    async with running(lane.upkeep.keep_retention):
        await until(lambda: lane.facts and len(pruned) > 3, "looked after")
        assert [type(fact) for fact in lane.facts] == [PersonalErased], "ordered once"
        assert not any(pruned), "no store has them"
        lane.journal.acknowledge("store-1", lane.journal.last_sequence)
        await until(lambda: any(pruned), "what a store has goes")
    assert 0 < lane.journal.anchor_number <= rows
    assert lane.journal.newest_snapshot() is not None
    lane.journal.close()
    assert not named(tmp_path)
    with contextlib.closing(reading.open_for_reading(tmp_path / "journal.sqlite")) as connection:
        assert reading.verify(connection).problem == ""
