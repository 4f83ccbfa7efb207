"""SQLite in a thread of its own, visited as seldom as can be.

aiosqlite makes a cursor, executes, fetches and closes it in four visits to its thread.  Each is two switches
of threads, and on a busy machine each of those waits for a processor.  Here a statement takes one visit; a
transaction's begin and the rows it writes take none: they go along with its next statement or its commit.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Connection

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
        self._begin = ""
        self._begun = False
        self._waiting: list[tuple[str, Rows]] = []

    def cursor(self) -> Cursor:  # pyright: ignore[reportIncompatibleMethodOverride]
        return Cursor(self)

    def begin(self, statement: str) -> None:
        """Begins a transaction with what is executed next."""
        self._begin = statement

    def write(self, statement: str, rows: Rows) -> None:
        """Executes a statement for each row with what is executed next, or with the commit: an error of it is
        raised there."""
        self._waiting.append((statement, rows))

    async def visit(self, cursor: Cursor, statement: str, parameters: Any, *, many: bool) -> None:
        """Execute a statement and bring all that it gives."""

        def work(inner: sqlite3.Cursor) -> None:
            (inner.executemany if many else inner.execute)(statement, parameters)
            cursor.take(inner)

        await self._work(work)

    async def commit(self) -> None:
        if self._begun or self._waiting:
            await self._work(lambda inner: inner.connection.commit())
        self._begin, self._begun = "", False

    async def rollback(self) -> None:
        self._begin = ""
        self._waiting.clear()
        if self._begun:
            await super().rollback()
            self._begun = False

    async def _work(self, then: Callable[[sqlite3.Cursor], None]) -> None:
        """What waits, and then more, in one visit."""
        begin, self._begin = self._begin, ""
        waiting, self._waiting = self._waiting, []
        self._begun |= bool(begin)

        def work() -> None:
            with closing(self._conn.cursor()) as inner:
                if begin:
                    inner.execute(begin)
                for statement, rows in waiting:
                    inner.executemany(statement, rows)
                then(inner)

        await self._execute(work)


def driver_of(connection: Connection | None) -> SqliteConnection:
    """What is behind a connection to a SQLite store."""
    driver = connection.connection.driver_connection if connection is not None else None
    assert isinstance(driver, SqliteConnection)
    return driver
