"""The tables of terms and of plates, kept as the views of passages say."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, exists, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.bulk import insert_rows
from dashboard.store.fold import Registers
from dashboard.store.tables import PLATES, TERMS
from dashboard.store.terms import PLATE, Slot, Term, terms_of
from lane_controller.messages.words import Audience

TermRows = dict[Slot, tuple[Term, int]]
"""Each term with the passage's arrival, microseconds, 0 while none is known."""

Passage = tuple[str, str, int]


class Change(NamedTuple):
    """What stands in the table for one audience's view of a passage, and what should."""

    passage: Passage
    audience: str
    before: TermRows
    after: TermRows


def term_rows(registers: Registers, arrived_us: int) -> TermRows:
    return {slot: (term, arrived_us) for slot, term in terms_of(registers).items()}


def term_row(passage: Passage, slot: Slot, audience: str, term: Term, arrived_us: int) -> tuple[Any, ...]:
    """In the order of the table's columns."""
    return (*passage, slot.kind, slot.slot, audience, term.term, arrived_us, term.sequence)


_KEYS = ("lane", "journal", "passage", "kind", "slot", "audience")
_GONE = delete(TERMS).where(*(TERMS.c[name] == bindparam(f"of_{name}") for name in _KEYS))
_ARRIVED = (
    update(TERMS)
    .where(*(TERMS.c[name] == bindparam(f"of_{name}") for name in _KEYS[:3]))
    .where(TERMS.c.audience != Audience.LANE.value, TERMS.c.arrived_us == 0)
    .values(arrived_us=bindparam("at_us"))
)
_UNSEEN = delete(PLATES).where(
    PLATES.c.term == bindparam("plate"),
    ~exists().where(TERMS.c.kind == PLATE, TERMS.c.term == PLATES.c.term),
)


async def save_terms(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    rows: list[tuple[Any, ...]] = []
    gone: list[dict[str, Any]] = []
    for passage, audience, before, after in changes:
        for slot in before.keys() - after.keys():
            key = (*passage, *slot, audience)
            gone.append({f"of_{name}": value for name, value in zip(_KEYS, key, strict=True)})
        for slot, (term, arrived_us) in after.items():
            if before.get(slot) != (term, arrived_us):
                rows.append(term_row(passage, slot, audience, term, arrived_us))
    if gone:
        await connection.execute(_GONE, gone)
    await insert_rows(connection, TERMS, rows, "overwrite")
    await _save_plates(connection, changes)


async def _save_plates(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    """Adds what is seen now, and takes out what no passage has any more: it was corrected, or erased."""
    seen: set[str] = set()
    before: set[str] = set()
    for change in changes:
        after = _plates(change.after)
        seen |= after - _plates(change.before)
        before |= _plates(change.before) - after
    await insert_rows(connection, PLATES, [(term, term[::-1]) for term in sorted(seen)], "keep")
    if before:
        await connection.execute(_UNSEEN, [{"plate": term} for term in sorted(before)])


def _plates(terms: TermRows) -> set[str]:
    return {term.term for slot, (term, _) in terms.items() if slot.kind == PLATE}


async def save_arrivals(connection: AsyncConnection, arrived: Sequence[tuple[Passage, int]]) -> None:
    """What other audiences' terms could not know, because they came first."""
    if arrived:
        values = [
            {**{f"of_{name}": value for name, value in zip(_KEYS, passage, strict=False)}, "at_us": at_us}
            for passage, at_us in arrived
        ]
        await connection.execute(_ARRIVED, values)
