"""Drives of the proof wardrobe, read frame by frame and voted on, as a lane does."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import anpr
from lane_controller.daemon.sensing import plates
from measures.rigs.kept_answers import FOLDER, KeptAnswers, state, state_of
from measures.rigs.plate_pictures import Picture
from measures.rigs.plate_set import picture_of, row_of
from measures.rigs.scratch import ROOT
from simulators.render import kept, looks
from simulators.render.drives import Film, Films, Order
from simulators.render.plates import truth

DRIVES = ROOT / "var" / "plate-drives"
SHOTS = ROOT / "var" / "plate-shots"
FRAMES_MIN, FRAMES_MAX = 10, 16
PEER_FRAMES = 4
"""Of a drive, evenly: those that peers are given, one by one, since they do not vote."""


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
    was agreed over the frames, best supported first, the texts that each frame said alone, and some of the
    frames for peers."""

    name: str
    true: str
    country: str
    lines: int
    there: frozenset[str]
    agreed: tuple[Vote, ...]
    frames: tuple[tuple[str, ...], ...]
    cpu_s: float
    shots: tuple[Picture, ...] = ()

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
        alone = not plates.are_several(self.agreed)
        return [
            each
            for each in sure
            if each.text not in self.there or (each is self.agreed[0] and alone and each.text != self.true)
        ]


def drives(wanted: int, keep: bool = False, first_seed: int = 0) -> Iterator[Driven]:
    """The first so many that show the vehicle's plate in `FRAMES_MIN` frames or more; measured are the seeds
    from 0 on.

    `keep` takes what an earlier run found with the same reader and renderer, and adds to it, so that a long
    run that was cut goes on.
    """
    films, done = Films(DRIVES), 0
    known = KeptAnswers(_store() if keep else None)
    for seed in count(first_seed):
        if done == wanted:
            return
        if f"{seed}" not in known:
            order = Order(seed=seed, side="rear" if seed % 2 else "front")
            film = films.film(order, looks.PROOF)
            shown = _interval(film)
            known[f"{seed}"] = _read(order, film, shown) if len(shown) >= FRAMES_MIN else None
        if (row := known[f"{seed}"]) is not None:
            done += 1
            yield _driven(row)


def _store() -> Path:
    rendered = state(kept.recipe((), "drives"))
    return FOLDER / "plates" / f"drives-{state_of('anpr', rendered)}.jsonl"


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


def _read(order: Order, film: Film, shown: list[int]) -> dict[str, Any]:
    track, said = anpr.Track(), list[list[str]]()
    began = time.process_time()
    for number in shown:
        frame = cv2.imdecode(np.frombuffer(film.pictures[number], np.uint8), cv2.IMREAD_COLOR)
        assert frame is not None
        read = anpr.examine(frame.astype(np.uint8))
        said.append([each.text for each in read.plates])
        track.add(f"{number}", read.candidates, number / film.frames_per_s)
    spent = (time.process_time() - began) / len(shown)
    what = truth(film.cast.plate(order.side))
    there = {each.truth.text for seen in film.plates for each in seen}
    votes = [
        Vote(each.text, each.country, each.confidence, each.frames) for each in plates.likely(track.plates())
    ]
    places = np.linspace(0, len(shown) - 1, PEER_FRAMES).round().astype(int).tolist()
    return {
        "name": f"{order.seed}",
        "true": what.text,
        "country": what.country,
        "lines": what.lines,
        "there": sorted({what.text, *there}),
        "agreed": [asdict(each) for each in votes],
        "frames": said,
        "cpu_s": spent,
        "shots": [_shot(film, shown[place]) for place in places],
    }


def _shot(film: Film, number: int) -> dict[str, Any]:
    """One frame as a file with its truth."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    name = f"{film.vehicle}-{number:04}.jpg"
    path = SHOTS / name
    if not path.exists() or path.read_bytes() != film.pictures[number]:
        path.write_bytes(film.pictures[number])
    plates = [row_of(each.truth, each.corners.tolist()) for each in film.plates[number]]
    return {"file": name, "plates": plates}


def _driven(row: dict[str, Any]) -> Driven:
    return Driven(
        row["name"],
        row["true"],
        row["country"],
        row["lines"],
        frozenset(row["there"]),
        tuple(Vote(**each) for each in row["agreed"]),
        tuple(tuple(texts) for texts in row["frames"]),
        row["cpu_s"],
        tuple(picture_of(SHOTS, each) for each in row["shots"]),
    )
