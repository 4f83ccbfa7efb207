"""What a number plate is before it is drawn."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
"""height x width x 3, blue-green-red."""

PLAIN = "plain"
"""The series of a number that nobody issues."""


class NoSuchPlate(ValueError):
    """Such a number can't be drawn; the message says what can."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A number on a plate: `groups` as printed, in the series `country`, `series` of `countries/*.toml`.

    `form` names the shape and ground of a series that has several (`shape/ground`), "" its first one.
    """

    country: str
    series: str
    groups: tuple[str, ...]
    form: str = ""

    @property
    def text(self) -> str:
        """The number without separators, in the one-line order of its country, with Western digits."""
        return "".join(self.groups)


@dataclass(frozen=True, slots=True)
class Truth:
    """What a reader should say of a plate: canonical `text`, `display` as printed, lines, colour under it."""

    text: str
    display: str
    country: str
    series: str
    lines: Literal[1, 2]
    ground: str
