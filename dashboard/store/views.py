"""The saved views of lanes, passages and alarms: loaded for a transaction, merged, written back.

A small cache keeps those in use.  After a failed transaction it is dropped whole: what it holds may never
have been committed.
"""

import json
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Table, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.bulk import insert_rows, select_rows
from dashboard.store.fold import Entry, Registers, alarm_standing, merge, terms
from dashboard.store.incoming import IncomingEvent, dump
from dashboard.store.tables import ALARMS, LANES, PASSAGES, TERMS

CACHED_MAX = 2000
KEYS_PER_QUERY = 200

_TABLES: dict[str, tuple[Table, str | None]] = {
    "lane": (LANES, None),
    "passage": (PASSAGES, "passage"),
    "alarm": (ALARMS, "alarm"),
}


class ViewKey(NamedTuple):
    """`key`: passage number or alarm name as text, empty for a lane."""

    of: str
    lane: str
    journal: str
    key: str
    audience: str


@dataclass(slots=True)
class View:
    registers: Registers = field(default_factory=dict[str, tuple[int, Any]])
    saved_terms: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])


class Views:
    """Belongs to the writer."""

    def __init__(self) -> None:
        self._cache: OrderedDict[ViewKey, View] = OrderedDict()

    def forget(self) -> None:
        self._cache.clear()

    async def apply(
        self, connection: AsyncConnection, events: Iterable[tuple[IncomingEvent, list[Entry]]]
    ) -> None:
        """Merges what the events say and writes the views that changed."""
        work = [
            (ViewKey(entry.of, event.lane, event.journal, entry.key, event.audience), event, entry)
            for event, found in events
            for entry in found
        ]
        await self.load(connection, {key for key, _, _ in work})
        dirty: set[ViewKey] = set()
        for key, event, entry in work:
            if merge(self._cache[key].registers, entry.name, event.sequence, entry.value):
                dirty.add(key)
        await self.save(connection, dirty)

    def __getitem__(self, key: ViewKey) -> View:
        """A loaded view; KeyError when it was not loaded."""
        return self._cache[key]

    async def load(self, connection: AsyncConnection, keys: set[ViewKey]) -> None:
        """Brings the views into the cache, empty where the store has none."""
        missing = [key for key in keys if key not in self._cache]
        for key in keys:
            if key in self._cache:
                self._cache.move_to_end(key)
        for kind, (table, column) in _TABLES.items():
            of_kind = [key for key in missing if key.of == kind]
            for start in range(0, len(of_kind), KEYS_PER_QUERY):
                await self._load_some(connection, table, column, of_kind[start : start + KEYS_PER_QUERY])
        while len(self._cache) > max(CACHED_MAX, len(keys)):
            self._cache.popitem(last=False)

    async def _load_some(
        self, connection: AsyncConnection, table: Table, column: str | None, keys: list[ViewKey]
    ) -> None:
        for key in keys:
            self._cache[key] = View()
        columns = ["lane", "journal", "audience", *([column] if column else [])]
        wanted = [
            (key.lane, key.journal, key.audience, *([_column_value(key)] if column else [])) for key in keys
        ]
        for row in await select_rows(connection, table, columns, wanted):
            name = str(row[column]) if column else ""
            key = ViewKey(keys[0].of, row["lane"], row["journal"], name, row["audience"])
            registers = load_registers(row["registers"])
            self._cache[key] = View(registers, terms(registers) if key.of == "passage" else set())

    async def save(self, connection: AsyncConnection, dirty: set[ViewKey]) -> None:
        for kind, (table, _) in _TABLES.items():
            rows = [_row(key, self._cache[key].registers) for key in dirty if key.of == kind]
            await insert_rows(connection, table, rows, "overwrite")
        added: list[tuple[Any, ...]] = []
        for key in dirty:
            if key.of != "passage":
                continue
            view = self._cache[key]
            found = terms(view.registers)
            where = (key.lane, key.journal, int(key.key), key.audience)
            added += [(*term, *where) for term in found - view.saved_terms]
            for term in view.saved_terms - found:
                row = zip(TERMS.c, (*term, *where), strict=True)
                await connection.execute(delete(TERMS).where(*(column == value for column, value in row)))
            view.saved_terms = found
        await insert_rows(connection, TERMS, added, "keep")


def load_registers(text: str) -> Registers:
    return {name: (pair[0], pair[1]) for name, pair in json.loads(text).items()}


def _column_value(key: ViewKey) -> int | str:
    return int(key.key) if key.of == "passage" else key.key


def _row(key: ViewKey, registers: Registers) -> tuple[Any, ...]:
    """In the order of the table's columns."""
    text = dump(registers)
    if key.of == "lane":
        return key.lane, key.journal, key.audience, text
    if key.of == "alarm":
        raised = registers.get("raised")
        raised_us = raised[1]["time_us"] if raised else None
        return key.lane, key.journal, key.key, key.audience, text, raised_us, alarm_standing(registers)
    arrived, ended, decision = (registers.get(name) for name in ("arrived", "ended", "decision"))
    return (
        key.lane,
        key.journal,
        int(key.key),
        key.audience,
        text,
        arrived[1]["time_us"] if arrived else None,
        ended[1]["time_us"] if ended else None,
        str(ended[1].get("end"))[:16] if ended else None,
        str(decision[1].get("decision"))[:16] if decision else None,
        decision[0] if decision else None,
    )
