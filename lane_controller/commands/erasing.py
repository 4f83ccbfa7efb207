"""Erasing personal data: through the daemon that holds the journal, or in a journal that nobody holds.

The order is a row of the lane's journal in force, also for its older ones that were set aside."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lane_controller.commands.journals import OpenJournal, reading
from lane_controller.daemon import status
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.folding import fold
from lane_controller.daemon.journal import Journal, JournalError
from lane_controller.daemon.journal.erasing import carry_out, erase_own, pending_erasures, rows_concerned
from lane_controller.daemon.journal.opening import journals_set_aside, older_journals
from lane_controller.daemon.journal.rows import utc_text
from lane_controller.daemon.loop import advance
from lane_controller.lane import state
from lane_controller.lane.facts import PersonalErased
from lane_controller.messages.parts import ErasedJournal, Reason

DAEMON_S = 60.0
"""A daemon answers when the erasure is carried out."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to go: personal data of events up to `sequences_to`, of `passages` or of all where that is
    empty, and the same of older journals; `rows` hold some of it."""

    sequences_to: int
    passages: tuple[int, ...] = ()
    set_aside: tuple[ErasedJournal, ...] = ()
    rows: int = 0


def order_before(journal: OpenJournal, moment: datetime) -> Order:
    """For all rows before `moment`, in this journal and in the older ones of its lane.

    Raises JournalError when one of them can't be read."""
    sequences_to = _sequence_before(journal, moment)
    rows, aside = _rows(journal, sequences_to, ()), list[ErasedJournal]()
    for path in journals_set_aside(journal.path):
        with reading(path) as older:
            to = _sequence_before(older, moment)
            concerned = _rows(older, to, ())
            rows += concerned
            if concerned:
                aside.append(ErasedJournal(journal=older.journal, sequences_to=to, passages=()))
    return Order(sequences_to, (), tuple(aside), rows)


def order_for_passages(journal: OpenJournal, passages: tuple[int, ...], *, aside: bool) -> Order:
    """For passages of a journal: of the one in force, or (`aside`) of an older one."""
    last = journal.last_sequence()
    rows = _rows(journal, last, passages)
    if aside:
        older = ErasedJournal(journal=journal.journal, sequences_to=last, passages=passages)
        return Order(0, (), (older,), rows)
    return Order(last, passages, (), rows)


def _rows(journal: OpenJournal, sequences_to: int, passages: tuple[int, ...]) -> int:
    """How many rows hold personal data or pictures that are named."""
    named = rows_concerned(journal.connection, journal.last_row() + 1, sequences_to, passages)
    holding = journal.connection.execute("SELECT number FROM personal UNION SELECT number FROM media")
    return len({number for (number,) in holding} & {number for (number,) in named})


def _sequence_before(journal: OpenJournal, moment: datetime) -> int:
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


def ask_daemon(socket: Path, order: Order) -> list[str]:
    """Returns what could not be done yet.

    Raises OSError when the daemon went away, TimeoutError, ValueError with what it said instead."""
    question: dict[str, Any] = {
        "ask": "erase",
        "sequences_to": order.sequences_to,
        "passages": list(order.passages),
        "set_aside": [one.model_dump(mode="json") for one in order.set_aside],
    }
    answer = asyncio.run(status.ask(socket, question, DAEMON_S))
    if "error" in answer:
        raise ValueError(str(answer["error"]))
    return [str(problem) for problem in answer["left"]]


def erase_here(path: Path, order: Order) -> list[str]:
    """Erase in a journal that no daemon holds: the order is a row like any other, then it is carried out.

    Returns what could not be done yet; the next start of the lane tries it again.  Raises JournalInUse and
    the journal's other errors."""
    journal = Journal.open(path)
    try:
        lane = fold(journal)
        if lane is None:
            raise JournalError(f"{path}: the journal has no rows, so nothing can be ordered in it")
        reason = Reason(code="ordered_locally")
        fact = PersonalErased(Clock().stamp(), order.sequences_to, order.passages, reason, order.set_aside)
        lane, draft = advance(lane, fact)
        journal.append([draft])
        journal.snapshot(journal.last_number, state.SCHEMA, state.dump(lane).decode())
        left: list[str] = []
        with older_journals(path, {}) as (older, not_opened):
            for one in older.values():
                left += erase_own(one)
            for erasure in pending_erasures(journal):
                left += carry_out(journal, erasure, older, not_opened)
        return left
    finally:
        journal.close()
