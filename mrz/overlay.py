"""A page's picture with what was read drawn into it: the zone, its cells, and the places that want a look."""

from io import BytesIO

from PIL import ImageDraw

from mrz.picture import upright
from mrz.reading import Reading

Colour = tuple[int, int, int]
ZONE: Colour = (0, 110, 200)
CELL: Colour = (0, 150, 90)
CORRECTED: Colour = (230, 140, 0)
DOUBTFUL: Colour = (220, 0, 0)
INCONSISTENT: Colour = (190, 0, 190)


def draw(image: bytes, reading: Reading) -> bytes:
    """A PNG of the size and in the colours of `image` (turned as its EXIF entry says).

    Each document's zone is outlined in blue and its cells in green; cells of corrected characters are orange,
    of doubtful ones red, of check digits that do not hold purple.  Where the engine gives no cells, the
    outline alone.  Raises ImageError as `mrz.read` does.
    """
    page = upright(image, colour=True).convert("RGB")
    pen = ImageDraw.Draw(page)
    thin = max(1, round(max(page.size) / 1200))
    for document in (reading, *reading.others):
        if document.zone:
            pen.polygon(list(document.zone), outline=ZONE, width=2 * thin)
        for line, column, colour in _marked(document):
            pen.polygon(
                list(document.cells[line][column]), outline=colour, width=thin if colour == CELL else 2 * thin
            )
    out = BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def _marked(document: Reading) -> list[tuple[int, int, Colour]]:
    """Line and column (from 0) of each cell with its colour; the ones that want a look last, on top."""
    colours = {(line, column): CELL for line, row in enumerate(document.cells) for column in range(len(row))}
    wanting = [(each.line, each.column, CORRECTED) for each in document.corrections]
    wanting += [(each.line, each.column, DOUBTFUL) for each in document.doubtful]
    wanting += [(each.line, each.column, INCONSISTENT) for each in document.inconsistent]
    for line, column, colour in wanting:
        if (line - 1, column - 1) in colours:  # a doubt about a whole field has no column
            colours[line - 1, column - 1] = colour
    return sorted(((*place, colour) for place, colour in colours.items()), key=lambda each: each[2] != CELL)
