"""Where the machine-readable zones of a picture are: lines of print as curves, before anything is read.

A small network sees the whole page at 640 px and says for each place whether it lies in a line of a zone,
which way that is read and how wide a cell is (`fields`); its answers are gathered into strands (`strands`),
these into lines (`lines`), parallel lines into zones (`zones`), and each candidate is looked at once more,
upright and at the best size (`closer`, `search`); places that hint at smaller print beside it, too (`hints`).
"""

from mrz.finding.search import find
from mrz.finding.types import FoundLine, FoundZone

__all__ = ["FoundLine", "FoundZone", "find"]
