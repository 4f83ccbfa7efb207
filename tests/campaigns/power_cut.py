"""The power goes while a journal is written: its write-ahead log is cut, or a frame of it is damaged.

What a disk still holds after a power cut is the database and a beginning of the log, with the last frames
perhaps half written.  Opened again, the journal is at its last whole commit, its chain verifies, and its
facts fold to the state that the lane had then.
"""

import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from lane_controller.daemon.folding import fold
from lane_controller.daemon.journal import Journal, JournalError, reading
from lane_controller.lane import state
from lane_controller.messages.words import Audience
from tests.daemon.facts import beginning, loop_on, traveller

FRAME = 24 + 4096
WAL_HEADER = 32
"""SQLite's file format, 4.1: a log is a header and frames of one page each."""


@dataclass(frozen=True, slots=True)
class Written:
    """A journal whose log still holds all of it.  By length of the log: the last row committed by then; by
    row: the lane's state."""

    path: Path
    ends: dict[int, int]
    states: dict[int, bytes]

    @property
    def log(self) -> Path:
        return self.path.with_name(f"{self.path.name}-wal")

    def row_at(self, length: int) -> int:
        """The last row that a log of so many bytes holds wholly."""
        return max((row for end, row in self.ends.items() if end <= length), default=0)


def write(folder: Path, travellers: int) -> Written:
    """Travellers come and go, one commit a fact, pictures with some; the files are kept as they are before
    anything is taken over from the log."""
    open_, kept = folder / "open", folder / "kept"
    open_.mkdir(parents=True)
    journal = Journal.create(open_ / "journal", "test", "lane-1")
    journal._connection.execute("PRAGMA wal_autocheckpoint = 0")
    written = Written(kept / "journal", {}, {0: b""})
    log = open_ / "journal-wal"
    written.ends[log.stat().st_size] = 0
    loop = loop_on(journal)
    told = [
        *beginning(journal.id),
        *(fact for place in range(travellers) for fact in traveller(10 + 60 * place, f"N{place:08}")),
    ]
    for number, fact in enumerate(told):
        picture = ((f"{number:064x}", Audience.LANE, b"\xff\xd8" + bytes(9000)),) if number % 9 == 8 else ()
        loop.take([(fact, picture)])
        assert loop.lane is not None
        written.ends[log.stat().st_size] = journal.last_number
        written.states[journal.last_number] = state.dump(loop.lane)
    shutil.copytree(open_, kept)
    journal.close()
    return written


@dataclass(slots=True)
class Cases:
    """What came of a campaign: `failures` say where a journal was not what it should be."""

    cases: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, what: str, failure: str) -> None:
        self.cases += 1
        if failure:
            self.failures.append(f"{what}: {failure}")


def cut(written: Written, folder: Path, random_cuts: int, seed: int) -> Cases:
    """The log cut at the end of each frame and at random bytes."""
    whole = written.log.stat().st_size
    chance = random.Random(seed)
    lengths = {
        0,
        *range(WAL_HEADER, whole + 1, FRAME),
        *(chance.randrange(whole) for _ in range(random_cuts)),
    }
    found = Cases()
    for length in sorted(lengths):
        copy = _copied(written, folder)
        os.truncate(f"{copy}-wal", length)
        found.add(f"cut at byte {length}", _problem(written, copy, written.row_at(length)))
    return found


def damage(written: Written, folder: Path, times: int, seed: int) -> Cases:
    """Eight random bytes anywhere in the log: it holds up to the commit before the damaged frame."""
    whole = written.log.stat().st_size
    chance = random.Random(seed)
    found = Cases()
    for _ in range(times):
        copy = _copied(written, folder)
        at = chance.randrange(WAL_HEADER, whole - 8)
        with Path(f"{copy}-wal").open("r+b") as log:
            log.seek(at)
            before = log.read(8)
            noise = bytes(byte ^ chance.randrange(1, 256) for byte in before)
            log.seek(at)
            log.write(noise)
        frame = (at - WAL_HEADER) // FRAME
        row = written.row_at(WAL_HEADER + frame * FRAME)
        found.add(f"damaged at byte {at}", _problem(written, copy, row))
    return found


def _copied(written: Written, folder: Path) -> Path:
    """A copy as a power cut leaves it: without the memory that the processes shared."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for part in (written.path, written.log):
        shutil.copy(part, folder / part.name)
    return folder / written.path.name


def _problem(written: Written, path: Path, row: int) -> str:
    """What is wrong with a journal that should be at `row`; "" for nothing."""
    try:
        journal = Journal.open(path)
    except JournalError as error:
        return f"it does not open: {error}"
    try:
        verdict = reading.verify(journal._connection)
        if verdict.bad_row is not None:
            return f"row {verdict.bad_row}: {verdict.problem}"
        if journal.last_number != row:
            return f"it is at row {journal.last_number}, not at {row}"
        lane = fold(journal)
        if (b"" if lane is None else state.dump(lane)) != written.states[row]:
            return f"row {row} folds to another state"
    finally:
        journal.close()
    return ""
