"""The search itself: the whole page small, then a closer look at each candidate."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mrz.finding.closer import closer_look, placed
from mrz.finding.fields import fields_of
from mrz.finding.lines import Strand, chained, strands_of
from mrz.finding.types import FoundZone
from mrz.finding.zones import groups_of, zone_of

SIDE_PX = 640
"""Long side of the page that the network sees first: a passport that fills it has cells of 12 px."""
CANDIDATES_MAX = 8
SCORE_MIN = 0.4
SIDE_MIN_PX = 40
"""Nothing readable fits in less."""


def find(picture: NDArray[np.uint8]) -> tuple[FoundZone, ...]:
    """The zones in a grey picture (height x width, 0 black), largest first; () where there is none.

    Points are in pixels of `picture`.  Takes some 40 ms of CPU for one document, more with each candidate.
    """
    height, width = picture.shape
    if min(height, width) < SIDE_MIN_PX:
        return ()
    found: list[FoundZone] = []
    page, scale = _page(picture, SIDE_PX)
    for group in candidates(page):
        for zone in _looked_at(picture, group, scale):
            found = _with(found, zone)
    return tuple(sorted(found, key=lambda zone: -zone.area))


def _page(picture: NDArray[np.uint8], side: int) -> tuple[NDArray[np.uint8], float]:
    height, width = picture.shape
    scale = side / max(height, width)
    size = max(16, round(width * scale)), max(16, round(height * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8), scale


def candidates(page: NDArray[np.uint8]) -> list[list[Strand]]:
    """Groups of lines on a page, the longest lines first."""
    groups = groups_of(chained(strands_of(fields_of(page))))
    groups.sort(key=lambda group: -sum(strand.last - strand.first for strand in group))
    return groups[:CANDIDATES_MAX]


def _looked_at(picture: NDArray[np.uint8], group: list[Strand], scale: float) -> list[FoundZone]:
    cut, matrix = closer_look(picture, group, scale)
    zones = [zone_of(each) for each in candidates(cut)]
    return [placed(zone, matrix) for zone in zones if zone and zone.score >= SCORE_MIN]


def _with(found: list[FoundZone], zone: FoundZone) -> list[FoundZone]:
    """Two looks may show the same zone: the surer one stays."""
    for place, other in enumerate(found):
        if _same(zone, other):
            return found if other.score >= zone.score else [*found[:place], zone, *found[place + 1 :]]
    return [*found, zone]


def _same(one: FoundZone, other: FoundZone) -> bool:
    def outline(zone: FoundZone) -> NDArray[np.float32]:
        return np.asarray(cv2.convexHull(np.concatenate([line.centre for line in zone.lines])), np.float32)

    shared, _ = cv2.intersectConvexConvex(outline(one), outline(other))
    smaller = min(cv2.contourArea(outline(one)), cv2.contourArea(outline(other)))
    return bool(shared > 0.2 * max(smaller, 1e-3))
