"""How frequent each country's and series' plates are at this site: what a lane's file may say of it."""

import difflib
from typing import Annotated

from pydantic import AfterValidator, Field

from anpr import formats

LEAST, MOST = 1e-6, 1e6
"""Beyond them a number is a slip, and 0 says "never"."""


def _name(name: str) -> str:
    table = formats.table().formats
    known = {form.country for form in table} | {form.name for form in table}
    if name in known:
        return name
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    which = f"did you mean {close[0]}?" if close else "such as KZ or KZ 1993 private"
    raise ValueError(f"a country or a series of the plate format table ({which})")


def _times(times: float) -> float:
    if times == 0 or LEAST <= times <= MOST:
        return times
    raise ValueError(f"0 (never) or a number from {LEAST:f} to {MOST:.0f}")


def _some_left(priors: dict[str, float]) -> dict[str, float]:
    left = formats.table().with_priors(priors).formats if priors else ()
    if priors and not any(form.prior > 0 and form.specific for form in left):
        raise ValueError("at least one series that is not 0")
    return priors


Priors = Annotated[
    dict[
        Annotated[str, AfterValidator(_name)],
        Annotated[float, Field(strict=True), AfterValidator(_times)],
    ],
    AfterValidator(_some_left),
]
"""`anpr.formats.Table.with_priors` as an option of a driver."""
