"""The machine readable zone as it is printed: OCR-B at its pitch, at its place on the page.

ICAO Doc 9303-3, 4.2 and parts 4 to 7: pitch 2.54 mm; lines 6.35 mm apart (TD2, TD3, visas) or 4.23 mm (TD1);
the first character 6.0 mm (TD1: 4.0 mm) from the left edge; sizes of the pages.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PX_PER_MM = 10.5
"""267 dpi: a passport's page, with the bed round it, is 1,400 pixels wide."""
PITCH_MM = 2.54
_OCR_B = Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf")
_SANS = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed.ttf")


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of page: millimetres.  `lower_mm` is the lowest line's base over the page's lower edge."""

    width_mm: float
    height_mm: float
    left_mm: float
    apart_mm: float
    lower_mm: float


FORMS = {
    "TD1": Form(85.6, 53.98, 4.0, 4.23, 6.2),
    "TD2": Form(105.0, 74.0, 6.0, 6.35, 7.0),
    "TD3": Form(125.0, 88.0, 6.0, 6.35, 7.0),
    "MRV-A": Form(120.0, 80.0, 6.0, 6.35, 7.0),
    "MRV-B": Form(105.0, 74.0, 6.0, 6.35, 7.0),
}


class FontMissing(OSError):
    """A typeface is not installed; the message names the Debian package."""


@cache
def face(name: str, size: float) -> ImageFont.FreeTypeFont:
    """`ocr-b` or `sans` at `size` pixels."""
    path, package = {"ocr-b": (_OCR_B, "fonts-ocr-b"), "sans": (_SANS, "fonts-dejavu-extra")}[name]
    if not path.is_file():
        raise FontMissing(f"rendering pages needs {path}: install the Debian package {package}")
    return ImageFont.truetype(str(path), size)


@cache
def _ocr_b() -> ImageFont.FreeTypeFont:
    """OCR-B at the size that gives it its pitch."""
    return face("ocr-b", 100 * PITCH_MM * PX_PER_MM / face("ocr-b", 100).getlength("0"))


def pixels(form: Form) -> tuple[int, int]:
    """Width and height of a page."""
    return round(form.width_mm * PX_PER_MM), round(form.height_mm * PX_PER_MM)


def ink(form: Form, lines: tuple[str, ...]) -> tuple[Image.Image, tuple[int, int]]:
    """The zone's print, 255 where there is ink, and where its left upper corner lies on the page."""
    width, height = pixels(form)
    top = round(height - (form.lower_mm + (len(lines) - 1) * form.apart_mm + 4.0) * PX_PER_MM)
    mask = Image.new("L", (width, height - top), 0)
    pen, font = ImageDraw.Draw(mask), _ocr_b()
    for row, line in enumerate(reversed(lines)):
        base = height - (form.lower_mm + row * form.apart_mm) * PX_PER_MM - top
        for column, character in enumerate(line):
            at = (form.left_mm + column * PITCH_MM) * PX_PER_MM
            pen.text((at, base), character, font=font, fill=255, anchor="ls")
    return mask, (0, top)
