"""Found lines read cell by cell: strips along the lines, a network over them, a grid of equal cells.

    read_cells(picture, zone) -> grids, best first

`strips` cuts, `frames` runs the network, `grid` places the cells, `hypotheses` says which lines of how many
cells, `ends` where a line goes on beyond its strip, `missing` where further lines would be, `recut` looks a
second time.
"""

from mrz.cells.reading import read_cells
from mrz.cells.types import CHARACTERS, CellGrid, CellLine

__all__ = ["CHARACTERS", "CellGrid", "CellLine", "read_cells"]
