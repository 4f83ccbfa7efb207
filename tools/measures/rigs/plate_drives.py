"""Drives of the proof wardrobe, read frame by frame and voted on, as a lane does."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import cv2
import numpy as np

import anpr
from anpr import PlateReading
from measures.rigs.scratch import ROOT
from simulators.render import looks
from simulators.render.drives import Film, Films, Order
from simulators.render.plates import truth

DRIVES = ROOT / "var" / "plate-drives"
FRAMES_MIN, FRAMES_MAX = 10, 16


@dataclass(frozen=True, slots=True)
class Vote:
    """A plate agreed over so many frames."""

    text: str
    country: str | None
    confidence: float
    frames: int


@dataclass(frozen=True, slots=True)
class Driven:
    """One drive: the text of the vehicle that comes, all texts that are there (a parked vehicle's too), what
    was agreed over the frames, best supported first, and what each frame said alone."""

    name: str
    true: str
    country: str
    lines: int
    there: frozenset[str]
    agreed: tuple[Vote, ...]
    frames: tuple[tuple[PlateReading, ...], ...]
    cpu_s: float

    @property
    def exact(self) -> bool:
        return bool(self.agreed) and self.agreed[0].text == self.true

    @property
    def confidences(self) -> list[tuple[float, bool]]:
        """Of each agreed plate, and whether it is there; a parked vehicle's is read rightly."""
        return [(each.confidence, each.text in self.there) for each in self.agreed]

    def wrong(self, at: float) -> int:
        """Plates agreed at this confidence or more that are not there, and another vehicle's that was taken
        for the one that comes."""
        sure = [each for each in self.agreed if each.confidence >= at]
        taken = sure[:1] if sure[:1] == list(self.agreed[:1]) else []
        return sum(each.text not in self.there for each in sure) + sum(
            each.text in self.there and each.text != self.true for each in taken
        )


def drives(wanted: int) -> Iterator[Driven]:
    """The first so many that show the vehicle's plate in `FRAMES_MIN` frames or more."""
    films, done = Films(DRIVES), 0
    for seed in count():
        if done == wanted:
            return
        order = Order(seed=seed, side="rear" if seed % 2 else "front")
        film = films.film(order, looks.PROOF)
        shown = _interval(film)
        if len(shown) >= FRAMES_MIN:
            done += 1
            yield _driven(order, film, shown)


def _interval(film: Film) -> list[int]:
    """Frames in which the vehicle's plate is whole, evenly: a lane listens while the vehicle stands in it."""
    within = [
        number
        for number, plates in enumerate(film.plates)
        if any(each.vehicle == film.vehicle for each in plates)
    ]
    if len(within) <= FRAMES_MAX:
        return within
    return [within[round(place)] for place in np.linspace(0, len(within) - 1, FRAMES_MAX).tolist()]


def _driven(order: Order, film: Film, shown: list[int]) -> Driven:
    track, said = anpr.Track(), list[tuple[PlateReading, ...]]()
    began = time.process_time()
    for number in shown:
        frame = cv2.imdecode(np.frombuffer(film.pictures[number], np.uint8), cv2.IMREAD_COLOR)
        assert frame is not None
        plates = anpr.examine(frame.astype(np.uint8)).plates
        said.append(plates)
        track.add(f"{number}", plates)
    spent = (time.process_time() - began) / len(shown)
    what = truth(film.cast.plate(order.side))
    there = {each.truth.text for plates in film.plates for each in plates}
    return Driven(
        f"{order.seed}",
        what.text,
        what.country,
        what.lines,
        frozenset({what.text, *there}),
        tuple(Vote(each.text, each.country, each.confidence, each.frames) for each in track.plates()),
        tuple(said),
        spent,
    )
