"""What leaves a journal: personal data when their time is over, whole rows when a store has them."""

import json
import sqlite3
from datetime import datetime

from lane_controller.daemon.journal.journal import Journal
from lane_controller.daemon.journal.rows import utc_text

SEGMENT_ROWS = 1000


def pending_erasures(journal: Journal) -> list[tuple[int, int, tuple[int, ...]]]:
    """Erasures that are committed and not yet carried out: row number, sequences_to, passages."""
    with journal.transaction() as connection:
        orders = connection.execute(
            "SELECT number, sequences_to, passages FROM erasure WHERE NOT done"
        ).fetchall()
    return [(number, sequences_to, tuple(json.loads(passages))) for number, sequences_to, passages in orders]


def erase(journal: Journal, order_row: int, sequences_to: int, passages: tuple[int, ...]) -> int:
    """Delete personal data and pictures of the rows before `order_row` that the order names, with their salt.

    Returns how many rows lost theirs.  Snapshots that may hold such data go too: the caller has just kept a
    new one, of the row `order_row` or later.  Repeating it does no harm.  Raises JournalLost."""
    with journal.transaction() as connection:
        numbers = _numbers(connection, order_row, sequences_to, passages)
        gone = connection.executemany("DELETE FROM personal WHERE number = ?", numbers).rowcount
        connection.executemany("DELETE FROM media WHERE number = ?", numbers)
        connection.execute("DELETE FROM snapshot WHERE number < ?", (order_row,))
        connection.execute("UPDATE erasure SET done = 1 WHERE number = ?", (order_row,))
    journal.truncate_log()
    return max(gone, 0)


def _numbers(
    connection: sqlite3.Connection, order_row: int, sequences_to: int, passages: tuple[int, ...]
) -> list[tuple[int]]:
    """Rows with personal data or pictures that an order names.  Rows without events go with those before."""
    if passages:
        marks = ",".join("?" * len(passages))
        query = (
            f"SELECT DISTINCT number FROM passage JOIN row USING (number) WHERE passage IN ({marks}) "  # noqa: S608
            "AND number < ? AND first_sequence <= ?"
        )
        return connection.execute(query, (*passages, order_row, sequences_to)).fetchall()
    return connection.execute(
        "SELECT number FROM row WHERE number < ? AND first_sequence + event_count - 1 <= ? "
        "AND (number IN (SELECT number FROM personal) OR number IN (SELECT number FROM media))",
        (order_row, sequences_to),
    ).fetchall()


def sequence_before(journal: Journal, moment: datetime) -> int:
    """The last sequence whose row, and every row before it, is older than `moment`; 0 for none."""
    with journal.transaction() as connection:
        row = connection.execute(
            "SELECT first_sequence - 1 FROM row WHERE utc >= ? ORDER BY number LIMIT 1", (utc_text(moment),)
        ).fetchone()
    return journal.last_sequence if row is None else row[0]


def has_personal_before(journal: Journal, sequence: int) -> bool:
    """Whether an erasure up to `sequence` would find anything."""
    with journal.transaction() as connection:
        return bool(_numbers(connection, journal.last_number + 1, sequence, ()))


def prune(journal: Journal, before: datetime, segment_rows: int = SEGMENT_ROWS) -> int:
    """Delete acknowledged rows older than `before`, in whole segments, and move the anchor.

    Kept: every row with an event that no store acknowledged, and all rows after the newest snapshot, without
    which the state could not be rebuilt.  Returns the number of rows that went.  Raises JournalLost."""
    snapshot = journal.newest_snapshot()
    if snapshot is None:
        return 0
    with journal.transaction() as connection:
        young = connection.execute(
            "SELECT min(number) FROM row WHERE utc >= ? OR first_sequence + event_count - 1 > ?",
            (utc_text(before), journal.acknowledged),
        ).fetchone()[0]
        last = min(snapshot[0], journal.last_number, (young - 1) if young else journal.last_number)
        count = (last - journal.anchor_number) // segment_rows * segment_rows
        if count <= 0:
            return 0
        anchor = journal.anchor_number + count
        hash_, sequence = connection.execute(
            "SELECT hash, first_sequence + event_count - 1 FROM row WHERE number = ?", (anchor,)
        ).fetchone()
        for table in ("row", "personal", "passage", "media", "erasure"):
            connection.execute(f"DELETE FROM {table} WHERE number <= ?", (anchor,))  # noqa: S608
        Journal.set_meta(connection, "anchor_number", str(anchor))
        Journal.set_meta(connection, "anchor_hash", hash_.hex())
        Journal.set_meta(connection, "anchor_sequence", str(sequence))
    journal.anchor_number, journal.anchor_sequence = anchor, sequence
    return count
