"""What the plate networks are shown: scenes and strips of rendered plates, all drawn from the training stage."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.render import plates
from simulators.render.plates import Look
from simulators.render.scenes import TRAINING, compose
from simulators.render.scenes.paint import Rng
from simulators.render.scenes.scene import Dealt

HEIGHT, WIDTH = 384, 640


@dataclass(frozen=True, slots=True)
class View:
    """A scene: `plates` with corners and lines, and corners of those that nobody could read."""

    picture: NDArray[np.uint8]
    plates: list[tuple[NDArray[np.float32], int]]
    ignored: list[NDArray[np.float32]]


WEIGHTS = {"KZ": 4, "RU": 4, "KG": 3, "UZ": 3, "TJ": 2, "TM": 2, "CN": 3, "IR": 2, "EU": 3}
FACES = ("condensed", "sans", "narrow", "din", "stroke-gost", "stroke-fe", "stroke-din", "roboto", "bebas")


def deal(rng: Rng, infrared: bool) -> Dealt:
    """A random plate of a random series and form, in a random state."""
    chance = random.Random(int(rng.integers(1 << 40)))
    countries = plates.countries()
    country = chance.choices(countries, [WEIGHTS.get(each, 1) for each in countries])[0]
    forms = _forms(country)
    series, form = chance.choice(forms)
    which = plates.synthetic(country, chance, series, form=form)
    worn = chance.random() < 0.4
    look = Look(
        face=chance.choice(FACES),
        chinese=chance.choice(("zenhei", "microhei")),
        width=chance.uniform(0.8, 1.3),
        weight=chance.randint(-3, 4),
        gap=chance.uniform(0.06, 0.22),
        proportional=chance.choice((0.0, 0.5, 1.0)),
        bolts=chance.random() < 0.7,
        screws=chance.choice((0, 0, 1, 2, 4)),
        dirt=chance.uniform(0, 0.9) if worn else 0.0,
        snow=chance.uniform(0, 0.6) if worn and chance.random() < 0.3 else 0.0,
        scratches=chance.uniform(0, 0.6) if worn else 0.0,
        fading=chance.uniform(0, 0.8) if worn else 0.0,
        infrared=infrared,
        seed=chance.randrange(1 << 30),
    )
    width, height = plates.size_mm(which)
    stretch = chance.uniform(0.96, 1.04)
    return Dealt(plates.draw(which, look, 0.6), width * stretch, height, plates.truth(which))


def _forms(country: str) -> list[tuple[str, str]]:
    if country not in _KNOWN:
        _KNOWN.update({each: [] for each in plates.countries()})
        for each in plates.all_forms(random.Random(1)):
            _KNOWN[each.country].append((each.series, each.form))
    return _KNOWN[country]


_KNOWN: dict[str, list[tuple[str, str]]] = {}


def view(rng: Rng) -> View:
    scene = compose(rng, TRAINING, deal, WIDTH, HEIGHT)
    return View(
        scene.picture,
        [(plate.corners, plate.truth.lines) for plate in scene.plates if plate.legible],
        [plate.corners for plate in scene.plates if not plate.legible],
    )
