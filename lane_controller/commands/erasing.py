"""Erasing personal data: through the daemon that holds the journal, or in a journal that nobody holds."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lane_controller.commands.journals import OpenJournal
from lane_controller.daemon import status
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.folding import fold
from lane_controller.daemon.journal import Journal, JournalError, retention
from lane_controller.daemon.journal.rows import utc_text
from lane_controller.daemon.loop import advance
from lane_controller.lane import state
from lane_controller.lane.facts import PersonalErased
from lane_controller.messages.parts import Reason

DAEMON_S = 60.0
"""A daemon answers when the erasure is carried out."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to go: personal data of events up to `sequences_to`, of `passages` or of all where that is
    empty."""

    sequences_to: int
    passages: tuple[int, ...] = ()


def rows_concerned(journal: OpenJournal, order: Order) -> int:
    """How many rows hold personal data that the order names."""
    if not order.passages:
        return journal.connection.execute(
            "SELECT count(*) FROM personal JOIN row USING (number) "
            "WHERE first_sequence + event_count - 1 <= ?",
            (order.sequences_to,),
        ).fetchone()[0]
    numbers: set[int] = set()
    for passage in order.passages:
        found = journal.connection.execute(
            "SELECT number FROM personal JOIN row USING (number) JOIN passage USING (number) "
            "WHERE passage = ? AND first_sequence <= ?",
            (passage, order.sequences_to),
        )
        numbers |= {number for (number,) in found}
    return len(numbers)


def sequence_before(journal: OpenJournal, moment: datetime) -> int:
    """The last sequence whose row, and every row before it, is older than `moment`; 0 for none."""
    found = journal.connection.execute(
        "SELECT first_sequence - 1 FROM row WHERE utc >= ? ORDER BY number LIMIT 1", (utc_text(moment),)
    ).fetchone()
    return journal.last_sequence() if found is None else found[0]


def daemon_holds(socket: Path, journal: str) -> bool:
    """Whether a daemon listens at `socket` and this is its journal.

    Raises TimeoutError when it listens and says nothing."""
    try:
        answer = asyncio.run(status.ask(socket, {"ask": "status"}))
    except TimeoutError:
        raise
    except (OSError, ValueError):
        return False
    return answer.get("journal", {}).get("id") == journal


def ask_daemon(socket: Path, order: Order) -> None:
    """Raises OSError when the daemon went away, TimeoutError, ValueError with what it said instead."""
    question: dict[str, Any] = {
        "ask": "erase",
        "sequences_to": order.sequences_to,
        "passages": list(order.passages),
    }
    answer = asyncio.run(status.ask(socket, question, DAEMON_S))
    if "error" in answer:
        raise ValueError(str(answer["error"]))


def erase_here(path: Path, order: Order) -> int:
    """Erase in a journal that no daemon holds: the order is a row like any other, then it is carried out.

    Returns the number of rows that lost personal data.  Raises JournalInUse and the journal's other
    errors."""
    journal = Journal.open(path)
    try:
        lane = fold(journal)
        if lane is None:
            return 0
        fact = PersonalErased(
            Clock().stamp(), order.sequences_to, order.passages, Reason(code="ordered_locally")
        )
        lane, draft = advance(lane, fact)
        journal.append([draft])
        journal.snapshot(journal.last_number, state.SCHEMA, state.dump(lane).decode())
        rows = 0
        for number, sequences_to, passages in retention.pending_erasures(journal):
            rows += retention.erase(journal, number, sequences_to, passages)
        if not journal.truncate_log():
            raise JournalError(
                f"{path}: erased, but another program reads the journal and its log may still hold the data; "
                "close that program and erase again"
            )
        return rows
    finally:
        journal.close()
