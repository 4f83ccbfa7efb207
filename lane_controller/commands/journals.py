"""Opening a journal for our commands, so that each says the same of a file that can't be used."""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from lane_controller.commands.output import fail

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class OpenJournal:
    """A journal open for reading at one instant; a daemon may go on writing meanwhile."""

    path: Path
    connection: sqlite3.Connection
    meta: dict[str, str]

    @property
    def name(self) -> str:
        return f"{self.meta['site']}/{self.meta['lane']}"

    @property
    def journal(self) -> str:
        return self.meta["journal"]

    @property
    def anchor(self) -> int:
        """Number of the last pruned row; 0 in a whole journal."""
        return int(self.meta["anchor_number"])

    def last_row(self) -> int:
        found = self.connection.execute("SELECT max(number) FROM row").fetchone()[0]
        return self.anchor if found is None else found

    def last_sequence(self) -> int:
        found = self.connection.execute(
            "SELECT first_sequence + event_count - 1 FROM row ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return int(self.meta["anchor_sequence"]) if found is None else found[0]

    def passage_rows(self, passage: int) -> tuple[int, int] | None:
        """The first and last row whose events name the passage; None for an unknown one."""
        first, last = self.connection.execute(
            "SELECT min(number), max(number) FROM passage WHERE passage = ?", (passage,)
        ).fetchone()
        return None if first is None else (first, last)

    def known_passages(self) -> str:
        """For a message: which passages there are."""
        first, last = self.connection.execute("SELECT min(passage), max(passage) FROM passage").fetchone()
        if first is None:
            return "it has none"
        return f"it has {first}" if first == last else f"it has {first} to {last}"


@contextmanager
def reading(path: Path) -> Generator[OpenJournal]:
    """The journal as it is at this instant.  Raises the journal's errors."""
    from lane_controller.daemon.journal import JournalDamaged, JournalError
    from lane_controller.daemon.journal.reading import open_for_reading

    if not path.is_file():
        raise JournalError(f"{path}: there is no journal")
    connection = open_for_reading(path)
    try:
        # One read transaction: all that is read later is of the same instant.
        connection.execute("BEGIN")
        meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
        missing = {
            "journal",
            "site",
            "lane",
            "acknowledged",
            "anchor_number",
            "anchor_sequence",
        } - meta.keys()
        if missing:
            raise JournalDamaged(f"{path}: the table meta has no {', '.join(sorted(missing))}")
        yield OpenJournal(path, connection, meta)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise JournalDamaged(f"{path}: {error}") from error
    finally:
        connection.close()


def journal_errors_end(command: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """A command that ends with exit 3 and one line when its journal can't be used."""

    @wraps(command)
    def wrapped(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        from lane_controller.daemon.journal import JournalError

        try:
            return command(*args, **kwargs)
        except JournalError as error:
            fail(str(error), 3)

    return wrapped
