"""Which line of a TOML file a key stands on, so that a mistake can be named by file, line and key."""

import re
from collections.abc import Sequence

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+|\"[^\"]*\")((?:\s*\.\s*[A-Za-z0-9_\-]+)*)\s*=")

Location = tuple[str | int, ...]


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def lines_of(text: str) -> dict[Location, int]:
    """Line (from 1) of each table and key of a valid TOML text, by location: names, and indexes for tables
    in arrays.  What stands inside an inline table or a list is found by its key."""
    found: dict[Location, int] = {}
    counts: dict[Location, int] = {}
    table: Location = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _table(_parts(header[2]), header[1] == "[[", counts)
            for depth in range(1, len(table) + 1):
                found.setdefault(table[:depth], number)
        elif key := _KEY.match(line):
            names = (key[1].strip('"'), *_parts(key[2])[1:])
            for depth in range(1, len(names) + 1):
                found.setdefault((*table, *names[:depth]), number)
    return found


def _table(names: tuple[str, ...], is_array: bool, counts: dict[Location, int]) -> Location:
    """The location of a header: the last element of each array of tables on its way is meant."""
    table: Location = ()
    for depth, name in enumerate(names):
        table = (*table, name)
        if is_array and depth == len(names) - 1:
            counts[table] = counts.get(table, -1) + 1
        if table in counts:
            table = (*table, counts[table])
    return table


def line_of(location: Sequence[str | int], lines: dict[Location, int]) -> int:
    """The line of a location, or of the nearest that holds it; 1 when none is known."""
    here = tuple(location)
    while here:
        if here in lines:
            return lines[here]
        here = here[:-1]
    return 1


def dotted(location: Sequence[str | int]) -> str:
    """`arrives[2].gross_kg`."""
    text = ""
    for part in location:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text
