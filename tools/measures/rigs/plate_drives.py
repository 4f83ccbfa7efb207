"""Drives of the proof wardrobe, read frame by frame and voted on, as a lane does."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import cv2
import numpy as np

import anpr
from anpr import PlateReading
from lane_controller.daemon.sensing import plates
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
    def told(self) -> list[Vote]:
        """What enough frames spoke for to be told by a lane."""
        return [each for each in self.agreed if each.frames >= plates.FRAMES_MIN]

    @property
    def confidences(self) -> list[tuple[float, bool]]:
        """Of each plate that may be told, and whether it is there; a parked vehicle's is read rightly."""
        return [(each.confidence, each.text in self.there) for each in self.told]

    def wrong(self, at: float) -> list[Vote]:
        """Plates agreed at this confidence or more that are not there, and another vehicle's that the lane
        would take for the one that comes: one that has no rival, or nobody could say whose is whose."""
        sure = [each for each in self.told if each.confidence >= at]
        support = [each.frames * each.confidence for each in self.agreed]
        alone = len(support) < 2 or support[1] <= plates.SECOND_SHARE_MAX * support[0]
        return [
            each
            for each in sure
            if each.text not in self.there or (each is self.agreed[0] and alone and each.text != self.true)
        ]


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
        for number, seen in enumerate(film.plates)
        if any(each.vehicle == film.vehicle for each in seen)
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
        read = anpr.examine(frame.astype(np.uint8)).plates
        said.append(read)
        track.add(f"{number}", read)
    spent = (time.process_time() - began) / len(shown)
    what = truth(film.cast.plate(order.side))
    there = {each.truth.text for seen in film.plates for each in seen}
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
