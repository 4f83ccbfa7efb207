"""Pages of travel documents as a page reader's camera sees them: security print, a drawn portrait, OCR-B.

    shown = draw(document.lines, seed=7)        shown.white, shown.infrared

Nobody is in the portraits, and no state's design is copied.  In a folder of its own, so that the pictures of
the plate cameras, which are kept under a hash of their renderer, do not hang on it.
"""

from simulators.render.page.page import Shown, draw, form_of, front
from simulators.render.page.zone import FORMS, FontMissing

__all__ = ["FORMS", "FontMissing", "Shown", "draw", "form_of", "front"]
