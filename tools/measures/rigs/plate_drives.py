"""Drives of the proof wardrobe, read frame by frame and voted on, as a lane does."""

import random
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import anpr
from drivers.plate_camera.frame_messages import frame_of
from lane_controller.daemon.sensing import plates
from lane_controller.daemon.sensing.parked import LOOK_FRAMES
from lane_controller.lane.facts import PlateRead
from measures.rigs.kept_answers import FOLDER, KeptAnswers, state, state_of
from measures.rigs.plate_driven import Driven, Told, Vote
from measures.rigs.plate_lane import LOOKS, header_of, told
from measures.rigs.plate_set import picture_of, row_of
from measures.rigs.scratch import ROOT
from simulators.render import kept, looks
from simulators.render.drives import Film, Films, Order
from simulators.render.drives.painter import SeenPlate
from simulators.render.drives.scenery import scenery
from simulators.render.plates import truth

Pixels = NDArray[np.uint8]
DRIVES = ROOT / "var" / "plate-drives"
SHOTS = ROOT / "var" / "plate-shots"
FRAMES_MIN, FRAMES_MAX = 10, 16
GONE_S, SETTLING, EMPTY = 20.0, 8, LOOKS * LOOK_FRAMES
"""When the vehicle has long gone, for how many pictures the exposure settles, and how many are looked at."""
PEER_FRAMES = 4
"""Of a drive, evenly: those that peers are given, one by one, since they do not vote."""


def drives(wanted: int, keep: bool = False, first_seed: int = 0) -> Iterator[Driven]:
    """The first so many that show the vehicle's plate in `FRAMES_MIN` frames or more; measured are the seeds
    from 0 on.

    `keep` takes what an earlier run found with the same reader and renderer, and adds to it, so that a long
    run that was cut goes on.
    """
    known = KeptAnswers(_store() if keep else None)
    return (driven_of(row) for row in rows(wanted, known, _read, first_seed))


def rows(
    wanted: int,
    known: KeptAnswers,
    read: Callable[[Order, Film, list[int]], dict[str, Any]],
    first_seed: int = 0,
) -> Iterator[dict[str, Any]]:
    """What `read` makes of the first so many of these drives, or what is known of it.  It is given the
    numbers of the frames in which the vehicle's plate is whole."""
    films, done = Films(DRIVES), 0
    for seed in count(first_seed):
        if done == wanted:
            return
        if f"{seed}" not in known:
            order = Order(seed=seed, side="rear" if seed % 2 else "front")
            film = films.film(order, looks.PROOF)
            within = [number for number, seen in enumerate(film.plates) if _own(film, seen)]
            known[f"{seed}"] = read(order, film, within) if len(within) >= FRAMES_MIN else None
        if (row := known[f"{seed}"]) is not None:
            done += 1
            yield row


def _store() -> Path:
    rendered = state(kept.recipe((), "drives"))
    return FOLDER / "plates" / f"drives-frames-{state_of('anpr', rendered)}.jsonl"


def _evenly(within: list[int]) -> list[int]:
    """Of the frames in which the vehicle's plate is whole: a lane listens while the vehicle stands in it."""
    if len(within) <= FRAMES_MAX:
        return within
    return [within[round(place)] for place in np.linspace(0, len(within) - 1, FRAMES_MAX).tolist()]


def _empty(order: Order, film: Film) -> list[Pixels]:
    """Pictures of the lane when the vehicle has gone: what is parked there still is."""
    made = scenery(random.Random(f"{looks.PROOF.name}/{order.seed}"), order, looks.PROOF)
    assert made.cast == film.cast, "another drive's lane"
    first_s = made.course.length_s + GONE_S
    taken = [made.take(first_s + number / order.frames_per_s)[0] for number in range(SETTLING + EMPTY)]
    return taken[SETTLING:]


def _own(film: Film, seen: tuple[SeenPlate, ...]) -> bool:
    return any(each.vehicle == film.vehicle for each in seen)


def _read(order: Order, film: Film, within: list[int]) -> dict[str, Any]:
    shown = _evenly(within)
    began = time.process_time()
    seen = [_frame(film, number) for number in shown]
    spent = (time.process_time() - began) / len(shown)
    places = np.linspace(0, len(shown) - 1, PEER_FRAMES).round().astype(int).tolist()
    return {
        **truth_of(order, film),
        "seen": seen,
        "cpu_s": spent,
        "shots": [_shot(film, shown[place]) for place in places],
    }


def truth_of(order: Order, film: Film) -> dict[str, Any]:
    """Of the vehicle that comes and what else is there, and how the lane looked without it."""
    what = truth(film.cast.plate(order.side))
    there = {each.truth.text for seen in film.plates for each in seen}
    return {
        "name": f"{order.seed}",
        "true": what.text,
        "country": what.country,
        "lines": what.lines,
        "there": sorted({what.text, *there}),
        "empty": [header(number, 0.0, picture) for number, picture in enumerate(_empty(order, film))],
    }


def _frame(film: Film, number: int) -> dict[str, Any]:
    """One frame as it was read."""
    picture = cv2.imdecode(np.frombuffer(film.pictures[number], np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return header(number, number / film.frames_per_s, picture.astype(np.uint8))


def header(number: int, taken_s: float, picture: Pixels) -> dict[str, Any]:
    """One picture, read now."""
    return header_of(number, taken_s, anpr.examine(picture))


def _shot(film: Film, number: int) -> dict[str, Any]:
    """One frame as a file with its truth."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    name = f"{film.vehicle}-{number:04}.jpg"
    path = SHOTS / name
    if not path.exists() or path.read_bytes() != film.pictures[number]:
        path.write_bytes(film.pictures[number])
    plates = [row_of(each.truth, each.corners.tolist()) for each in film.plates[number]]
    return {"file": name, "plates": plates}


def driven_of(row: dict[str, Any]) -> Driven:
    """The votes are taken anew from what was read in each frame."""
    empty, seen = ([frame_of(header, b"") for header in row[name]] for name in ("empty", "seen"))
    track = anpr.Track()
    for frame in seen:
        track.add(frame.fingerprint, frame.voters, frame.taken_s)
    said = [_told(fact) for fact in told(empty, seen)]
    return Driven(
        row["name"],
        row["true"],
        row["country"],
        row["lines"],
        frozenset(row["there"]),
        tuple(
            Vote(each.text, each.country, each.confidence, each.frames)
            for each in plates.likely(track.plates())
        ),
        tuple(said),
        tuple(tuple(each.text for each in frame.plates) for frame in seen),
        row["cpu_s"],
        tuple(picture_of(SHOTS, each) for each in row["shots"]),
    )


def _told(fact: PlateRead) -> Told:
    why = fact.reason.code if fact.reason is not None else ""
    return Told(fact.plate.text, fact.plate.confidence, why) if fact.plate else Told(None, 0.0, why)
