"""Samples drawn in processes of their own and shown several times: rendering costs more than learning.

A pool of arrays; a sample leaves by chance, not after a fixed time.  Seeded by the block, so that a run that
goes on draws others than before.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterator
from queue import Full

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.generic]]
FIRST = 1536
"""Samples that are there before the first is shown, where the pool holds so many: a run that goes on would
learn the first ones by heart."""
Draw = Callable[[int, int, int], Arrays]
"""(seed, block, count) to `count` samples: the same ones for the same three, a name for each array."""


def _draw_on(queue: multiprocessing.Queue[Arrays], draw: Draw, seed: int, block: int, count: int) -> None:
    cv2.setNumThreads(1)
    parent = os.getppid()
    while True:
        samples = draw(seed, block, count)
        block += 1
        while True:
            if os.getppid() != parent:  # a killed training must not leave this behind
                os._exit(0)
            with contextlib.suppress(Full):
                queue.put(samples, timeout=5)
                break


def batches(
    draw: Draw, seed: int, first_block: int, *, block: int, batch: int, uses: int, pool: int
) -> Iterator[tuple[dict[str, torch.Tensor], int]]:
    """Batches of `batch` samples and the next block to draw, for ever.

    `block` samples are drawn at a time, each is shown about `uses` times, `pool` are held.
    """
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[Arrays] = context.Queue(maxsize=4)
    context.Process(target=_draw_on, args=(queue, draw, seed, first_block, block), daemon=True).start()
    rng = np.random.default_rng([seed, first_block, 1])
    held: Arrays = {}
    arrived = shown = 0
    while True:
        while arrived < min(FIRST, pool) or shown + batch > uses * arrived or not queue.empty():
            new = queue.get()
            if not held:
                held = {name: np.zeros((pool, *each.shape[1:]), each.dtype) for name, each in new.items()}
            filling = arrived + block <= pool
            slots = np.arange(arrived, arrived + block) if filling else rng.choice(pool, block, replace=False)
            for name, each in new.items():
                held[name][slots] = each
            arrived += block
        chosen = rng.integers(0, min(arrived, pool), batch)
        shown += batch
        tensors = {name: torch.from_numpy(each[chosen]) for name, each in held.items()}
        yield tensors, first_block + arrived // block
