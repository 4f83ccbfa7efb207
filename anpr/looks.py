"""Which country a plate looks to be of: bands, flags, colours, letters' places, seen by a small network.

It counts in which text is likeliest (`RO545KZ` is a plate of Georgia, `R0545KZ` one of Kyrgyzstan), and
decides what the text leaves open (`01123ABC` is one of Kyrgyzstan and of Uzbekistan); it knows the plate
from its whole look, in colour or not.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from anpr.networks import network
from anpr.strips import Corners

HEIGHT, WIDTH = 32, 112
_AROUND = 0.08
"""Of the plate's width and height, shown beside it."""
COUNTRIES = (
    "AF", "AM", "AZ", "BY", "CN", "EU", "GE", "IR", "KG", "KZ", "MN", "RU", "TJ", "TM", "TR", "UA", "UZ",
)  # fmt: skip
"""The outputs of the network, each taught as often as the others."""
WEIGHT = 0.25
"""What the look counts: rendered plates show bands and flags better than most real ones do."""
_LEAST = math.log(1e-3)


def look(frame: npt.NDArray[np.uint8], corners: Corners) -> npt.NDArray[np.float32]:
    """3 x HEIGHT x WIDTH, about -1 to 1: the plate made flat, in the frame's colours, its light evened."""
    low, high = -_AROUND, 1 + _AROUND
    area = np.array([(low, low), (high, low), (high, high), (low, high)], np.float32)
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    edge = cv2.perspectiveTransform(
        area[None], cv2.getPerspectiveTransform(unit, corners.astype(np.float32))
    )[0]
    fine = (2 * WIDTH, 2 * HEIGHT)
    flat = np.array([(0, 0), (fine[0], 0), fine, (0, fine[1])], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(edge.astype(np.float32), flat.astype(np.float32))
    cut = cv2.warpPerspective(frame, warp, fine, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(cut, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
    dark, light = np.percentile(small, (4, 96))
    evened = (small - (dark + light) / 2) * (2 / max(float(light - dark), 24.0))
    return np.clip(evened, -2, 2).transpose(2, 0, 1).astype(np.float32)


def countries(frame: npt.NDArray[np.uint8], corners: Corners) -> dict[str, float]:
    """How well the plate's look fits each country: logarithms, 0 the best."""
    logits = network("plate_country")(look(frame, corners)[None])[0]
    scores = np.maximum(WEIGHT * (logits - logits.max()), _LEAST)
    return dict(zip(COUNTRIES, scores.tolist(), strict=True))
