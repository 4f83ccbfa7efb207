"""The format table as a search needs it: what may stand at each place, as a plate is read line by line.

A group's alternatives of one length are one sequence here (their sets joined, place by place): some hundred
sequences instead of thousands.  What is illegal in between is left out when a text is known, by the format's
own expression.
"""

import math
import re
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal

import numpy as np

from anpr.alphabet import ALPHABET
from anpr.ctc import Sequences
from anpr.formats import Format, Table
from anpr.sequences import Places, groups_of, spell_out


@dataclass(frozen=True, slots=True)
class Reading:
    """How texts of some series are read: `sets` place by place in reading order, and for each place of the
    canonical text the place in reading order where its character stands."""

    sets: Places
    order: tuple[int, ...]
    series: tuple[Format, ...]
    straight: bool
    """Whether it is read in canonical order."""

    def text(self, characters: str) -> str:
        """Canonical order for characters in reading order."""
        if self.straight:
            return characters
        return "".join([characters[place] for place in self.order])


@dataclass(frozen=True, slots=True)
class Legal:
    """All readings of plates with one line or with two, and the same for the search."""

    readings: tuple[Reading, ...]
    sequences: Sequences


def texts_of(pattern: re.Pattern[str], length: int) -> float:
    """How many texts of a series have so many characters; as good as any number for a length it lacks."""
    counts = [1.0] + [0.0] * length
    for group in _groups(pattern):
        added = [0.0] * (length + 1)
        for places in spell_out(group):
            texts = math.prod(len(place) for place in places)
            for before in range(length + 1 - len(places)):
                added[before + len(places)] += counts[before] * texts
        counts = added
    return counts[length]


def _groups(pattern: re.Pattern[str]) -> tuple[str, ...]:
    """What an expression looks ahead for (a catch-all: a digit and a letter) is left to itself."""
    return groups_of(re.sub(r"\(\?=.*?\)", "", pattern.pattern))


@cache
def legal(table: Table, lines: Literal[1, 2]) -> Legal:
    """Built once for each table."""
    found: dict[tuple[Places, tuple[int, ...]], list[Format]] = {}
    for form in table.formats:
        if lines in form.lines and form.prior > 0:
            for key in _readings(form, lines):
                found.setdefault(key, []).append(form)
    readings = tuple(
        Reading(sets, order, tuple(series), order == tuple(range(len(order))))
        for (sets, order), series in found.items()
    )
    distinct = {
        places: number for number, places in enumerate({each for one in readings for each in one.sets})
    }
    longest = max(len(one.sets) for one in readings)
    places = np.full((len(readings), longest), -1)
    for row, one in enumerate(readings):
        places[row, : len(one.sets)] = [distinct[each] for each in one.sets]
    sets = np.array([[character in each for character in ALPHABET] for each in distinct])
    return Legal(readings, Sequences(sets, places))


def _readings(form: Format, lines: Literal[1, 2]) -> list[tuple[Places, tuple[int, ...]]]:
    groups = _groups(form.pattern)
    joined = [_joined(spell_out(group)) for group in groups]
    told = form.two_line if lines == 2 and form.two_line else (tuple(range(1, len(groups) + 1)), ())
    reading_order = [number - 1 for number in (*told[0], *told[1])]
    found: list[tuple[Places, tuple[int, ...]]] = []
    for chosen in product(*joined):
        starts, at = [0] * len(groups), 0
        for group in reading_order:
            starts[group] = at
            at += len(chosen[group])
        sets = tuple(place for group in reading_order for place in chosen[group])
        order = tuple(starts[group] + at for group in range(len(groups)) for at in range(len(chosen[group])))
        found.append((sets, order))
    return found


def _joined(alternatives: tuple[Places, ...]) -> list[Places]:
    by_length: dict[int, list[Places]] = {}
    for places in alternatives:
        by_length.setdefault(len(places), []).append(places)
    return [
        tuple(frozenset[str]().union(*column) for column in zip(*same, strict=True)) if length else ()
        for length, same in by_length.items()
    ]
