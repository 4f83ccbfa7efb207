"""From the text of a running-text recogniser to the lines of a zone.

Such a recogniser gives no confidence a character, loses fillers and reads fillers as letters.  What is mended
here is only what the format leaves no choice about: a digit's place holds a digit, a letter's place a letter,
fillers fill up to the line's length.  Every mended character is a `Correction`.
"""

import re
from collections.abc import Iterator

from mrz import codes, russian
from mrz.check_digits import ALPHABET, FILLER
from mrz.layouts import LAYOUTS, Format, Layout
from mrz.reading import Correction

_TO_DIGIT = {"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}
_TO_LETTER = {"0": "O", "1": "I", "2": "Z", "5": "S", "6": "G", "8": "B"}
_DIGITS = {"birth", "expiry"}
_LETTERS = {"issuer", "nationality", "names"}
_LENGTH_SLACK = 10
"""Fillers that a line may lack or have too many of and still be mended."""


def zone_lines(text: str) -> Iterator[tuple[tuple[str, ...], tuple[Correction, ...]]]:
    """Candidates for a zone in recognised text, each of the right shape, with what was mended."""
    rows = [row for line in text.upper().splitlines() if len(row := _clean(line)) >= 25]
    for layout in LAYOUTS.values():
        if layout.format is Format.FR_ID:
            continue
        for first in range(len(rows) - layout.line_count + 1):
            mended = _mend(rows[first : first + layout.line_count], layout)
            if mended:
                yield mended


def _clean(line: str) -> str:
    line = line.replace("«", FILLER * 2).replace(" ", "")
    return "".join(character for character in line if character in ALPHABET + FILLER)


def _mend(rows: list[str], layout: Layout) -> tuple[tuple[str, ...], tuple[Correction, ...]] | None:
    # The code says which formats are possible: a passport with lost fillers is never taken for a card.
    if not codes.fits_layout(rows[0][:2].rstrip(FILLER), layout.format):
        return None
    corrections: list[Correction] = []
    lines: list[str] = []
    names = layout.fields["names"]
    for number, row in enumerate(rows, 1):
        line = row
        if number == names.line:
            line = _without_tail(line, names.first - 1, number, corrections)
        line = _fitted(line, layout.width, number, corrections)
        if line is None:
            return None
        lines.append(line)
    _mend_places(lines, layout, corrections)
    return tuple(lines), tuple(corrections)


def _without_tail(line: str, start: int, number: int, corrections: list[Correction]) -> str:
    """Names end where fillers begin for good: letters after a run of fillers are fillers misread."""
    split = line.find(FILLER * 2, start)
    if split < 0:
        return line
    # The first run separates the identifiers, unless it is long: then there is one name only.
    run = re.compile("<{2,}")
    first = run.search(line, split)
    after = first if first and len(first.group()) >= 4 else (run.search(line, first.end()) if first else None)
    if after is None or not line[after.end() :].strip(FILLER):
        return line
    for column in range(after.end(), len(line)):
        if line[column] != FILLER:
            corrections.append(Correction(number, column + 1, line[column], FILLER, "filler_read_as_letter"))
    return line[: after.end()] + FILLER * (len(line) - after.end())


def _fitted(line: str, width: int, number: int, corrections: list[Correction]) -> str | None:
    """The line at its width by growing or shrinking its last run of fillers; None where that can't be.

    Only a run that nothing but check digits follows: elsewhere the number of fillers says something.
    """
    missing = width - len(line)
    if not missing:
        return line
    run = re.search("(<{3,})[^<]{0,2}$", line)
    if abs(missing) > _LENGTH_SLACK or run is None or len(run.group(1)) + missing < 1:
        return None
    fillers = FILLER * (len(run.group(1)) + missing)
    corrections.append(Correction(number, run.start() + 1, run.group(1), fillers, "filler_count"))
    return line[: run.start()] + fillers + line[run.end(1) :]


def _mend_places(lines: list[str], layout: Layout, corrections: list[Correction]) -> None:
    name_digits = russian.DIGITS if lines[0].startswith("PNRUS") else ""
    places = [
        (place, _TO_DIGIT if field in _DIGITS else _TO_LETTER, field)
        for field, place in layout.fields.items()
        if field in _DIGITS | _LETTERS
    ]
    places += [(check.at, _TO_DIGIT, check.field) for check in layout.checks]
    for place, table, field in places:
        line = lines[place.line - 1]
        for column in range(place.first - 1, place.last):
            read = line[column]
            taken = table.get(read)
            if taken is None or (field == "names" and read in name_digits):
                continue
            reason = "digit_place" if table is _TO_DIGIT else "letter_place"
            corrections.append(Correction(place.line, column + 1, read, taken, reason))
            line = line[:column] + taken + line[column + 1 :]
        lines[place.line - 1] = line
