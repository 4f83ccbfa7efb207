"""The lane's state out of its journal: the newest snapshot and the facts after it."""

from collections.abc import Iterable

from lane_controller.daemon.journal import Journal, JournalDamaged, JournalForeign, Row
from lane_controller.lane import state
from lane_controller.lane.facts import FACTS, Fact
from lane_controller.lane.state import Lane
from lane_controller.lane.step import faulted, step


def fold(journal: Journal) -> Lane | None:
    """The state after the last row; None for a journal without rows.

    Raises JournalForeign for a snapshot of a newer version (the file is left untouched), JournalDamaged."""
    lane, after = None, 0
    snapshot = journal.newest_snapshot()
    if snapshot is not None:
        after, form, text = snapshot
        if form != state.SCHEMA:
            raise JournalForeign(
                f"{journal.path}: its snapshot has schema {form}, this version reads {state.SCHEMA}; it "
                "was left untouched: run the version that wrote it, or move the file away to begin a new one"
            )
        try:
            lane = state.load(text.encode())
        except state.SnapshotError as error:
            raise JournalDamaged(f"{journal.path}: {error}") from error
    return fold_rows(lane, journal.rows(after))


def fold_rows(lane: Lane | None, rows: Iterable[Row]) -> Lane | None:
    """The state after `rows`, as it was when they were written: a row with an error faulted the lane.

    Raises JournalDamaged for a fact that this version does not know."""
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
    """The recorded fact.  Raises JournalDamaged for one that this version does not know."""
    try:
        return FACTS.validate_python(row.fact)
    except ValueError as error:
        raise JournalDamaged(
            f"row {row.number}: {row.fact.get('kind')!r} is no fact of this version"
        ) from error
