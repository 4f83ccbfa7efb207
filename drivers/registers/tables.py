"""Register files as tables: read whole, checked row by row, and every error says file and line.

    CSV     header line with the keys of the kind; comma or semicolon; UTF-8; several names with | between;
            optionally a first line `#as_of,2026-01-31T06:00:00Z`
    JSON    {"as_of": "2026-01-31T06:00:00Z", "rows": [{...}, ...]}

Without `as_of` the file's own time of change counts.  Write a new file beside the old one and rename it over:
so nobody ever reads half a list.
"""

import csv
import io
import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from drivers.registers.hits import BadHit, checked

FILE_MAX_BYTES = 64 * 1024 * 1024

Row = dict[str, Any]


class BadTable(ValueError):
    """`path:line: what is wrong`."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a file is written or replaced."""

    modified_ns: int
    size: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> "Stamp":
        """Raises OSError."""
        status = os.stat(path)
        return cls(status.st_mtime_ns, status.st_size, status.st_ino)


@dataclass(frozen=True, slots=True)
class Table:
    kind: str
    rows: list[Row]
    as_of: datetime
    stamp: Stamp


def read_table(kind: str, path: Path) -> Table:
    """Raises BadTable, also for a file that is missing, too big, or changed while it was read."""
    try:
        stamp = Stamp.of(path)
        if stamp.size > FILE_MAX_BYTES:
            raise BadTable(f"{path}:1: {stamp.size} bytes, at most {FILE_MAX_BYTES} are read")
        data = path.read_bytes()
        if Stamp.of(path) != stamp:
            raise BadTable(f"{path}:1: it was written while it was read; write beside it and rename")
    except OSError as error:
        raise BadTable(f"{path}: {error.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadTable(f"{path}:{line}: not UTF-8 (byte {data[error.start]:#04x})") from None
    read = _read_json if path.suffix.lower() == ".json" else _read_csv
    as_of_text, rows = read(kind, path, text)
    return Table(kind, rows, _as_of(path, as_of_text, stamp), stamp)


def _as_of(path: Path, text: str, stamp: Stamp) -> datetime:
    if not text:
        return datetime.fromtimestamp(stamp.modified_ns / 1e9, UTC)
    try:
        as_of = datetime.fromisoformat(text)
    except ValueError:
        as_of = None
    if as_of is None or as_of.tzinfo is None:
        raise BadTable(f"{path}:1: as_of must be a time with its zone, as 2026-01-31T06:00:00Z")
    return as_of.astimezone(UTC)


def _read_csv(kind: str, path: Path, text: str) -> tuple[str, list[Row]]:
    if text and not text.endswith("\n"):
        raise BadTable(f"{path}:{text.count(chr(10)) + 1}: the last line has no end: was the file cut?")
    first, _, rest = text.partition("\n")
    as_of, skipped = "", 0
    if first.startswith("#as_of"):
        as_of, text, skipped = first[len("#as_of") :].strip(",; \r"), rest, 1
        first = rest.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    try:
        for fields in reader:
            if not fields:
                continue
            if not header:
                header = [field.strip() for field in fields]
                continue
            line = reader.line_num + skipped
            if len(fields) != len(header):
                raise BadTable(f"{path}:{line}: {len(fields)} fields, the header has {len(header)}")
            rows.append(_checked(kind, path, line, _from_csv(dict(zip(header, fields, strict=True))), True))
    except csv.Error as error:
        raise BadTable(f"{path}:{reader.line_num + skipped}: {error}") from None
    if not header:
        raise BadTable(f"{path}:1: empty; expected a header line")
    return as_of, rows


def _from_csv(row: dict[str, str]) -> Row:
    names = row.get("names")
    if names is None:
        return dict(row)
    return row | {"names": [part for name in names.split("|") if (part := name.strip())]}


def _read_json(kind: str, path: Path, text: str) -> tuple[str, list[Row]]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadTable(f"{path}:{error.lineno}: {error.msg}") from None
    except (RecursionError, ValueError):
        raise BadTable(f"{path}:1: nested too deep, or a number too long") from None
    if not isinstance(document, dict):
        raise BadTable(f'{path}:1: expected an object {{"as_of": ..., "rows": [...]}}')
    found = cast(dict[str, Any], document)
    listed, as_of = found.get("rows"), found.get("as_of", "")
    if not isinstance(listed, list) or not isinstance(as_of, str):
        raise BadTable(f'{path}:1: expected an object {{"as_of": ..., "rows": [...]}}')
    rows: list[Row] = []
    for index, row in enumerate(cast(list[Any], listed)):
        try:
            if not isinstance(row, dict):
                raise BadHit("row: expected an object")
            rows.append(checked(kind, cast(Row, row)))
        except BadHit as error:
            raise BadTable(f"{path}:{_line_of(text, index)}: {error}") from None
    return as_of, rows


def _line_of(text: str, index: int) -> int:
    """The line where row `index` begins; only asked once a row is known to be bad."""
    try:
        start = next(itertools.islice(_row_starts(text), index, None))
    except (ValueError, IndexError, StopIteration):  # another "rows" before the real one
        return 1
    return text.count("\n", 0, start) + 1


def _row_starts(text: str) -> Iterator[int]:
    decoder = json.JSONDecoder()
    at = text.index("[", text.index('"rows"')) + 1
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return
        yield at
        at = decoder.raw_decode(text, at)[1]


def _checked(kind: str, path: Path, line: int, row: Row, text_only: bool) -> Row:
    try:
        return checked(kind, row, text_only=text_only)
    except BadHit as error:
        raise BadTable(f"{path}:{line}: {error}") from None
