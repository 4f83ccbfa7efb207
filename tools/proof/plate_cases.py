"""What the reader makes of candidates whose truth is known, before it says how sure it is.

The scenes are of the proof wardrobe with other seeds than the proof set's.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from measures.rigs.plate_scoring import touches

from anpr import formats
from anpr.answers import is_in_a_word, looked_at, width_of
from anpr.decoding import Decoder, Explanation
from anpr.finding import Found, find
from anpr.looks import countries
from anpr.reader import LOOKED_AT_MAX
from anpr.recognising import seen
from simulators.render.looks import PROOF
from simulators.render.scene_set import Scene, Seen, scene

FIRST_SEED = 1_000_000
"""The proof set's are below."""


@dataclass(frozen=True, slots=True)
class Case:
    """One candidate of the finder and the likeliest legal text there.

    `others` is how likely all other texts are and that it is a part of a longer plate, `no_plate` that it is
    none, each as the logarithm of the ratio to `read`; `width` in pixels.  `true` is empty where no plate is;
    `sole`: `read` fits nothing but series that take anything; `in_word` as `answers.is_in_a_word` says.
    """

    scene: int
    finder: float
    lines: int
    width: float
    read: str
    true: str
    sole: bool
    others: float
    no_plate: float
    in_word: bool

    @property
    def right(self) -> bool:
        return self.read == self.true


def cases(scenes: int) -> Iterator[Case]:
    """Of so many scenes, all that the finder finds and the reader looks at."""
    decoder = Decoder(formats.table())
    for number in range(FIRST_SEED, FIRST_SEED + scenes):
        shown = scene(number, PROOF)
        grey = cv2.cvtColor(shown.picture, cv2.COLOR_BGR2GRAY).astype(np.uint8)
        for found in find(shown.picture)[:LOOKED_AT_MAX]:
            explanations = looked_at(
                decoder.explanations(seen(grey, found.corners, found.lines), found.lines),
                countries(shown.picture, found.corners),
            )
            if any(each.form for each in explanations):
                yield _case(number, found, explanations, _under(found, shown))


def _case(number: int, found: Found, explanations: Sequence[Explanation], under: Seen | None) -> Case:
    texts: dict[str, list[Explanation]] = defaultdict(list)
    for each in explanations:
        if each.form is not None:
            texts[each.text].append(each)
    scores = {text: _together(each.score for each in those) for text, those in texts.items()}
    best = max(scores, key=lambda text: scores[text])
    none = [each for each in explanations if not each.country]
    others = [score for text, score in scores.items() if text != best]
    others += [each.score for each in explanations if each.part_of]
    return Case(
        scene=number,
        finder=found.score,
        lines=found.lines,
        width=width_of(found),
        read=best,
        true=under.truth.text if under else "",
        sole=not any(each.form and each.form.specific for each in texts[best]),
        others=_together(others) - scores[best],
        no_plate=_together(each.score for each in none) - scores[best],
        in_word=is_in_a_word(best, explanations, found.lines),
    )


def _under(found: Found, shown: Scene) -> Seen | None:
    """The plate that it lies on."""
    for each in shown.plates:
        (left, top), (right, bottom) = each.corners.min(axis=0).tolist(), each.corners.max(axis=0).tolist()
        if touches((left, top, right, bottom), found.box):
            return each
    return None


def _together(scores: Iterable[float]) -> float:
    every = list(scores)
    top = max(every, default=-math.inf)
    return top + math.log(sum(math.exp(each - top) for each in every)) if every else top
