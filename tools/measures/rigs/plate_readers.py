"""Plate readers as processes: ours and the peers, each in its own environment."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measures.rigs.environments import python_of
from measures.rigs.plate_pictures import Picture
from measures.rigs.plate_scoring import Answer, Outcome, Reading, score
from measures.rigs.reader_process import SERVE, ReaderProcess

OURS = "borderlane"
PEERS = ("rapidocr",)


def outcomes_of(reader: str, pictures: Sequence[Picture]) -> list[Outcome]:
    """The reader's answers, scored.  What is loaded with the first picture is start, not reading."""
    process = ReaderProcess(_command(reader))
    try:
        process.ask(str(pictures[0].path))
        return [score(picture, _answer(process.ask(str(picture.path)))) for picture in pictures]
    finally:
        process.stop()


def _command(reader: str) -> tuple[str | Path, ...]:
    python = sys.executable if reader == OURS else python_of(reader)
    return python, SERVE, f"plates_{reader}"


def _answer(said: dict[str, Any]) -> Answer:
    readings = tuple(
        Reading(one["text"], one["country"], one["confidence"], tuple(one["box"]))
        for one in said.get("plates", ())
    )
    refused = tuple(tuple(box) for box in said.get("refused", ()))
    return Answer(readings, said["cpu_s"], said["peak_mb"], said.get("error", ""), refused)
