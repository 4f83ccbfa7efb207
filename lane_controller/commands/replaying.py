"""A journal's facts through today's rules: what would be said differently, and what can't be said any more.

Rows follow from the rows before them, so one row whose personal data were erased ends what can be replayed:
the state behind it is not known again until the journal's snapshot.  Such rows are told apart, never guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from lane_controller.commands.journals import OpenJournal
from lane_controller.daemon.folding import fact_of
from lane_controller.daemon.journal import Draft, JournalDamaged, JournalForeign, Row
from lane_controller.daemon.journal.reading import read_rows
from lane_controller.daemon.loop import advance
from lane_controller.lane import state
from lane_controller.lane.state import Lane
from lane_controller.messages.events import EventData

Event = dict[str, Any]

_DATA: TypeAdapter[Any] = TypeAdapter(EventData)


@dataclass(frozen=True, slots=True)
class Difference:
    """A row whose events or error today's rules would not write so.  `recorded` and `today` are the events
    that the other side does not have."""

    row: Row
    recorded: tuple[Event, ...]
    today: tuple[Event, ...]
    error_today: str


@dataclass(slots=True)
class Replayed:
    """What came of a replay; row numbers."""

    rows: int = 0
    """Rows compared."""
    erased: list[int] = field(default_factory=list)
    """Rows whose personal data were erased."""
    skipped: list[tuple[int, int]] = field(default_factory=list)
    """First and last of each stretch that could not be replayed, with the erased rows in it."""


def replay(journal: OpenJournal, first: int, last: int, replayed: Replayed) -> Iterator[Difference]:
    """The differences of rows `first` to `last`; `replayed` is filled meanwhile.

    The fold begins where the state is known: at the first row, or at the snapshot of a pruned journal.

    Raises JournalDamaged for a fact that this version does not know, JournalForeign for a snapshot that it
    does not."""
    snapshot_row, snapshot = _snapshot(journal)
    lane = state.load(snapshot.encode()) if snapshot_row == journal.anchor and snapshot else None
    known = journal.anchor == 0 or lane is not None
    for row in read_rows(journal.connection, journal.path, journal.anchor):
        if row.number > last:
            break
        if row.personal is False:
            known = False
            if row.number >= first:
                replayed.erased.append(row.number)
        if known:
            lane, draft = _advanced(lane, row)
            if row.number >= first:
                replayed.rows += 1
                difference = _compare(row, draft)
                if difference is not None:
                    yield difference
        elif row.number >= first:
            _skip(replayed, row.number)
        if not known and row.number == snapshot_row:
            lane, known = state.load(snapshot.encode()), True


def _skip(replayed: Replayed, number: int) -> None:
    if replayed.skipped and replayed.skipped[-1][1] == number - 1:
        replayed.skipped[-1] = (replayed.skipped[-1][0], number)
    else:
        replayed.skipped.append((number, number))


def _snapshot(journal: OpenJournal) -> tuple[int, str]:
    """Row and text of the newest snapshot that this version can read; (0, "") for none.

    Raises JournalForeign for another version's where the rows before it are gone."""
    found = journal.connection.execute(
        "SELECT number, schema, state FROM snapshot ORDER BY number DESC LIMIT 1"
    ).fetchone()
    if found is None:
        return 0, ""
    number, form, text = found
    if form != state.SCHEMA:
        if journal.anchor == 0:
            return 0, ""
        raise JournalForeign(
            f"{journal.path}: its snapshot has schema {form}, this version reads {state.SCHEMA}: "
            "replay it with the version that wrote it"
        )
    return number, text


def _advanced(lane: Lane | None, row: Row) -> tuple[Lane, Draft]:
    try:
        return advance(lane, fact_of(row))
    except ValueError as error:
        raise JournalDamaged(f"row {row.number}: {error}") from error


def _compare(row: Row, draft: Draft) -> Difference | None:
    today = [
        {
            "audience": str(event.audience),
            "passage": event.passage,
            "maintenance": event.maintenance,
            "data": event.data,
        }
        for event in draft.events
    ]
    recorded = [dict(event) for event in row.events]
    if bool(row.error) == bool(draft.error) and _alike(recorded, today):
        return None
    return Difference(row, _missing(recorded, today), _missing(today, recorded), draft.error)


def _alike(one: list[Event], other: list[Event]) -> bool:
    return len(one) == len(other) and all(_form(a) == _form(b) for a, b in zip(one, other, strict=True))


def _missing(events: list[Event], among: list[Event]) -> tuple[Event, ...]:
    """Those of `events` that are not in `among`; all of them when only their order differs."""
    left = [_form(event) for event in among]
    missing: list[Event] = []
    for event in events:
        form = _form(event)
        if form in left:
            left.remove(form)
        else:
            missing.append(event)
    return tuple(missing) if missing or left else tuple(events)


def _form(event: Event) -> Event:
    """As today's types read it, so that a field that came later with a default is no difference."""
    try:
        data = _DATA.validate_python(event["data"]).model_dump(mode="json")
    except ValueError:
        return event
    return {**event, "data": data}
