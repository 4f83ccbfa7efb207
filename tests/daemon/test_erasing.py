"""Orders of erasure in a running lane: what they name is gone from every journal of the lane, also from those
that were set aside; what is wrong with an order is said, and it erases nothing."""

import asyncio
import contextlib
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from lane_controller.daemon.clock import Clock
from lane_controller.daemon.erasing import Eraser
from lane_controller.daemon.journal import Journal, reading
from lane_controller.daemon.journal.erasing import pending_erasures
from lane_controller.daemon.journal.opening import set_aside
from lane_controller.daemon.loop import Loop
from lane_controller.lane.facts import PersonalErased
from lane_controller.messages.parts import ErasedJournal
from tests.daemon.facts import BEGAN, NAMES, loop_on, told

PICTURE = b"\xff\xd8 a picture of somebody" * 50
PERSONAL = (*NAMES, "N00000002", "123ABC02", "a picture of somebody")


class Lane:
    """A journal with two travellers in it, an older one with the same two, and an eraser that serves both."""

    def __init__(self, folder: Path) -> None:
        path = folder / "journal.sqlite"
        media = (("ab" * 32, "lane", PICTURE),)
        older = told(path, media=media)  # type: ignore[arg-type]
        self.older_id, self.older_head = older.id, older.last_hash
        self.older_last = older.last_sequence
        older.close()
        self.aside = set_aside(path, self.older_id)
        self.journal: Journal = told(path, media=media)  # type: ignore[arg-type]
        self.loop: Loop = loop_on(self.journal)
        self.opened: dict[str, Journal] = {}
        self.eraser = Eraser(self.journal, Clock(), self.post, lambda: self.opened, self.loop.snapshot)

    def post(self, fact: PersonalErased) -> None:  # type: ignore[override]
        self.loop.take([(fact, ())])
        self.eraser.follow([fact])

    async def asked(self, **question: object) -> dict[str, object]:
        return await self.eraser.ordered({"ask": "erase", **question})

    def part_of_older(self, **changes: object) -> dict[str, object]:
        return {"journal": self.older_id, "sequences_to": self.older_last, **changes}

    def close(self) -> None:
        for journal in (self.journal, *self.opened.values()):
            journal.close()


@pytest.fixture
def lane(tmp_path: Path):
    lane = Lane(tmp_path)
    yield lane
    lane.close()


def names_in(path: Path) -> list[str]:
    """What is still to be read of the two travellers in a journal's files."""
    content = b"".join(part.read_bytes() for end in ("", "-wal") if (part := Path(f"{path}{end}")).exists())
    return [name for name in PERSONAL if name.encode() in content]


def verdict(path: Path) -> reading.Verdict:
    with contextlib.closing(reading.open_for_reading(path)) as connection:
        return reading.verify(connection)


@pytest.mark.parametrize("held", [False, True], ids=["nobody holds it", "still being delivered"])
async def test_one_order_erases_in_the_journals_set_aside_too_and_gives_them_no_row(lane: Lane, held: bool):
    if held:
        lane.opened[lane.older_id] = Journal.open(lane.aside)
    assert names_in(lane.aside)
    answer = await lane.asked(sequences_to=lane.journal.last_sequence, set_aside=[lane.part_of_older()])
    assert answer["left"] == []
    assert names_in(lane.journal.path) == names_in(lane.aside) == []
    for path in (lane.journal.path, lane.aside):
        found = verdict(path)
        assert found.bad_row is None, found
        assert found.erased > 0
    assert verdict(lane.aside).head == lane.older_head.hex()
    (order,) = (
        event.data for event in lane.journal.events_after(0, 1000) if event.data["type"] == "journal.erased"
    )
    assert order["set_aside"] == [
        {"journal": lane.older_id, "sequences_to": lane.older_last, "passages": []}
    ], "so that every store follows"


async def test_sequences_to_0_names_nothing_of_the_lanes_own_journal(lane: Lane):
    before = names_in(lane.journal.path)
    await lane.asked(sequences_to=0)
    assert names_in(lane.journal.path) == before
    await lane.asked(sequences_to=0, set_aside=[lane.part_of_older(passages=[1])])
    assert names_in(lane.journal.path) == before
    assert "N09123456" not in names_in(lane.aside)
    assert "N00000002" in names_in(lane.aside), "another passage of the older journal stays"


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"passages": [1]},
        {"sequences_to": -1},
        {"sequences_to": True},
        {"sequences_to": "5"},
        {"sequences_to": 1e300},
        {"sequences_to": 10_000},
        {"sequences_to": 1, "passages": "12"},
        {"sequences_to": 1, "passages": [None]},
        {"sequences_to": 1, "passages": list(range(20_000))},
        {"sequences_to": 1, "passage": [1]},
        {"sequences_to": 1, "set_aside": [{"journal": "unknown", "sequences_to": 1}]},
        {"sequences_to": 1, "set_aside": {"journal": 1}},
    ],
    ids=str,
)
async def test_an_order_that_is_not_understood_erases_nothing_and_says_why(lane: Lane, question: dict):
    rows, before = lane.journal.last_number, names_in(lane.journal.path)
    answer = await lane.asked(**question)
    assert str(answer["error"]).startswith("not erased: ")
    assert lane.journal.last_number == rows
    assert names_in(lane.journal.path) == before


async def test_an_order_must_not_name_events_of_an_older_journal_that_never_were(lane: Lane):
    answer = await lane.asked(sequences_to=0, set_aside=[lane.part_of_older(sequences_to=10_000)])
    assert "ends at event" in str(answer["error"])


async def test_a_journal_that_cannot_be_opened_keeps_the_order_pending_and_the_lane_running(lane: Lane):
    holder = Journal.open(lane.aside)
    fact = PersonalErased(
        lane.loop.lane.now,  # type: ignore[union-attr]
        lane.journal.last_sequence,
        (),
        set_aside=(ErasedJournal(journal=lane.older_id, sequences_to=lane.older_last, passages=()),),
    )
    lane.post(fact)
    assert names_in(lane.journal.path) == [], "the lane's own is erased all the same"
    assert names_in(lane.aside)
    assert len(pending_erasures(lane.journal)) == 1
    holder.close()
    again = Eraser(lane.journal, Clock(), lane.post, dict, lane.loop.snapshot)
    again.start()
    assert pending_erasures(lane.journal) == []
    assert names_in(lane.aside) == []


async def test_a_damaged_older_journal_does_not_stop_the_lane(lane: Lane):
    content = bytearray(lane.aside.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    lane.aside.write_bytes(content)
    lane.eraser.start()
    assert lane.eraser.due(BEGAN + timedelta(days=9999)) is not None
    answer = await lane.asked(sequences_to=lane.journal.last_sequence)
    assert answer["left"] == []
    assert names_in(lane.journal.path) == []


async def test_a_reader_of_the_log_delays_the_end_of_an_erasure_and_nothing_else(lane: Lane, monkeypatch):
    monkeypatch.setattr("lane_controller.daemon.erasing.RETRY_S", 0.01)
    reader = sqlite3.connect(lane.journal.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM row").fetchone()
    (left,) = (await lane.asked(sequences_to=lane.journal.last_sequence))["left"]  # type: ignore[misc]
    assert "another program reads the journal" in left
    assert len(pending_erasures(lane.journal)) == 1
    finishing = asyncio.create_task(lane.eraser.finish())
    reader.close()
    async with asyncio.timeout(20):
        while pending_erasures(lane.journal):
            await asyncio.sleep(0.01)
    finishing.cancel()
    assert names_in(lane.journal.path) == []


async def test_what_is_too_old_goes_by_itself_from_every_journal_of_the_lane(lane: Lane):
    assert lane.eraser.due(BEGAN) is None
    order = lane.eraser.due(BEGAN + timedelta(days=9999))
    assert order is not None
    assert [one.journal for one in order.set_aside] == [lane.older_id]
    lane.post(order)
    assert names_in(lane.journal.path) == names_in(lane.aside) == []
    assert lane.eraser.due(BEGAN + timedelta(days=9999)) is None


async def test_an_older_journals_own_order_is_carried_out_after_the_card_was_replaced(tmp_path: Path):
    path = tmp_path / "journal.sqlite"
    older = told(path)
    loop_on(older).take([(PersonalErased(older_stamp(older), older.last_sequence), ())])
    older.close()
    aside = set_aside(path, older.id)
    journal = told(path)
    Eraser(journal, Clock(), lambda fact: None, dict, lambda: None).start()
    assert names_in(aside) == []
    assert verdict(aside).bad_row is None
    journal.close()


def older_stamp(journal: Journal):
    return next(journal.rows()).at
