"""Processor time of this process and all it started, by what each part is for, from Linux's /proc."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
OWN = "simulation"
"""What is no named part's: this process, and children that nobody named."""


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    seconds: float


def used_s(parts: Mapping[str, list[int]]) -> dict[str, float]:
    """Seconds used so far by each part and by OWN.  `parts` gives the processes of each part, by their ids;
    what those started counts with them, and so does what has ended and was waited for."""
    table = _table()
    of_root = {root: part for part, roots in parts.items() for root in roots}
    totals = dict.fromkeys([*parts, OWN], 0.0)
    ours = {os.getpid(): OWN, **of_root}
    for number, process in table.items():
        at = number
        while at in table and at not in ours:
            at = table[at].parent
        if at in ours:
            totals[ours[at]] += process.seconds
    return totals


def _table() -> dict[int, _Process]:
    table: dict[int, _Process] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            # proc(5): the name in parentheses may hold anything, so fields count from behind it.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        ticks = sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime
        table[int(entry.name)] = _Process(int(fields[1]), ticks / _TICKS_A_SECOND)
    return table
