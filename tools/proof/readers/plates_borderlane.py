"""Ours: `anpr.examine` as the lane calls it, from the file's bytes on."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

import cv2
import numpy as np

import anpr


def reader() -> Any:
    cv2.setNumThreads(1)

    def read(path: str) -> dict[str, Any]:
        frame = cv2.imdecode(np.frombuffer(Path(path).read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        assert frame is not None
        found = anpr.examine(frame.astype(np.uint8))
        return {
            "plates": [
                {
                    "text": one.text,
                    "country": one.country,
                    "confidence": one.confidence,
                    "box": _edges(one.box),
                }
                for one in found.plates
            ],
            "refused": [_edges(one.box) for one in found.refused],
        }

    return read


def _edges(box: tuple[int, int, int, int]) -> list[int]:
    """Left, top, right, bottom."""
    return [box[0], box[1], box[0] + box[2], box[1] + box[3]]
