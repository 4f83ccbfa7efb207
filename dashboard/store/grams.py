"""PostgreSQL's index of a plate's three-character runs (pg_trgm), for wildcards at both ends.

The extension is trusted since PostgreSQL 13: whoever may create in the database may create it.  Where it is
not there, a search reads all plates instead, which finds the same later.
"""

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

GRAMS = "ix_plates_grams"

_log = structlog.get_logger()


def make_grams(connection: Connection) -> None:
    """Makes the index where the database can; says in the log where it cannot."""
    if connection.dialect.name != "postgresql":
        return
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            connection.execute(text(f"CREATE INDEX {GRAMS} ON plates USING gin (term gin_trgm_ops)"))
    except DBAPIError as error:
        _log.warning(
            "store.no_grams",
            error=str(error.orig),
            hint="install postgresql-contrib, then CREATE EXTENSION pg_trgm and this index by hand",
        )
