"""From the explanations of one candidate to what the reader says of it: a plate with its confidence, or why
it is refused."""

import math
from collections import defaultdict
from collections.abc import Sequence

from anpr.decoding import Explanation
from anpr.finding import Found
from anpr.readings import Box, Corners, PlateReading, Reason, Refused

CONFIDENCE_MIN = 0.3
"""A likelier text than this is told; what is less likely would be a guess."""
CATCH_ALL_MAX = 0.9
"""What a text that only fits any format can't exceed: letters and digits alone prove no plate."""
CONFIDENCE_MAX = 0.995
"""A plate can be forged, and a table can lack a series."""
ALTERNATIVES = 5


def answered(found: Found, explanations: Sequence[Explanation]) -> PlateReading | Refused:
    """The likeliest text over all series, or that there is none."""
    box = _box(found)
    if not explanations:
        return Refused("", Reason.EMPTY, box)
    top = max(each.score for each in explanations)
    texts: dict[str, float] = defaultdict(float)
    total = 0.0
    for each in explanations:
        share = math.exp(each.score - top)
        total += share
        if each.form is not None:
            texts[each.text] += share
    free = next((each.text for each in explanations if each.form is None), "")
    if not texts:
        return Refused(free, Reason.FORMAT, box)
    ranked = sorted(texts, key=lambda text: -texts[text])[:ALTERNATIVES]
    best = ranked[0]
    forms = [each.form for each in explanations if each.text == best and each.form is not None]
    countries = {form.country for form in forms if form.specific}
    specific = sum(
        math.exp(each.score - top)
        for each in explanations
        if each.text == best and each.form is not None and each.form.specific
    )
    likely_max = CONFIDENCE_MAX if specific > texts[best] / 2 else CATCH_ALL_MAX
    shares = tuple((text, round(min(likely_max, texts[text] / total), 4)) for text in ranked)
    confidence = shares[0][1]
    if confidence < CONFIDENCE_MIN:
        return Refused(best, Reason.UNSURE if texts[best] > total / 4 else Reason.FORMAT, box)
    form = forms[0]
    written = form.pattern.fullmatch(best)
    return PlateReading(
        text=best,
        display=written.expand(form.display).strip() if written else best,
        country=form.country if len(countries) == 1 and form.specific else None,
        confidence=confidence,
        alternatives=shares,
        box=box,
        corners=_corners(found),
        lines=found.lines,
    )


def _corners(found: Found) -> Corners:
    a, b, c, d = ((round(float(x), 1), round(float(y), 1)) for x, y in found.corners)
    return a, b, c, d


def _box(found: Found) -> Box:
    left, top, right, bottom = found.box
    return int(left), int(top), int(right - left) + 1, int(bottom - top) + 1
