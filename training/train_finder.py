"""Trains the finder's network on drawn pages and writes mrz/models/finder.onnx.

    .venv-train/bin/python training/train_finder.py                 start, or go on from the last checkpoint
    .venv-train/bin/python training/train_finder.py --export-only   write the ONNX file from the checkpoint

One thread.  A checkpoint every ten minutes in training/runs/finder/; the log goes beside it and is copied to
training/logs/finder.log with each export.  Seeded by the step, so that going on draws other pages than
before; another run gives the same figures within a point, not the same bytes.
"""

from __future__ import annotations

import argparse
import copy
import shutil
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import onnx
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from exporting import folded, halved  # noqa: E402
from finder_network import Finder, loss_of  # noqa: E402
from pages import Pages, Picture  # noqa: E402

from mrz.finding.fields import levelled  # noqa: E402

SEED = 20261128
STEPS = 5_200
BATCH = 8
RATE = 3e-3
CHECKPOINT_S = 600
RUN = HERE / "runs" / "finder"
LOG = RUN / "finder.log"
MODEL = HERE.parent / "mrz" / "models" / "finder.onnx"
AVERAGE = 0.998
"""Weights used are a running average over about 500 steps: good at any time, not only at the end."""


def batch_of(pictures: list[Picture]) -> dict[str, torch.Tensor]:
    page = np.stack([levelled(each.grey * 255)[None] for each in pictures])
    names = ("core", "weight", "direction", "pitch", "inside")
    labels = {name: np.stack([getattr(each, name) for each in pictures]) for name in names}
    return {name: torch.from_numpy(value) for name, value in {"page": page, **labels}.items()}


def say(text: str) -> None:
    line = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}"
    print(line, flush=True)
    with LOG.open("a") as log:
        log.write(line + "\n")


def validation() -> list[dict[str, torch.Tensor]]:
    pages = Pages(SEED + 1)
    batches: list[dict[str, torch.Tensor]] = []
    for _ in range(10):
        for _ in range(4):
            pages.renew()
        batches.append(batch_of([pages.picture() for _ in range(12)]))
    return batches


@torch.no_grad()
def figures(network: Finder, batches: list[dict[str, torch.Tensor]]) -> str:
    """Of pixels: how many of the core are found, how many found are core; direction right; pitch error."""
    network.eval()
    hit = found = wanted = right = inside = off = 0.0
    for batch in batches:
        core, geometry = network(batch["page"])
        mask = (core[:, 0] > 0) & (batch["weight"] > 0)
        truth = (batch["core"] > 0.5) & (batch["weight"] > 0)
        hit += float((mask & truth).sum())
        found += float(mask.sum())
        wanted += float(truth.sum())
        agreement = (geometry[:, :2] * batch["direction"]).sum(1) / (geometry[:, :2].norm(dim=1) + 1e-6)
        right += float(((agreement > 0.9) * batch["inside"]).sum())
        off += float(((geometry[:, 2] - batch["pitch"]).abs() * batch["inside"]).sum())
        inside += float(batch["inside"].sum())
    return (
        f"recall {hit / max(wanted, 1):.3f} precision {hit / max(found, 1):.3f} "
        f"direction {right / inside:.3f} pitch {off / inside:.3f}"
    )


def rate_at(step: int) -> float:
    warm = min(1.0, (step + 1) / 300)
    return float(RATE * warm * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * min(1.0, step / STEPS)))))


def train() -> None:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(SEED)
    RUN.mkdir(parents=True, exist_ok=True)
    network = Finder().to(memory_format=torch.channels_last)  # a fifth faster on a CPU
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-4)
    first = 0
    checkpoint = RUN / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        first = int(state["step"])
    say(f"step {first} of {STEPS}, seed {SEED}, {sum(p.numel() for p in network.parameters())} weights")
    pages = Pages(SEED + 1000 + first)
    held_out = validation()
    saved = time.monotonic()
    sums: dict[str, float] = {}
    for step in range(first, STEPS):
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step)
        if step % 2:
            pages.renew()
        batch = batch_of([pages.picture() for _ in range(BATCH)])
        network.train()
        loss, parts = loss_of(network(batch["page"].contiguous(memory_format=torch.channels_last)), batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        keep = min(AVERAGE, (step + 1) / (step + 20))
        with torch.no_grad():
            for mine, its in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
                if mine.dtype.is_floating_point:
                    mine.lerp_(its, 1 - keep)
                else:
                    mine.copy_(its)
        sums = {name: sums.get(name, 0.0) + value / 100 for name, value in parts.items()}
        if (step + 1) % 100 == 0:
            say(f"step {step + 1} " + " ".join(f"{name} {value:.4f}" for name, value in sums.items()))
            sums = {}
        last = step + 1 == STEPS
        if last or (step + 1) % 1000 == 0 or time.monotonic() - saved > CHECKPOINT_S:
            saved = time.monotonic()
            state = {
                "network": network.state_dict(),
                "average": average.state_dict(),
                "optimiser": optimiser.state_dict(),
                "step": step + 1,
            }
            torch.save(state, checkpoint.with_suffix(".new"))
            checkpoint.with_suffix(".new").replace(checkpoint)
            say(f"step {step + 1} held out: {figures(average, held_out)}")
    export()


def export(target: Path = MODEL) -> None:
    """The averaged weights as ONNX, stored in half precision and used in single."""
    network = Finder()
    state = torch.load(RUN / "checkpoint.pt", weights_only=False)
    network.load_state_dict(state["average"])
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_suffix(".new")
    size = {2: "height", 3: "width"}
    torch.onnx.export(
        folded(network),
        (torch.zeros(1, 1, 64, 64),),
        str(aside),
        dynamo=False,
        opset_version=17,
        input_names=["page"],
        output_names=["core", "geometry"],
        dynamic_axes={"page": size, "core": size, "geometry": size},
    )
    model = onnx.load(aside)
    halved(model)
    for key, value in {"script": "training/train_finder.py", "seed": SEED, "step": state["step"]}.items():
        model.metadata_props.add(key=key, value=str(value))
    onnx.checker.check_model(model)
    onnx.save(model, aside)
    aside.replace(target)
    if LOG.exists() and target == MODEL:
        (HERE / "logs").mkdir(exist_ok=True)
        shutil.copy(LOG, HERE / "logs" / "finder.log")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--export-only", action="store_true")
    parser.add_argument("--to", type=Path, default=MODEL, help="where to write the ONNX file")
    arguments = parser.parse_args()
    if not arguments.export_only:
        train()
    export(arguments.to)
