"""`borderlane journal`: verify, export, erase, on real journals and with a real daemon."""

import asyncio
import hashlib
import json
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lane_controller.daemon.configuration import load
from lane_controller.daemon.journal import Draft, Journal
from lane_controller.daemon.journal.opening import set_aside
from lane_controller.daemon.journal.rows import utc_text
from lane_controller.daemon.service import Daemon
from lane_controller.messages.words import Audience
from tests.commands.journals_told import append, borderlane_says, journal_of, told_by
from tests.lane.teller import NOON

PERSONAL = ("SERIKOV", "N1234567", "123ABC02")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return journal_of(tmp_path / "journal.sqlite", told_by("queue"))


def on_disk(journal: Path) -> bytes:
    return b"".join(path.read_bytes() for path in journal.parent.glob(f"{journal.name}*"))


def change(journal: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(journal)
    connection.execute(statement, values)
    connection.commit()
    connection.close()


# --- verify -----------------------------------------------------------------------------------------------


def test_a_whole_journal_verifies(journal: Path) -> None:
    said = borderlane_says("journal", "verify", journal)
    assert said.exit_code == 0
    assert "rows verify" in said.output


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE row SET fact = replace(fact, 'covered', 'clear') WHERE number = 9", "content is not what"),
        ("UPDATE row SET events = '[]' WHERE number = 20", "content is not what"),
        ("DELETE FROM row WHERE number = 11", "row 11 is missing"),
        ("UPDATE personal SET data = x'5b5d' WHERE number = 15", "personal data are not what"),
        ("UPDATE row SET utc = 5 WHERE number = 3", "content is not what"),
    ],
)
def test_the_first_bad_row_is_named(journal: Path, statement: str, problem: str) -> None:
    number = int("".join(c for c in statement.rpartition("=")[2] if c.isdigit()))
    change(journal, statement)
    said = borderlane_says("journal", "verify", journal)
    assert said.exit_code == 1
    assert f"row {number} is bad: " in said.output
    assert problem in said.output
    assert json.loads(borderlane_says("journal", "verify", journal, "--json").stdout)["bad_row"] == number


def test_a_tail_that_a_store_has_and_the_journal_lost_is_a_finding(journal: Path) -> None:
    writer = Journal.open(journal)
    writer.acknowledge("store", writer.last_sequence)
    last = writer.last_number
    writer.close()
    change(journal, "DELETE FROM row WHERE number > ?", last - 5)
    said = borderlane_says("journal", "verify", journal)
    assert said.exit_code == 1
    assert f"row {last - 4} is bad" in said.output


def test_a_journal_without_meta_is_damaged_and_no_crash(journal: Path) -> None:
    change(journal, "DELETE FROM meta")
    said = borderlane_says("journal", "verify", journal)
    assert said.exit_code == 3
    assert "meta" in said.output


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_file_is_a_finding_or_refused_and_never_a_crash(journal: Path, seed: int) -> None:
    data = bytearray(journal.read_bytes())
    for step in range(seed + 1):
        data[(seed * 7919 + step * 104729) % len(data)] ^= 0xFF
    journal.write_bytes(data)
    for verb in (("verify",), ("export", "--passage", 1)):
        said = borderlane_says("journal", verb[0], journal, *verb[1:])
        assert said.exit_code in (0, 1, 2, 3)


# --- export -----------------------------------------------------------------------------------------------


def verify_as_a_stranger(text: str) -> list[dict[str, Any]]:
    """docs/operating-a-lane.md, "Checking an export", in code of its own."""
    export = json.loads(text)
    assert export["format"] == "borderlane-export-1"
    previous = None
    for row in export["rows"]:
        digest = hashlib.sha256()
        hidden = bytes.fromhex(row["personal_hash"] or "")
        fields: list[object] = ["borderlane-row-1", export["journal"]]
        fields += [row[name] for name in ("number", "utc", "clock", "boot", "mono_us", "fact", "error")]
        fields += [row[name] for name in ("first_sequence", "event_count", "events")]
        for field in (*fields, hidden, bytes.fromhex(row["previous"])):
            data = field if isinstance(field, bytes) else str(field).encode()
            digest.update(len(data).to_bytes(8, "big") + data)
        assert digest.hexdigest() == row["hash"], row["number"]
        assert previous in (None, row["previous"]), row["number"]
        previous = row["hash"]
        if isinstance(row["personal"], dict):
            secret = bytes.fromhex(row["personal"]["salt"]) + row["personal"]["data"].encode()
            assert hashlib.sha256(secret).hexdigest() == row["personal_hash"]
    return export["rows"]


def test_a_stranger_can_verify_a_passages_export(journal: Path) -> None:
    said = borderlane_says("journal", "export", journal, "--passage", 1)
    assert said.exit_code == 0
    rows = verify_as_a_stranger(said.output)
    assert [row["number"] for row in rows] == list(range(rows[0]["number"], rows[-1]["number"] + 1))
    assert any('"passage.ended"' in row["events"] for row in rows)


def test_a_changed_export_does_not_verify(journal: Path) -> None:
    said = borderlane_says("journal", "export", journal, "--passage", 1).output
    with pytest.raises(AssertionError):
        verify_as_a_stranger(said.replace('\\"covered\\":true', '\\"covered\\":false', 1))


def test_a_passages_export_holds_nobody_elses_personal_data(journal: Path) -> None:
    rows = verify_as_a_stranger(borderlane_says("journal", "export", journal, "--passage", 1).output)
    others = [row for row in rows if row["personal"] == "left out"]
    own = [row for row in rows if isinstance(row["personal"], dict)]
    assert others
    assert own
    for row in own:
        named = {event["passage"] for event in json.loads(row["events"])}
        assert 1 in named or json.loads(row["fact"])["request"].startswith("1/")


def test_a_time_range_is_exported_with_its_pictures(tmp_path: Path) -> None:
    path = journal_of(tmp_path / "journal.sqlite", told_by("clean_lorry"))
    writer = Journal.open(path)
    at = told_by("clean_lorry")[0].at.model_copy(update={"utc": NOON + timedelta(hours=1)})
    sha256 = hashlib.sha256(b"jpeg").hexdigest()
    fact = {"kind": "clock_jumped", "by_s": 1.0}
    writer.append([Draft(at, fact, media=((sha256, Audience.LANE, b"jpeg"),))])
    last = writer.last_number
    writer.close()
    after = borderlane_says("journal", "export", path, "--from", utc_text(NOON + timedelta(minutes=30)))
    rows = verify_as_a_stranger(after.output)
    assert [row["number"] for row in rows] == [last]
    assert [(one["row"], one["sha256"]) for one in json.loads(after.output)["pictures"]] == [(last, sha256)]
    before = borderlane_says("journal", "export", path, "--to", "2026-06-01T12:30:00")
    assert len(verify_as_a_stranger(before.output)) == last - 1
    nothing = borderlane_says("journal", "export", path, "--to", "2020-01-01")
    assert nothing.exit_code == 2


def test_an_export_into_a_file_is_for_its_owner_alone_and_overwrites_nothing(
    journal: Path, tmp_path: Path
) -> None:
    output = tmp_path / "export.json"
    assert borderlane_says("journal", "export", journal, "--passage", 1, "-o", output).exit_code == 0
    assert output.stat().st_mode & 0o777 == 0o600
    text = output.read_text()
    verify_as_a_stranger(text)
    again = borderlane_says("journal", "export", journal, "--passage", 2, "-o", output)
    assert again.exit_code == 2
    assert output.read_text() == text


def test_a_running_lanes_rows_can_be_exported(tmp_path: Path) -> None:
    writer = Journal.create(tmp_path / "journal.sqlite", "khorgos", "lane1")
    try:
        append(writer, told_by("clean_lorry"))
        verify_as_a_stranger(borderlane_says("journal", "export", writer.path, "--passage", 1).output)
    finally:
        writer.close()


@pytest.mark.parametrize("arguments", [(), ("--passage", 1, "--from", "2026-01-01"), ("--from", "noon")])
def test_an_export_of_nothing_in_particular_is_wrong_use(
    journal: Path, arguments: tuple[object, ...]
) -> None:
    assert borderlane_says("journal", "export", journal, *arguments).exit_code == 2


# --- erase ------------------------------------------------------------------------------------------------


def test_erasing_a_time_leaves_nothing_of_a_person_on_the_disk_and_the_chain_whole(journal: Path) -> None:
    assert any(word.encode() in on_disk(journal) for word in PERSONAL)
    said = borderlane_says("journal", "erase", journal, "--before", "2030-01-01", "--yes")
    assert said.exit_code == 0
    assert "erased here; no daemon was running" in said.output
    assert "the chain verifies" in said.output
    assert not [word for word in PERSONAL if word.encode() in on_disk(journal)]
    assert borderlane_says("journal", "verify", journal).exit_code == 0


def test_erasing_a_passage_leaves_the_others(journal: Path) -> None:
    def personal(passage: int) -> list[bool]:
        """Whether it is still there, for each row that names this passage alone."""
        text = borderlane_says("journal", "export", journal, "--passage", passage).output
        rows = [row for row in verify_as_a_stranger(text) if row["personal"] not in (None, "left out")]
        return [
            row["personal"] != "erased"
            for row in rows
            if {event["passage"] for event in json.loads(row["events"])} - {None} == {passage}
        ]

    assert all(personal(1))
    assert borderlane_says("journal", "erase", journal, "--passage", 1, "--yes").exit_code == 0
    assert not any(personal(1))
    assert personal(2)
    assert all(personal(2))


def test_the_order_is_a_row_and_an_event_so_that_the_stores_follow(journal: Path) -> None:
    borderlane_says("journal", "erase", journal, "--passage", 1, "--yes")
    opened = Journal.open(journal)
    last = opened.events_after(opened.last_sequence - 1, 1)[0]
    opened.close()
    assert last.data["type"] == "journal.erased"
    assert last.data["passages"] == [1]
    assert last.audience == Audience.AUDIT


def test_nothing_is_erased_without_yes_or_a_person_who_says_so(journal: Path) -> None:
    before = journal.read_bytes()
    said = borderlane_says("journal", "erase", journal, "--before", "2030-01-01")
    assert said.exit_code == 2
    assert "--yes" in said.output
    assert journal.read_bytes() == before


@pytest.mark.parametrize(
    "arguments", [("--yes",), ("--yes", "--before", "2030-01-01", "--passage", 1), ("--yes", "--passage", 99)]
)
def test_an_order_that_names_nothing_or_too_much_erases_nothing(
    journal: Path, arguments: tuple[object, ...]
) -> None:
    assert borderlane_says("journal", "erase", journal, *arguments).exit_code == 2
    assert b"SERIKOV" in on_disk(journal)


def test_a_time_before_the_first_row_erases_nothing(journal: Path) -> None:
    said = borderlane_says("journal", "erase", journal, "--before", "2020-01-01", "--yes")
    assert said.exit_code == 0
    assert "nothing to erase" in said.output
    assert b"SERIKOV" in on_disk(journal)


@pytest.fixture
def aside(journal: Path) -> Path:
    """An older journal of the same lane, set aside when its card was replaced."""
    opened = Journal.open(journal)
    id = opened.id
    opened.close()
    older = set_aside(journal, id)
    journal_of(journal, told_by("queue"))
    return older


def test_erasing_a_time_holds_for_the_journals_that_were_set_aside_too(journal: Path, aside: Path) -> None:
    assert b"SERIKOV" in aside.read_bytes()
    said = borderlane_says("journal", "erase", journal, "--before", "2030-01-01", "--yes")
    assert said.exit_code == 0, said.output
    assert said.output.count("the chain verifies") == 2
    assert not [word for word in PERSONAL if word.encode() in on_disk(journal)]


def test_a_passage_of_a_journal_set_aside_is_erased_by_the_name_of_its_file(
    journal: Path, aside: Path
) -> None:
    before, content = on_disk(aside), journal.read_bytes()
    said = borderlane_says("journal", "erase", aside, "--passage", 1, "--yes")
    assert said.exit_code == 0, said.output
    assert on_disk(aside) != before
    opened = Journal.open(journal)
    (order,) = opened.events_after(opened.last_sequence - 1, 1)
    opened.close()
    assert order.data["sequences_to"] == 0, "of its own journal it names nothing"
    assert order.data["set_aside"][0]["passages"] == [1]
    assert b"SERIKOV" in content
    assert b"SERIKOV" in journal.read_bytes()
    assert borderlane_says("journal", "verify", aside).exit_code == 0


def test_a_time_is_not_erased_in_a_journal_set_aside_alone(journal: Path, aside: Path) -> None:
    said = borderlane_says("journal", "erase", aside, "--before", "2030-01-01", "--yes")
    assert said.exit_code == 2
    assert f"Try: erase in {journal}" in said.output


def test_a_journal_that_somebody_holds_without_a_socket_is_left_alone(journal: Path) -> None:
    holder = Journal.open(journal)
    try:
        said = borderlane_says("journal", "erase", journal, "--before", "2030-01-01", "--yes")
    finally:
        holder.close()
    assert said.exit_code == 3
    assert "--socket" in said.output
    assert b"SERIKOV" in on_disk(journal)


LANE = """
[site]
name = "khorgos"
[lane]
name = "lane1"
profile = "pedestrian"
direction = "entry"
state = "KZ"
[journal]
path = "journal.sqlite"
personal_days = 3660
"""


async def test_a_running_lane_erases_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "lane.toml"
    file.write_text(LANE)
    journal_of(tmp_path / "journal.sqlite", told_by("queue"))
    configuration = load(file)
    change(configuration.journal.path, "UPDATE meta SET value = '{}' WHERE key = 'machine'")
    daemon = Daemon(configuration)
    running = asyncio.create_task(daemon.run())
    try:
        await asyncio.wait_for(daemon.ready.wait(), 20)
        while not configuration.socket.exists():
            await asyncio.sleep(0.01)
        order = ("erase", configuration.journal.path, "--passage", 1, "--yes")
        said = await asyncio.to_thread(borderlane_says, "journal", *order)
        assert said.exit_code == 0, said.output
        assert "erased by the running lane" in said.output
        assert "the chain verifies" in said.output
        erased = await asyncio.to_thread(borderlane_says, "explain", configuration.journal.path, 1)
        assert "personal data erased" in erased.output
    finally:
        daemon.stop()
        await running


# --- the documented check ---------------------------------------------------------------------------------


def documented_check() -> str:
    text = (Path(__file__).parents[2] / "docs" / "operating-a-lane.md").read_text()
    return text.partition("```python\n")[2].partition("```")[0]


@pytest.mark.parametrize("changed", [False, True])
def test_the_check_in_the_operators_guide_tells_a_whole_export_from_a_changed_one(
    journal: Path, tmp_path: Path, changed: bool
) -> None:
    text = borderlane_says("journal", "export", journal, "--passage", 1).output
    if changed:
        text = text.replace('\\"covered\\":true', '\\"covered\\":false', 1)
    (tmp_path / "export.json").write_text(text)
    command = [sys.executable, "-c", documented_check(), str(tmp_path / "export.json")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.returncode == 0) is not changed
    assert ("rows verify" in said.stdout) is not changed
    assert ("was changed" in said.stderr) is changed


@pytest.mark.parametrize("story", ["hold_by_operator", "local_key", "tailgating"])
def test_an_erased_passage_leaves_no_personal_data_in_rows_that_led_to_no_event(
    tmp_path: Path, story: str
) -> None:
    journal = journal_of(tmp_path / "journal.sqlite", told_by(story))
    passages = sqlite3.connect(journal).execute("SELECT DISTINCT passage FROM passage").fetchall()
    chosen = [word for (number,) in passages for word in ("--passage", str(number))]
    said = borderlane_says("journal", "erase", journal, *chosen, "--yes")
    assert said.exit_code == 0, said.output
    left = sqlite3.connect(journal).execute("SELECT number FROM personal").fetchall()
    assert left == []
    assert borderlane_says("journal", "verify", journal).exit_code == 0
