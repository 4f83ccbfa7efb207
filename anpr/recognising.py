"""What two recognisers make of one plate: our own network, and PP-OCR's, each over the whole plate.

Ours knows every character of the plate alphabet and reads strips of plates; PP-OCR knows type of every kind.
They err differently, so both are asked.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from anpr import pp_ocr
from anpr.ctc import Probabilities
from anpr.networks import network
from anpr.strips import Corners, Strip, proportions, strips


def seen(
    grey: npt.NDArray[np.uint8], corners: Corners, lines: Literal[1, 2]
) -> tuple[Probabilities, Probabilities]:
    """The probabilities of our network and of PP-OCR, top line before bottom line, a blank between them.

    `grey` is height x width.  Raises ReaderUnavailable without the models.
    """
    cut = strips(grey, corners, lines)
    return seen_by_us(cut), seen_by_pp_ocr(cut, corners)


def seen_by_us(cut: tuple[Strip, ...]) -> Probabilities:
    """The probabilities of our network alone: a quarter of PP-OCR's time.  `cut` are a plate's strips."""
    logits = network("plate_recogniser")(np.stack(cut)[:, None]).transpose(0, 2, 1)
    shares = np.exp(logits - logits.max(axis=2, keepdims=True))
    return _joined(list((shares / shares.sum(axis=2, keepdims=True)).astype(np.float32)))


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
