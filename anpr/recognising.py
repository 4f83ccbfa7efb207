"""What two recognisers make of one plate: our own, and PP-OCR's, each over the whole plate.

Ours knows every character of the plate alphabet and reads strips of plates; PP-OCR knows type of every kind.
They err differently, so both are asked.  Ours are two networks for the same reason: the deeper one reads more
of what is drawn, the first one more of what is photographed, and together they read more than either.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from anpr import pp_ocr
from anpr.ctc import Probabilities
from anpr.networks import network
from anpr.strips import Corners, Strip, proportions, strips

OURS = ("plate_recogniser", "plate_recogniser_deep")
LEAST = 1e-6
"""What a network says of a symbol at least: one that rules it out does not outvote the other."""


def seen(
    grey: npt.NDArray[np.uint8], corners: Corners, lines: Literal[1, 2]
) -> tuple[Probabilities, Probabilities]:
    """The probabilities of our networks and of PP-OCR, top line before bottom line, a blank between them.

    `grey` is height x width.  Raises ReaderUnavailable without the models.
    """
    cut = strips(grey, corners, lines)
    return seen_by_us(cut), seen_by_pp_ocr(cut, corners)


def seen_by_us(cut: tuple[Strip, ...]) -> Probabilities:
    """The probabilities of our networks alone, the mean of their logarithms.  `cut` are a plate's strips."""
    batch = np.stack(cut)[:, None]
    said = np.mean([_logarithms(network(name)(batch)) for name in OURS], axis=0)
    shares = np.exp(said - said.max(axis=2, keepdims=True))
    return _joined(list((shares / shares.sum(axis=2, keepdims=True)).astype(np.float32)))


def _logarithms(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Strips x symbols x steps to strips x steps x symbols, none under that of `LEAST`."""
    rows = logits.transpose(0, 2, 1)
    rows = rows - rows.max(axis=2, keepdims=True)
    return np.maximum(rows - np.log(np.exp(rows).sum(axis=2, keepdims=True)), np.float32(np.log(LEAST)))


def seen_by_pp_ocr(cut: tuple[Strip, ...], corners: Corners) -> Probabilities:
    """The probabilities of PP-OCR alone; the corners say what proportions the strips have."""
    return _joined(pp_ocr.read(cut, proportions(corners, 2 if len(cut) == 2 else 1)))


def _joined(lines: list[Probabilities]) -> Probabilities:
    blank = np.zeros((1, lines[0].shape[1]), np.float32)
    blank[0, 0] = 1
    parts = [lines[0]]
    for line in lines[1:]:
        parts += [blank, line]
    return np.concatenate(parts)
