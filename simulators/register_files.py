"""Registers as local files, as an authority's courier brings them: one JSON file a kind, replaced whole."""

import json
from collections.abc import Sequence
from pathlib import Path

from simulators.books import Books


class RegisterFiles:
    """A `SimulatedDevice`: started, the files stand in `folder` and follow the books at each step; stopped,
    nobody brings new ones (the old ones stay, as they would)."""

    def __init__(self, name: str, books: Books, kinds: Sequence[str], folder: Path) -> None:
        self.name = name
        self.files = {kind: folder / f"{kind}.json" for kind in kinds}
        self._books = books
        self._written = -1
        self._started = False

    @property
    def address(self) -> str:
        return str(next(iter(self.files.values())).parent)

    async def start(self) -> None:
        self._started = True
        self._written = -1
        self.step(0.0)

    async def stop(self) -> None:
        self._started = False

    def step(self, seconds: float) -> None:
        if self._started and self._written != self._books.changes:
            self._written = self._books.changes
            rows = self._books.rows()
            for kind, path in self.files.items():
                self._write(path, {"as_of": self._books.as_of.isoformat(), "rows": rows[kind]})

    @staticmethod
    def _write(path: Path, table: object) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(table, ensure_ascii=False))
        beside.replace(path)

    def faults(self) -> tuple[str, ...]:
        return ("torn_file",)

    def set_fault(self, fault: str, on: bool) -> None:
        if fault not in self.faults():
            raise KeyError(f"{self.name}: no fault {fault!r}; known: {', '.join(self.faults())}")
        if on:
            for path in self.files.values():
                path.write_bytes(path.read_bytes()[:-5])
        else:
            self._written = -1
