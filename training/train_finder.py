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
VALIDATION, VALIDATION_BATCH = 10, 12
POOL = {"documents": 40, "decoys": 24}
KEPT_LOG = HERE / "logs" / "finder.log"
MODEL = HERE.parent / "mrz" / "models" / "finder.onnx"
AVERAGE = 0.998
"""Weights used are a running average over about 500 steps: good at any time, not only at the end."""


def batch_of(pictures: list[Picture]) -> dict[str, torch.Tensor]:
    page = np.stack([levelled(each.grey * 255)[None] for each in pictures])
    names = ("core", "weight", "direction", "pitch", "inside")
    labels = {name: np.stack([getattr(each, name) for each in pictures]) for name in names}
    return {name: torch.from_numpy(value) for name, value in {"page": page, **labels}.items()}


def validation() -> list[dict[str, torch.Tensor]]:
    pages = Pages(SEED + 1, **POOL)
    batches: list[dict[str, torch.Tensor]] = []
    for _ in range(VALIDATION):
        for _ in range(4):
            pages.renew()
        batches.append(batch_of([pages.picture() for _ in range(VALIDATION_BATCH)]))
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


class Run:
    """A training run in a folder: it goes on from the folder's checkpoint if there is one."""

    def __init__(self, folder: Path, steps: int = STEPS) -> None:
        self.folder, self.steps, self.step = folder, steps, 0
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(SEED)
        self.network = Finder().to(memory_format=torch.channels_last)  # a fifth faster on a CPU
        self.average = copy.deepcopy(self.network)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), RATE, weight_decay=1e-4)
        self.checkpoint = folder / "checkpoint.pt"
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, weights_only=True)
            self.network.load_state_dict(state["network"])
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step = int(state["step"])

    def train(self) -> None:
        count = sum(weight.numel() for weight in self.network.parameters())
        self.say(f"step {self.step} of {self.steps}, seed {SEED}, batches of {BATCH}, {count} weights")
        pages, held_out = Pages(SEED + 1000 + self.step, **POOL), validation()
        saved = time.monotonic()
        sums: dict[str, float] = {}
        while self.step < self.steps:
            if self.step % 2:
                pages.renew()
            parts = self._learn(batch_of([pages.picture() for _ in range(BATCH)]))
            self.step += 1
            sums = {name: sums.get(name, 0.0) + value / 100 for name, value in parts.items()}
            if self.step % 100 == 0:
                self.say(
                    f"step {self.step} " + " ".join(f"{name} {value:.4f}" for name, value in sums.items())
                )
                sums = {}
            if self.step == self.steps or time.monotonic() - saved > CHECKPOINT_S:
                saved = time.monotonic()
                self.save()
                self.say(f"step {self.step} held out: {figures(self.average, held_out)}")

    def _learn(self, batch: dict[str, torch.Tensor]) -> dict[str, float]:
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.step, self.steps)
        self.network.train()
        page = batch["page"].contiguous(memory_format=torch.channels_last)
        loss, parts = loss_of(self.network(page), batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimiser.step()
        keep = min(AVERAGE, (self.step + 1) / (self.step + 20))
        mine, its = self.average.state_dict().values(), self.network.state_dict().values()
        with torch.no_grad():
            for old, new in zip(mine, its, strict=True):
                if old.dtype.is_floating_point:
                    old.lerp_(new, 1 - keep)
                else:
                    old.copy_(new)
        return parts

    def save(self) -> None:
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        torch.save(state, self.checkpoint.with_suffix(".new"))
        self.checkpoint.with_suffix(".new").replace(self.checkpoint)

    def say(self, text: str) -> None:
        line = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}"
        print(line, flush=True)
        with (self.folder / "finder.log").open("a") as log:
            log.write(line + "\n")

    def export(self) -> None:
        """The averaged weights as ONNX, stored in half precision and used in single; the log is kept too."""
        MODEL.parent.mkdir(parents=True, exist_ok=True)
        aside = MODEL.with_suffix(".new")
        size = {2: "height", 3: "width"}
        torch.onnx.export(
            folded(self.average).to(memory_format=torch.contiguous_format),
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
        for key, value in {"script": "training/train_finder.py", "seed": SEED, "step": self.step}.items():
            model.metadata_props.add(key=key, value=str(value))
        onnx.checker.check_model(model)
        onnx.save(model, aside)
        aside.replace(MODEL)
        if (self.folder / "finder.log").exists():
            KEPT_LOG.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.folder / "finder.log", KEPT_LOG)


def rate_at(step: int, steps: int) -> float:
    """A short rise, then half a cosine down to a fiftieth."""
    warm = min(1.0, (step + 1) / 300)
    return float(RATE * warm * (0.02 + 0.49 * (1 + np.cos(np.pi * min(1.0, step / steps)))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--export-only", action="store_true")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--run", type=Path, default=HERE / "runs" / "finder")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    run = Run(arguments.run, arguments.steps)
    if not arguments.export_only:
        run.train()
    elif not run.step:
        raise SystemExit(f"training: no checkpoint in {arguments.run}: nothing is exported")
    run.export()
