"""The journal: what is committed stays, in order, and every change shows."""

import contextlib
import random
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from lane_controller.daemon.folding import fold, fold_rows
from lane_controller.daemon.journal import (
    Journal,
    JournalDamaged,
    JournalError,
    JournalForeign,
    JournalInUse,
    JournalLost,
    erasing,
    reading,
    retention,
)
from lane_controller.daemon.journal.opening import journals_set_aside, open_or_begin
from lane_controller.lane import state
from lane_controller.lane.facts import PersonalErased, RegisterAnswered
from tests.daemon.facts import BEGAN, NAMES, beginning, loop_on, stamp, told, traveller


def parts(path: Path) -> list[Path]:
    return [part for end in ("", "-wal") if (part := Path(f"{path}{end}")).exists()]


def copied(path: Path, folder: Path) -> Path:
    """A copy of a journal that another process holds open, as a power cut leaves it."""
    folder.mkdir(exist_ok=True)
    for part in parts(path):
        shutil.copy(part, folder / part.name)
    return folder / path.name


def verdict(path: Path) -> reading.Verdict:
    with contextlib.closing(reading.open_for_reading(path)) as connection:
        return reading.verify(connection)


def test_rows_come_back_as_they_went_in_with_their_personal_data(tmp_path):
    journal = told(tmp_path / "j")
    rows = list(journal.rows())
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    read = next(row for row in rows if row.fact["kind"] == "document_read")
    assert read.fact["document"]["surname"] == NAMES[0]
    assert read.personal is True
    assert {row.personal for row in rows if row.fact["kind"] == "presence_changed"} == {None}
    assert read.fact["at"]["mono_s"] == 1012.0


def test_a_journal_is_readable_by_its_owner_alone_and_durable_at_each_open(tmp_path):
    path = tmp_path / "j"
    told(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    journal = Journal.open(path)
    pragmas = {name: journal._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in
               ("journal_mode", "synchronous", "secure_delete")}  # fmt: skip
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_personal_data_stand_beside_the_row_and_never_in_it(tmp_path):
    journal = told(tmp_path / "j")
    for fact, events in journal._connection.execute("SELECT fact, events FROM row"):
        assert not any(name in fact + events for name in (*NAMES, "123ABC02"))


def test_the_state_is_the_fold_of_the_rows_with_and_without_a_snapshot(tmp_path):
    path = tmp_path / "j"
    journal = told(path)
    whole = fold_rows(None, journal.rows())
    loop = loop_on(journal)
    loop.snapshot()
    loop.take([(fact, ()) for fact in traveller(200, "N3")])
    expected = state.dump(loop.lane)
    journal.close()
    again = Journal.open(path)
    assert state.dump(fold(again)) == expected
    assert whole is not None
    assert whole.passages == 2


def test_a_snapshot_of_a_newer_version_stops_the_start_and_leaves_the_file_untouched(tmp_path):
    path = tmp_path / "j"
    journal = told(path)
    journal.snapshot(3, state.SCHEMA + 1, "{}")
    journal.close()
    before = path.read_bytes()
    with pytest.raises(JournalForeign, match=f"schema {state.SCHEMA + 1}.*left untouched"):
        fold(Journal.open(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "no SQLite database"),
        (b"hello, I am a text file" * 20, "no SQLite database"),
        ("application", "another program"),
        ("format", "format 7"),
    ],
)
def test_a_file_that_is_no_journal_of_this_format_is_left_untouched(tmp_path, content, what):
    path = tmp_path / "j"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        told(path).close()
        with contextlib.closing(sqlite3.connect(path)) as connection:
            name = "application_id" if content == "application" else "user_version"
            connection.execute(f"PRAGMA {name}=7")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    for attempt in (Journal.open, reading.open_for_reading):
        with pytest.raises(JournalForeign, match=what):
            attempt(path)
    assert path.read_bytes() == before


def test_two_processes_never_write_one_journal(tmp_path):
    journal = told(tmp_path / "j")
    with pytest.raises(JournalInUse, match="another process holds this journal"):
        Journal.open(tmp_path / "j")
    journal.close()
    Journal.open(tmp_path / "j").close()


def test_a_journal_of_another_lane_is_refused_by_name(tmp_path):
    told(tmp_path / "j").close()
    with pytest.raises(JournalError, match="journal of lane test/lane-1, not of test/lane-2"):
        open_or_begin(tmp_path / "j", "test", "lane-2")


def test_a_full_disk_loses_the_commit_and_nothing_else(tmp_path):
    journal = told(tmp_path / "j")
    loop = loop_on(journal)
    journal.limit_size(1)
    lost = None
    for second in range(0, 10_000, 10):
        before, lane = journal.last_number, loop.lane
        try:
            loop.take([(fact, ()) for fact in traveller(1000 + second)])
        except JournalLost as error:
            lost = error
            break
    assert "full" in str(lost)
    assert journal.last_number == before
    assert loop.lane is lane
    journal.limit_size(1 << 30)
    loop.take([(fact, ()) for fact in traveller(10)])
    journal.close()
    assert verdict(tmp_path / "j").bad_row is None


@pytest.mark.parametrize(
    "fact",
    [
        RegisterAnswered(stamp(300), f"{'9' * 40}/watchlist_person/1", (), "2026-03-01"),
        RegisterAnswered(stamp(300), "1/x/1", ({"name": "\ud800"},), "2026-03-01"),
    ],
    ids=["a number of 40 digits", "half a surrogate pair"],
)
def test_a_fact_that_no_row_can_hold_is_dropped_and_the_others_are_kept(tmp_path, fact):
    journal = told(tmp_path / "j")
    loop = loop_on(journal)
    rows, lane = journal.last_number, loop.lane
    loop.take([(fact, ())])
    assert (journal.last_number, loop.lane) == (rows, lane)
    arrive, *others = traveller(400)
    loop.take([(arrive, ()), (fact, ()), *((one, ()) for one in others)])
    assert journal.last_number == rows + 1 + len(others)
    assert reading.verify(journal._connection).bad_row is None


# --- the chain ----------------------------------------------------------------------------------------------

CHANGES = {
    "utc": "'2026-03-01T08:00:00.000001Z'",
    "clock": "'free'",
    "boot": "'boot-2'",
    "mono_us": "7",
    "fact": "replace(fact, 'loop', 'pool')",
    "error": "'x'",
    "first_sequence": "first_sequence + 1",
    "event_count": "event_count + 1",
    "events": "'[]'",
    "personal_hash": "zeroblob(32)",
    "previous": "zeroblob(32)",
    "hash": "zeroblob(32)",
}


@pytest.mark.parametrize("column", CHANGES)
def test_any_change_of_any_column_names_the_first_bad_row(tmp_path, column):
    path = tmp_path / "j"
    told(path).close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"UPDATE row SET {column} = {CHANGES[column]} WHERE number = 8")
    found = verdict(path)
    assert found.bad_row == 8, found.problem


def test_a_missing_row_a_cut_tail_and_changed_personal_data_show(tmp_path):
    path = tmp_path / "j"
    journal = told(path)
    journal.acknowledge("store-1", journal.last_sequence)
    last = journal.last_number
    journal.close()
    for damage, bad in (
        ("DELETE FROM row WHERE number = 4", 4),
        ("DELETE FROM row WHERE event_count > 0 AND number > 12", None),
        ("UPDATE personal SET data = CAST(replace(data, 'N09123456', 'N09123457') AS BLOB)", 10),
    ):
        copy = copied(path, tmp_path / "copy")
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute(damage)
        found = verdict(copy)
        assert found.problem, damage
        assert bad is None or found.bad_row == bad, (damage, found)
    assert verdict(path).bad_row is None
    assert verdict(path).rows == last


# --- damage (a cut log: tests/campaigns/test_power_cut.py) --------------------------------------------------


def test_a_damaged_file_is_a_clear_error_and_never_a_wrong_row(tmp_path):
    path = tmp_path / "j"
    told(path).close()
    size = path.stat().st_size
    chance = random.Random(9)
    good = {row.hash for row in Journal.open(path).rows()}
    for _ in range(30):
        shutil.rmtree(tmp_path / "cut", ignore_errors=True)
        copy = copied(path, tmp_path / "cut")
        with copy.open("r+b") as file:
            file.seek(chance.randrange(100, size))
            file.write(bytes(chance.randrange(256) for _ in range(64)))
        try:
            with contextlib.closing(reading.open_for_reading(copy)) as connection:
                found = reading.verify(connection)
                rows = [row.hash for row in reading.read_rows(connection, copy)]
        except (JournalDamaged, sqlite3.DatabaseError):
            continue
        if found.bad_row is None:
            assert set(rows) <= good


# --- erasing and pruning ------------------------------------------------------------------------------------


def erased(path: Path, *passages: int) -> Journal:
    """A journal in which an erasure was ordered and carried out."""
    picture = b"\xff\xd8 a picture of somebody" * 50
    journal = told(path, media=(("ab" * 32, "lane", picture),))  # type: ignore[arg-type]
    loop = loop_on(journal)
    loop.snapshot()
    order = PersonalErased(stamp(500), journal.last_sequence, passages)
    loop.take([(order, ())])
    for erasure in erasing.pending_erasures(journal):
        loop.snapshot()
        assert erasing.carry_out(journal, erasure, {}, ()) == []
    return journal


def test_erased_persons_are_nowhere_in_the_files_and_the_chain_still_verifies(tmp_path):
    path = tmp_path / "j"
    journal = erased(path)
    assert reading.verify(journal._connection).bad_row is None
    assert reading.verify(journal._connection).erased > 0
    content = b"".join(part.read_bytes() for part in parts(path))
    for name in (*NAMES, "123ABC02", "N00000002", "a picture of somebody"):
        assert name.encode() not in content, name
    assert fold(journal) is not None


def test_one_passage_is_erased_and_the_other_stays(tmp_path):
    path = tmp_path / "j"
    journal = erased(path, 1)
    documents = [row.fact["document"] for row in journal.rows() if row.fact["kind"] == "document_read"]
    assert documents[0] is None
    assert documents[1]["number"] == "N00000002"
    assert NAMES[2].encode() not in b"".join(part.read_bytes() for part in parts(path))


def test_an_erasure_cut_off_by_a_power_cut_is_done_at_the_next_start(tmp_path):
    path = tmp_path / "j"
    journal = told(path)
    loop_on(journal).take([(PersonalErased(stamp(500), journal.last_sequence), ())])
    journal.close()
    again = Journal.open(path)
    assert len(erasing.pending_erasures(again)) == 1


def test_only_acknowledged_rows_are_pruned_in_segments_and_the_rest_verifies(tmp_path):
    path = tmp_path / "j"
    journal = told(path)
    loop = loop_on(journal)
    for place in range(20):
        loop.take([(fact, ()) for fact in traveller(200 + 70 * place, f"N{place:08}")])
    loop.snapshot()
    later = stamp(10_000).utc
    assert retention.prune(journal, later, segment_rows=10) == 0, "no store has anything yet"
    journal.acknowledge("store-1", journal.last_sequence - 5)
    assert retention.prune(journal, BEGAN, segment_rows=10) == 0, "nothing is old"
    gone = retention.prune(journal, later, segment_rows=10)
    assert gone > 0
    assert gone % 10 == 0
    assert next(journal.rows()).number == gone + 1
    journal.close()
    assert verdict(path).bad_row is None
    again = Journal.open(path)
    assert again.last_sequence == journal.last_sequence
    assert fold(again) is not None


# --- the machine --------------------------------------------------------------------------------------------


def machine(root: Path, **files: str) -> Path:
    """A file system's root with the properties of one machine."""
    for name, value in {"etc/machine-id": "0123456789abcdef", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(value)
    return root


def test_the_same_machine_opens_its_journal_again(tmp_path):
    root = machine(tmp_path / "root")
    first = open_or_begin(tmp_path / "j", "test", "lane-1", root)
    first.journal.close()
    again = open_or_begin(tmp_path / "j", "test", "lane-1", root)
    assert (first.created, again.created) == (True, False)
    assert again.journal.id == first.journal.id


@pytest.mark.parametrize("what", ["machine", "copy"])
def test_a_cloned_image_begins_a_new_journal_and_keeps_the_old_one_for_delivery(tmp_path, what):
    path = tmp_path / "j"
    root = machine(tmp_path / "root")
    first = open_or_begin(path, "test", "lane-1", root)
    loop_on(first.journal).take([(fact, ()) for fact in beginning(first.journal.id)])
    first.journal.close()
    if what == "machine":
        machine(tmp_path / "root", **{"etc/machine-id": "another"})
    else:  # restored from a backup: another inode
        shutil.copy(path, tmp_path / "backup")
        (tmp_path / "backup").rename(path)
    second = open_or_begin(path, "test", "lane-1", root)
    assert second.created
    assert second.replaced == ("machine_id",) if what == "machine" else ("inode",)
    assert second.journal.id != first.journal.id
    (aside,) = journals_set_aside(path)
    older = Journal.open(aside)
    assert older.id == first.journal.id
    assert older.last_sequence == first.journal.last_sequence
    assert reading.verify(older._connection).bad_row is None
