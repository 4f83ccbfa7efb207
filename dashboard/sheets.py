"""Tables as files that a spreadsheet opens: CSV and XLSX, written row by row in bounded memory.

A spreadsheet takes a text that begins like a formula for one, and a plate or a name is written by strangers:
such a text gets an apostrophe before it, which says that it is text (OWASP, CSV injection).
"""

import csv
import errno
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format as CellFormat

Format = Literal["csv", "xlsx"]

CONTENT_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a formula begins with; the wide forms are taken for the narrow ones by some programs."""
_CELL_MAX = 32_000
"""Characters; a cell of XLSX holds 32,767."""


class NotWritten(Exception):
    """The disk takes no file, or no more of it; the argument is the system's name for why (`ENOSPC`)."""


@contextmanager
def writing() -> Generator[None]:
    """While a file is made, written or closed.  Raises NotWritten."""
    try:
        yield
    except (OSError, FileCreateError) as error:
        cause = error.args[0] if isinstance(error, FileCreateError) else error
        number = cause.errno if isinstance(cause, OSError) else None
        raise NotWritten(errno.errorcode.get(number or 0, type(cause).__name__)) from error


class Sheet(Protocol):
    """A file that takes rows until it is closed.  What it does belongs into `writing`."""

    def write(self, row: Sequence[str]) -> None: ...

    def close(self) -> None: ...


def sheet(path: Path, form: Format, title: str, head: Sequence[str]) -> Sheet:
    """A new file with its first row."""
    return _Csv(path, head) if form == "csv" else _Xlsx(path, title, head)


def harmless(text: str) -> str:
    """The text as a cell that no program computes."""
    text = text[:_CELL_MAX]
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


class _Csv:
    """RFC 4180, with the mark by which spreadsheets know UTF-8."""

    def __init__(self, path: Path, head: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self.write(head)

    def write(self, row: Sequence[str]) -> None:
        self._writer.writerow([harmless(text) for text in row])

    def close(self) -> None:
        self._file.close()


class _Xlsx:
    def __init__(self, path: Path, title: str, head: Sequence[str]) -> None:
        options = {"constant_memory": True, "tmpdir": str(path.parent), "in_memory": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet(title[:31])
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(head) - 1, 22)
        self._rows = 0
        self._write(head, self._book.add_format({"bold": True}))

    def write(self, row: Sequence[str]) -> None:
        self._write(row)

    def _write(self, row: Sequence[str], style: CellFormat | None = None) -> None:
        for column, text in enumerate(row):
            self._sheet.write_string(self._rows, column, harmless(text), style)
        self._rows += 1

    def close(self) -> None:
        self._book.close()
