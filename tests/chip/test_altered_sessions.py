"""A session changed at one place between chip and reader: a byte flipped, left out or replaced, a status
word, a command or an answer left out or exchanged.

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
from tests.chip.meeting import PACE_IM, Meeting, document

READ_ON = date(2026, 6, 1)
FACE = {"portrait": {"bytes": 600, "width": 16, "height": 20, "image": "jpeg"}}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "BAC with AA": {"active_authentication": {"key": "secp256r1"}},
    "BAC with CA": {"chip_authentication": [{"key": "secp256r1", "cipher": "3DES"}]},
    # On short curves: the session is the subject, and it's opened tens of thousands of times.
    "PACE-GM with CA": {
        "access": {"pace": ["ECDH-GM AES-128 secp192r1"]},
        "chip_authentication": [{"key": "secp192r1"}],
    },
    "PACE-IM with AA": {"access": {"pace": [PACE_IM]}, "active_authentication": {"key": "rsa-1024"}},
    "PACE-CAM": {
        "access": {"pace": ["ECDH-CAM AES-128 secp192r1"]},
        "chip_authentication_mapping": {"key": "secp192r1"},
    },
}
STATUSES = (
    *(0x9000, 0x6282, 0x6283, 0x6300, 0x63C1, 0x6700, 0x6882, 0x6982, 0x6983, 0x6985, 0x6986, 0x6987),
    *(0x6988, 0x6A80, 0x6A82, 0x6A86, 0x6A88, 0x6B00, 0x6C10, 0x6CE7, 0x6110, 0x6D00, 0x6E00, 0x6F00),
)

Answer = Callable[[list[bytes]], bytes]
"""Given all answers so far, the last being the chip's true one: what the reader gets for it.  Or the same
with commands: what the chip gets."""


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
class Session:
    """An untouched reading of a document, the reader's commands and the chip's answers to them."""

    reading: Reading
    commands: list[bytes]
    answers: list[bytes]


@dataclass(frozen=True)
class Change:
    """`answer` in place of the chip's at APDU number `at`, counted from 0; `of_command`: of the reader's
    command in its place."""

    at: int
    name: str
    answer: Answer
    of_command: bool = False


def flipped(at: int, place: int, mask: int, of_command: bool = False) -> Change:
    def answer(said: list[bytes]) -> bytes:
        true = bytearray(said[-1])
        true[place % len(true)] ^= mask
        return bytes(true)

    return Change(at, f"byte {place} ^ {mask:02X}", answer, of_command)


def left_out(at: int, place: int, of_command: bool = False) -> Change:
    def answer(said: list[bytes]) -> bytes:
        true = said[-1]
        return true[: place % len(true)] + true[place % len(true) + 1 :]

    return Change(at, f"byte {place} left out", answer, of_command)


def status(at: int, word: int, bare: bool) -> Change:
    return Change(
        at, f"status {word:04X}{' alone' if bare else ''}",
        lambda said: (b"" if bare else said[-1][:-2]) + word.to_bytes(2, "big"),
    )  # fmt: skip


def changes_of(at: int, session: Session, sample: random.Random | None) -> Iterator[Change]:
    """All changes of one command and its answer, or a few."""
    for apdu, of_command in ((session.answers[at], False), (session.commands[at], True)):
        places = range(len(apdu)) if sample is None else [sample.randrange(len(apdu))]
        for place in places:
            yield flipped(at, place, 1 << (place * 5 + at) % 8, of_command)
            yield left_out(at, place, of_command)
            if not of_command:
                yield flipped(at, place, 0xFF)
    yield Change(at, "the command before", lambda sent: sent[-2] if len(sent) > 1 else sent[-1], True)
    words = STATUSES if sample is None else [sample.choice(STATUSES)]
    yield from (status(at, word, bare) for word in words for bare in (False, True))
    yield Change(at, "dropped", lambda _said: b"")
    yield Change(at, "the one before", lambda said: said[-2] if len(said) > 1 else b"")
    yield Change(at, "cut by one", lambda said: said[-1][:-1])
    yield Change(at, "one more byte", lambda said: said[-1][:-2] + b"\0" + said[-1][-2:])


class Altered:
    """One reading of a document with one change; `commands` are the reader's own and `answers` the chip's."""

    def __init__(self, name: str, change: Change | None = None) -> None:
        self.document = _document(name)
        self.meeting = Meeting(_specimen(name))
        self.commands: list[bytes] = []
        self.answers: list[bytes] = []
        self.changed = False
        self._change = change
        self.reader = ChipReader(self._exchange, self.meeting.key())

    def _exchange(self, command: bytes) -> bytes:
        change = self._change
        here = change is not None and change.at == len(self.commands)
        self.commands.append(command)
        if here and change.of_command:
            command = self._changed(change, self.commands)
        self.answers.append(self.meeting.exchange(command))
        if here and not change.of_command:
            return self._changed(change, self.answers)
        return self.answers[-1]

    def _changed(self, change: Change, said: list[bytes]) -> bytes:
        changed = change.answer(said)
        self.changed = changed != said[-1]
        return changed

    def was_in_the_clear(self, at: int) -> bool:
        return not self.commands[at][0] & 0x0C

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
        # another form, or take BAC for a PACE that was refused, and then it says so.  Of a command, its own
        # chip may overlook what no MAC covers (Le outside), or refuse it and be asked again.
        assert change.of_command or altered.was_in_the_clear(change.at), change
        assert reading.files == genuine.files, change
        (access,) = (check for check in found.checks if check.name == "access")
        assert (access.outcome is Outcome.PASSED) == (reading.access == genuine.access), change


@pytest.fixture(scope="module")
def genuine() -> dict[str, Session]:
    found: dict[str, Session] = {}
    for name in DOCUMENTS:
        untouched = Altered(name)
        reading = untouched.run()
        assert reading is not None
        assert judged(reading, untouched.document, READ_ON).chip is ChipVerdict.GENUINE
        found[name] = Session(reading, untouched.commands, untouched.answers)
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_changed_session_is_never_taken_for_genuine(name: str, genuine: dict[str, Session]) -> None:
    session, sample = genuine[name], random.Random(name)
    for at in range(len(session.answers)):
        changes = list(changes_of(at, session, sample))
        for change in sample.sample(changes, 2):
            refute(name, change, session.reading)


@pytest.mark.long
@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("part", range(8))
def test_no_byte_and_no_status_of_a_session_can_be_changed_unnoticed(
    name: str, part: int, genuine: dict[str, Session]
) -> None:
    session = genuine[name]
    for at in range(part, len(session.answers), 8):
        for change in changes_of(at, session, None):
            refute(name, change, session.reading)
