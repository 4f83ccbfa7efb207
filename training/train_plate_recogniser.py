"""Trains the plate recogniser on rendered plates and writes anpr/models/plate_recogniser.onnx.

    .venv-train/bin/python training/train_plate_recogniser.py               start, or go on from a checkpoint
    .venv-train/bin/python training/train_plate_recogniser.py --export-only checkpoint to anpr/models/

`--steps N` gives another end, `--threads N` more than one thread, `--run FOLDER` another place than
training/runs/plate_recogniser/.  Plates come from one process more.  Another run gives the same figures
within a point, not the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from drawing import Arrays  # noqa: E402
from plate_recogniser_network import BLANK, PlateRecogniser, loss_of  # noqa: E402
from plate_training import Export, Lesson, Sizes, train  # noqa: E402
from plate_views import LONGEST, strips  # noqa: E402
from torch import nn  # noqa: E402

from anpr.strips import HEIGHT, WIDTH  # noqa: E402

SEED = 20261129
STEPS = 18_500
BATCH = 64
RATE = 2.5e-3
BLOCK, USES, POOL = 96, 4, 12_288
VALIDATION = 1_536
MODEL = HERE.parent / "anpr" / "models" / "plate_recogniser.onnx"
KEPT_LOG = HERE / "logs" / "plate_recogniser.log"


def drawn(seed: int, block: int, count: int) -> Arrays:
    """`count` strips with their texts as indices into the outputs, blank-padded."""
    rng = np.random.default_rng([seed, block])
    made: Arrays = {
        "strip": np.zeros((count, 1, HEIGHT, WIDTH), np.float16),
        "text": np.full((count, LONGEST), BLANK, np.int16),
        "length": np.zeros(count, np.int16),
    }
    filled = 0
    while filled < count:
        for strip, text in strips(rng)[: count - filled]:
            made["strip"][filled, 0] = strip
            made["text"][filled, : len(text)] = text
            made["length"][filled] = len(text)
            filled += 1
    return made


def prepared(batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return batch | {"input": batch["strip"].float()}


def _read(frames: list[int]) -> list[int]:
    """Best path: repeats joined, blanks dropped."""
    return [each for at, each in enumerate(frames) if each != BLANK and (at == 0 or frames[at - 1] != each)]


@torch.no_grad()
def judged(network: nn.Module, held: dict[str, torch.Tensor]) -> dict[str, float]:
    """Strips read exactly, and characters wrong (Levenshtein), by the best path."""
    exact = edits = characters = 0
    for start in range(0, VALIDATION, 64):
        part = {name: each[start : start + 64] for name, each in held.items()}
        best = network(prepared(part)["input"].contiguous(memory_format=torch.channels_last)).argmax(1)
        for frames, text, length in zip(
            best.tolist(), part["text"].tolist(), part["length"].tolist(), strict=True
        ):
            read, truth = _read(frames), text[:length]
            exact += read == truth
            edits += _distance(read, truth)
            characters += length
    return {"exact": exact / VALIDATION, "character_error": edits / max(characters, 1)}


def _distance(one: list[int], other: list[int]) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]


def learn(
    name: str,
    description: str,
    network: Callable[[], PlateRecogniser],
    model: Path,
    kept_log: Path,
    *,
    seed: int,
    steps: int,
    rate: float,
) -> None:
    """A plate recogniser's training, as the command line says."""
    train(
        name,
        description,
        network,
        Lesson(drawn, prepared, loss_of, judged),
        Sizes(BLOCK, USES, POOL, BATCH, VALIDATION),
        Export(
            model,
            kept_log,
            torch.zeros(1, 1, HEIGHT, WIDTH),
            names=("strip", "logits"),
            axes=({0: "lines", 3: "width"}, {0: "lines", 2: "frames"}),
            metadata={},
        ),
        seed=seed,
        steps=steps,
        rate=rate,
    )


def main() -> None:
    learn(
        "plate_recogniser",
        __doc__ or "",
        PlateRecogniser,
        MODEL,
        KEPT_LOG,
        seed=SEED,
        steps=STEPS,
        rate=RATE,
    )


if __name__ == "__main__":
    main()
