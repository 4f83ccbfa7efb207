"""A lane that reads chips: asked once the page is read, judged, told, kept and erased like the page."""

import asyncio
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from drivers.emrtd.trust import store_file
from drivers.emrtd.trust.ledger import Ledger, Removal
from drivers.emrtd.trust_store import Role
from lane_controller.commands.check import command as check
from lane_controller.commands.explain import command as explain
from lane_controller.commands.trust import command as trust_command
from lane_controller.daemon import upkeep
from lane_controller.daemon.chips import document_of
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.configuration import ConfigurationError, load
from lane_controller.daemon.journal.rows import events_of
from lane_controller.daemon.trust import Trust
from lane_controller.daemon.upkeep import Troubles
from lane_controller.lane.facts import ChipRead, Fact, PersonalErased, TroubleChanged
from lane_controller.messages.words import CheckOutcome, Outcome, Priority
from simulators.card.pcscd import PCSCD, VPCD, PrivatePcscd, folder_for_this_process
from simulators.card_desk import CardDesk
from simulators.document_reader.swipe import SwipeReader
from simulators.kit import LaneKit
from simulators.people import Traveller, traveller
from simulators.site_trust import build_trust
from simulators.world import Happening
from tests.daemon.rig import Rig, until

BORDERLANE = Path(sys.executable).with_name("borderlane")
KIT = LaneKit(profile="pedestrian", readers=("mrz-swipe", "pcsc"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trust store with one state's roots, made as an operator makes it."""
    folder = tmp_path_factory.mktemp("trust")
    return asyncio.run(build_trust(folder, BORDERLANE, datetime.now(UTC).date(), ("KAZ",)))


@pytest.fixture
def rig(tmp_path: Path, store: Path) -> Rig:
    if not PCSCD.exists() or not VPCD.exists():
        pytest.skip("pcscd or vpcd is not installed (apt install pcscd vsmartcard-vpcd)")
    made = Rig(tmp_path, KIT)
    made.trust = store
    desk = made.bench.parts["card"].device
    assert isinstance(desk, CardDesk)
    # The daemon in this process is a client of the one pcscd that this process can have.
    desk._pcscd = PrivatePcscd(folder_for_this_process(), desk._pcscd.readers)
    return made


class AtTheReader:
    """A traveller who stands at the lane's readers."""

    def __init__(self, rig: Rig, seed: int) -> None:
        today = datetime.now(UTC).date()
        self.holder: Traveller = traveller(random.Random(seed), today, state="KAZ", papers="passport-chip")
        self._rig = rig
        swipe, desk = rig.bench.parts["swipe"].device, rig.bench.parts["card"].device
        assert isinstance(swipe, SwipeReader)
        assert isinstance(desk, CardDesk)
        self._swipe, self.desk = swipe, desk

    def lays_chip(self) -> None:
        document = self.holder.document
        self.desk.tell(Happening(0.0, "lane-1", 1, "presents", document, self.holder))

    def swipes(self) -> None:
        self._swipe.present(self.holder.document.lines)


async def test_a_chip_is_read_judged_and_told_and_a_clone_refers(rig: Rig) -> None:
    async with rig.on_wires():
        async with rig.running() as daemon:
            await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
            rig.bench.wiring.sensors["cell-arrival"].set_fault("dirty", True)  # somebody stands there
            await until(lambda: daemon.loop.lane.passage, "a passage")
            who = AtTheReader(rig, 7)
            who.desk.set_fault("clone", True)
            who.swipes()
            who.lays_chip()
            await until(lambda: daemon.loop.lane.passage.decision is Outcome.REFER, "a referral", 40)
            passage = daemon.loop.lane.passage
            (asked,) = passage.chips
            read = asked.read
            assert isinstance(read, ChipRead)
            assert read.reading is not None
            assert (read.reading.data, read.reading.chip) == ("verified", "failed")
            assert read.reading.trust == store_file.load(rig.trust).digest
            results = {one.check: one for one in passage.results}
            assert results["chip_data"].outcome is CheckOutcome.PASSED
            assert results["chip_print"].outcome is CheckOutcome.PASSED
            assert results["chip_genuine"].reason.code == "chip_not_genuine"
            assert read.document is not None
            assert read.document.lines == who.holder.document.lines
            assert read.portrait is not None
            found = daemon.journal.media(read.portrait)
            assert found is not None
            assert found[1].startswith(b"\xff\xd8\xff")
            events = [one.data for row in daemon.journal.rows() for one in events_of(row)]
            told = [one for one in events if one["type"] == "passage.decided"]
            assert told[-1]["trust"] == read.reading.trust
            explained = CliRunner().invoke(explain, [str(rig.folder / "journal.sqlite"), str(passage.number)])
            assert "Chip of document 1" in explained.output
            assert "failed        chip_authentication_mapping: " in explained.output
            # Kept as the page is, and gone as the page goes.
            whole = rig.folder.joinpath("journal.sqlite")
            daemon.loop.post(
                PersonalErased(daemon.clock.stamp(), daemon.journal.last_sequence, (passage.number,))
            )
            await until(lambda: not daemon.loop.lane.passage.chips, "erased")
            await until(lambda: daemon.journal.media(read.portrait) is None, "the portrait is gone")
        assert who.holder.surname.encode() not in whole.read_bytes()


def without_roots(store: Path) -> Ledger:
    """What a store holds, its roots removed from trust."""
    ledger, _ = store_file.read(store)
    for mark, entry in ledger.entries.items():
        if entry.role is Role.ANCHOR:
            ledger.remove(mark, Removal(datetime.now(UTC), "olga", "a key was lost"))
    return ledger


def test_a_lane_file_whose_chips_cannot_be_judged_says_what_to_do(tmp_path: Path, store: Path) -> None:
    def mistakes(chip: str, driver: str = 'driver = "pcsc"') -> str:
        file = tmp_path / "lane.toml"
        file.write_text(
            '[site]\nname = "s"\n[lane]\nname = "l"\nprofile = "pedestrian"\ndirection = "entry"\n'
            f'state = "KZ"\n[journal]\npath = "j.sqlite"\n{chip}\n[devices.reader]\n{driver}\n'
            '[[checks]]\ncheck = "chip_genuine"\nagency = "border"\n'
        )
        try:
            load(file)
        except ConfigurationError as error:
            return str(error)
        return ""

    good = f'[chip]\ntrust = "{store}"'
    assert mistakes(good) == ""
    file = str(tmp_path / "lane.toml")
    assert "trust store" not in CliRunner().invoke(check, [file]).output
    for days, code in ((40, 0), (100, 1)):
        old = tmp_path / f"old-{days}"
        ledger, _ = store_file.read(store)
        ledger.refreshed = datetime.now(UTC) - timedelta(days=days, hours=1)
        store_file.save(old, ledger)
        assert mistakes(f'[chip]\ntrust = "{old}"') == "", "an old store is used all the same"
        told = CliRunner().invoke(check, [file])
        assert (told.exit_code, f"for {days} days" in told.output) == (code, True)
    ahead = tmp_path / "ahead"
    ledger, _ = store_file.read(store)
    ledger.refreshed = datetime.now(UTC) + timedelta(days=400)
    store_file.save(ahead, ledger)
    assert mistakes(f'[chip]\ntrust = "{ahead}"') == "", "a store of the future is used all the same"
    told = CliRunner().invoke(check, [file])
    assert (told.exit_code, "still to come by this machine's clock" in told.output) == (1, True)
    assert f"of {ledger.refreshed.date()}" in told.output
    assert "-4" not in told.output, "no days below nothing"
    verified = CliRunner().invoke(trust_command, ["verify", str(ahead)])
    assert (verified.exit_code, "store_ahead_of_clock" in verified.output) == (1, True)
    empty = tmp_path / "no-root"
    store_file.save(empty, without_roots(store))
    assert mistakes(f'[chip]\ntrust = "{empty}"') == ""
    told = CliRunner().invoke(check, [file])
    assert (told.exit_code, "no root is trusted" in told.output) == (1, True)
    assert "can never pass without a table [chip]" in mistakes("")
    assert "no device that reads chips" in mistakes(good, 'driver = "mrz-swipe"\nport = "/dev/ttyS0"')
    assert "borderlane trust import" in mistakes('[chip]\ntrust = "nowhere"')
    (tmp_path / "cut").write_bytes(store.read_bytes()[:-9])
    assert "changed or cut off" in mistakes('[chip]\ntrust = "cut"')
    assert "File name too long" in mistakes(f'[chip]\ntrust = "{"x" * 300}"')
    assert "a second reader of chips" in mistakes(good + '\n[devices.other]\ndriver = "pcsc"')


def test_a_trust_store_is_read_again_when_exchanged_and_says_when_it_is_old(tmp_path: Path, store: Path):
    file = tmp_path / "trust.store"
    trust, now = Trust(file), datetime.now(UTC)

    def trouble(days: int = 0) -> tuple[Priority, str] | None:
        standing = [one for one in trust.troubles(now + timedelta(days=days)).values() if one]
        assert len(standing) <= 1
        return (standing[0].priority, standing[0].reason.code) if standing else None

    trust.look(tmp_path / "newest.json")
    assert trouble() == (Priority.HIGH, "trust_store_not_readable")
    file.write_bytes(store.read_bytes())
    trust.look(tmp_path / "newest.json")
    assert trouble() is None
    assert trouble(40) == (Priority.LOW, "trust_store_old")
    assert trouble(100) == (Priority.MEDIUM, "trust_store_old")
    before = trust.store
    trust.look(tmp_path / "newest.json")
    assert trust.store is before
    file.write_bytes(b"nonsense")
    trust.look(tmp_path / "newest.json")
    assert trouble() == (Priority.HIGH, "trust_store_not_readable")
    assert trust.store is before, "what is known stays in use"
    store_file.save(file, without_roots(store))
    trust.look(tmp_path / "newest.json")
    assert trouble() == (Priority.HIGH, "trust_store_empty"), "certificates are held, and no root is trusted"
    store_file.save(file, Ledger(serial=9))
    trust.look(tmp_path / "newest.json")
    assert trouble() == (Priority.HIGH, "trust_store_empty")
    assert document_of(("NONSENSE",), now.date()) is None


def test_a_clock_behind_its_trust_store_alarms_beside_whatever_else_is_wrong_and_is_over(
    tmp_path: Path, store: Path
) -> None:
    file, now, facts = tmp_path / "trust.store", datetime.now(UTC), list[Fact]()
    troubles, trust = Troubles(Clock(), facts.append), Trust(file)

    def told(days: int) -> list[tuple[str, bool]]:
        facts.clear()
        trust.look(tmp_path / "newest.json")
        for name, trouble in trust.troubles(now + timedelta(days=days)).items():
            troubles.set(name, trouble)
        changes = [one for one in facts if isinstance(one, TroubleChanged)]
        assert {one.priority for one in changes if one.trouble == "trust_store_ahead_of_clock"} <= {
            Priority.HIGH
        }
        return [(one.reason.code if one.standing else one.trouble, one.standing) for one in changes]

    file.write_bytes(store.read_bytes())
    assert told(0) == []
    assert told(-1) == [], "of another time zone"
    assert told(-400) == [("trust_store_ahead_of_clock", True)]
    assert told(-400) == []
    file.write_bytes(b"nonsense")
    assert told(-400) == [("trust_store_not_readable", True)], "the store that stays in use is judged too"
    assert told(0) == [("trust_store_ahead_of_clock", False)]
    file.write_bytes(store.read_bytes())
    assert told(0) == [("trust_store", False)]


async def test_an_older_trust_store_that_was_put_back_while_a_lane_was_down_alarms_until_the_newest_is_back(
    rig: Rig, tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "TRUST_EVERY_S", 0.05)
    rig.trust = tmp_path / "trust.store"
    ledger, _ = store_file.read(store)
    older, ledger.serial = store_file.encode(ledger), ledger.serial + 1
    newest = store_file.encode(ledger)
    rig.trust.write_bytes(newest)

    def alarms() -> set[str]:
        lane = rig.daemon.loop.lane
        return {one.reason.code for one in lane.alarms} if lane is not None else set()

    async with rig.on_wires():
        record = load(rig.file).trust_newest
        async with rig.running():
            await until(record.exists, "the newest is on record")
            assert "trust_store_older_than_before" not in alarms()
        rig.trust.write_bytes(older)
        async with rig.running():
            await until(lambda: "trust_store_older_than_before" in alarms(), "an alarm")
            rig.trust.write_bytes(newest)
            await until(lambda: "trust_store_older_than_before" not in alarms(), "it is over")
