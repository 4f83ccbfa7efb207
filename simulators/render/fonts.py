"""The typefaces that plates are drawn with: free ones from Debian that come near the real ones."""

from functools import cache
from pathlib import Path

from PIL import ImageFont

_FONTS = {
    # FE-Schrift, GOST and GA 36 faces are not free; these have the same proportions once fitted to their box.
    "condensed": ("fonts-dejavu-extra", "/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed-Bold.ttf"),
    "sans": ("fonts-dejavu-core", "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"),
    "narrow": ("fonts-liberation", "/usr/share/fonts/truetype/liberation/LiberationSansNarrow-Bold.ttf"),
    "din": ("fonts-opendin", "/usr/share/fonts/truetype/opendin/OSP-DIN.ttf"),
}


class FontMissing(OSError):
    """A typeface is not installed; the message names the Debian package to install."""


@cache
def load(name: str, size: int) -> ImageFont.FreeTypeFont:
    """The typeface `condensed`, `sans`, `narrow` or `din` at `size` pixels."""
    package, path = _FONTS[name]
    if not Path(path).is_file():
        raise FontMissing(f"rendering plates needs {path}: install the Debian package {package}")
    return ImageFont.truetype(path, size)
