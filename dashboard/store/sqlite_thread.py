"""SQLite in a thread of its own, visited once a statement.

aiosqlite makes a cursor, executes, fetches and closes it in four visits to its thread.  Each is two switches
of threads, and on a busy machine each of those waits for a processor: a transaction of ten statements waited
for that more than for the disk.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import aiosqlite

Rows = list[Any]


class Cursor:
    """What SQLAlchemy's adapter for asyncio asks of a cursor (PEP 249, awaited).  The rows of a statement are
    here as soon as it was executed; nothing is open afterwards."""

    def __init__(self, connection: "SqliteConnection") -> None:
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1
        self._connection = connection
        self._rows: Rows = []

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> "Cursor":
        await self._connection.visit(self, statement, parameters, many=False)
        return self

    async def executemany(self, statement: str, parameters: Sequence[Any]) -> "Cursor":
        await self._connection.visit(self, statement, parameters, many=True)
        return self

    def take(self, cursor: sqlite3.Cursor) -> None:
        """All that an executed statement gave."""
        self._rows = cursor.fetchall() if cursor.description is not None else []
        self.description, self.rowcount, self.lastrowid = (
            cursor.description,
            cursor.rowcount,
            cursor.lastrowid,
        )

    async def fetchall(self) -> Rows:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []


class SqliteConnection(aiosqlite.Connection):
    """As aiosqlite's, but for its cursors.  Its thread ends with the process."""

    def __init__(self, database: Path, timeout_s: float) -> None:
        """`timeout_s`: how long a statement waits for another connection's lock."""
        super().__init__(lambda: sqlite3.connect(database, timeout=timeout_s), iter_chunk_size=64)
        self._thread.daemon = True

    def cursor(self) -> Cursor:  # pyright: ignore[reportIncompatibleMethodOverride]
        return Cursor(self)

    async def visit(self, cursor: Cursor, statement: str, parameters: Any, *, many: bool) -> None:
        """Execute a statement and bring all that it gives."""

        def work() -> None:
            with closing(self._conn.cursor()) as inner:
                (inner.executemany if many else inner.execute)(statement, parameters)
                cursor.take(inner)

        await self._execute(work)
