"""What a lane's journal and a dashboard's store hold, read from their files while both are in use."""

import contextlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lane_controller.daemon.folding import fold
from lane_controller.daemon.journal import Journal, StoredEvent, reading

EVENTS_MAX = 10**7


@dataclass(frozen=True, slots=True)
class Recorded:
    """Whose journal it is and how far it goes."""

    journal: str
    last_sequence: int


def recorded(path: Path) -> Recorded:
    """From a journal that may be in use."""
    with contextlib.closing(reading.open_for_reading(path)) as connection:
        (journal,) = connection.execute("SELECT value FROM meta WHERE key = 'journal'").fetchone()
        last = connection.execute(
            "SELECT first_sequence + event_count - 1 FROM row ORDER BY number DESC LIMIT 1"
        ).fetchone()
    return Recorded(journal, last[0] if last else 0)


@dataclass(frozen=True, slots=True)
class Whole:
    """A closed journal: its events, the orders that its rows say were carried out, what its check found."""

    journal: str
    events: Sequence[StoredEvent]
    orders: Sequence[str]
    problem: str


def whole(path: Path) -> Whole:
    """Everything of a journal that nobody has open; it is checked and folded on the way."""
    journal = Journal.open(path)
    try:
        problem = reading.verify(journal._connection).problem
        if not problem and fold(journal) is None:
            problem = "it folds to no lane"
        events = journal.events_after(0, EVENTS_MAX)
        orders = [row.fact["order"] for row in journal.rows() if row.fact["kind"] == "order_done"]
        return Whole(journal.id, events, orders, problem)
    finally:
        journal.close()


@dataclass(frozen=True, slots=True)
class Stored:
    """One row of the store's events."""

    journal: str
    sequence: int
    rowhash: str
    type: str
    data: dict[str, Any]
    received_us: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A command as the dashboard knows it."""

    id: str
    answer: str
    reasons: tuple[str, ...]


def _store(path: Path) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10))


def stored_to(path: Path, journal: str) -> int:
    """The sequence up to which the store has every event of a journal."""
    with _store(path) as connection:
        found = connection.execute("SELECT contiguous FROM journals WHERE journal = ?", (journal,)).fetchone()
    return found[0] if found else 0


def stored(path: Path, lane: str) -> list[Stored]:
    with _store(path) as connection:
        rows = connection.execute(
            "SELECT journal, sequence, rowhash, type, data, received_us FROM events WHERE lane = ?", (lane,)
        ).fetchall()
    return [
        Stored(journal, sequence, rowhash, type, json.loads(data), received_us)
        for journal, sequence, rowhash, type, data, received_us in rows
    ]


def quarantined(path: Path) -> list[str]:
    """Why the store put something aside, once for each."""
    with _store(path) as connection:
        return [why for (why,) in connection.execute("SELECT why FROM quarantine")]


def answered(path: Path) -> list[Answered]:
    """The commands that were answered."""
    with _store(path) as connection:
        rows = connection.execute("SELECT id, answer, reasons FROM commands WHERE answer IS NOT NULL")
        return [
            Answered(id, answer, tuple(reason["code"] for reason in json.loads(reasons or "[]")))
            for id, answer, reasons in rows.fetchall()
        ]
