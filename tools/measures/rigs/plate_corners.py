"""Our reader without its finder: plates read at their true corners."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from anpr import formats
from anpr.answers import answered
from anpr.decoding import Decoder
from anpr.finding import Found, Frame
from anpr.looks import countries
from anpr.readings import PlateReading
from anpr.recognising import seen
from measures.rigs.kept_answers import FOLDER, KeptAnswers, key_of, state_of
from measures.rigs.plate_pictures import Picture, Plate
from measures.rigs.plate_scoring import Answer, Outcome, Reading, score


def outcomes_at_corners(pictures: Sequence[Picture], keep: bool = False) -> list[Outcome]:
    """What is read where the truth says that a plate is, by its box where corners are not known, scored.  The
    CPU time is that of decoding alone, a plate; memory is not told.  `keep` goes on with what an earlier run
    of the same reader left."""
    decoder = Decoder(formats.table())
    script = Path(__file__).read_text("utf-8")
    known = KeptAnswers(FOLDER / "plates" / f"at-corners-{state_of('anpr', script)}.jsonl" if keep else None)
    outcomes: list[Outcome] = []
    for picture in pictures:
        key = key_of(picture.path)
        if key not in known:
            frame = cv2.imread(str(picture.path), cv2.IMREAD_COLOR)
            assert frame is not None, f"{picture.path} can't be read"
            read = [_read(decoder, frame.astype(np.uint8), plate) for plate in picture.plates]
            known[key] = {
                "readings": [asdict(reading) for reading, _ in read if reading is not None],
                "decoding_s": sum(decoding_s for _, decoding_s in read) / max(1, len(read)),
            }
        readings = tuple(
            Reading(one["text"], one["country"], one["confidence"], tuple(one["box"]))
            for one in known[key]["readings"]
        )
        outcomes.append(score(picture, Answer(readings, cpu_s=known[key]["decoding_s"], peak_mb=0.0)))
    return outcomes


def _read(decoder: Decoder, frame: Frame, plate: Plate) -> tuple[Reading | None, float]:
    """What is read, and the CPU seconds that decoding took."""
    if plate.box is None:
        return None, 0.0
    left, top, right, bottom = plate.box
    upright = ((left, top), (right, top), (right, bottom), (left, bottom))
    corners = np.array(plate.corners or upright, np.float32)
    lines: Literal[1, 2] = 2 if plate.lines == 2 else 1
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.uint8)
    rows = seen(grey, corners, lines)
    began = time.thread_time()
    explanations = decoder.explanations(rows, lines)
    decoding_s = time.thread_time() - began
    answer = answered(Found(corners, lines, score=1.0), explanations, countries(frame, corners))
    if not isinstance(answer, PlateReading):
        return None, decoding_s
    return Reading(answer.text, answer.country, answer.confidence, plate.box), decoding_s
