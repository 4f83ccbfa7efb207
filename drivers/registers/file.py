"""Registers as dated local files: a lane decides alone for weeks.

One file a kind (`tables.py` says how it is written), re-read when it changes.  An answer states the age of
the data behind it; past `max_age_s` there is none.  A new file that is bad changes nothing: the last good
copy goes on answering, under its own date, and the log says which line is wrong.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import structlog
from pydantic import Field

from anpr.canonical import canonical
from drivers.device import Grade, Options
from drivers.errors import DeviceFault, DeviceRefused, DeviceUnavailable
from drivers.registers import Register, RegisterAnswer
from drivers.registers.hits import HITS_MAX
from drivers.registers.names import NameIndex
from drivers.registers.tables import BadTable, Row, Stamp, Table, read_table

AHEAD_S = 86_400.0
"""Data dated further in the future than a day are not dated: the clock or the file is wrong."""

FileKind = Literal["booking", "watchlist_person", "watchlist_plate", "lost_documents", "declaration"]
"""All but `draw`: a lane that held the seed could steer the draw."""

log = structlog.get_logger()


class FileOptions(Options):
    """`files`: the file of each kind.  `max_age_s`: older data are no answer."""

    files: dict[FileKind, Path] = Field(min_length=1)
    """The file of each kind of question."""
    max_age_s: float = Field(gt=0)
    """Data older than so many seconds are no answer."""


def plate_key(text: str) -> str:
    """The spelling in which plates are compared; a text that can be no plate compares with nothing."""
    try:
        return canonical(text)
    except ValueError:
        return ""


def document_key(number: str, issuer: str) -> tuple[str, str]:
    def plain(text: str) -> str:
        return "".join(character for character in text.upper() if character.isalnum())

    return plain(number), plain(issuer)


@dataclass(frozen=True)
class Shelf:
    """One table, indexed for its question."""

    table: Table
    by_key: dict[Any, list[Row]]
    names: NameIndex | None

    @classmethod
    def of(cls, table: Table) -> "Shelf":
        by_key: dict[Any, list[Row]] = {}
        for row in table.rows:
            key = plate_key(row["plate"]) if "plate" in row else document_key(row["number"], row["issuer"])
            by_key.setdefault(key, []).append(row)
        person = table.kind == "watchlist_person"
        return cls(table, by_key, NameIndex([row["names"] for row in table.rows]) if person else None)

    def find(self, question: dict[str, Any]) -> list[Row]:
        if "plate" in question:
            key = plate_key(str(question["plate"]))
            return self.by_key.get(key, []) if key else []
        number, issuer = str(question["number"] or ""), str(question["issuer"] or "")
        exact = self.by_key.get(document_key(number, issuer), []) if number else []
        if self.names is None:
            return [row for row in exact if _same_type(row["type"], str(question["type"] or ""))]
        name = f"{question['surname'] or ''} {question['given_names'] or ''}"
        similar = [self.table.rows[at] for at in self.names.candidates(name)]
        return exact + [row for row in similar if row not in exact]


def _same_type(listed: str, asked: str) -> bool:
    """Document codes agree by their first letter (P and PN are passports); unknown agrees with anything."""
    return not listed or not asked or listed[0].upper() == asked[0].upper()


class Driver(Register):
    model = "register file (CSV or JSON)"
    grade = Grade.SIMULATED
    options_type = FileOptions
    options: FileOptions

    def __init__(self, name: str, options: FileOptions) -> None:
        super().__init__(name, options)
        self._shelves: dict[str, Shelf] = {}
        self._refused: dict[str, Stamp] = {}
        self._is_open = False

    async def open(self) -> None:
        """Read every file.  Raises DeviceFault with file and line for one that is bad and has no good copy
        before it."""
        self._refused.clear()
        for kind in self.options.files:
            await asyncio.to_thread(self._shelf, kind)
        self._is_open = True

    async def close(self) -> None:
        self._is_open = False

    async def identify(self) -> str:
        dated = ", ".join(f"{kind} of {_iso(shelf.table.as_of)}" for kind, shelf in self._shelves.items())
        kept = "".join(f"; last good copy of {kind} kept" for kind in self._refused)
        return dated + kept

    async def ask(self, kind: str, question: dict[str, Any]) -> RegisterAnswer:
        if kind not in self.options.files:
            raise DeviceRefused(self.name, f"{kind} has no file here", hint=f"name it in files.{kind}")
        if not self._is_open:
            raise DeviceUnavailable(self.name, "not open")
        return await asyncio.to_thread(self._answer, kind, question)

    def _answer(self, kind: str, question: dict[str, Any]) -> RegisterAnswer:
        shelf = self._shelf(kind)
        age_s = (datetime.now(UTC) - shelf.table.as_of).total_seconds()
        if age_s > self.options.max_age_s:
            raise DeviceUnavailable(
                self.name,
                f"{kind} is of {_iso(shelf.table.as_of)}, {age_s:.0f} s old; max_age_s is "
                f"{self.options.max_age_s:g}",
                hint=f"bring a newer {self._path(kind)}",
            )
        if age_s < -AHEAD_S:
            raise DeviceFault(
                self.name,
                f"{kind} is dated {_iso(shelf.table.as_of)}, in the future",
                hint="is the lane's clock right?",
            )
        hits = shelf.find(question)[:HITS_MAX]
        return RegisterAnswer(tuple(dict(hit) for hit in hits), _iso(shelf.table.as_of))

    def _path(self, kind: str) -> Path:
        return {str(known): path for known, path in self.options.files.items()}[kind]

    def _shelf(self, kind: str) -> Shelf:
        """The table as it is now, read again if its file changed."""
        path = self._path(kind)
        known = self._shelves.get(kind)
        try:
            stamp = Stamp.of(path)
        except OSError:
            stamp = None
        if known is not None and (stamp == known.table.stamp or stamp == self._refused.get(kind, False)):
            return known
        try:
            shelf = Shelf.of(read_table(kind, path))
        except BadTable as error:
            if known is None:
                raise DeviceFault(self.name, str(error), hint="correct the file") from error
            if stamp is not None:
                self._refused[kind] = stamp
            log.warning(
                "register.file_refused",
                register=self.name,
                kind=kind,
                error=str(error),
                kept_as_of=_iso(known.table.as_of),
            )
            return known
        self._refused.pop(kind, None)
        self._shelves[kind] = shelf
        return shelf


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")
