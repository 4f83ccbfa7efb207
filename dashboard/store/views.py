"""The saved views of lanes, passages and alarms: loaded for a transaction, merged, written back.

A small cache keeps those in use.  After a failed transaction it is dropped whole: what it holds may never
have been committed.
"""

import json
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.bulk import insert_rows, select_rows
from dashboard.store.fold import Entry, Registers, alarm_standing, merge
from dashboard.store.incoming import IncomingEvent, dump
from dashboard.store.tables import ALARMS, LANES, PASSAGES
from dashboard.store.term_rows import Change, Passage, TermRows, save_arrivals, save_terms, term_rows
from dashboard.store.terms import Slot, Term
from lane_controller.messages.words import Audience

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
    saved_terms: TermRows = field(default_factory=dict[Slot, tuple[Term, int]])
    saved_arrived: bool = False


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
        """Brings the views into the cache, empty where the store has none; with a passage of any audience the
        one that tells its arrival."""
        keys = keys | {_arriving(key) for key in keys if key.of == "passage"}
        missing = [key for key in keys if key not in self._cache]
        for key in keys:
            if key in self._cache:
                self._cache.move_to_end(key)
        for kind, (table, column) in _TABLES.items():
            of_kind = [key for key in missing if key.of == kind]
            for start in range(0, len(of_kind), KEYS_PER_QUERY):
                await self._load_some(connection, table, column, of_kind[start : start + KEYS_PER_QUERY])
        for key in missing:
            if key.of == "passage":
                view = self._cache[key]
                view.saved_terms, view.saved_arrived = self._terms(key), "arrived" in view.registers
        while len(self._cache) > max(CACHED_MAX, len(keys)):
            self._cache.popitem(last=False)

    def _terms(self, key: ViewKey) -> TermRows:
        """As they should stand in the table."""
        return term_rows(self._cache[key].registers, self._arrived_us(key))

    def _arrived_us(self, key: ViewKey) -> int:
        """A passage's arrival as this audience knows it, 0 for none; the ordinary one's is everybody's."""
        for known in (key, _arriving(key)):
            arrived = self._cache[known].registers.get("arrived") if known in self._cache else None
            if arrived is not None:
                return int(arrived[1]["time_us"])
        return 0

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
            self._cache[key] = View(load_registers(row["registers"]))

    async def save(self, connection: AsyncConnection, dirty: set[ViewKey]) -> None:
        for kind, (table, _) in _TABLES.items():
            rows = [_row(key, self._cache[key].registers) for key in dirty if key.of == kind]
            await insert_rows(connection, table, rows, "overwrite")
        passages = [key for key in dirty if key.of == "passage"]
        await save_arrivals(connection, self._arrivals(passages))
        changes = [
            Change(_passage(key), key.audience, self._cache[key].saved_terms, self._terms(key))
            for key in passages
        ]
        await save_terms(connection, changes)
        for key, change in zip(passages, changes, strict=True):
            self._cache[key].saved_terms = change.after

    def _arrivals(self, dirty: list[ViewKey]) -> list[tuple[Passage, int]]:
        """Passages that the ordinary audience learnt of just now: others may have told of them before."""
        found: list[tuple[Passage, int]] = []
        for key in dirty:
            view = self._cache[key]
            if key.audience != Audience.LANE or view.saved_arrived or "arrived" not in view.registers:
                continue
            view.saved_arrived = True
            found.append((_passage(key), self._arrived_us(key)))
            for audience in Audience:
                other = self._cache.get(key._replace(audience=audience))
                if other is not None and other is not view:
                    at_us = self._arrived_us(key._replace(audience=audience))
                    other.saved_terms = {slot: (term, at_us) for slot, (term, _) in other.saved_terms.items()}
        return found


def _arriving(key: ViewKey) -> ViewKey:
    """The view that tells a passage's arrival to everybody."""
    return key._replace(audience=Audience.LANE.value)


def _passage(key: ViewKey) -> Passage:
    return key.lane, key.journal, int(key.key)


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
    arrived, ended = registers.get("arrived"), registers.get("ended")
    return (
        key.lane,
        key.journal,
        int(key.key),
        key.audience,
        text,
        arrived[1]["time_us"] if arrived else None,
        ended[1]["time_us"] if ended else None,
        str(ended[1].get("end"))[:16] if ended else None,
    )
