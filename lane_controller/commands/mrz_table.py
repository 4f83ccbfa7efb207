"""What `borderlane read-mrz` prints for a person: one document a block, each doubt and correction with its
reason."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import mrz
from mrz import codes
from mrz.dates import CENTURY_RULES
from mrz.reading import REASONS

DOUBTFUL, CORRECTED, WRONG = "?", "^", "!"
"""Marks under a line: a doubtful character, a corrected one, a check digit that does not hold."""


def table(name: str, entry: dict[str, Any], reference: date) -> Iterator[str]:
    """Lines for one file's reading (`Reading.as_json`), `name` first."""
    if not entry["found"]:
        yield f"{name}: no machine-readable zone"
        return
    yield f"{name}: {entry['status']}" + (f", {entry['format']}" if entry["format"] else "")
    if entry["lines"]:
        yield from _document(entry, mrz.parse(entry["lines"], reference=reference), reference)
    for other in entry["others"]:
        yield from table("    another document", other, reference)


def _document(entry: dict[str, Any], document: mrz.Document, reference: date) -> Iterator[str]:
    marks = _marks(entry)
    for number, line in enumerate(entry["lines"], 1):
        yield f"    {line}"
        under = "".join(marks.get((number, column), " ") for column in range(1, len(line) + 1)).rstrip()
        if under:
            yield f"    {under}"
    doubtful = {doubt["field"] for doubt in entry["doubtful"]}
    for field, value in entry["fields"].items():
        notes = list(_notes(field, value, document))
        place = "names" if field in ("surname", "given_names") else field
        if (p := entry["confidence"].get(place)) is not None:
            notes.append(f"{p:.1%} sure" if p < 0.9995 else "over 99.9% sure")
        if place in doubtful or field in doubtful:
            notes.append("doubtful")
        noted = f"   ({'; '.join(notes)})" if notes else ""
        yield f"    {field:<20} {value}{noted}".rstrip()
    stated = [field for field in CENTURY_RULES if not entry["fields"].get(field, "XX").startswith("XX")]
    if stated:
        rules = "; ".join(f"{field}, {CENTURY_RULES[field]}" for field in stated)
        yield f"    the zone states no century.  Taken for {rules} ({reference})"
    yield from _reasons(entry)
    yield from _remarks(document)


def _marks(entry: dict[str, Any]) -> dict[tuple[int, int], str]:
    marks: dict[tuple[int, int], str] = {}
    for kind, mark in (("corrections", CORRECTED), ("doubtful", DOUBTFUL), ("inconsistent", WRONG)):
        marks |= {(each["line"], each["column"]): mark for each in entry[kind] if each["column"]}
    return marks


def _notes(field: str, value: str, document: mrz.Document) -> Iterator[str]:
    printed = document.printed.get(field, value)
    if printed.rstrip("<") != value:
        yield f"printed {printed}"
    name = {"code": codes.document_name, "issuer": codes.state_name, "nationality": codes.state_name}
    if field in name and (words := name[field](value)):
        yield words
    if field in ("surname", "given_names"):
        words = value.split()
        cut = [word for word in document.names.may_be_cut if word in words]
        if cut:
            yield f"may be cut off: {', '.join(cut)}"


def _reasons(entry: dict[str, Any]) -> Iterator[str]:
    for check in entry["inconsistent"]:
        yield (
            f"    {WRONG} line {check['line']}, column {check['column']}: the check digit of "
            f"{check['field']} is printed {check['found']}, its field gives {check['expected']}"
        )
    for fixed in entry["corrections"]:
        why = REASONS.get(fixed["reason"], fixed["reason"])
        yield (
            f"    {CORRECTED} line {fixed['line']}, column {fixed['column']}: read {fixed['read']}, "
            f"taken as {fixed['taken']}: {why}"
        )
    for doubt in entry["doubtful"]:
        if doubt["column"]:
            may_be = " or ".join(doubt["candidates"]) or "not sure"
            yield (
                f"    {DOUBTFUL} line {doubt['line']}, column {doubt['column']} ({doubt['field']}): {may_be}"
            )


def _remarks(document: mrz.Document) -> Iterator[str]:
    for remark in document.remarks:
        yield f"    {remark.field}: {mrz.REMARKS[remark.code]}"
    for number in document.personal_numbers:
        rule = "national rule" if number.verified else "national rule, unverified"
        against = ", ".join(number.contradictions)
        yield f"    {number.kind} {number.value} ({rule})" + (f": contradicts {against}" if against else "")
