"""Opening the database: durable SQLite or PostgreSQL, the schema brought up to date, one writing process."""

import fcntl
import os
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, FromClause, event, insert, select, text
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from dashboard.store.fold import VIEWS_VERSION
from dashboard.store.incoming import CONTRACT
from dashboard.store.sqlite_thread import SqliteConnection, driver_of
from dashboard.store.tables import POSITIONS, STORE
from lane_controller.messages.words import Audience

SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",  # an erased name must not lie about in free pages
    "busy_timeout=10000",
    "cache_size=-32768",
    "wal_autocheckpoint=8192",  # 32 MiB: a page that many commits change is copied once
)
GLANCE = "glance"
"""Option of connections that execute one statement only."""
LOCK_S = 10.0
PG_LOCK = 0x626F7264
"""Key of the advisory lock that the one writing process of a PostgreSQL store holds."""


class StoreError(Exception):
    """The store cannot be opened; the message says what to do."""


class StoreUnavailable(Exception):
    """The database did not take a transaction now; nothing of it was kept, and it may be tried again."""


@dataclass(frozen=True, slots=True)
class Database:
    """An opened store.  `reads` may be used by anybody, `glances` for a single statement, which needs no
    transaction around it; `writes` belongs to the writer alone."""

    reads: AsyncEngine
    glances: AsyncEngine
    writes: AsyncEngine
    store_id: str


def database_url(url: str, folder: Path, password: str | None = None) -> URL:
    """The driver's URL for a configured one; a relative SQLite path is relative to `folder`."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite", database=str(folder / str(parsed.database)))
    return parsed.set(drivername="postgresql+asyncpg", password=password)


@asynccontextmanager
async def open_database(url: URL) -> AsyncGenerator[Database]:
    """Opens, locks and migrates the store.  Raises StoreError when another process writes to it, when it was
    made by a newer Borderlane, or when the database is not reached."""
    lock = _lock_file(Path(str(url.database))) if url.get_backend_name() == "sqlite" else None
    writes = _engine(url, writer=True)
    reads = _engine(url, writer=False)
    keeper: AsyncConnection | None = None
    try:
        if lock is None:
            keeper = await _pg_lock(writes, url)
        glances = reads.execution_options(**{GLANCE: True})
        yield Database(reads, glances, writes, await _prepare(writes, url))
    finally:
        if keeper:
            await keeper.close()
        await reads.dispose()
        await writes.dispose()
        if lock:
            lock.close()


class _Hinted(SQLiteCompiler):
    """Writes a statement's hint (`with_hint`) after the table: SQLAlchemy leaves it out for SQLite."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def _engine(url: URL, *, writer: bool) -> AsyncEngine:
    size = 1 if writer else 4
    if url.get_backend_name() != "sqlite":
        # The writer's second connection holds the advisory lock.
        return create_async_engine(
            url,
            pool_size=size + (1 if writer else 0),
            max_overflow=0 if writer else 4,
            pool_pre_ping=True,
            connect_args={"timeout": 10, "command_timeout": 60},
        )
    database = Path(str(url.database))
    engine = create_async_engine(
        url, pool_size=size, max_overflow=0, async_creator=lambda: SqliteConnection(database, LOCK_S)
    )
    engine.dialect.statement_compiler = _Hinted

    def on_connect(connection: Any, _record: object) -> None:
        # Without this the driver begins transactions by its own rules, which breaks savepoints.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute("PRAGMA synchronous")
        if cursor.fetchone()[0] != 2:
            raise StoreError("SQLite refused synchronous=FULL: an acknowledged event could be lost")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(GLANCE):
            driver_of(connection).begin("BEGIN IMMEDIATE" if writer else "BEGIN")

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", on_begin)
    return engine


def _lock_file(path: Path) -> IO[bytes]:
    try:
        path.touch(mode=0o600, exist_ok=True)
        os.chmod(path, 0o600)
        lock = open(path.with_name(path.name + ".lock"), "wb")  # noqa: SIM115 - held while the store is open
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened ({error.strerror}); give a writable place") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise StoreError(f"{path}: another dashboard writes to this store; stop it first") from None
    return lock


async def _pg_lock(engine: AsyncEngine, url: URL) -> AsyncConnection:
    where = url.render_as_string(hide_password=True)
    try:
        connection = await engine.connect()
        taken = await connection.scalar(text(f"SELECT pg_try_advisory_lock({PG_LOCK})"))
        await connection.commit()
    except (OSError, DBAPIError) as error:
        raise StoreError(f"{where}: not reached ({error}); start PostgreSQL or correct store.url") from None
    if not taken:
        await connection.close()
        raise StoreError(f"{where}: another dashboard writes to this store; stop it first")
    return connection


async def _prepare(engine: AsyncEngine, url: URL) -> str:
    async with engine.begin() as connection:
        try:
            await connection.run_sync(migrate)
        except CommandError as error:
            where = url.render_as_string(hide_password=True)
            raise StoreError(
                f"{where}: was made by a newer Borderlane ({error}); "
                "install that version, the store was not touched"
            ) from None
        store_id = await connection.scalar(select(STORE.c.id))
        if store_id is None:
            store_id = secrets.token_hex(16)
            row = {
                "id": store_id,
                "created_us": time.time_ns() // 1000,
                "views_version": VIEWS_VERSION,
                "contract": CONTRACT,
            }
            await connection.execute(insert(STORE).values(row))
            await connection.execute(
                insert(POSITIONS), [{"audience": audience.value, "position": 0} for audience in Audience]
            )
        return store_id


def migrate(connection: Connection) -> None:
    """Brings the schema to the newest revision within the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", "dashboard.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
