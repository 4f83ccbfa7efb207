"""Reading rows back, and checking the chain; also used on journals that a daemon is writing."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lane_controller.daemon.journal import chain, personal, schema
from lane_controller.daemon.journal.errors import JournalDamaged
from lane_controller.daemon.journal.rows import Row, stamp_of

SELECT = """SELECT row.number, utc, clock, boot, mono_us, fact, error, first_sequence, event_count, events,
    personal_hash, previous, hash, salt, data FROM row LEFT JOIN personal USING (number)"""


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that can't write.  Raises JournalForeign, JournalDamaged, JournalError."""
    return schema.connect(path, writing=False)


def read_rows(
    connection: sqlite3.Connection, path: Path, after: int = 0, *, with_events: bool = False
) -> Iterator[Row]:
    """Rows with a higher number than `after`, in order.  Raises JournalDamaged."""
    where = "AND event_count > 0" if with_events else ""
    query = f"{SELECT} WHERE row.number > ? {where} ORDER BY 1"
    try:
        for values in connection.execute(query, (after,)):
            yield _row(values)
    except (sqlite3.DatabaseError, ValueError, KeyError, TypeError) as error:
        raise JournalDamaged(f"{path}: after row {after}: {error}") from error


def rows_of_passage(connection: sqlite3.Connection, path: Path, passage: int) -> Iterator[Row]:
    """The rows whose events name the passage, in order.  Raises JournalDamaged."""
    numbers = connection.execute("SELECT number FROM passage WHERE passage = ? ORDER BY number", (passage,))
    for (number,) in numbers.fetchall():
        yield next(read_rows(connection, path, number - 1))


def _row(values: tuple[Any, ...]) -> Row:
    (
        number,
        utc,
        clock,
        boot,
        mono_us,
        fact,
        error,
        sequence,
        _,
        events,
        hidden,
        previous,
        hash_,
        salt,
        data,
    ) = values
    parts: dict[str, Any] = {"fact": json.loads(fact), "events": json.loads(events)}
    if salt is not None:
        personal.join(parts, personal.decode(data))
    at = stamp_of(utc, clock, boot, mono_us)
    parts["fact"]["at"] = at.model_dump(mode="json")
    return Row(
        number=number,
        at=at,
        fact=parts["fact"],
        error=error,
        first_sequence=sequence,
        events=tuple(parts["events"]),
        personal=None if hidden is None else salt is not None,
        previous=previous,
        hash=hash_,
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the chain found.  `bad_row` None: all is well, up to `head`."""

    journal: str
    rows: int
    first_row: int
    head: str
    last_sequence: int
    erased: int
    bad_row: int | None = None
    problem: str = ""


def verify(connection: sqlite3.Connection) -> Verdict:
    """Recompute the whole chain (docs/journal.md, "The chain"); stops at the first bad row."""
    meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    journal = meta["journal"]
    anchor = int(meta["anchor_number"])
    number, previous, sequence = anchor, bytes.fromhex(meta["anchor_hash"]), int(meta["anchor_sequence"])
    acknowledged, wanted = int(meta["acknowledged"]), meta["acknowledged_hash"]
    found_hash = wanted if acknowledged <= sequence else ""
    erased = rows = 0
    problem = ""
    try:
        for values in connection.execute(f"{SELECT} ORDER BY 1"):
            problem = _problem(journal, values, number, previous, sequence)
            if problem:
                break
            rows += 1
            number, previous = values[0], values[12]
            if sequence < acknowledged <= sequence + values[8]:
                found_hash = previous.hex()
            sequence += values[8]
            erased += values[10] is not None and values[13] is None
    except sqlite3.DatabaseError as error:
        problem = f"it can't be read: {error}"
    bad = number + 1 if problem else None
    if not problem and found_hash != wanted:
        bad = number + 1
        problem = f"a store has acknowledged event {acknowledged}; the row that held it is gone or is another"
    return Verdict(journal, rows, anchor + 1, previous.hex(), sequence, erased, bad, problem)


def _problem(journal: str, values: tuple[Any, ...], number: int, previous: bytes, sequence: int) -> str:
    if values[0] != number + 1:
        return f"row {number + 1} is missing; the next one is {values[0]}"
    if values[11] != previous:
        return "its `previous` is not the hash of the row before"
    if values[7] != sequence + 1:
        return f"its events begin at {values[7]} where {sequence + 1} comes next"
    try:
        expected = chain.row_hash(journal, values[:12])
        count = len(json.loads(values[9]))
        personal_holds = values[13] is None or chain.personal_hash(values[13], values[14]) == values[10]
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        return f"it holds a value of the wrong kind ({error})"
    if expected != values[12]:
        return "its content is not what was hashed"
    if count != values[8]:
        return "the number of its events is not what it says"
    if not personal_holds:
        return "its personal data are not what was hashed"
    return ""
