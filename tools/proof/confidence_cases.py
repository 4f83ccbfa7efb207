"""Pictures to fit confidence on, read cell by cell, and their documents judged by given figures."""

import hashlib
import json
import os
import pickle
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from measures.rigs.environments import node_package, python_of
from numpy.typing import NDArray

from mrz.cells.types import CellGrid
from mrz.decoding.calibration import Calibration
from mrz.decoding.characters import Matrix, indices
from mrz.decoding.choice import decode_by
from mrz.decoding.fitting import Judged
from mrz.document import Status
from mrz.fusion import Fusion
from mrz.layouts import LAYOUTS, Format, layout_of
from mrz.parsing import parse
from mrz.reading import Reading

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "mrz-calibration"
SINGLES, FRAMED = 2400, 160
TRAINING_SEED, TRAINING_PAGES = 20261129, 1000
TODAY = date(2026, 11, 28)
FRAMES_FUSED = (2, 3, 5)
_ALIGNED_MIN = 0.8
"""Share of characters read right below which a grid lies beside the print, and its cells tell nothing."""

Zones = list[tuple[CellGrid, ...]]


@dataclass(frozen=True, slots=True)
class Picture:
    """`truth` are its zones, `zones` the hypotheses about each zone found; `reader` says what read it."""

    name: str
    group: str
    truth: tuple[tuple[str, ...], ...]
    zones: Zones
    reader: str


@dataclass(frozen=True, slots=True)
class Case:
    """A document and the hypotheses about it.  `cells`: log probabilities and true columns, None where no
    hypothesis lies on the print.  `frames`: of how many pictures."""

    group: str
    truth: tuple[str, ...]
    grids: tuple[CellGrid, ...]
    cells: tuple[Matrix, NDArray[np.intp]] | None


def read_cells_of(say: Callable[[str], None]) -> list[Picture]:
    """Every picture of the two renderers, drawn and read as far as that was not done before."""
    font = node_package("bwip-js") / "fonts" / "OCRB7.ttf"
    script = Path(__file__).with_name("calibration_set.py")
    command: list[object] = [python_of("skia"), script, "--out", FOLDER, "--older-font", font]
    command += ["--singles", SINGLES, "--framed", FRAMED]
    subprocess.run([str(part) for part in command], check=True)
    reader = reader_stamp()
    kept = FOLDER / f"cells-{reader}.pickle"
    if kept.exists():
        return pickle.loads(kept.read_bytes())
    for old in FOLDER.glob("cells-*.pickle"):
        old.unlink()
    tasks: list[tuple[str, Any]] = [
        ("file", entry) for entry in json.loads((FOLDER / "truth.json").read_text("utf-8"))
    ]
    tasks += [("training", place) for place in range(TRAINING_PAGES)]
    pictures: list[Picture] = []
    with ProcessPoolExecutor(os.cpu_count(), initializer=_one_thread) as pool:
        for done, (name, group, truth, zones) in enumerate(pool.map(_read, tasks, chunksize=8), 1):
            pictures.append(Picture(name, group, truth, zones, reader))
            if done % 200 == 0:
                say(f"{done} of {len(tasks)} pictures read")
    kept.write_bytes(pickle.dumps(pictures))
    return pictures


def reader_stamp() -> str:
    """Changes with the networks and with the code that finds zones and cuts cells."""
    stamp = hashlib.sha256()
    for folder in ("models", "finding", "cells"):
        for path in sorted((ROOT / "mrz" / folder).iterdir()):
            if path.suffix in (".onnx", ".py"):
                stamp.update(path.read_bytes())
    return stamp.hexdigest()[:12]


def _one_thread() -> None:
    import cv2

    cv2.setNumThreads(1)
    sys.path.insert(0, str(ROOT / "training"))


def _read(task: tuple[str, Any]) -> tuple[str, str, tuple[tuple[str, ...], ...], Zones]:
    from mrz.engines.grid import zones_in
    from mrz.picture import load

    kind, what = task
    if kind == "training":
        from zone_pages import zone_page  # pyright: ignore[reportMissingImports]

        page = zone_page(TRAINING_SEED, what)
        return f"training-{what:04}", f"training {what}", (page.lines,), zones_in(page.grey)
    picture = load((FOLDER / what["file"]).read_bytes())
    truth = tuple(tuple(document["lines"]) for document in what["documents"])
    return what["name"], what["group"], truth, zones_in(picture)


def single_cases(pictures: Iterable[Picture]) -> list[Case]:
    return [
        _case(picture.group, truth, grids)
        for picture in pictures
        if not picture.group.startswith("frames")
        for truth, grids in _paired(picture)
    ]


def fused_cases(pictures: Iterable[Picture]) -> list[Case]:
    """The first two, three and five frames of each document, where they say more than one frame does."""
    groups: dict[str, list[tuple[tuple[str, ...], tuple[CellGrid, ...]]]] = defaultdict(list)
    for picture in pictures:
        if picture.group.startswith("frames"):
            groups[picture.group] += _paired(picture)
    cases: list[Case] = []
    for group, frames in groups.items():
        for count in FRAMES_FUSED:
            if len(frames) >= count:
                fusion = Fusion()
                for _, grids in frames[:count]:
                    fusion.add(grids)
                if fusion.distinct > 1:
                    cases.append(_case(group, frames[0][0], fusion.grids()))
    return cases


def _paired(picture: Picture) -> list[tuple[tuple[str, ...], tuple[CellGrid, ...]]]:
    """Each zone found with the document that it is likest; zones that are like none are left out."""
    left = list(picture.truth)
    pairs: list[tuple[tuple[str, ...], tuple[CellGrid, ...]]] = []
    for grids in picture.zones:
        likest = max(left, key=lambda truth: _best(truth, grids)[0], default=None)
        if likest is not None and _best(likest, grids)[0] > 0.3:
            left.remove(likest)
            pairs.append((likest, grids))
    return pairs


def _best(truth: tuple[str, ...], grids: Sequence[CellGrid]) -> tuple[float, Matrix | None]:
    """The hypothesis that has most of the true characters: their share, its log probabilities."""
    wanted = indices("".join(truth))
    found: tuple[float, Matrix | None] = (0.0, None)
    for grid in grids:
        if [len(line.log_probabilities) for line in grid.lines] == [len(line) for line in truth]:
            logs = np.concatenate([line.log_probabilities for line in grid.lines]).astype(float)
            share = float((logs.argmax(axis=1) == wanted).mean())
            found = max(found, (share, logs), key=lambda each: each[0])
    return found


def _case(group: str, truth: tuple[str, ...], grids: tuple[CellGrid, ...]) -> Case:
    share, logs = _best(truth, grids)
    cells = (logs, indices("".join(truth))) if logs is not None and share >= _ALIGNED_MIN else None
    return Case(group, truth, grids, cells)


@dataclass(frozen=True, slots=True)
class Judgements:
    """Readings of cases; where nothing was read there is nothing to judge."""

    readings: tuple[tuple[Case, Reading], ...]

    def fields(self) -> tuple[Matrix, NDArray[np.bool_]]:
        """Stated confidence of every field of every document, and whether it is right."""
        every = [
            pair
            for case, reading in self.readings
            for part in _fields(case.truth, reading).values()
            for pair in part
        ]
        return np.array([stated for stated, _ in every]), np.array([right for _, right in every], dtype=bool)

    def documents(self) -> list[Judged]:
        return [
            Judged(
                tuple(parts["open"]),
                tuple(parts["covered"]),
                reading.status not in (Status.VERIFIED, Status.CORRECTED),
                reading.lines == case.truth,
            )
            for case, reading in self.readings
            if not parse(case.truth).doubtful
            for parts in (_fields(case.truth, reading),)
        ]


def judged(figures: Calibration, cases: Iterable[Case]) -> Judgements:
    readings = ((case, decode_by(figures, case.grids, TODAY)) for case in cases)
    return Judgements(tuple((case, reading) for case, reading in readings if reading.lines))


def _fields(truth: tuple[str, ...], reading: Reading) -> dict[str, list[tuple[float, bool]]]:
    """By whether check digits cover the field: stated confidence, and whether it is right."""
    assert reading.lines is not None
    assert reading.format is not None
    layout, real = LAYOUTS[Format(reading.format)], layout_of(truth)
    parts: dict[str, list[tuple[float, bool]]] = {"open": [], "covered": []}
    for name, stated in reading.confidence.items():
        right = real is layout and layout.fields[name].of(truth) == layout.fields[name].of(reading.lines)
        parts["covered" if layout.covers(name) else "open"].append((stated, right))
    return parts
