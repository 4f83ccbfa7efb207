"""What the recogniser says along a strip: at every fourth px, which character's middle is here, or a gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    """`logits`: (frames, 38), calibrated; frame f looks at the strip around column 4 f + 1.5.

    `seen`: (frames,), False where that lies outside the picture; None where all is inside.
    """

    logits: Floats
    seen: NDArray[np.bool_] | None = None

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


def recognised(strip: Floats, seen: NDArray[np.bool_] | None = None) -> Frames:
    """The network's answer for an evened strip (HEIGHT x width, width a multiple of 4).

    Where `seen` (width,) is False, the strip lies outside the picture: whether a character stands there is
    unknown then, which is not the same as blank paper.
    """
    if strip.shape[0] != HEIGHT:
        raise ValueError(f"a strip is {HEIGHT} px high, this one {strip.shape[0]}")
    recogniser = network("recogniser")
    (logits,) = recogniser(strip[None, None])
    temperature = float(recogniser.metadata.get("temperature", "1"))
    calibrated = logits[0].T / temperature
    if seen is None:
        return Frames(calibrated)
    seen = seen[STRIDE // 2 :: STRIDE]
    calibrated[~seen] = 0
    return Frames(calibrated, seen)
