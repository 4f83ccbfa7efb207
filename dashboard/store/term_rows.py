"""The table of terms, kept as the views of passages say."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.bulk import insert_rows
from dashboard.store.fold import Registers
from dashboard.store.tables import TERMS
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
    backwards = term.term[::-1] if slot.kind == PLATE else None
    return (*passage, slot.kind, slot.slot, audience, term.term, backwards, arrived_us, term.sequence)


_KEYS = ("lane", "journal", "passage", "kind", "slot", "audience")
_GONE = delete(TERMS).where(*(TERMS.c[name] == bindparam(f"of_{name}") for name in _KEYS))
_ARRIVED = (
    update(TERMS)
    .where(*(TERMS.c[name] == bindparam(f"of_{name}") for name in _KEYS[:3]))
    .where(TERMS.c.audience != Audience.LANE.value, TERMS.c.arrived_us == 0)
    .values(arrived_us=bindparam("at_us"))
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


async def save_arrivals(connection: AsyncConnection, arrived: Sequence[tuple[Passage, int]]) -> None:
    """What other audiences' terms could not know, because they came first."""
    if arrived:
        values = [
            {**{f"of_{name}": value for name, value in zip(_KEYS, passage, strict=False)}, "at_us": at_us}
            for passage, at_us in arrived
        ]
        await connection.execute(_ARRIVED, values)
