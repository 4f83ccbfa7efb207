"""The finder's network over a page: where lines of a zone run, which way they read, how wide cells are."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mrz.networks import network

Floats = NDArray[np.float32]

WINDOW_PX = 31
"""Light is levelled over about three cells: more than a character, less than a shadow."""
NOISE_LEVELS = 6.0
"""Contrast (standard deviation of grey levels) below which a plain area is not made to look like print."""
MULTIPLE = 16
"""The network halves its page four times."""
PITCH_UNIT_PX = 8.0
BAND_PX = 700_000
"""So much of a page the network sees at once: memory grows with it (a page of 1280 x 1280 took 150 MB)."""
MARGIN_PX = 64
"""Beyond a band, so that its edge is seen like its middle; a multiple of MULTIPLE."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Answers of the network over a page of so many px.

    `core`: (height/2, width/2) probability that a px lies in the middle band of a zone's line.
    `direction`: (2, height/4, width/4) unit vectors (x, y) of reading, shorter where unsure.
    `pitch`: (height/4, width/4) width of a cell in page px.
    """

    core: Floats
    direction: Floats
    pitch: Floats


def levelled(grey: NDArray[np.uint8] | Floats) -> Floats:
    """Grey levels (0 to 255) against the mean round them, in parts of the contrast round them."""
    page = grey.astype(np.float32)
    mean = cv2.blur(page, (WINDOW_PX, WINDOW_PX))
    variance = cv2.blur(page * page, (WINDOW_PX, WINDOW_PX)) - mean * mean
    return np.asarray((page - mean) / (np.sqrt(np.maximum(variance, 0)) + NOISE_LEVELS), np.float32)


def fields_of(page: NDArray[np.uint8]) -> Fields:
    """Runs the network over a page of any size; px beyond the page's edge repeat it."""
    height, width = page.shape
    below, right = -height % MULTIPLE, -width % MULTIPLE
    if below or right:
        page = np.pad(page, ((0, below), (0, right)), mode="edge")
    core, geometry = _in_bands(levelled(page))
    logits = np.clip(core[0, 0], -30, 30)
    return Fields(
        core=1 / (1 + np.exp(-logits)),
        direction=geometry[0, :2],
        pitch=PITCH_UNIT_PX * np.exp(np.clip(geometry[0, 2], -2, 2)),
    )


def _in_bands(page: Floats) -> tuple[Floats, Floats]:
    """The network's answers, of a large page band by band; its sides are multiples of MULTIPLE."""
    height, width = page.shape
    count = -(-height * width // BAND_PX)
    band = -(-height // count // MULTIPLE) * MULTIPLE
    cores: list[Floats] = []
    geometries: list[Floats] = []
    for top in range(0, height, band):
        first, after = max(0, top - MARGIN_PX), min(height, top + band + MARGIN_PX)
        core, geometry = network("finder")(page[None, None, first:after])
        own = top - first, min(top + band, height) - first
        cores.append(core[:, :, own[0] // 2 : own[1] // 2].copy())
        geometries.append(geometry[:, :, own[0] // 4 : own[1] // 4].copy())
    return np.concatenate(cores, axis=2), np.concatenate(geometries, axis=2)
