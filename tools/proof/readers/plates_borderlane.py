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
                    "box": [one.box[0], one.box[1], one.box[0] + one.box[2], one.box[1] + one.box[3]],
                }
                for one in found.plates
            ],
            "refused": [[one.text, str(one.reason), list(one.box)] for one in found.refused],
        }

    return read
