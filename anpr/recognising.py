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
    return _joined(_own(cut)), _joined(pp_ocr.read(cut, proportions(corners, lines)))


def _own(cut: tuple[Strip, ...]) -> list[Probabilities]:
    logits = network("plate_recogniser")(np.stack(cut)[:, None]).transpose(0, 2, 1)
    shares = np.exp(logits - logits.max(axis=2, keepdims=True))
    return list((shares / shares.sum(axis=2, keepdims=True)).astype(np.float32))


def _joined(lines: list[Probabilities]) -> Probabilities:
    blank = np.zeros((1, lines[0].shape[1]), np.float32)
    blank[0, 0] = 1
    parts = [lines[0]]
    for line in lines[1:]:
        parts += [blank, line]
    return np.concatenate(parts)
