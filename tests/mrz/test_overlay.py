"""The picture with the cells drawn: each place that wants a look has its colour."""

from io import BytesIO

import numpy as np
from PIL import Image

from mrz import CheckDigit, Correction, Doubt, Reading, Status
from mrz.overlay import CELL, CORRECTED, DOUBTFUL, INCONSISTENT, ZONE, draw
from mrz.reading import Quad
from tests.mrz.test_reading import png


def quad(column: int, line: int) -> Quad:
    x, y = 20 + column * 30, 20 + line * 50
    return ((x, y), (x + 20, y), (x + 20, y + 30), (x, y + 30))


def test_cells_are_drawn_in_the_colour_of_what_was_made_of_them():
    reading = Reading(
        "test",
        Status.DOUBTFUL,
        corrections=(Correction(1, 2, "0", "O", "letter_place"),),
        doubtful=(Doubt("names", 2, 1, ("K", "<")), Doubt("sex")),
        inconsistent=(CheckDigit("birth", 2, 3, "5", "2", False),),
        zone=((5, 5), (190, 5), (190, 140), (5, 140)),
        cells=tuple(tuple(quad(column, line) for column in range(3)) for line in range(2)),
        others=(Reading("test", Status.UNREADABLE, zone=((200, 5), (280, 5), (280, 50), (200, 50))),),
    )
    page = Image.new("RGB", (300, 150), (200, 210, 220))
    with Image.open(BytesIO(draw(png(page), reading))) as drawn:
        pixels = np.asarray(drawn)

    def at(column: int, line: int) -> tuple[int, ...]:
        x, y = quad(column, line)[0]
        return tuple(int(part) for part in pixels[int(y), int(x)])

    assert [at(column, 0) for column in range(3)] == [CELL, CORRECTED, CELL]
    assert [at(column, 1) for column in range(3)] == [DOUBTFUL, CELL, INCONSISTENT]
    assert tuple(pixels[5, 100]) == ZONE
    assert tuple(pixels[5, 240]) == ZONE, "the other document's"
    assert tuple(pixels[35, 30]) == (200, 210, 220), "what is printed stays readable"
