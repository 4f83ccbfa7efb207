"""The lane's state out of its journal: the newest snapshot and the facts after it."""

from collections.abc import Iterable

from lane_controller.daemon.journal import Journal, JournalDamaged, JournalForeign, Row
from lane_controller.lane import state
from lane_controller.lane.facts import FACTS, Fact
from lane_controller.lane.state import Lane
from lane_controller.lane.step import faulted, step

TRY = "it was left untouched: run the version that wrote it, or move the file away to begin a new one"


def fold(journal: Journal) -> Lane | None:
    """The state after the last row; None for a journal without rows.

    A snapshot of an older version is left out where the rows from the first on are there.  Raises
    JournalForeign for what a newer version wrote (the file is left untouched), JournalDamaged."""
    lane, after = None, 0
    snapshot = journal.newest_snapshot()
    if snapshot is not None and not (snapshot[1] < state.SCHEMA and journal.anchor_number == 0):
        after, form, text = snapshot
        if form != state.SCHEMA:
            raise JournalForeign(
                f"{journal.path}: its snapshot has schema {form}, this version reads {state.SCHEMA}; {TRY}"
            )
        try:
            lane = state.load(text.encode())
        except state.SnapshotError as error:
            raise JournalDamaged(f"{journal.path}: {error}") from error
    try:
        return fold_rows(lane, journal.rows(after))
    except JournalForeign as error:
        raise JournalForeign(f"{journal.path}: {error}; {TRY}") from error


def fold_rows(lane: Lane | None, rows: Iterable[Row]) -> Lane | None:
    """The state after `rows`, as it was when they were written: a row with an error faulted the lane.

    Raises JournalForeign for a fact that this version does not know."""
    for row in rows:
        lane = after_row(lane, row)
    return lane


def after_row(lane: Lane | None, row: Row) -> Lane:
    """The state after one recorded row."""
    fact = fact_of(row)
    if row.error and lane is not None:
        return faulted(lane, fact, row.error.partition(":")[0]).lane
    return step(lane, fact).lane


def fact_of(row: Row) -> Fact:
    """The recorded fact; what it holds beyond what this version knows is left out.  Raises JournalForeign for
    one that this version does not know, or not with these values."""
    try:
        return FACTS.validate_python(row.fact)
    except ValueError as error:
        raise JournalForeign(
            f"row {row.number}: {row.fact.get('kind')!r} is no fact of this version"
        ) from error
