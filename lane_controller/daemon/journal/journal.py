"""The journal's writer: one a lane, one process at a time.

Everything here runs on the event loop's thread: a commit is waited for on purpose, because nothing may be
done or published before it, and a thread for it costs more than it saves (2.4 of 2.8 ms are the disk's).
"""

import os
import secrets
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lane_controller.daemon.journal import chain, personal, schema
from lane_controller.daemon.journal.errors import JournalDamaged, JournalError, JournalLost
from lane_controller.daemon.journal.reading import read_rows
from lane_controller.daemon.journal.rows import Committed, Draft, Row, StoredEvent, events_of, utc_text

ERASE_ORDER = "personal_erased"
"""The fact that orders an erasure (lane_controller/lane/facts.py)."""
INSERT_ROW = "INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
HOLDER = """SELECT number, hash FROM row WHERE event_count > 0 AND first_sequence <= ?
            ORDER BY first_sequence DESC LIMIT 1"""


class Journal:
    """An open journal.  `last_number`, `last_hash` and `last_sequence` are of the last committed row."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: int) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
        try:
            self.id = meta["journal"]
            self.site, self.lane = meta["site"], meta["lane"]
            self.acknowledged = int(meta["acknowledged"])
            self.store = meta["store"]
            self._anchor(meta)
        except (KeyError, ValueError) as error:
            raise JournalDamaged(f"{path}: the table meta is not whole ({error})") from error

    def _anchor(self, meta: dict[str, str]) -> None:
        self.anchor_number = int(meta["anchor_number"])
        self.anchor_sequence = int(meta["anchor_sequence"])
        self.last_number, self.last_sequence = self.anchor_number, self.anchor_sequence
        self.last_hash = bytes.fromhex(meta["anchor_hash"])
        last = self._connection.execute(
            "SELECT number, hash, first_sequence + event_count - 1 FROM row ORDER BY number DESC LIMIT 1"
        ).fetchone()
        if last is not None:
            self.last_number, self.last_hash, self.last_sequence = last

    @classmethod
    def create(cls, path: Path, site: str, lane: str, machine: str = "{}", journal: str = "") -> "Journal":
        """A new journal with a random id (or `journal`).  Raises JournalError, JournalInUse."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = schema.lock(path)
        try:
            schema.create(path, first_meta(site, lane, machine, journal or secrets.token_hex(16)))
        except BaseException:
            os.close(lock)
            raise
        return cls._opened(path, lock)

    @classmethod
    def open(cls, path: Path) -> "Journal":
        """An existing journal.  Raises JournalForeign, JournalDamaged, JournalInUse, JournalError."""
        if not path.exists():
            raise JournalError(f"{path}: there is no journal")
        return cls._opened(path, schema.lock(path))

    @classmethod
    def _opened(cls, path: Path, lock: int) -> "Journal":
        try:
            connection = schema.connect(path, writing=True)
            try:
                return cls(path, connection, lock)
            except sqlite3.DatabaseError as error:
                connection.close()
                raise JournalDamaged(f"{path}: {error}; keep the file and begin with a new one") from error
            except BaseException:
                connection.close()
                raise
        except BaseException:
            os.close(lock)
            raise

    def limit_size(self, bytes_max: int) -> None:
        """At this size of the file commits fail, and the lane stops; alarms come long before."""
        page = self._connection.execute("PRAGMA page_size").fetchone()[0]
        self._connection.execute(f"PRAGMA max_page_count={max(bytes_max // page, 1)}")

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """All of it on the disk, or nothing.  Raises JournalLost."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise JournalLost(f"{self.path}: a row could not be committed: {error}") from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            pass  # the commit's own error says what is wrong; SQLite rolls back at the next open

    def append(self, drafts: Sequence[Draft]) -> list[Committed]:
        """Commit one row a draft, all in one transaction (group commit).

        Raises JournalLost, after which nothing of `drafts` was written, and ValueError for values that are
        not JSON."""
        number, previous, sequence = self.last_number, self.last_hash, self.last_sequence
        committed: list[Committed] = []
        with self.transaction() as connection:
            for draft in drafts:
                number += 1
                previous = self._insert(connection, draft, number, sequence + 1, previous)
                committed.append(Committed(number, previous, sequence + 1))
                sequence += len(draft.events)
        self.last_number, self.last_hash, self.last_sequence = number, previous, sequence
        return committed

    def _insert(
        self, connection: sqlite3.Connection, draft: Draft, number: int, sequence: int, previous: bytes
    ) -> bytes:
        found: personal.Found = []
        fact = personal.dump(personal.split(draft.fact, ("fact",), found))
        events = personal.dump(
            [
                {
                    "audience": event.audience,
                    "passage": event.passage,
                    "maintenance": event.maintenance,
                    "data": personal.split(event.data, ("events", index, "data"), found),
                }
                for index, event in enumerate(draft.events)
            ]
        )
        hidden = None
        if found:
            salt, data = secrets.token_bytes(32), personal.encode(found)
            hidden = chain.personal_hash(salt, data)
            connection.execute("INSERT INTO personal VALUES (?, ?, ?)", (number, salt, data))
        at = draft.at
        utc, mono_us = utc_text(at.utc), round(at.mono_s * 1e6)
        fields = (number, utc, at.clock, at.boot, mono_us, fact, draft.error)
        fields = (*fields, sequence, len(draft.events), events, hidden, previous)
        hash_ = chain.row_hash(self.id, fields)
        connection.execute(INSERT_ROW, (*fields, hash_))
        for passage in _passages(draft):
            connection.execute("INSERT INTO passage VALUES (?, ?)", (passage, number))
        if draft.fact["kind"] == ERASE_ORDER:
            order = (number, draft.fact["sequences_to"], personal.dump(draft.fact["passages"]))
            connection.execute("INSERT INTO erasure VALUES (?, ?, ?, 0)", order)
        for sha256, audience, picture in draft.media:
            connection.execute(
                "INSERT OR IGNORE INTO media VALUES (?, ?, ?, ?)", (sha256, number, audience, picture)
            )
        return hash_

    def rows(self, after: int = 0) -> Iterator[Row]:
        """Rows with a higher number, in order.  Raises JournalDamaged on one that can't be read."""
        return read_rows(self._connection, self.path, after)

    def events_after(self, sequence: int, limit: int) -> list[StoredEvent]:
        """Up to about `limit` recorded events with a higher sequence, in order; whole rows."""
        first = self._connection.execute(HOLDER, (sequence + 1,)).fetchone()
        events: list[StoredEvent] = []
        for row in read_rows(self._connection, self.path, first[0] - 1 if first else 0, with_events=True):
            events += [event for event in events_of(row) if event.sequence > sequence]
            if len(events) >= limit:
                break
        return events

    def snapshot(self, number: int, form: int, state: str) -> None:
        """Keep the lane's state after row `number`; older snapshots go."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)", (number, form, state))
            connection.execute("DELETE FROM snapshot WHERE number < ?", (number,))

    def newest_snapshot(self) -> tuple[int, int, str] | None:
        """Row number, form and state, or None before any."""
        return self._connection.execute(
            "SELECT number, schema, state FROM snapshot ORDER BY number DESC LIMIT 1"
        ).fetchone()

    def acknowledge(self, store: str, sequence: int) -> None:
        """Move the cursor to where the store says it is, up or down.  ValueError beyond our own last event:
        the store knows more of this journal than the journal, so its tail was lost."""
        if not 0 <= sequence <= self.last_sequence:
            raise ValueError(f"the store acknowledges {sequence}, the journal ends at {self.last_sequence}")
        holder = self._connection.execute(HOLDER, (sequence,)).fetchone()
        with self.transaction() as connection:
            self.set_meta(connection, "acknowledged", str(sequence))
            self.set_meta(connection, "acknowledged_hash", holder[1].hex() if holder else "")
            self.set_meta(connection, "store", store)
        self.acknowledged, self.store = sequence, store

    @staticmethod
    def set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def meta(self, key: str) -> str:
        """A value of the table meta, "" where there is none."""
        found = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return found[0] if found else ""

    def media(self, sha256: str) -> tuple[str, bytes] | None:
        """Audience and bytes of a picture; None when it never was here, or was erased."""
        return self._connection.execute(
            "SELECT audience, data FROM media WHERE sha256 = ?", (sha256,)
        ).fetchone()

    def truncate_log(self) -> bool:
        """Fold the log into the file and cut it to nothing.  False when a reader is in the way: it is not
        waited for, since the lane stands still meanwhile.  Raises JournalLost."""
        connection = self._connection
        try:
            connection.execute("PRAGMA busy_timeout=0")
            return connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        except sqlite3.Error as error:
            raise JournalLost(f"{self.path}: its log could not be folded in: {error}") from error
        finally:
            connection.execute(f"PRAGMA busy_timeout={schema.BUSY_MS}")

    def size_bytes(self) -> int:
        """Of the file and its log, on the disk."""
        return sum(part.stat().st_size for part in (self.path, Path(f"{self.path}-wal")) if part.exists())

    def close(self) -> None:
        """Fold the log back and let go.  Idempotent."""
        if self._lock >= 0:
            self._connection.close()
            os.close(self._lock)
            self._lock = -1


def _passages(draft: Draft) -> set[int]:
    """Whom the row is about: the passages its events name, and the one whose question a register answered,
    which may have led to no event."""
    about = {event.passage for event in draft.events if event.passage is not None}
    asked = str(draft.fact.get("request", "")).partition("/")[0]
    return about | {int(asked)} if asked.isdecimal() else about


def first_meta(site: str, lane: str, machine: str, journal: str) -> dict[str, str]:
    return {
        "journal": journal,
        "site": site,
        "lane": lane,
        "created": utc_text(datetime.now(UTC)),
        "machine": machine,
        "anchor_number": "0",
        "anchor_hash": chain.NO_HASH.hex(),
        "anchor_sequence": "0",
        "acknowledged": "0",
        "acknowledged_hash": "",
        "store": "",
    }
