"""The search itself: the whole page small, then a closer look at each candidate."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mrz.finding.closer import closer_look, cut_short, placed
from mrz.finding.fields import Fields, fields_of
from mrz.finding.hints import hints
from mrz.finding.lines import chained
from mrz.finding.strands import Strand, strands_of
from mrz.finding.types import FoundLine, FoundZone
from mrz.finding.zones import groups_of, read_alike, zone_of

Floats = NDArray[np.float32]

SIDES_PX = (640, 1280)
"""Long side of the page that the network sees.  At 640 a passport that fills the page has cells of 12 px;
only where that shows no zone, and the picture has more to show, it is seen larger at four times the cost.
Where it shows one, only what may be smaller ones beside it is seen larger."""
LARGER_MIN = 1.4
"""A picture so much larger than the first page is worth the second."""
CANDIDATES_MAX = 6
HINT_CANDIDATES_MAX = 2
PIECE_CELLS_MIN, SINGLE_CELLS_MIN = 5.0, 12.0
"""Seen small, a line may come in pieces; one that stands alone must be longer to be looked at."""
SCORE_MIN = 0.33
SURE_WAY_MIN = 0.65
"""Agreement (-1 to 1) of a line's places on the way it is read, below which it is asked once more."""
DISTANT = 0.15
"""What a zone seen on the whole page alone scores less than one seen close."""
SIDE_MIN_PX = 40
"""Nothing readable fits in less."""


def find(picture: NDArray[np.uint8]) -> tuple[FoundZone, ...]:
    """The zones in a grey picture (height x width, 0 black), largest first; () where there is none.

    Points are in pixels of `picture`.  Takes some 40 ms of CPU for one document, more with each candidate.
    Raises EngineError when the network can't be loaded.
    """
    if min(picture.shape) < SIDE_MIN_PX:
        return ()
    small, large = SIDES_PX
    page, back = _seen(picture, small / max(picture.shape))
    fields = fields_of(page)
    found = _found_among(picture, _candidates(fields), back, [])
    if max(picture.shape) >= LARGER_MIN * small:
        scale = min(large / max(picture.shape), 1.0)
        found = _beside(picture, fields, back, scale, found) if found else _found_larger(picture, scale)
    return tuple(sorted(found, key=lambda zone: -zone.area))


def _found_larger(picture: NDArray[np.uint8], scale: float) -> list[FoundZone]:
    page, back = _seen(picture, scale)
    return _found_among(picture, _candidates(fields_of(page)), back, [])


def _beside(
    picture: NDArray[np.uint8], fields: Fields, back: Floats, scale: float, found: list[FoundZone]
) -> list[FoundZone]:
    """Zones so much smaller than the found ones that the small page only hints at them are added."""
    forth = np.asarray(cv2.invertAffineTransform(back), np.float32)
    for box in hints(fields, [placed(zone, forth) for zone in found]):
        corners = np.array(box, np.float32).reshape(2, 2) @ back[:, :2].T + back[:, 2]
        (left, top), (right, bottom) = np.clip(np.round(corners), 0, picture.shape[::-1]).astype(int)
        page, part = _seen(picture[top:bottom, left:right], scale)
        part[:, 2] += left, top
        good = [group for group in groups_in(fields_of(page), PIECE_CELLS_MIN) if _is_good(group)]
        found = _found_among(picture, good[:HINT_CANDIDATES_MAX], part, found)
    return found


def _seen(picture: NDArray[np.uint8], scale: float) -> tuple[NDArray[np.uint8], Floats]:
    """The picture scaled, and the matrix (2 x 3) back to its px."""
    # Centres of pixels are whole numbers, and a page is scaled about its corner.
    back = np.array([[1, 0, 0.5 - scale / 2], [0, 1, 0.5 - scale / 2]], np.float32) / np.float32(scale)
    return _page(picture, scale), back


def _found_among(
    picture: NDArray[np.uint8], groups: list[list[Strand]], back: Floats, found: list[FoundZone]
) -> list[FoundZone]:
    """What is found already, and the zones that the groups prove to be when looked at closer."""
    for group in groups:
        from_afar = zone_of(group)
        seen = placed(from_afar, back) if from_afar else None
        if seen and any(_same(seen, zone) for zone in found):
            continue
        cut, matrix, closer = _seen_closer(picture, group, back)
        zones = [placed(zone, matrix) for each in closer if (zone := _zone_in(cut, each))]
        if seen:
            zones.append(replace(seen, score=max(0.0, seen.score - DISTANT)))
        for zone in zones:
            if zone.score >= SCORE_MIN:
                found = _with(found, zone)
    return found


def _seen_closer(
    picture: NDArray[np.uint8], group: list[Strand], back: Floats
) -> tuple[NDArray[np.uint8], Floats, list[list[Strand]]]:
    """The cut round a group, its matrix and what it shows; wider where the lines ran out of the first cut."""
    cut, matrix = closer_look(picture, group, back)
    groups = groups_in(fields_of(cut))
    if groups and len(groups[0]) > 1 and cut_short(cut, groups[0]):
        cut, matrix = closer_look(picture, groups[0], matrix)
        groups = groups_in(fields_of(cut))
    return cut, matrix, groups


def _candidates(fields: Fields) -> list[list[Strand]]:
    """What deserves a closer look: lines side by side, long ones, and pieces only where there is no more."""
    groups = groups_in(fields, PIECE_CELLS_MIN)
    good = [group for group in groups if _is_good(group)]
    return (good or groups)[:CANDIDATES_MAX]


def _is_good(group: list[Strand]) -> bool:
    return len(group) > 1 or group[0].cells > SINGLE_CELLS_MIN


def _zone_in(cut: NDArray[np.uint8], group: list[Strand]) -> FoundZone | None:
    zone = zone_of(group)
    return zone_of(sure_way(cut, group)) if zone and zone.score >= SCORE_MIN / 2 else None


def _page(picture: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """The picture scaled; whole steps first, which OpenCV does several times faster."""
    height, width = picture.shape
    size = max(16, round(width * scale)), max(16, round(height * scale))
    if (step := int(1 / scale / 1.5)) > 1:
        whole = picture[: height // step * step, : width // step * step]
        picture = np.asarray(
            cv2.resize(whole, (width // step, height // step), interpolation=cv2.INTER_AREA), np.uint8
        )
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)


def groups_in(fields: Fields, cells_min: float | None = None) -> list[list[Strand]]:
    """Groups of lines on a page, those with the most print first."""
    strands = chained(strands_of(fields))
    groups = groups_of(strands) if cells_min is None else groups_of(strands, cells_min)
    return sorted(groups, key=lambda group: -sum(float(strand.weights.sum()) for strand in group))


def sure_way(page: NDArray[np.uint8], group: list[Strand]) -> list[Strand]:
    """The group, read the right way round where that was in doubt: the page is turned on its head and seen
    once more, because what misleads the network one way seldom does so the other way too."""
    total = sum(float(strand.weights.sum()) for strand in group)
    if sum(strand.agreement * float(strand.weights.sum()) for strand in group) > SURE_WAY_MIN * total:
        return group
    height, width = page.shape
    direction = fields_of(np.ascontiguousarray(page[::-1, ::-1])).direction
    again: list[Strand] = []
    for strand in group:
        columns, rows = ((width - 1, height - 1) - strand.points).astype(np.intp).T // 4
        headings = (strand.headings - direction[:, rows, columns].T) / 2
        agreement = float((headings @ strand.axis * strand.weights).sum() / strand.weights.sum())
        again.append(replace(strand, headings=headings, agreement=agreement))
    return read_alike(again)


def _with(found: list[FoundZone], zone: FoundZone) -> list[FoundZone]:
    """Two looks may show the same zone: the surer one stays."""
    for place, other in enumerate(found):
        if _same(zone, other):
            return found if other.score >= zone.score else [*found[:place], zone, *found[place + 1 :]]
    return [*found, zone]


def _same(one: FoundZone, other: FoundZone) -> bool:
    """Whether they share a line of print."""
    return any(_share(line, another) for line in one.lines for another in other.lines)


def _share(one: FoundLine, other: FoundLine) -> bool:
    longer, shorter = (one, other) if one.length > other.length else (other, one)
    middle = shorter.centre[len(shorter.centre) // 2]
    starts, steps = longer.centre[:-1], np.diff(longer.centre, axis=0)
    part = np.clip(((middle - starts) * steps).sum(1) / np.maximum((steps**2).sum(1), 1e-6), 0, 1)
    distance = np.hypot(*(starts + part[:, None] * steps - middle).T).min()
    return bool(distance < 0.6 * float(longer.pitch.mean()))
