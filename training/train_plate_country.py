"""Trains the network that knows countries by their plates' look, and writes anpr/models/plate_country.onnx.

    .venv-train/bin/python training/train_plate_country.py               start, or go on from a checkpoint
    .venv-train/bin/python training/train_plate_country.py --export-only checkpoint to anpr/models/

Options as in training/train_plate_recogniser.py.  Each country is drawn as often as the others.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from drawing import Arrays  # noqa: E402
from plate_country_network import PlateCountry, loss_of  # noqa: E402
from plate_training import Export, Lesson, Sizes, train  # noqa: E402
from plate_views import looks  # noqa: E402
from torch import nn  # noqa: E402

from anpr.looks import COUNTRIES, HEIGHT, WIDTH  # noqa: E402

SEED = 20261130
STEPS = 3_000
BATCH = 64
RATE = 2.5e-3
BLOCK, USES, POOL = 96, 4, 12_288
VALIDATION = 1_024
MODEL = HERE.parent / "anpr" / "models" / "plate_country.onnx"
KEPT_LOG = HERE / "logs" / "plate_country.log"


def drawn(seed: int, block: int, count: int) -> Arrays:
    """`count` plates made flat, with their countries' numbers."""
    rng = np.random.default_rng([seed, block])
    chance = random.Random(int(rng.integers(1 << 40)))
    made: Arrays = {
        "look": np.zeros((count, 3, HEIGHT, WIDTH), np.float16),
        "country": np.zeros(count, np.int16),
    }
    for place in range(count):
        made["country"][place] = which = int(rng.integers(len(COUNTRIES)))
        made["look"][place] = looks(rng, chance, COUNTRIES[which])
    return made


def prepared(batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return batch | {"input": batch["look"].float()}


@torch.no_grad()
def judged(network: nn.Module, held: dict[str, torch.Tensor]) -> dict[str, float]:
    """Plates whose country is the likeliest."""
    right = 0
    for start in range(0, VALIDATION, 64):
        part = {name: each[start : start + 64] for name, each in held.items()}
        right += int((network(prepared(part)["input"]).argmax(1) == part["country"].long()).sum())
    return {"right": right / VALIDATION}


def main() -> None:
    train(
        "plate_country",
        __doc__ or "",
        PlateCountry,
        Lesson(drawn, prepared, loss_of, judged),
        Sizes(BLOCK, USES, POOL, BATCH, VALIDATION),
        Export(
            MODEL,
            KEPT_LOG,
            torch.zeros(1, 3, HEIGHT, WIDTH),
            names=("look", "logits"),
            axes=({0: "plates"}, {0: "plates"}),
            metadata={},
        ),
        seed=SEED,
        steps=STEPS,
        rate=RATE,
    )


if __name__ == "__main__":
    main()
