"""A session changed at one place between chip and reader: a bit, a status word, an answer left out or
exchanged.

Nobody helps the reader up again (no reconnection), so that whatever was changed must show: the reading ends
with an error of ours, or its verdict is not genuine, or the change was of no account and all files are the
chip's own."""

import functools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from drivers.emrtd.check import Outcome
from drivers.emrtd.elementary_files import DATA_GROUPS
from drivers.emrtd.errors import EmrtdError
from drivers.emrtd.passive_authentication import DataVerdict
from drivers.emrtd.reader import ChipReader
from drivers.emrtd.reading import Reading
from drivers.emrtd.trust_store import TrustStore
from drivers.emrtd.verdict import ChipVerdict
from simulators.card.attacks.specimen import Specimen
from simulators.card.attacks.specimen import genuine as genuine_specimen
from simulators.card.document import Document
from tests.chip.judging import judged, own_trust
from tests.chip.meeting import PACE_CAM, PACE_GM, Meeting, document

READ_ON = date(2026, 6, 1)
FACE = {"portrait": {"bytes": 600, "width": 16, "height": 20, "image": "jpeg"}}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "BAC with AA": {"active_authentication": {"key": "secp256r1"}},
    "PACE-GM with CA": {"access": {"pace": [PACE_GM]}, "chip_authentication": [{}]},
    "PACE-CAM": {"access": {"pace": [PACE_CAM]}, "chip_authentication_mapping": {}},
}
STATUSES = (
    *(0x9000, 0x6282, 0x6283, 0x6300, 0x63C1, 0x6700, 0x6882, 0x6982, 0x6983, 0x6985, 0x6986, 0x6987),
    *(0x6988, 0x6A80, 0x6A82, 0x6A86, 0x6A88, 0x6B00, 0x6C10, 0x6CE7, 0x6110, 0x6D00, 0x6E00, 0x6F00),
)

Answer = Callable[[list[bytes]], bytes]
"""Given all answers so far, the last being the chip's true one: what the reader gets for it."""


@functools.cache
def _document(name: str) -> Document:
    return document(**(FACE | DOCUMENTS[name]))


@functools.cache
def _store(name: str) -> TrustStore:
    return own_trust(_document(name), READ_ON)


@functools.cache
def _specimen(name: str) -> Specimen:
    return genuine_specimen(_document(name))


@dataclass(frozen=True)
class Change:
    """`answer` in place of the chip's at APDU number `at`, counted from 0."""

    at: int
    name: str
    answer: Answer


def flipped(at: int, place: int, bit: int) -> Change:
    def answer(said: list[bytes]) -> bytes:
        true = bytearray(said[-1])
        true[place % len(true)] ^= 1 << bit
        return bytes(true)

    return Change(at, f"byte {place}, bit {bit}", answer)


def status(at: int, word: int, bare: bool) -> Change:
    return Change(
        at, f"status {word:04X}{' alone' if bare else ''}",
        lambda said: (b"" if bare else said[-1][:-2]) + word.to_bytes(2, "big"),
    )  # fmt: skip


def changes_of(at: int, answers: list[bytes], sample: random.Random | None) -> Iterator[Change]:
    """All changes of one answer, or a few."""
    length = len(answers[at])
    places = range(length) if sample is None else [sample.randrange(length)]
    yield from (flipped(at, place, (place * 5 + at) % 8) for place in places)
    words = STATUSES if sample is None else [sample.choice(STATUSES)]
    yield from (status(at, word, bare) for word in words for bare in (False, True))
    yield Change(at, "dropped", lambda _said: b"")
    yield Change(at, "the one before", lambda said: said[-2] if len(said) > 1 else b"")
    yield Change(at, "cut by one", lambda said: said[-1][:-1])
    yield Change(at, "one more byte", lambda said: said[-1][:-2] + b"\0" + said[-1][-2:])


class Altered:
    """One reading of a document with one change; `answers` are the chip's true ones."""

    def __init__(self, name: str, change: Change | None = None) -> None:
        self.document = _document(name)
        self.meeting = Meeting(_specimen(name))
        self.answers: list[bytes] = []
        self._secured: list[bool] = []
        self.changed = False
        self._change = change
        self.reader = ChipReader(self._exchange, self.meeting.key())

    def _exchange(self, command: bytes) -> bytes:
        self.answers.append(self.meeting.exchange(command))
        self._secured.append(bool(command[0] & 0x0C))
        if self._change is not None and self._change.at == len(self.answers) - 1:
            changed = self._change.answer(self.answers)
            self.changed = changed != self.answers[-1]
            return changed
        return self.answers[-1]

    def was_in_the_clear(self, at: int) -> bool:
        return not self._secured[at]

    def run(self) -> Reading | None:
        """The reading, None if it ended with an error of ours."""
        try:
            return self.reader.run()
        except EmrtdError:
            return None


def refute(name: str, change: Change, genuine: Reading) -> None:
    """Fail if the change mattered and went unnoticed."""
    altered = Altered(name, change)
    altered.run()
    reading = altered.reader.reading
    found = judged(reading, altered.document, READ_ON, _store(name))
    if found.data is DataVerdict.VERIFIED:
        groups = set(DATA_GROUPS.values()) & reading.files.keys()
        assert all(reading.files[file] == genuine.files[file] for file in groups), change
    if altered.changed and found.chip is ChipVerdict.GENUINE:
        # Before the session stands, nobody can vouch for an answer.  A refusal makes the reader ask again in
        # another form, or take BAC for a PACE that was refused, and then it says so.
        assert altered.was_in_the_clear(change.at), change
        assert reading.files == genuine.files, change
        (access,) = (check for check in found.checks if check.name == "access")
        assert (access.outcome is Outcome.PASSED) == (reading.access == genuine.access), change


@pytest.fixture(scope="module")
def genuine() -> dict[str, tuple[Reading, list[bytes]]]:
    found: dict[str, tuple[Reading, list[bytes]]] = {}
    for name in DOCUMENTS:
        untouched = Altered(name)
        reading = untouched.run()
        assert reading is not None
        assert judged(reading, untouched.document, READ_ON).chip is ChipVerdict.GENUINE
        found[name] = reading, untouched.answers
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_changed_session_is_never_taken_for_genuine(
    name: str, genuine: dict[str, tuple[Reading, list[bytes]]]
) -> None:
    reading, answers = genuine[name]
    sample = random.Random(name)
    for at in range(len(answers)):
        changes = list(changes_of(at, answers, sample))
        for change in sample.sample(changes, 2):
            refute(name, change, reading)


@pytest.mark.long
@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("part", range(8))
def test_no_byte_and_no_status_of_a_session_can_be_changed_unnoticed(
    name: str, part: int, genuine: dict[str, tuple[Reading, list[bytes]]]
) -> None:
    reading, answers = genuine[name]
    for at in range(part, len(answers), 8):
        for change in changes_of(at, answers, None):
            refute(name, change, reading)
