"""Many rows at once, with statements compiled once: SQLAlchemy's own work a row would cost more than the
database's."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

import asyncpg
from sqlalchemy import BigInteger, RowMapping, Table
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.sqlite_thread import driver_of

OnConflict = Literal["fail", "keep", "overwrite"]


def insert_into(dialect_name: str, table: Table, on_conflict: OnConflict) -> Any:
    """An INSERT that fails on, keeps or overwrites the row of the same primary key."""
    statement = (sqlite_insert if dialect_name == "sqlite" else pg_insert)(table)
    if on_conflict == "keep":
        return statement.on_conflict_do_nothing()
    if on_conflict == "overwrite":
        keys = [column.name for column in table.primary_key]
        changed = {
            column.name: statement.excluded[column.name] for column in table.c if column.name not in keys
        }
        return statement.on_conflict_do_update(index_elements=keys, set_=changed)
    return statement


@cache
def _compiled(dialect: Dialect, table: Table, on_conflict: OnConflict) -> str:
    return str(insert_into(dialect.name, table, on_conflict).compile(dialect=dialect))


async def insert_rows(
    connection: AsyncConnection,
    table: Table,
    rows: Sequence[tuple[Any, ...]],
    on_conflict: OnConflict = "fail",
) -> None:
    """Inserts rows whose values stand in the order of the table's columns.  On SQLite with the transaction's
    next statement or its commit, which raises what the database refused."""
    if not rows:
        return
    statement = _compiled(connection.dialect, table, on_conflict)
    if connection.dialect.name == "sqlite":
        driver_of(connection.sync_connection).write(statement, list(rows))
    elif on_conflict == "fail":
        await _copy(connection, table, rows)
    else:
        await connection.exec_driver_sql(statement, list(rows))


async def _copy(connection: AsyncConnection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """PostgreSQL's COPY: half of the server's work and of ours.  Raises what the same INSERT would."""
    raw = await connection.get_raw_connection()
    assert raw.driver_connection is not None
    if not raw.driver_connection.is_in_transaction():
        # SQLAlchemy begins the transaction with its own first statement, and knows nothing of this one.
        await connection.exec_driver_sql("SELECT 1")
    try:
        # By name: a column that an upgrade added stands last in the database, wherever ours has it.
        names = [column.name for column in table.c]
        await raw.driver_connection.copy_records_to_table(table.name, records=rows, columns=names)
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(f"COPY {table.name}", None, error) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DBAPIError(f"COPY {table.name}", None, error) from error


async def select_rows(
    connection: AsyncConnection, table: Table, columns: Sequence[str], keys: Sequence[tuple[Any, ...]]
) -> Sequence[RowMapping]:
    """The rows whose `columns` (a unique key of the table) are one of `keys`, once for each."""
    text = look_up(connection.dialect.name, table, columns, len(keys))
    values = tuple(value for key in keys for value in key)
    return (await connection.exec_driver_sql(text, values)).mappings().all()


def look_up(dialect_name: str, table: Table, columns: Sequence[str], count: int) -> str:
    """The statement for so many keys.  A join in the order that is written: for `(a, b) IN (VALUES ...)`
    SQLite reads the whole table where one of the columns is a number."""
    mark = _mark if dialect_name == "sqlite" else _typed_mark(table, columns)
    rows = ", ".join(
        "(" + ", ".join(mark(number + 1) for number in range(start, start + len(columns))) + ")"
        for start in range(0, count * len(columns), len(columns))
    )
    same = " AND ".join(f"found.{name} = key.column{at}" for at, name in enumerate(columns, 1))
    return f"SELECT found.* FROM (VALUES {rows}) AS key CROSS JOIN {table.name} AS found WHERE {same}"  # noqa: S608 - names are ours


def _mark(_number: int) -> str:
    return "?"


def _typed_mark(table: Table, columns: Sequence[str]) -> Callable[[int], str]:
    """PostgreSQL guesses text for a parameter in VALUES unless told."""
    types = ["bigint" if isinstance(table.c[name].type, BigInteger) else "text" for name in columns]
    return lambda number: f"${number}::{types[(number - 1) % len(types)]}"
