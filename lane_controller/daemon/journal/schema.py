"""The journal's file: its tables, and how it is opened (docs/journal.md)."""

import fcntl
import os
import sqlite3
from pathlib import Path

from lane_controller.daemon.journal.errors import JournalDamaged, JournalError, JournalForeign, JournalInUse

APPLICATION_ID = 0x424C4A4E
FORMAT = 1

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE row (
    number INTEGER PRIMARY KEY,
    utc TEXT NOT NULL,
    clock TEXT NOT NULL,
    boot TEXT NOT NULL,
    mono_us INTEGER NOT NULL,
    fact TEXT NOT NULL,
    error TEXT NOT NULL,
    first_sequence INTEGER NOT NULL,
    event_count INTEGER NOT NULL,
    events TEXT NOT NULL,
    personal_hash BLOB,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
);
CREATE INDEX row_sequence ON row (first_sequence) WHERE event_count > 0;
CREATE TABLE personal (number INTEGER PRIMARY KEY, salt BLOB NOT NULL, data BLOB NOT NULL);
CREATE TABLE passage (passage INTEGER, number INTEGER, PRIMARY KEY (passage, number)) WITHOUT ROWID;
CREATE TABLE media (
    sha256 TEXT PRIMARY KEY, number INTEGER NOT NULL, audience TEXT NOT NULL, data BLOB NOT NULL
);
CREATE INDEX media_number ON media (number);
CREATE TABLE erasure (
    number INTEGER PRIMARY KEY, sequences_to INTEGER NOT NULL, passages TEXT NOT NULL, done INTEGER NOT NULL
);
CREATE TABLE snapshot (number INTEGER PRIMARY KEY, schema INTEGER NOT NULL, state TEXT NOT NULL);
"""

WAL_PAGES = 2000
"""The log is folded back into the file at this size: rarely, because it costs a commit a few syncs."""

BUSY_MS = 2000
"""How long a statement waits for another process that holds the database."""


def lock(path: Path) -> int:
    """Hold the journal for this process until the descriptor is closed; a file beside it, since SQLite would
    lose its own locks with any descriptor of the database that we close.  Raises JournalInUse."""
    descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise JournalInUse(
            f"{path}: another process holds this journal; is `borderlane run` running for the lane?"
        ) from None
    return descriptor


def create(path: Path, meta: dict[str, str]) -> None:
    """A journal with `meta` and no rows, mode 0600; whole or not at all.  Raises JournalError when the folder
    can't be written."""
    new = Path(f"{path}.new")
    try:
        for leftover in (new, Path(f"{new}-wal"), Path(f"{new}-shm")):
            leftover.unlink(missing_ok=True)
        os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(new, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={FORMAT}")
            connection.executescript(TABLES)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        finally:
            connection.close()
        new.rename(path)
        sync_folder(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise JournalError(f"{path}: can't make a journal here: {error}") from error


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def connect(path: Path, *, writing: bool) -> sqlite3.Connection:
    """Open an existing journal; its durability settings are read back.

    Raises JournalForeign (the file is left untouched), JournalDamaged, JournalError."""
    try:
        refuse_foreign(path)
        mode = "rw" if writing else "ro"
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None
        )
        connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        if writing:
            make_durable(connection, path)
        return connection
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}") from error
    except sqlite3.DatabaseError as error:
        raise JournalDamaged(f"{path}: {error}; keep the file and begin with a new one") from error


def refuse_foreign(path: Path) -> None:
    """Look at the header before SQLite does: opening a database may already fold a log into it."""
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        raise JournalForeign(f"{path}: this is no SQLite database; it was left untouched")
    application, version = int.from_bytes(header[68:72], "big"), int.from_bytes(header[60:64], "big")
    if application != APPLICATION_ID:
        raise JournalForeign(f"{path}: this database belongs to another program; it was left untouched")
    if version != FORMAT:
        raise JournalForeign(
            f"{path}: the journal has format {version}, this program knows {FORMAT}; it was left untouched. "
            f"Install the version that wrote it, or move the file away to begin a new journal"
        )


def make_durable(connection: sqlite3.Connection, path: Path) -> None:
    """Set and read back: a commit must be on the disk, and what is deleted must be gone."""
    for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1)):
        connection.execute(f"PRAGMA {pragma}={value}")
        found = connection.execute(f"PRAGMA {pragma}").fetchone()[0]
        if found != value:
            raise JournalError(
                f"{path}: PRAGMA {pragma} reads {found!r} where {value!r} is needed; is this a local disk?"
            )
    connection.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")
