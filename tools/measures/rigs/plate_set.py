"""The synthetic proof set of plates: scenes of the renderer's proof wardrobe, which nothing is trained on.

Drawn into var/plate-scenes as far as they are asked for, and anew when the renderer changed.  A scene has its
own seed and looks the same whenever it is drawn.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import cv2

from measures.rigs.plate_pictures import STRICT, Picture, Plate
from measures.rigs.scratch import ROOT
from simulators.render import kept
from simulators.render.looks import PROOF
from simulators.render.plates import Truth
from simulators.render.scene_set import scene

SET = ROOT / "var" / "plate-scenes"
SCENES = 2_000
"""The seeds from 0 on."""
_QUALITY = 95
"""The scene was compressed as a camera does before; this must take nothing more away."""
_NOT_OF_SCENES = ("crops.py", "drive.py", "scene.py", "vehicle.py")
_KEPT_EVERY = 50


def scene_pictures(count: int) -> list[Picture]:
    """The first so many, drawn now where they are missing: about five a second."""
    stamp, fresh = SET / "stamp", _stamp()
    if not stamp.exists() or stamp.read_text() != fresh:
        shutil.rmtree(SET, ignore_errors=True)
        SET.mkdir(parents=True)
        stamp.write_text(fresh)
    truth = SET / "truth.json"
    rows: list[dict[str, Any]] = json.loads(truth.read_text("utf-8")) if truth.exists() else []
    for seed in range(len(rows), count):
        rows.append(_drawn(seed))
        if len(rows) % _KEPT_EVERY == 0 or len(rows) == count:
            _write(truth, rows)
            print(f"{len(rows)} of {count} scenes", file=sys.stderr, flush=True)
    return [picture_of(SET, row) for row in rows[:count]]


def _stamp() -> str:
    return hashlib.sha256(kept.recipe(_NOT_OF_SCENES)).hexdigest()[:16]


def _drawn(seed: int) -> dict[str, Any]:
    shown = scene(seed, PROOF)
    name = f"{seed:04}.jpg"
    if not cv2.imwrite(str(SET / name), shown.picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]):
        raise OSError(f"{SET / name} can't be written")
    plates = [row_of(each.truth, each.corners.tolist()) for each in shown.plates]
    return {"file": name, "light": shown.light, "plates": plates}


def row_of(truth: Truth, corners: list[list[float]]) -> dict[str, Any]:
    """A plate as JSON keeps it."""
    return {"text": truth.text, "country": truth.country, "lines": truth.lines, "corners": corners}


def _write(truth: Path, rows: list[dict[str, Any]]) -> None:
    """Whole or not at all."""
    fresh = truth.with_suffix(".new")
    fresh.write_text(json.dumps(rows, ensure_ascii=False, indent=0), "utf-8")
    fresh.replace(truth)


def picture_of(folder: Path, row: dict[str, Any]) -> Picture:
    """A rendered picture with its truth, as it was kept."""
    return Picture(row["file"], folder / row["file"], "frame", tuple(map(_plate, row["plates"])))


def _plate(one: dict[str, Any]) -> Plate:
    xs, ys = zip(*one["corners"], strict=True)
    a, b, c, d = ((x, y) for x, y in one["corners"])
    return Plate(
        text=one["text"],
        country=one["country"],
        box=(min(xs), min(ys), max(xs), max(ys)),
        found_at=STRICT,
        lines=one["lines"],
        corners=(a, b, c, d),
    )
