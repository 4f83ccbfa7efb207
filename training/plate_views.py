"""What the plate networks are shown: scenes and strips of plates, drawn from the training wardrobe."""

from __future__ import annotations

import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from anpr import looks as plate_looks
from anpr import strips as plate_strips
from anpr.alphabet import INDEX
from anpr.canonical import canonical
from simulators.render import plates
from simulators.render.crops import plate_crop
from simulators.render.looks import LESSON as WARDROBE
from simulators.render.looks import LESSON_WEIGHTS, any_plate, look
from simulators.render.plates import Plate, layouts
from simulators.render.scenes import TRAINING, compose
from simulators.render.scenes.paint import Rng
from simulators.render.scenes.scene import Dealt

HEIGHT, WIDTH = 384, 640
LONGEST = 14
"""Characters of a line."""
DRAWN_SCALE = 0.6
"""Pixels a millimetre of a plate that is put into a scene."""
CORNERS_OFF = 0.04
"""Of the plate's height: how far a finder's corners are from the true ones, one standard deviation."""
BESIDE = 0.03
"""How often a strip shows what lies beside a plate, and nothing is to be read."""


@dataclass(frozen=True, slots=True)
class View:
    """A scene: `plates` with corners and lines, and corners of those that nobody could read."""

    picture: NDArray[np.uint8]
    plates: list[tuple[NDArray[np.float32], int]]
    ignored: list[NDArray[np.float32]]


def deal(rng: Rng, infrared: bool) -> Dealt:
    """A random plate of any series, in a random state."""
    chance = random.Random(int(rng.integers(1 << 40)))
    which = any_plate(chance)
    picture = plates.draw(which, look(which, chance, WARDROBE, infrared=infrared), DRAWN_SCALE)
    width, height = plates.size_mm(which)
    return Dealt(picture, width * chance.uniform(0.96, 1.04), height, plates.truth(which))


def view(rng: Rng) -> View:
    scene = compose(rng, TRAINING, deal, WIDTH, HEIGHT)
    return View(
        scene.picture,
        [(plate.corners, plate.truth.lines) for plate in scene.plates if plate.legible],
        [plate.corners for plate in scene.plates if not plate.legible],
    )


def lines_of(which: Plate) -> tuple[str, ...]:
    """What stands in each line of a plate from left to right, canonical, top line first.

    The Persian line of an Afghan plate says again what the Latin one says: nothing is to be read there.
    """
    series = next(one for one in layouts.table()[which.country].series if one.name == which.series)
    shape, _ = series.form(which.form)
    rows: list[list[tuple[float, str]]] = [[] for _ in range(shape.lines)]
    for item in shape.items:
        if "row" not in item or (which.country == "AF" and item.get("script") == "persian"):
            continue
        x, y, _, height = item["box"]
        places = [part for token in item["row"].split() if token[0].isdigit() for part in token.split("+")]
        text = canonical("".join(which.groups[int(place)] for place in places))
        rows[int(shape.lines == 2 and y + height / 2 > shape.size[1] / 2)].append((x, text))
    return tuple("".join(text for _, text in sorted(row)) for row in rows)


def strips(rng: Rng) -> list[tuple[plate_strips.Strip, list[int]]]:
    """The strips of one random plate, cut as the product cuts them, with outputs for their characters."""
    chance = random.Random(int(rng.integers(1 << 40)))
    which = any_plate(chance, weights=LESSON_WEIGHTS)
    picture, what, corners = plate_crop(chance, WARDROBE, which)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.uint8)
    tall = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    found = corners + rng.normal(0, CORNERS_OFF * tall, (4, 2)) + rng.normal(0, CORNERS_OFF * tall, 2)
    texts = lines_of(which)
    if rng.random() < BESIDE:
        found = found + np.array([0, float(rng.choice([-1.1, 1.1])) * tall])
        texts = ("",) * len(texts)
    cut = plate_strips.strips(grey, found.astype(np.float32), what.lines)
    return [
        (strip, [1 + INDEX[character] for character in text]) for strip, text in zip(cut, texts, strict=True)
    ]


def looks(rng: Rng, chance: random.Random, country: str) -> NDArray[np.float32]:
    """A random plate of `country` as the product makes plates flat, its corners as wrong as a finder's."""
    picture, _, corners = plate_crop(chance, WARDROBE, any_plate(chance, country=country))
    tall = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    found = corners + rng.normal(0, CORNERS_OFF * tall, (4, 2)) + rng.normal(0, CORNERS_OFF * tall, 2)
    return plate_looks.look(picture, found.astype(np.float32))
