"""What leaves a journal by its age: personal data, and whole rows when a store has them."""

from datetime import datetime

from lane_controller.daemon.journal.erasing import rows_concerned
from lane_controller.daemon.journal.journal import Journal
from lane_controller.daemon.journal.rows import utc_text

SEGMENT_ROWS = 1000


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
        return bool(rows_concerned(connection, journal.last_number + 1, sequence, ()))


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
