"""Who drives: a vehicle out of a wardrobe with the plates on its two sides, and one that stands by."""

import random
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simulators.render.bodies import Body, body
from simulators.render.looks import COUNTRY_WEIGHTS, Wardrobe, plate_of
from simulators.render.plates import Plate

Kind = Literal["car", "coach", "lorry"]
Side = Literal["front", "rear"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be rendered: everything not named follows from `seed`.  With the same seed the two sides
    show the same vehicle.  `size` is width and height in pixels, multiples of 16."""

    seed: int
    side: Side
    kind: Kind | None = None
    country: str | None = None
    frames_per_s: float = 10.0
    size: tuple[int, int] = (960, 544)


_SHAPES = {
    "car": ("saloon", "hatch", "jeep", "van", "estate", "pick-up", "minibus"),
    "coach": ("bus", "coach"),
    "lorry": ("cab-high", "cab-nose", "cab-low", "cab-wide"),
    "trailer": ("box-rear", "tilt-rear", "container-rear", "tank-rear"),
}
"""Of `bodies.py`, by what shows them."""
_TRIES = 64


@dataclass(frozen=True, slots=True)
class Cast:
    """`front` and `rear` are one number, but of a lorry, whose rear is its trailer's."""

    kind: Kind
    front: Plate
    rear: Plate

    def plate(self, side: Side) -> Plate:
        return self.front if side == "front" else self.rear


def cast(chance: random.Random, kind: Kind | None = None, country: str | None = None) -> Cast:
    """A vehicle with synthetic numbers; `country` is the lorry's or car's, a trailer now and then comes from
    another."""
    kind = kind or chance.choices(("car", "coach", "lorry"), (0.45, 0.1, 0.45))[0]
    country = country or _any_country(chance)
    front = plate_of(country, chance, trailer=False)
    if kind != "lorry":
        return Cast(kind, front, front)
    behind = _any_country(chance) if chance.random() < 0.25 else country
    return Cast(kind, front, plate_of(behind, chance, trailer=True, two_lines=0.45))


def _any_country(chance: random.Random) -> str:
    return chance.choices(list(COUNTRY_WEIGHTS), list(COUNTRY_WEIGHTS.values()))[0]


def dressed(chance: random.Random, kind: Kind, wardrobe: Wardrobe) -> dict[Side, Wardrobe]:
    """The wardrobe with nothing in it but this one vehicle's shape and colour, by side."""
    shapes: dict[Side, str] = {"front": kind, "rear": "trailer" if kind == "lorry" else kind}
    colour, place = chance.choice(wardrobe.bodies), chance.random()

    def only(shown: str) -> Wardrobe:
        among = [shape for shape in wardrobe.shapes if shape in _SHAPES[shown]]
        return replace(wardrobe, shapes=(among[int(place * len(among))],), bodies=(colour,))

    return {side: only(shown) for side, shown in shapes.items()}


def drawn(side: Side, rng: np.random.Generator, worn: Wardrobe, resolution: float) -> Body:
    """The side of a `dressed` vehicle that the camera sees, `resolution` pixels a metre, with one place for a
    plate."""
    for _ in range(_TRIES):
        # Most families choose front or rear by themselves.
        made = body(rng, worn, resolution)
        if made.rear == (side == "rear"):
            return replace(made, mounts=made.mounts[:1])
    raise AssertionError(f"{_TRIES} times the wrong side of a {worn.shapes[0]}")
