"""Carrying out orders of erasure: personal data and pictures go with their salt, in the lane's journal and in
its older ones that were set aside (docs/journal.md, "Writing").

The order is a row of the lane's own journal.  An older journal gets no row: where its card was cloned, the
other machine may still write it, and two rows under one number would be a fork.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from lane_controller.daemon.journal.errors import JournalError
from lane_controller.daemon.journal.journal import Journal
from lane_controller.messages.parts import ErasedJournal

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Erasure:
    """An order that is committed in row `row` and not yet carried out."""

    row: int
    sequences_to: int
    passages: tuple[int, ...]
    set_aside: tuple[ErasedJournal, ...]


def pending_erasures(journal: Journal) -> list[Erasure]:
    """Orders that are committed and not yet carried out.  Raises JournalLost."""
    with journal.transaction() as connection:
        orders = connection.execute(
            "SELECT number, sequences_to, passages, fact FROM erasure JOIN row USING (number) WHERE NOT done"
        ).fetchall()
    return [
        Erasure(
            number,
            sequences_to,
            tuple(json.loads(passages)),
            tuple(ErasedJournal.model_validate(one) for one in json.loads(fact).get("set_aside", ())),
        )
        for number, sequences_to, passages, fact in orders
    ]


def carry_out(
    journal: Journal, erasure: Erasure, older: Mapping[str, Journal], not_opened: Sequence[str]
) -> list[str]:
    """Carry out one order in all journals that it names; the caller has just kept a snapshot of the row that
    orders it or of a later one, so that older ones can go.

    `older` are the lane's older journals by id, `not_opened` says of the others why they can't be opened.
    Returns what could not be done, as sentences: the order then stays pending.  Repeating it does no harm.
    Raises JournalLost."""
    rows = _delete(journal, erasure.row, erasure.sequences_to, erasure.passages)
    problems = _cut_log(journal)
    for order in erasure.set_aside:
        named = older.get(order.journal)
        if named is not None:
            problems += _erase_older(named, order.sequences_to, order.passages)
        elif not_opened:
            problems.append(f"journal {order.journal} may be one of these: {'; '.join(not_opened)}")
        # One that is nowhere any more has nothing to erase.
    if not problems:
        _mark_done(journal, erasure)
        names = [one.journal for one in erasure.set_aside]
        log.info("personal data erased", rows=rows, sequences_to=erasure.sequences_to, older_journals=names)
    for problem in problems:
        log.error("erasure not finished", problem=problem)
    return problems


def erase_own(older: Journal) -> list[str]:
    """Carry out what a journal that was set aside still has to do of its own orders, after a power cut before
    the card was replaced.  Returns what could not be done."""
    problems: list[str] = []
    try:
        for erasure in pending_erasures(older):
            left = _erase_older(older, erasure.sequences_to, erasure.passages)
            if not left:
                _mark_done(older, erasure)
            problems += left
    except JournalError as error:
        problems.append(str(error))
    return problems


def _erase_older(older: Journal, sequences_to: int, passages: tuple[int, ...]) -> list[str]:
    """Its snapshots go whole: they are a shortcut to a state that nobody goes on from.  A damaged one must
    not stop the lane."""
    try:
        _delete(older, older.last_number + 1, sequences_to, passages)
        return _cut_log(older)
    except JournalError as error:
        return [str(error)]


def _mark_done(journal: Journal, erasure: Erasure) -> None:
    with journal.transaction() as connection:
        connection.execute("UPDATE erasure SET done = 1 WHERE number = ?", (erasure.row,))


def _cut_log(journal: Journal) -> list[str]:
    if journal.truncate_log():
        return []
    return [
        f"{journal.path}: another program reads the journal, and its log may still hold what was erased; "
        "close that program"
    ]


def _delete(journal: Journal, before_row: int, sequences_to: int, passages: tuple[int, ...]) -> int:
    with journal.transaction() as connection:
        numbers = rows_concerned(connection, before_row, sequences_to, passages)
        gone = connection.executemany("DELETE FROM personal WHERE number = ?", numbers).rowcount
        connection.executemany("DELETE FROM media WHERE number = ?", numbers)
        connection.execute("DELETE FROM snapshot WHERE number < ?", (before_row,))
    return max(gone, 0)


def rows_concerned(
    connection: sqlite3.Connection, before_row: int, sequences_to: int, passages: tuple[int, ...]
) -> list[tuple[int]]:
    """Rows with personal data or pictures that an order names.  Rows without events go with those before."""
    if passages:
        marks = ",".join("?" * len(passages))
        query = (
            f"SELECT DISTINCT number FROM passage JOIN row USING (number) WHERE passage IN ({marks}) "  # noqa: S608
            "AND number < ? AND first_sequence <= ?"
        )
        return connection.execute(query, (*passages, before_row, sequences_to)).fetchall()
    return connection.execute(
        "SELECT number FROM row WHERE number < ? AND first_sequence + event_count - 1 <= ? "
        "AND (number IN (SELECT number FROM personal) OR number IN (SELECT number FROM media))",
        (before_row, sequences_to),
    ).fetchall()
