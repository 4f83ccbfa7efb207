"""Acknowledgements are the one thing that moves the cursor: whatever comes in their place, it stands where a
store truly is, within the journal, and the lane goes on."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lane_controller.daemon.configuration.tables import BrokerTable
from lane_controller.daemon.journal import Journal, reading
from lane_controller.daemon.outbox import Outbox
from lane_controller.daemon.uplink import ACK_BYTES_MAX, MEDIA_WAITING_MAX, Uplink
from lane_controller.messages.command import Ack, Reply
from lane_controller.messages.state import Status
from lane_controller.messages.words import Audience
from tests.daemon.facts import told

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


class Owner:
    def __init__(self) -> None:
        self.ahead: list[Ack] = []

    def state_message(self, audience: Audience) -> bytes:
        return b""

    def status_message(self) -> Status:
        return Status(status="online")

    def command_arrived(self, payload: bytes) -> Reply | None:
        raise AssertionError("an acknowledgement is no command")

    def live_asked(self, payload: bytes) -> Reply | None:
        raise AssertionError("an acknowledgement asks for no picture")

    def store_ahead(self, ack: Ack) -> None:
        self.ahead.append(ack)


class Line:
    def __init__(self, folder: Path) -> None:
        self.journal: Journal = told(folder / "journal")
        self.owner = Owner()
        boxes = {self.journal.id: Outbox(self.journal)}
        table = BrokerTable(host="127.0.0.1", port=1)
        self.uplink = Uplink(table, "test", "lane-1", boxes, self.owner)

    def take(self, payload: bytes) -> None:
        """Raises nothing, whatever it is."""
        self.uplink._acknowledged(payload)
        assert 0 <= self.journal.acknowledged <= self.journal.last_sequence
        assert self.uplink._media.qsize() <= MEDIA_WAITING_MAX

    def good(self, **changes: Any) -> dict[str, Any]:
        return {"store": "s", "journal": self.journal.id, "contiguous": 5, "missing_media": [], **changes}


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory):
    line = Line(tmp_path_factory.mktemp("acks"))
    yield line
    assert reading.verify(line.journal._connection).bad_row is None
    line.journal.close()


@settings(max_examples=120)
@given(st.binary(max_size=200) | _json.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_acknowledgement_moves_nothing(line: Line, payload: bytes):
    before = (line.journal.acknowledged, line.journal.store)
    line.take(payload)
    assert (line.journal.acknowledged, line.journal.store) == before


@settings(max_examples=120)
@given(st.fixed_dictionaries({}, optional={key: _json for key in ("store", "contiguous", "missing_media")}))
def test_any_values_in_an_acknowledgement_keep_the_cursor_within_the_journal(
    line: Line, changes: dict[str, Any]
):
    line.take(json.dumps(line.good(**changes)).encode())


@pytest.mark.parametrize(
    "changes",
    [
        {"contiguous": 10**30},
        {"contiguous": -1},
        {"contiguous": 2**63},
        {"missing_media": ["a" * 64] * 900},
        {"missing_media": ["\x00", "'; DROP TABLE media", "../../etc"]},
        {"store": "\x00" * 1000},
        {"store": "x" * 60_000},
    ],
    ids=str,
)
def test_absurd_values(line: Line, changes: dict[str, Any]):
    line.take(json.dumps(line.good()).encode())
    assert line.journal.acknowledged == 5
    line.take(json.dumps(line.good(**changes)).encode())
    line.take(json.dumps(line.good()).encode())
    assert line.journal.acknowledged == 5


def test_more_than_the_journal_has_is_told_and_less_than_nothing_is_no_acknowledgement(line: Line):
    line.take(json.dumps(line.good()).encode())
    line.owner.ahead.clear()
    line.take(json.dumps(line.good(contiguous=line.journal.last_sequence + 1)).encode())
    assert len(line.owner.ahead) == 1
    unreadable = line.uplink.dropped["acknowledgement not readable"]
    for contiguous in (-1, -(10**30), 10**30, 5.5, None):
        line.take(json.dumps(line.good(contiguous=contiguous)).encode())
    assert line.uplink.dropped["acknowledgement not readable"] == unreadable + 5
    assert line.journal.acknowledged == 5
    line.take(b" " * (ACK_BYTES_MAX + 1))


def test_repeated_and_reordered_acknowledgements_leave_the_cursor_at_the_last_one(line: Line):
    for contiguous in (3, 7, 5, 5, 2, 9, 1):
        line.take(json.dumps(line.good(contiguous=contiguous)).encode())
        assert line.journal.acknowledged == contiguous


def test_what_a_newer_store_adds_to_its_acknowledgement_is_left_out(line: Line):
    line.take(json.dumps(line.good(contiguous=4, wants="snapshots", version={"store": 2})).encode())
    assert line.journal.acknowledged == 4
