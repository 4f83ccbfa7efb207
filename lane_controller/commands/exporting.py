"""Part of a journal as JSON that a stranger can verify (docs/operating-a-lane.md has the format).

The rows are whole and without a gap, each field as it was hashed.  Personal data go along only with the rows
that were asked for: a passage's export has the rows of others in between, but nothing of their persons."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lane_controller.commands.journals import OpenJournal
from lane_controller.daemon.journal.reading import SELECT
from lane_controller.daemon.journal.rows import utc_text

FORMAT = "borderlane-export-1"
NAMES = (
    "number",
    "utc",
    "clock",
    "boot",
    "mono_us",
    "fact",
    "error",
    "first_sequence",
    "event_count",
    "events",
    "personal_hash",
    "previous",
    "hash",
)
"""The fields of a row in the order of the table, which is the order in which they are hashed."""


@dataclass(frozen=True, slots=True)
class Span:
    """Rows `first` to `last`; personal data of `wanted` alone, of all where it is None."""

    first: int
    last: int
    wanted: frozenset[int] | None
    about: dict[str, Any]


def span_of_passage(journal: OpenJournal, passage: int) -> Span | None:
    """From the first to the last row that names the passage; None for an unknown one."""
    rows = journal.connection.execute("SELECT number FROM passage WHERE passage = ?", (passage,)).fetchall()
    numbers = frozenset(number for (number,) in rows)
    if not numbers:
        return None
    wanted = numbers | _answers_about(journal, passage, min(numbers), max(numbers))
    return Span(min(numbers), max(numbers), wanted, {"passage": passage})


def _answers_about(journal: OpenJournal, passage: int, first: int, last: int) -> frozenset[int]:
    """Rows of registers' answers about the passage that led to no event of it."""
    found = journal.connection.execute(
        "SELECT number FROM row WHERE number BETWEEN ? AND ? AND json_extract(fact, '$.request') LIKE ?",
        (first, last, f"{passage}/%"),
    )
    return frozenset(number for (number,) in found)


def span_of_time(journal: OpenJournal, begin: datetime | None, end: datetime | None) -> Span | None:
    """From the first row at `begin` or later to the last one before `end`; None where there is none."""
    low = utc_text(begin) if begin else ""
    high = utc_text(end) if end else "9999"
    first, last = journal.connection.execute(
        "SELECT min(number), max(number) FROM row WHERE utc >= ? AND utc < ?", (low, high)
    ).fetchone()
    about = {"from": low or None, "to": high if end else None}
    return None if first is None else Span(first, last, None, about)


def export(journal: OpenJournal, span: Span) -> Iterator[str]:
    """The export in pieces of text, a row at a time, so that a month does not have to fit in memory."""
    head = {
        "format": FORMAT,
        "journal": journal.journal,
        "site": journal.meta["site"],
        "lane": journal.meta["lane"],
        **span.about,
        "acknowledged": int(journal.meta["acknowledged"]),
    }
    yield json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "rows": ['
    query = f"{SELECT} WHERE row.number BETWEEN ? AND ? ORDER BY 1"
    for place, values in enumerate(journal.connection.execute(query, (span.first, span.last))):
        yield (",\n  " if place else "\n  ") + json.dumps(_row(span, values), ensure_ascii=False)
    yield '\n ],\n "pictures": ['
    pictures = journal.connection.execute(
        "SELECT number, sha256, audience, data FROM media WHERE number BETWEEN ? AND ? ORDER BY number",
        (span.first, span.last),
    )
    place = 0
    for number, sha256, audience, data in pictures:
        if span.wanted is None or number in span.wanted:
            picture = {"row": number, "sha256": sha256, "audience": audience}
            picture["data"] = base64.b64encode(data).decode()
            yield (",\n  " if place else "\n  ") + json.dumps(picture)
            place += 1
    yield "\n ]\n}\n"


def _row(span: Span, values: tuple[Any, ...]) -> dict[str, Any]:
    row = {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in zip(NAMES, values[:13], strict=True)
    }
    salt, data = values[13], values[14]
    if row["personal_hash"] is None:
        row["personal"] = None
    elif salt is None:
        row["personal"] = "erased"
    elif span.wanted is not None and values[0] not in span.wanted:
        row["personal"] = "left out"
    else:
        row["personal"] = {"salt": salt.hex(), "data": bytes(data).decode()}
    return row
