"""From a running-text reader's output to zones, as kindly as can be without mending a character."""

from mrz.check_digits import ALPHABET, FILLER

SHAPES = ((3, 30), (2, 44), (2, 36))
ROW_MIN = 25
"""A row of fewer characters is no line of a zone, even with some lost."""


def zones_of_text(text: str) -> list[tuple[str, ...]]:
    """Zones in the text, top to bottom: rows of a format's shape; where there are none, the rows that look
    most like lines of one, which count as found but can't be exact."""
    rows = [row for line in text.upper().splitlines() if len(row := _row(line)) >= ROW_MIN]
    zones: list[tuple[str, ...]] = []
    place = 0
    while place < len(rows):
        for count, width in SHAPES:
            window = rows[place : place + count]
            if len(window) == count and all(len(row) == width for row in window):
                zones.append(tuple(window))
                place += count
                break
        else:
            place += 1
    if zones or sum(FILLER in row for row in rows) < 2:
        return zones
    return [tuple([row for row in rows if FILLER in row][-3:])]


def _row(line: str) -> str:
    """Without spaces; "" where more than a fifth is no zone's character."""
    line = "".join(line.split()).replace("«", FILLER * 2).replace("‹", FILLER)
    kept = "".join(character for character in line if character in ALPHABET + FILLER)
    return kept if len(kept) >= 0.8 * len(line) else ""
