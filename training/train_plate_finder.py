"""Trains the plate finder on rendered scenes and writes anpr/models/plate_finder.onnx.

    .venv-train/bin/python training/train_plate_finder.py                 start, or go on from a checkpoint
    .venv-train/bin/python training/train_plate_finder.py --export-only   checkpoint to anpr/models/

`--steps N` gives another end, `--threads N` more than one thread, `--run FOLDER` another place than
training/runs/plate_finder/.  Scenes come from one process more.  Another run gives the same figures within a
point, not the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from drawing import Arrays  # noqa: E402
from plate_finder_network import CORE, CORNERS, TWO_LINES, PlateFinder, loss_of  # noqa: E402
from plate_labels import REACH, labels  # noqa: E402
from plate_training import Export, Lesson, Sizes, train  # noqa: E402
from plate_views import HEIGHT, WIDTH, view  # noqa: E402
from torch import nn  # noqa: E402

SEED = 20261129
STEPS = 6_500
BATCH = 12
RATE = 3e-3
BLOCK, USES, POOL = 16, 4, 768
VALIDATION = 192
MODEL = HERE.parent / "anpr" / "models" / "plate_finder.onnx"
KEPT_LOG = HERE / "logs" / "plate_finder.log"


def drawn(seed: int, block: int, count: int) -> Arrays:
    """`count` scenes with their labels."""
    made = [view(np.random.default_rng([seed, block, index])) for index in range(count)]
    planes = [labels(each.plates, HEIGHT, WIDTH, each.ignored) for each in made]
    frames = {"frame": np.stack([each.picture.transpose(2, 0, 1) for each in made])}
    return frames | {name: np.stack([each[name] for each in planes]) for name in planes[0]}


def prepared(batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return batch | {"input": batch["frame"].float() / 255 - 0.5}


@torch.no_grad()
def judged(network: nn.Module, held: dict[str, torch.Tensor]) -> dict[str, float]:
    """Of cells: core cells found, found cells that are right; corner error in plate heights; lines."""
    hit = wanted = found = wrong = away = lines = 0.0
    for start in range(0, VALIDATION, 16):
        part = {name: each[start : start + 16] for name, each in held.items()}
        planes = network(prepared(part)["input"].contiguous(memory_format=torch.channels_last)).float()
        core, sure = part["core"] > 0.5, planes[:, CORE] > 0
        hit += float((core & sure).sum())
        wanted += float(core.sum())
        found += float((sure & (part["weight"] > 0)).sum())
        wrong += float((sure & ~core & (part["weight"] > 0)).sum())
        off = (planes[:, CORNERS] - part["corners"].float()).abs().mean(1) / part["height"].float().clamp(
            min=0.05
        )
        away += float(off[core].sum())
        lines += float(((planes[:, TWO_LINES] > 0) == (part["two"] > 0.5))[core].sum())
    return {
        "recall": hit / max(wanted, 1),
        "precision": 1 - wrong / max(found, 1),
        "corners": away / max(wanted, 1),
        "lines": lines / max(wanted, 1),
    }


def main() -> None:
    train(
        "plate_finder",
        __doc__ or "",
        PlateFinder,
        Lesson(drawn, prepared, loss_of, judged),
        Sizes(BLOCK, USES, POOL, BATCH, VALIDATION),
        Export(
            MODEL,
            KEPT_LOG,
            torch.zeros(1, 3, 64, 64),
            names=("frame", "planes"),
            axes=({0: "frames", 2: "height", 3: "width"}, {0: "frames", 2: "rows", 3: "columns"}),
            metadata={"reach": str(REACH)},
        ),
        seed=SEED,
        steps=STEPS,
        rate=RATE,
    )


if __name__ == "__main__":
    main()
