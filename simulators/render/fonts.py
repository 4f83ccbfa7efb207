"""The typefaces of plates and vehicles: free ones from Debian that come near the real ones."""

from functools import cache
from pathlib import Path

from PIL import ImageFont

_TRUETYPE, _OPENTYPE = "/usr/share/fonts/truetype", "/usr/share/fonts/opentype"

_FONTS = {
    # FE-Schrift, GOST and GA 36 faces are not free; these have the same proportions once fitted to their box.
    "condensed": ("fonts-dejavu-extra", f"{_TRUETYPE}/dejavu/DejaVuSansCondensed-Bold.ttf"),
    "sans": ("fonts-dejavu-core", f"{_TRUETYPE}/dejavu/DejaVuSans-Bold.ttf"),
    "sans-plain": ("fonts-dejavu-core", f"{_TRUETYPE}/dejavu/DejaVuSans.ttf"),
    "mono": ("fonts-dejavu-core", f"{_TRUETYPE}/dejavu/DejaVuSansMono-Bold.ttf"),
    "narrow": ("fonts-liberation", f"{_TRUETYPE}/liberation/LiberationSansNarrow-Bold.ttf"),
    "liberation": ("fonts-liberation", f"{_TRUETYPE}/liberation/LiberationSans-Bold.ttf"),
    "din": ("fonts-opendin", f"{_TRUETYPE}/opendin/OSP-DIN.ttf"),
    "bebas": ("fonts-bebas-neue", f"{_OPENTYPE}/bebas-neue/BebasNeue-Bold.otf"),
    "roboto": ("fonts-roboto-unhinted", f"{_TRUETYPE}/roboto/unhinted/RobotoCondensed-Bold.ttf"),
    "roboto-wide": ("fonts-roboto-unhinted", f"{_TRUETYPE}/roboto/unhinted/RobotoTTF/Roboto-Medium.ttf"),
    "play": ("fonts-play", f"{_TRUETYPE}/play/Play-Bold.ttf"),
    "open": ("fonts-open-sans", f"{_TRUETYPE}/open-sans/OpenSans-CondBold.ttf"),
    "open-wide": ("fonts-open-sans", f"{_TRUETYPE}/open-sans/OpenSans-Bold.ttf"),
    "clear": ("fonts-clear-sans", f"{_TRUETYPE}/clear-sans/ClearSans-Bold.ttf"),
    "b612": ("fonts-b612", f"{_OPENTYPE}/b612/B612Mono-Bold.otf"),
    "cabin": ("fonts-cabin", f"{_OPENTYPE}/cabin/Cabin-Bold.otf"),
    "zenhei": ("fonts-wqy-zenhei", f"{_TRUETYPE}/wqy/wqy-zenhei.ttc"),
    "cjk": ("fonts-noto-cjk", f"{_OPENTYPE}/noto/NotoSansCJK-Bold.ttc"),
    "cjk-plain": ("fonts-noto-cjk", f"{_OPENTYPE}/noto/NotoSansCJK-Regular.ttc"),
    "microhei": ("fonts-wqy-microhei", f"{_TRUETYPE}/wqy/wqy-microhei.ttc"),
    "freefarsi": ("fonts-freefarsi", f"{_TRUETYPE}/freefarsi/FreeFarsi-Bold.ttf"),
    "freefarsi-plain": ("fonts-freefarsi", f"{_TRUETYPE}/freefarsi/FreeFarsi.ttf"),
    "freefarsi-mono": ("fonts-freefarsi", f"{_TRUETYPE}/freefarsi/FreeFarsi-Mono.ttf"),
    "amiri": ("fonts-hosny-amiri", f"{_OPENTYPE}/fonts-hosny-amiri/Amiri-Bold.ttf"),
    "lateef": ("fonts-sil-lateef", f"{_OPENTYPE}/lateef/Lateef-Bold.ttf"),
    "harmattan": ("fonts-sil-harmattan", f"{_TRUETYPE}/harmattan/Harmattan-Bold.ttf"),
    "scheherazade": ("fonts-sil-scheherazade", f"{_TRUETYPE}/scheherazade/Scheherazade-Bold.ttf"),
    "sans-arabic": ("fonts-noto-ui-core", f"{_TRUETYPE}/noto/NotoSansArabicUI-Bold.ttf"),
    "homa": ("fonts-farsiweb", f"{_TRUETYPE}/farsiweb/homa.ttf"),
    "nazli": ("fonts-farsiweb", f"{_TRUETYPE}/farsiweb/nazlib.ttf"),
    "titr": ("fonts-farsiweb", f"{_TRUETYPE}/farsiweb/titr.ttf"),
}
_SIMPLIFIED = 2
"""Which of the faces in Noto's collections is China's."""


class FontMissing(OSError):
    """A typeface is not installed; the message names the Debian package to install."""


@cache
def load(name: str, size: int) -> ImageFont.FreeTypeFont:
    """The typeface of that name at `size` pixels."""
    package, path = _FONTS[name]
    if not Path(path).is_file():
        raise FontMissing(f"rendering plates needs {path}: install the Debian package {package}")
    return ImageFont.truetype(path, size, index=_SIMPLIFIED if package == "fonts-noto-cjk" else 0)


def path(name: str) -> str:
    """The file of a typeface."""
    return _FONTS[name][1]
