"""A training run in a folder: checkpoints, the running average of the weights, the log, and going on.

A checkpoint every ten minutes and on SIGTERM, so that a run may be cut and called again.  What is exported
is the average over about 500 steps: good at any time, not only at the end.
"""

from __future__ import annotations

import argparse
import copy
import math
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

HERE = Path(__file__).resolve().parent
AVERAGE = 0.998
CHECKPOINT_S = 600
HALVES = bool(torch.cpu.get_capabilities().get("avx512_bf16"))
"""Whether this processor multiplies bfloat16: one that only imitates it takes ten times as long."""
LOGGED = 50
"""Steps between two lines of the log."""

Batch = dict[str, torch.Tensor]


class Run:
    """`network` with its optimiser, its step and the block of samples that comes next."""

    def __init__(self, name: str, network: nn.Module, folder: Path, rate: float, decay: float = 1e-3) -> None:
        self.name, self.folder, self.rate = name, folder, rate
        folder.mkdir(parents=True, exist_ok=True)
        self.checkpoint, self.log = folder / "checkpoint.pt", folder / f"{name}.log"
        self.network: nn.Module = network.to(memory_format=torch.channels_last)  # a fifth faster on a CPU
        self.average = copy.deepcopy(self.network)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), rate, weight_decay=decay)
        self.step = self.block = 0
        self._stopping = False

    def say(self, text: str) -> None:
        line = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}"
        print(line, flush=True)
        with self.log.open("a") as log:
            log.write(line + "\n")

    def load(self) -> bool:
        """Whether there was a checkpoint to go on from."""
        if not self.checkpoint.exists():
            return False
        state = torch.load(self.checkpoint, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.block = int(state["step"]), int(state["block"])
        return True

    def save(self) -> None:
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "block": self.block,
        }
        aside = self.checkpoint.with_suffix(".new")
        torch.save(state, aside)
        aside.replace(self.checkpoint)

    def train(
        self,
        steps: int,
        batches: Iterator[tuple[Batch, int]],
        loss_of: Callable[[Any, Batch], tuple[torch.Tensor, dict[str, float]]],
        judge: Callable[[nn.Module], dict[str, float]],
    ) -> None:
        """To step `steps` of one cosine.  A batch has `input` and what `loss_of`
        needs; beside it stands the next block."""
        count = sum(each.numel() for each in self.network.parameters())
        self.say(f"step {self.step} of {steps}, block {self.block}, {count} weights")
        signal.signal(signal.SIGTERM, self._stop)
        started = saved = time.monotonic()
        first, sums = self.step, dict[str, float]()
        while self.step < steps and not self._stopping:
            batch, self.block = next(batches)
            for name, value in self._learn(batch, loss_of, steps).items():
                sums[name] = sums.get(name, 0.0) + value / LOGGED
            self.step += 1
            if self.step % LOGGED == 0:
                pace = (time.monotonic() - started) / (self.step - first)
                self.say(f"step {self.step} {_named(sums)} {pace:.2f} s a step")
                sums = {}
            if time.monotonic() - saved > CHECKPOINT_S:
                self._keep(judge)
                saved = time.monotonic()
        self._keep(judge)

    def _keep(self, judge: Callable[[nn.Module], dict[str, float]]) -> None:
        self.save()
        self.say(f"step {self.step} validation {_named(judge(self.average.eval()))}")

    def _learn(
        self,
        batch: Batch,
        loss_of: Callable[[Any, Batch], tuple[torch.Tensor, dict[str, float]]],
        steps: int,
    ) -> dict[str, float]:
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * share_of_rate(self.step, steps)
        self.network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=HALVES):
            outputs = self.network(batch["input"].to(memory_format=torch.channels_last))
        loss, parts = loss_of(outputs, batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 3.0)
        self.optimiser.step()
        self._follow(min(AVERAGE, (self.step + 1) / (self.step + 10)))
        return parts

    @torch.no_grad()
    def _follow(self, keep: float) -> None:
        mine, its = self.average.state_dict().values(), self.network.state_dict().values()
        for ours, theirs in zip(mine, its, strict=True):
            if ours.dtype.is_floating_point:
                ours.lerp_(theirs, 1 - keep)
            else:
                ours.copy_(theirs)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def held_out(self, draw: Callable[[], dict[str, NDArray[np.generic]]]) -> Batch:
        """The samples it is judged by: drawn once, then the same for every stretch of the run."""
        kept = self.folder / "validation.npz"
        if not kept.exists():
            np.savez(kept, **draw())
        with np.load(kept) as arrays:
            return {name: torch.from_numpy(arrays[name]) for name in arrays.files}

    def keep_log(self, kept: Path) -> None:
        """The log as it is committed beside the weights it tells of."""
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.log, kept)


def share_of_rate(step: int, steps: int) -> float:
    """A short rise, then half a cosine down to a hundredth."""
    warm = min(1.0, (step + 1) / 300)
    return warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps))))


def arguments(description: str, name: str, steps: int) -> argparse.Namespace:
    """The options that every training script has."""
    options = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--export-only", action="store_true", help="write the ONNX file from the checkpoint")
    options.add_argument("--steps", type=int, default=steps)
    options.add_argument("--rate", type=float, help="the highest learning rate, where not the script's")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--run", type=Path, default=HERE / "runs" / name)
    return options.parse_args()


def _named(figures: dict[str, float]) -> str:
    return " ".join(f"{name} {value:.4f}" for name, value in figures.items())
