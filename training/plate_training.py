"""One stretch of a plate network's training: from the last checkpoint to the wanted step, then the export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import torch
from drawing import Draw, batches
from exporting import Axes, write_onnx
from running import Batch, Run, arguments
from torch import nn


@dataclass(frozen=True, slots=True)
class Sizes:
    """Samples: drawn at a time, shown so often each, held, in a batch, and for judging."""

    block: int
    uses: int
    pool: int
    batch: int
    validation: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is drawn and learned: `draw` samples, `prepared` for the network (with `input`), its loss, and how
    it is judged by the held-out samples."""

    draw: Draw
    prepared: Callable[[Batch], Batch]
    loss_of: Callable[[Any, Batch], tuple[torch.Tensor, dict[str, float]]]
    judged: Callable[[nn.Module, Batch], dict[str, float]]


@dataclass(frozen=True, slots=True)
class Export:
    """The ONNX file (`example` is an input; names and open axes of input and output; what it is to know of
    itself) and where the run's log is kept."""

    model: Path
    kept_log: Path
    example: torch.Tensor
    names: tuple[str, str]
    axes: tuple[Axes, Axes]
    metadata: dict[str, str]


def train(
    name: str,
    description: str,
    network: Callable[[], nn.Module],
    lesson: Lesson,
    sizes: Sizes,
    export: Export,
    *,
    seed: int,
    steps: int,
    rate: float,
) -> None:
    """As the command line says; `name` is `plate_finder` and so on, `description` the script's docstring."""
    chosen = arguments(description, name, steps)
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(seed)
    cv2.setNumThreads(1)
    run = Run(name, network(), chosen.run, chosen.rate or rate)
    found = run.load()
    if not chosen.export_only:
        held = run.held_out(lambda: lesson.draw(seed + 1, 0, sizes.validation))
        drawn = batches(
            lesson.draw,
            seed,
            run.block,
            block=sizes.block,
            batch=sizes.batch,
            uses=sizes.uses,
            pool=sizes.pool,
        )
        run.train(
            chosen.steps,
            ((lesson.prepared(batch), block) for batch, block in drawn),
            lesson.loss_of,
            lambda learned: lesson.judged(learned, held),
        )
    elif not found:
        raise SystemExit(f"training: no checkpoint in {chosen.run}: train first")
    # The averaged weights, kept in half precision and used in single.
    known = {"script": f"training/train_{name}.py", "seed": str(seed), "step": str(run.step)}
    write_onnx(run.average, export.example, export.model, known | export.metadata, export.names, export.axes)
    run.say(f"wrote {export.model.name} of step {run.step}, {export.model.stat().st_size} bytes")
    run.keep_log(export.kept_log)
