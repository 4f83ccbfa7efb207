"""PostgreSQL's index of a plate's three-character runs (pg_trgm), for wildcards at both ends.

The extension is trusted since PostgreSQL 13: whoever may create in the database may create it.  Where it is
not there, a search reads the newest plates instead, which finds the same later.
"""

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

GRAMS = "ix_terms_grams"
RUN = 3
"""So many characters one after the other are one entry."""

_log = structlog.get_logger()


def make_grams(connection: Connection) -> None:
    """Makes the index where the database can; says in the log where it cannot."""
    if connection.dialect.name != "postgresql":
        return
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            connection.execute(
                text(f"CREATE INDEX {GRAMS} ON terms USING gin (term gin_trgm_ops) WHERE kind = 'plate'")
            )
    except DBAPIError as error:
        _log.warning(
            "store.no_grams",
            error=str(error.orig),
            hint="install postgresql-contrib, then CREATE EXTENSION pg_trgm and this index by hand",
        )


async def has_grams(connection: AsyncConnection) -> bool:
    if connection.dialect.name != "postgresql":
        return False
    found = await connection.scalar(text(f"SELECT to_regclass('{GRAMS}') IS NOT NULL"))
    return bool(found)
