"""What the recogniser says along a strip: at every fourth px, which character's middle is here, or a gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mrz.cells.strips import HEIGHT, Floats
from mrz.cells.types import CHARACTERS
from mrz.networks import network

STRIDE = 4
GAP = len(CHARACTERS)


def log_softmax(logits: Floats) -> Floats:
    """Natural logarithms of the probabilities in each row."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Frames:
    """`logits`: (frames, 38), calibrated; frame f looks at the strip around column 4 f + 1.5."""

    logits: Floats

    @property
    def width(self) -> int:
        """Of the strip, in px."""
        return len(self.logits) * STRIDE

    def at(self, columns: Floats) -> Floats:
        """Logits (n, 38) between the frames."""
        place = np.clip((columns - (STRIDE - 1) / 2) / STRIDE, 0, len(self.logits) - 1.001)
        before = place.astype(int)
        share = (place - before)[:, None].astype(np.float32)
        return self.logits[before] * (1 - share) + self.logits[before + 1] * share


def recognised(strip: Floats) -> Frames:
    """The network's answer for an evened strip (HEIGHT x width, width a multiple of 4)."""
    if strip.shape[0] != HEIGHT:
        raise ValueError(f"a strip is {HEIGHT} px high, this one {strip.shape[0]}")
    recogniser = network("recogniser")
    (logits,) = recogniser(strip[None, None])
    temperature = float(recogniser.metadata.get("temperature", "1"))
    return Frames(logits[0].T / temperature)
