"""Number plates as they are drawn: synthetic numbers in the layouts of `countries/*.toml`."""

import random
import re

from simulators.render.plates import drawing, layouts, numbers, wear
from simulators.render.plates.layouts import Series, Shape
from simulators.render.plates.look import DEFAULT, Look
from simulators.render.plates.model import PLAIN, NoSuchPlate, Picture, Plate, Truth
from simulators.render.plates.wear import held

__all__ = [
    "DEFAULT", "DRAWN", "PIXELS_PER_MM", "PLAIN", "PLAIN_MAX", "Look", "NoSuchPlate", "Picture", "Plate",
    "Truth", "all_forms", "countries", "draw", "held", "plate", "size_mm", "synthetic", "synthetic_all",
    "truth",
]  # fmt: skip

PIXELS_PER_MM = 2
DRAWN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
PLAIN_MAX = 10


def synthetic(
    country: str, chance: random.Random, series: str | None = None, *, form: str | None = None
) -> Plate:
    """A random legal number of a country (of its first series and form unless they are named)."""
    known = layouts.table().get(country)
    for each in known.series if known else ():
        if series in (None, each.name):
            return _number(each, chance, form or "")
    raise NoSuchPlate(
        f"no series {series or ''} of {country} is drawn; countries: {', '.join(countries())}"
    )  # fmt: skip


def synthetic_all(chance: random.Random) -> list[Plate]:
    """One random number of every series, in its first form."""
    return [_number(each, chance, "") for each in _all_series()]


def all_forms(chance: random.Random) -> list[Plate]:
    """One random number of every form of every series."""
    return [_number(each, chance, form) for each in _all_series() for form in each.forms]


def plate(country: str, text: str, *, trailer: bool = False) -> Plate:
    """The plate with this number, in the country's first series that has such numbers: of those for trailers
    or of the others first, as some texts fit both.

    A number of no drawn series is printed plain, on white without flag or box, so that a scenario may bring
    a vehicle with a plate that nobody issues.  Raises NoSuchPlate when there is nothing to draw: of those
    only the characters of `DRAWN` are.
    """
    compact = "".join(character for character in text.upper() if character.isalnum())
    known_series = layouts.table()[country].series if country in layouts.table() else ()
    for each in sorted(known_series, key=lambda series: ("trailer" in series.name) != trailer):
        pattern = "".join(
            f"({numbers.pattern(group, each.letters, each.provinces)})" for group in each.groups
        )
        if found := re.fullmatch(pattern, compact):
            return Plate(country, each.name, found.groups())
    known = "".join(character for character in compact if character in DRAWN)
    if not 1 <= len(known) <= PLAIN_MAX:
        raise NoSuchPlate(f"a plate of 1 to {PLAIN_MAX} Latin letters and digits can be drawn, not {text!r}")
    return Plate(country, PLAIN, (known,))


def countries() -> tuple[str, ...]:
    """The countries whose plates can be drawn."""
    return layouts.ORDER


def size_mm(which: Plate) -> tuple[int, int]:
    """Width and height of the plate in millimetres."""
    return _form(which)[0].size


def draw(which: Plate, look: Look = DEFAULT, scale: float = PIXELS_PER_MM) -> Picture:
    """The plate as a flat picture, `scale` pixels a millimetre, without its holder (`held` adds that)."""
    shape, ground, ink = _form(which)
    return wear.worn(drawing.flat(which, shape, ground, ink, look, scale), look, scale)


_UNDOTTED = str.maketrans("ÄÖÜ", "AOU")
"""German letters as the canonical spelling has them."""


def truth(which: Plate) -> Truth:
    """What a reader should say of it."""
    shape, ground, _ = _form(which)
    series = _series(which)
    display = series.display.format(*which.groups) if series else which.text
    if any(item.get("script") == "persian" for item in shape.items) and which.country != "AF":
        display = display.translate(drawing.PERSIAN)
    return Truth(which.text.translate(_UNDOTTED), display, which.country, which.series, shape.lines, ground)


def _all_series() -> list[Series]:
    return [each for country in layouts.table().values() for each in country.series]


def _number(series: Series, chance: random.Random, form: str) -> Plate:
    groups = tuple(
        numbers.synthetic(group, series.letters, series.provinces, chance) for group in series.groups
    )
    return Plate(series.country, series.name, groups, form)


def _series(which: Plate) -> Series | None:
    country = layouts.table().get(which.country)
    return next((each for each in country.series if each.name == which.series), None) if country else None


def _form(which: Plate) -> tuple[Shape, str, str | None]:
    if series := _series(which):
        shape, ground = series.form(which.form)
        return shape, ground, series.ink
    wide = min(440, 54 * len(which.text))
    item = {"row": "0", "box": [(520 - wide) // 2, 18, wide, 76]}
    return Shape("plain", (520, 112), 1, (item,)), "white", None
