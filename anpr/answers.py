"""From the explanations of one candidate to what the reader says of it: a plate with its confidence, or why
it is refused."""

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from anpr.alphabet import PERSIAN
from anpr.decoding import Explanation
from anpr.finding import Found
from anpr.formats import Format
from anpr.readings import Box, Corners, PlateReading, Reason, Refused

CONFIDENCE_MIN = 0.25
"""A likelier text than this is told; what is less likely would be a guess."""
VOTES_MIN = 0.03
"""A likelier text than this votes over the frames of one vehicle, though it is not told of one."""
CATCH_ALL_MAX = 0.9
"""What a text that only fits any format can't exceed: letters and digits alone prove no plate."""
CONFIDENCE_MAX = 0.995
"""A plate can be forged, and a table can lack a series."""
CALIBRATION = (-0.5, 1.0, 0.4, -1.2)
"""Log odds of being right: a constant, and what the log odds of the share and of the finder count, and each
halving of the plate's width under `PLAIN_PX`.  Near the likeliest that `tools/proof/fit_plates.py` found
for these four on 1,200 scenes (-0.59, 1.24, 0.38, -1.24), as likely (loss 0.143 and 0.144), and less often
sure and wrong: at 0.9 in 9 of 668, not in 16 of 716."""
LONGER_BY = 3
IN_A_WORD = -2.8
"""The same for a text that is likely a piece of a word, or a word made into a plate (TRAILER 13.6 into
ER136): letters stand in a row there, `LONGER_BY` more than the text has.  Of 140 such candidates in 1,200
scenes of the proof wardrobe 28 lay on plates, and one was read right; fitted with the others it is -2.9."""
PLAIN_PX = 100
"""Pixels of the frame across a plate: on a narrower one a recogniser is surer than it is right."""
SURELY_A_PLATE = 0.85
"""Where the finder is so sure, a plain text is told of a frame though it fits no series: no table has all of
them, and some countries let owners choose the text.  Of 151 places in 500 synthetic scenes where it was sure
at 0.9, nine were no plates; at 0.85, 24 of 263."""
COUNTRY_MIN = 0.8
"""A country less likely than this is unknown."""
NO_LOOK = math.log(0.3)
"""What the look says where it was not looked at, and of a country that the network was not taught."""
ELSEWHERE = 0.01
_PERSIAN = frozenset(PERSIAN)
ALTERNATIVES = 5


def answered(
    found: Found, explanations: Sequence[Explanation], looks: Mapping[str, float] = MappingProxyType({})
) -> PlateReading | Refused:
    """The likeliest text over all series, or that there is none.  `looks` as `anpr.looks.countries` says."""
    box = _box(found)
    explanations = looked_at(explanations, looks)
    if not explanations:
        return Refused("", Reason.EMPTY, box)
    likeliest = max(explanations, key=lambda each: each.score)
    if likeliest.marking:
        return Refused(likeliest.text, Reason.MARKING, box)
    top = likeliest.score
    texts: dict[str, float] = defaultdict(float)
    total = 0.0
    for each in explanations:
        share = math.exp(each.score - top)
        total += share
        if each.form is not None:
            texts[each.text] += share
    if not texts:
        return Refused(explanations[0].text, Reason.FORMAT, box)
    ranked = sorted(texts, key=lambda text: -texts[text])[:ALTERNATIVES]
    best = ranked[0]
    forms = [each.form for each in explanations if each.text == best and each.form is not None]
    likely_max = CONFIDENCE_MAX if any(form.specific for form in forms) else CATCH_ALL_MAX
    raw = texts[best] / total
    doubt = IN_A_WORD if is_in_a_word(best, explanations, found.lines) else 0.0
    confidence = min(likely_max, calibrated(raw, found.score, width_of(found), doubt))
    # The others keep their proportions in what is left to them.
    rest = min((1 - confidence) / max(1 - raw, 1e-9), confidence / max(raw, 1e-9))
    shares = (
        (best, round(confidence, 4)),
        *((text, round(texts[text] / total * rest, 4)) for text in ranked[1:]),
    )
    country, sure = country_of(forms, looks)
    form = next((form for form in forms if form.country == country), forms[0])
    written = form.pattern.fullmatch(best)
    reading = PlateReading(
        text=best,
        display=written.expand(form.display).strip() if written else best,
        country=country,
        confidence=round(confidence, 4),
        alternatives=shares,
        box=box,
        corners=_corners(found),
        lines=found.lines,
        country_confidence=round(sure, 4),
    )
    if confidence >= CONFIDENCE_MIN:
        return reading
    if (
        found.score >= SURELY_A_PLATE
        and best == _plainly(explanations)
        and not any(form.specific for form in forms)
    ):
        told = ((best, CONFIDENCE_MIN), *shares[1:])
        return replace(reading, confidence=CONFIDENCE_MIN, alternatives=told, votes=False)
    reason = Reason.UNSURE if texts[best] > total / 4 else Reason.FORMAT
    return Refused(best, reason, box, reading if confidence >= VOTES_MIN else None)


def _plainly(explanations: Sequence[Explanation]) -> str:
    """What is read there where nothing is known of plates; nothing where it is rather a part of one."""
    none = [each for each in explanations if each.form is None]
    likeliest = max(none, key=lambda each: each.score, default=None)
    return "" if likeliest is None or likeliest.part_of else likeliest.text


def looked_at(explanations: Sequence[Explanation], looks: Mapping[str, float]) -> Sequence[Explanation]:
    """The explanations with what the plate's look says of each one's country: a text is as likely as its
    characters, and as a plate of its country that looks so (`RO545KZ` is one of GE, `R0545KZ` of KG), or as
    a part of one.  Whether it is a plate at all the look does not know: together they are as likely as
    before."""
    plates = [each for each in explanations if each.country]
    if not looks or not plates:
        return explanations
    top = max(each.score for each in plates)
    fits = {each.country: looks.get(each.country, NO_LOOK) for each in plates}
    shares = [(math.exp(each.score - top), fits[each.country]) for each in plates]
    lost = math.log(sum(share * math.exp(fit) for share, fit in shares) / sum(share for share, _ in shares))
    return [
        each._replace(score=each.score + fits[each.country] - lost) if each.country else each
        for each in explanations
    ]


def is_in_a_word(text: str, explanations: Sequence[Explanation], lines: int) -> bool:
    """Whether letters stand in a row there, more than in this text: PP-OCR reads words, our networks plates
    only.  Of Persian plates PP-OCR reads other letters, and of two lines (Afghan ones are Pashto above) both
    stand in one row: there it is never said."""
    forms = [each.form for each in explanations if each.text == text and each.form is not None]
    if lines == 2 or any(form.persian for form in forms) or not _PERSIAN.isdisjoint(text):
        return False
    plainly = [each.text for each in explanations if not each.country and not each.marking]
    return max(map(_letters_in_a_row, plainly), default=0) >= _letters_in_a_row(text) + LONGER_BY


def _letters_in_a_row(text: str) -> int:
    return max(map(len, re.findall(r"[^\d]+", text)), default=0)


def calibrated(share: float, finder: float, width: float, doubt: float = 0.0) -> float:
    """How probable it is that a text is right which has this share of the explanations, where the finder was
    so sure of a plate (both 0 to 1) of this width in pixels.  `doubt`: what else speaks against it, added to
    the log odds."""
    constant, of_share, of_finder, of_halving = CALIBRATION
    odds = constant + doubt + of_share * _log_odds(share) + of_finder * _log_odds(finder)
    return 1 / (1 + math.exp(-odds - of_halving * halvings(width)))


def halvings(width: float) -> float:
    """How often `PLAIN_PX` is halved to a plate's width, in pixels; 0 of a wider one."""
    return max(0.0, math.log2(PLAIN_PX / max(width, 1.0)))


def width_of(found: Found) -> float:
    """Pixels along the plate's upper edge."""
    return float(np.linalg.norm(found.corners[1] - found.corners[0]))


def _log_odds(share: float) -> float:
    clipped = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(clipped / (1 - clipped))


def country_of(forms: Sequence[Format], looks: Mapping[str, float]) -> tuple[str | None, float]:
    """The country of a text that fits these series, and how sure that is (0 to 1); None: unknown.

    Which of two countries' plates is more frequent says nothing of this one: only the look decides.
    """
    among = list(dict.fromkeys(form.country for form in forms if form.specific))
    if len(among) == 1:
        return among[0], CONFIDENCE_MAX
    among = among or list(dict.fromkeys(form.country for form in forms))
    # A look that fits none of them: another country's plate, or a series that the table lacks.
    shares = {country: math.exp(looks.get(country, NO_LOOK)) for country in among}
    total = sum(shares.values()) + ELSEWHERE
    best = max(among, key=lambda country: shares[country])
    sure = min(shares[best] / total, CONFIDENCE_MAX)
    return (best if sure >= COUNTRY_MIN else None), sure


def _corners(found: Found) -> Corners:
    a, b, c, d = ((round(float(x), 1), round(float(y), 1)) for x, y in found.corners)
    return a, b, c, d


def _box(found: Found) -> Box:
    """The smallest whole pixels that hold the corners."""
    left, top, right, bottom = found.box
    x, y = math.floor(left), math.floor(top)
    return x, y, max(1, math.ceil(right) - x), max(1, math.ceil(bottom) - y)
