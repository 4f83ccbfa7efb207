"""The pictures that plate readers are measured on: real ones with truth, outside of the checkout.

They lie in the folder that PLATE_IMAGES names, or beside the checkout; `truth.json` has a row a picture.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measures.rigs.scratch import ROOT

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""
Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Top left, top right, bottom right, bottom left."""
LOOSE, STRICT = 0.3, 0.5
"""Overlap that counts as found: of a box drawn loosely or by a detector, and of one drawn by hand."""
_UNLABELLED: dict[str, Box] = {"kz_d73be97cb8.jpg": (74, 422, 131, 439)}
"""Plates that the truth lacks, seen by eye: whoever reads them is neither right nor wrong."""
_AS_DRAWN = re.compile(r"([A-Z]{2})([A-Z]{2})(\d{4})")
"""Labels of Ukrainian plates of two lines are in the order in which they are drawn, two and two letters above
the digits; in one line the digits stand between."""


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate that is there.  `text` is canonical, `*` one character that nobody knows; None: unread."""

    text: str | None
    country: str
    box: Box | None
    found_at: float
    lines: int
    corners: Corners | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, what sort it is (`frame` or a `crop` that holds little but the plate) and its plates."""

    name: str
    path: Path
    sort: str
    plates: tuple[Plate, ...]


def real_pictures() -> list[Picture]:
    """Real photographs with truth; empty where the folder is not there."""
    folder = _folder()
    if folder is None:
        return []
    return [_picture(folder, row) for row in json.loads((folder / "truth.json").read_text("utf-8"))]


def _folder() -> Path | None:
    named = os.environ.get("PLATE_IMAGES")
    folder = Path(named) if named else ROOT.parent / "shared" / "data" / "anpr"
    return folder if (folder / "truth.json").is_file() else None


def _picture(folder: Path, row: dict[str, Any]) -> Picture:
    sort = "crop" if "crop" in row["kind"] else "frame"
    name = row["file"].removeprefix("img/")
    plates = [
        Plate(
            text=_canonical(one),
            country=one["country"],
            box=tuple(one["box"]) if one["box"] else None,
            found_at=LOOSE if one["approx"] else STRICT,
            lines=one["lines"],
        )
        for one in row["plates"]
    ]
    if name in _UNLABELLED:
        plates.append(Plate(None, plates[0].country, _UNLABELLED[name], LOOSE, 1))
    return Picture(name, folder / row["file"], sort, tuple(plates))


def _canonical(one: dict[str, Any]) -> str | None:
    drawn = _AS_DRAWN.fullmatch(one["text"] or "") if one["lines"] == 2 else None
    return "".join(drawn.group(1, 3, 2)) if drawn and one["country"] == "UA" else one["text"]
