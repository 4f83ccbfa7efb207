"""The visual zone of a page beside its machine-readable zone: does the print for people say the same?

    visual.compare(image, reading)   -> Comparison   each field: agrees, differs, not_read

An aid and never a proof: text recognition of print on security background misses much, so what was not read
says nothing, and a difference is a question for a person, never a correction.  Needs tesseract with the
languages of `LANGUAGES` (Debian: tesseract-ocr-kaz, -kir, -uzb, -uzb-cyrl, -tgk, -rus) and `pip install
borderlane[visual-zone]`.
"""

from mrz.visual.comparing import Comparison, Outcome, VisualField, compare
from mrz.visual.recognising import LANGUAGES, Word

__all__ = ["LANGUAGES", "Comparison", "Outcome", "VisualField", "Word", "compare"]
