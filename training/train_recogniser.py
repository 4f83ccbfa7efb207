"""Trains the recogniser on rendered strips.

    .venv-train/bin/python training/train_recogniser.py                 start, or go on from the checkpoint
    .venv-train/bin/python training/train_recogniser.py --export-only   checkpoint to mrz/models/

`--steps N` gives another end, `--threads N` more than one thread, `--run FOLDER` another place than
training/runs/recogniser/.  A checkpoint every ten minutes and on SIGTERM; the log goes beside it and is
copied to training/logs/recogniser.log with each export.  Strips are made in one process more.  Seeded by the
batch of strips, so that going on draws others than before; another run gives the same figures within a point,
not the same bytes.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import math
import multiprocessing
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from queue import Full

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from exporting import write_onnx  # noqa: E402
from faces import cut_of  # noqa: E402
from ink import Glyphs  # noqa: E402
from recogniser_network import OUTPUTS, Recogniser  # noqa: E402
from running import HALVES  # noqa: E402
from strip_scenes import BETWEEN, FRAMES, IGNORED, WIDTH, samples  # noqa: E402

from mrz.cells.strips import HEIGHT  # noqa: E402

SEED = 20261128
STEPS = 12_000
BATCH = 64
RATE = 3e-3
AVERAGE = 0.998
"""The exported weights are a running average over about 500 steps: good at any time, not only at the end."""
BLOCK = 96
"""Strips drawn with one seed."""
USES = 4
"""How often a strip is shown, spread over a pool: rendering costs more than learning."""
POOL = 12_288
CHECKPOINT_S = 600
VALIDATION = 1_536
MODEL = HERE.parent / "mrz" / "models" / "recogniser.onnx"
KEPT_LOG = HERE / "logs" / "recogniser.log"

Arrays = tuple[NDArray[np.float16], NDArray[np.int8]]


@lru_cache(maxsize=1)
def _cuts(seed: int, era: int) -> tuple[Glyphs, ...]:
    """Faces for some 40,000 strips: making one costs as much as ten strips."""
    rng = np.random.default_rng([seed, era, 2])
    return tuple(cut_of(rng) for _ in range(40))


def drawn(seed: int, block: int, count: int) -> Arrays:
    """`count` strips with their labels; the same ones for the same seed and block."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng([seed, block])
    cuts = _cuts(seed, block // 400)
    strips, labels = np.zeros((count, HEIGHT, WIDTH), np.float16), np.zeros((count, FRAMES), np.int8)
    filled = 0
    while filled < count:
        for each in samples(rng, cuts)[: count - filled]:
            strips[filled], labels[filled] = each.strip, each.labels
            filled += 1
    return strips, labels


def _draw_on(queue: multiprocessing.Queue[Arrays], seed: int, block: int, count: int) -> None:
    parent = os.getppid()
    while True:
        strips = drawn(seed, block, count)
        block += 1
        while True:
            if os.getppid() != parent:  # a killed training must not leave this behind
                os._exit(0)
            with contextlib.suppress(Full):
                queue.put(strips, timeout=5)
                break


def batches(seed: int, first_block: int) -> Iterator[tuple[torch.Tensor, torch.Tensor, int]]:
    """Strips, labels and the next block to draw, for ever."""
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[Arrays] = context.Queue(maxsize=8)
    context.Process(target=_draw_on, args=(queue, seed, first_block, BLOCK), daemon=True).start()
    strips, labels = np.zeros((POOL, HEIGHT, WIDTH), np.float16), np.zeros((POOL, FRAMES), np.int8)
    rng = np.random.default_rng([seed, first_block, 1])
    arrived = shown = 0
    while True:
        while shown + BATCH > USES * arrived or not queue.empty():
            new = queue.get()
            # Any slot but the pool's order: a strip leaves by chance, not after a fixed time.
            slots = np.arange(arrived, arrived + len(new[0])) if arrived + len(new[0]) <= POOL else None
            slots = rng.choice(POOL, len(new[0]), replace=False) if slots is None else slots
            strips[slots], labels[slots] = new
            arrived += len(new[0])
        chosen = rng.integers(0, min(arrived, POOL), BATCH)
        shown += BATCH
        block = first_block + arrived // BLOCK
        yield (
            torch.from_numpy(strips[chosen].astype(np.float32)[:, None]),
            torch.from_numpy(labels[chosen].astype(np.int64)),
            block,
        )


def loss_of(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross entropy a frame; what lies between characters is easy and counts less."""
    weights = torch.ones(OUTPUTS)
    weights[BETWEEN] = 0.4
    return functional.cross_entropy(logits, labels, weights, ignore_index=IGNORED)


@torch.no_grad()
def judged(network: torch.nn.Module, strips: torch.Tensor, labels: torch.Tensor) -> dict[str, float]:
    """Error rates over frames, and the temperature that calibrates the characters' probabilities."""
    network.eval()
    logits = torch.cat([network(part) for part in strips.split(64)]).permute(0, 2, 1).reshape(-1, OUTPUTS)
    flat = labels.reshape(-1)
    character = (flat >= 0) & (flat != BETWEEN)
    best = logits.argmax(1)
    only, truth = logits[character][:, :BETWEEN], flat[character]
    temperatures = torch.arange(0.5, 2.5, 0.05)
    losses = torch.stack([functional.cross_entropy(only / each, truth) for each in temperatures])
    return {
        "character_error": float((only.argmax(1) != truth).float().mean()),
        "between_error": float((best[flat == BETWEEN] != BETWEEN).float().mean()),
        "missed": float((best[character] == BETWEEN).float().mean()),
        "temperature": float(temperatures[losses.argmin()]),
        "loss": float(losses.min()),
    }


def rate_at(step: int, steps: int) -> float:
    warm = min(1.0, (step + 1) / 300)
    return RATE * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps))))


class Run:
    """One training run and its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.checkpoint, self.log = folder / "checkpoint.pt", folder / "recogniser.log"
        # A fifth faster on a CPU than the default order.
        self.network = Recogniser().to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), RATE, weight_decay=1e-3)
        self.step = self.block = 0
        self.stopping = False

    def say(self, text: str) -> None:
        line = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}"
        print(line, flush=True)
        with self.log.open("a") as log:
            log.write(line + "\n")

    def load(self) -> bool:
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

    def validation(self) -> tuple[torch.Tensor, torch.Tensor]:
        kept = self.folder / "validation.npz"
        if not kept.exists():
            strips, labels = drawn(SEED + 1, 0, VALIDATION)
            np.savez(kept, strips=strips, labels=labels)
        with np.load(kept) as arrays:
            return (
                torch.from_numpy(arrays["strips"].astype(np.float32)[:, None]),
                torch.from_numpy(arrays["labels"].astype(np.int64)),
            )

    def judge(self) -> dict[str, float]:
        figures = judged(self.average, *self.validation())
        named = " ".join(f"{name} {value:.4f}" for name, value in figures.items())
        self.say(f"step {self.step} validation {named}")
        return figures

    def train(self, steps: int) -> None:
        count = sum(each.numel() for each in self.network.parameters())
        self.say(f"step {self.step} of {steps}, seed {SEED}, block {self.block}, {count} weights")
        started = saved = time.monotonic()
        first, total = self.step, 0.0
        signal.signal(signal.SIGTERM, self._stop)
        self.validation()
        for strips, labels, block in batches(SEED, self.block):
            for group in self.optimiser.param_groups:
                group["lr"] = rate_at(self.step, steps)
            self.network.train()
            with torch.autocast("cpu", torch.bfloat16, enabled=HALVES):
                logits = self.network(strips.to(memory_format=torch.channels_last))
            loss = loss_of(logits.float(), labels)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
            self.optimiser.step()
            self._follow(min(AVERAGE, (self.step + 1) / (self.step + 10)))
            self.step, self.block, total = self.step + 1, block, total + loss.item()
            if self.step % 50 == 0:
                pace = (time.monotonic() - started) / (self.step - first)
                self.say(f"step {self.step} loss {total / 50:.4f} {pace:.2f} s a step")
                total = 0.0
            if self.stopping or time.monotonic() - saved > CHECKPOINT_S or self.step >= steps:
                self.save()
                self.judge()
                saved = time.monotonic()
            if self.stopping or self.step >= steps:
                return

    def _stop(self, *_: object) -> None:
        self.stopping = True

    @torch.no_grad()
    def _follow(self, keep: float) -> None:
        for ours, theirs in zip(self.average.parameters(), self.network.parameters(), strict=True):
            ours.lerp_(theirs, 1 - keep)
        for ours, theirs in zip(self.average.buffers(), self.network.buffers(), strict=True):
            if ours.dtype.is_floating_point:
                ours.lerp_(theirs, 1 - keep)

    def export(self) -> None:
        temperature = self.judge()["temperature"]
        write_onnx(
            self.average, torch.zeros(1, 1, HEIGHT, WIDTH), MODEL, {"temperature": f"{temperature:.2f}"}
        )
        self.say(f"wrote {MODEL.name}, {MODEL.stat().st_size} bytes")
        KEPT_LOG.parent.mkdir(exist_ok=True)
        shutil.copy(self.log, KEPT_LOG)


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--export-only", action="store_true")
    options.add_argument("--steps", type=int, default=STEPS)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--run", type=Path, default=HERE / "runs" / "recogniser")
    chosen = options.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(SEED)
    run = Run(chosen.run)
    found = run.load()
    if chosen.export_only:
        if not found:
            raise SystemExit(f"training: no checkpoint in {chosen.run}: train first")
        run.export()
        return
    run.train(chosen.steps)
    run.say("the product keeps its weights until --export-only")


if __name__ == "__main__":
    main()
