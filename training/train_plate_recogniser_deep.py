"""Trains the deeper plate recogniser, which begins as the first one, and writes
anpr/models/plate_recogniser_deep.onnx.

    .venv-train/bin/python training/resume_plate_recogniser.py --deep
    .venv-train/bin/python training/train_plate_recogniser_deep.py

Options as in training/train_plate_recogniser.py.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import train_plate_recogniser as first
from plate_recogniser_network import PlateRecogniser

HERE = Path(__file__).resolve().parent

DEEPER = 2
STEPS = 1_500
RATE = 6e-4
NAME = "plate_recogniser_deep"
MODEL = HERE.parent / "anpr" / "models" / f"{NAME}.onnx"
KEPT_LOG = HERE / "logs" / f"{NAME}.log"


def main() -> None:
    first.learn(
        NAME,
        __doc__ or "",
        partial(PlateRecogniser, DEEPER),
        MODEL,
        KEPT_LOG,
        seed=first.SEED,
        steps=STEPS,
        rate=RATE,
    )


if __name__ == "__main__":
    main()
