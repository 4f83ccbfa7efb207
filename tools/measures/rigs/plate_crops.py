"""Plates cut out by their true boxes: what readers make of them when nobody has to find them."""

from collections.abc import Sequence
from dataclasses import replace

import cv2

from measures.rigs.plate_pictures import Picture
from measures.rigs.scratch import ROOT

CROPS = ROOT / "var" / "plate-crops"
MARGIN = 0.15
"""Of the box's height, on each side: boxes are drawn to the plate's edge, and often a little within it."""


def true_boxes(pictures: Sequence[Picture]) -> list[Picture]:
    """A picture for each plate with a text and a box, without loss; kept while the frame is the same."""
    CROPS.mkdir(parents=True, exist_ok=True)
    cut: list[Picture] = []
    for picture in pictures:
        state = picture.path.stat()
        frame = None
        for plate in picture.plates:
            if plate.box is None or plate.text is None:
                continue
            left, top, right, bottom = plate.box
            margin = MARGIN * (bottom - top)
            x, y = max(0, round(left - margin)), max(0, round(top - margin))
            to_x, to_y = round(right + margin), round(bottom + margin)
            path = CROPS / f"{picture.path.stem}-{state.st_mtime_ns:x}-{x}-{y}-{to_x}-{to_y}.png"
            if not path.exists():
                frame = cv2.imread(str(picture.path)) if frame is None else frame
                assert frame is not None, f"{picture.path} can't be read"
                if not cv2.imwrite(str(path), frame[y:to_y, x:to_x]):
                    raise OSError(f"{path} can't be written")
            corners = plate.corners and tuple((px - x, py - y) for px, py in plate.corners)
            moved = replace(plate, box=(left - x, top - y, right - x, bottom - y), corners=corners)
            cut.append(Picture(path.name, path, "box", (moved,)))
    return cut
