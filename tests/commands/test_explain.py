"""`borderlane explain`: one passage, out of its journal alone."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lane_controller.commands.account import CHECKS_FOLDER
from lane_controller.daemon.journal import Journal
from lane_controller.daemon.journal.erasing import Erasure, carry_out
from lane_controller.lane.checks.registry import CHECKS
from lane_controller.lane.facts import PlateRead
from lane_controller.messages.parts import FrameVote, PlateVote, VotedText
from lane_controller.messages.words import VoteWhen, VoteWhy
from tests.commands.journals_told import append, borderlane_says, journal_of, told, told_by

ROOT = Path(__file__).parents[2]
ARRIVES = "rules\nstart\nready\narrival covered\n"


def test_every_check_of_a_passage_is_told_with_agency_outcome_reason_source_and_file(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.sqlite", told_by("overload"))
    said = borderlane_says("explain", journal, 1)
    assert said.exit_code == 0
    lines = said.output.splitlines()
    start = next(n for n, line in enumerate(lines) if "weight_limit: over_limit" in line)
    assert lines[start].split()[:2] == ["failed", "transport"]
    assert lines[start + 1].split() == ["rule:", "lane_controller/lane/checks/weight_limit.py"]
    assert "source:  KZ:" in lines[start + 2]


def test_the_file_named_for_a_check_holds_its_rule() -> None:
    for name in CHECKS:
        text = (ROOT / CHECKS_FOLDER / f"{name}.py").read_text()
        assert f'NAME: str = "{name}"' in text


def test_a_rise_is_traced_to_its_permit_and_order(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.sqlite", told_by("clean_lorry"))
    arm = json.loads(borderlane_says("explain", journal, 1, "--json").output)["arm"]
    assert arm["rose"]
    assert [(one["cause"], one["order"], one["result"]["result"]) for one in arm["permits"]] == [
        ("decision", "raise-1", "done")
    ]
    said = borderlane_says("explain", journal, 1).output
    assert "It rose." in said
    assert "was given by the decision release" in said
    assert "order raise-1: done" in said


def test_a_rise_by_command_names_who_asked_and_why(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.sqlite", told_by("handed_over"))
    said = borderlane_says("explain", journal, 1).output
    assert "was given by the command raise of" in said


def test_an_arm_that_stayed_down_is_explained_by_the_decision(tmp_path: Path) -> None:
    story = ARRIVES + "plate none\ndeck_entry covered\narrival clear\nweight 38000\nanswer all\nwait 300\n"
    journal = journal_of(tmp_path / "j.sqlite", told(story))
    said = borderlane_says("explain", journal, 1).output
    assert "It did not rise for this passage." in said
    assert "No permit was given: the decision is hold (" in said


def test_withheld_reasons_are_told(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.sqlite", told_by("switches_contradict"))
    assert "raise withheld: barrier_fault" in borderlane_says("explain", journal, 1).output


def test_it_is_said_what_went_to_whom_and_what_a_store_has(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.sqlite", told_by("watchlist_hit"))
    writer = Journal.open(journal)
    writer.acknowledge("store-1", 16)
    writer.close()
    said = borderlane_says("explain", journal, 1).output
    assert "#15 to lane: presence.changed" in said
    assert "[second line only]" in said
    assert "store store-1 has acknowledged up to #16" in said
    rows = json.loads(borderlane_says("explain", journal, 1, "--json").output)["rows"]
    stored = {event["sequence"]: event["in_store"] for row in rows for event in row["events"]}
    assert stored[16]
    assert not stored[17]


def test_another_passages_readings_are_not_mixed_in(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.sqlite", told_by("queue"))
    for number in (1, 2):
        account = json.loads(borderlane_says("explain", journal, number, "--json").output)
        for row in account["rows"]:
            if "/" in str(row["fact"].get("request", "")):
                assert row["fact"]["request"].startswith(f"{number}/")
            for event in row["events"]:
                assert event["data"].get("passage", number) in (number, None)


def test_a_passage_is_explained_while_the_lane_runs_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    writer = Journal.create(path, "khorgos", "lane1")
    try:
        append(writer, told(ARRIVES))
        size = path.stat().st_size, Path(f"{path}-wal").stat().st_size
        said = borderlane_says("explain", path, 1)
        assert said.exit_code == 0
        assert "still open" in said.output
        assert "Decision: none yet" in said.output
        assert size == (path.stat().st_size, Path(f"{path}-wal").stat().st_size)
    finally:
        writer.close()


def test_erased_rows_are_said_to_be_erased(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    journal = journal_of(path, told_by("clean_lorry"))
    writer = Journal.open(path)
    erasure = Erasure(writer.last_number + 1, writer.last_sequence, (1,), ())
    assert carry_out(writer, erasure, {}, ()) == []
    writer.close()
    said = borderlane_says("explain", journal, 1)
    assert said.exit_code == 0
    assert "[personal data erased]" in said.output
    assert "rows were erased" in said.output
    assert "123ABC02" not in said.output
    assert "SERIKOV" not in said.output


def test_an_unknown_passage_is_named_with_those_there_are(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.sqlite", told_by("queue"))
    said = borderlane_says("explain", journal, 99)
    assert said.exit_code == 2
    assert "no passage 99" in said.output
    assert "khorgos/lane1" in said.output
    assert "it has 1 to " in said.output


@pytest.mark.parametrize("content", [None, b"", b"not a database at all", b"SQLite format 3\0" + bytes(200)])
def test_what_is_no_journal_is_refused_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "j.sqlite"
    if content is not None:
        path.write_bytes(content)
    said = borderlane_says("explain", path, 1)
    assert said.exit_code == 3
    assert str(path) in said.output
    assert "Traceback" not in said.output
    assert (path.read_bytes() if content is not None else None) == content


def test_text_from_outside_never_moves_the_cursor(tmp_path: Path) -> None:
    facts = told(ARRIVES + "plate 123ABC02\n")
    read = facts[-1]
    assert isinstance(read, PlateRead)
    assert read.plate is not None
    facts[-1] = replace(read, plate=read.plate.model_copy(update={"display": "A\x1b[2J\x07B"}))
    said = borderlane_says("explain", journal_of(tmp_path / "j.sqlite", facts), 1).output
    assert "\x1b[2J" not in said
    assert "A\\x1b[2J\\x07B" in said


def a_vote() -> PlateVote:
    return PlateVote(
        side="front",
        frames=4,
        texts=(
            VotedText(text="123ABC02", probability=0.91, frames=3),
            VotedText(text="128ABC02", probability=0.05, frames=1),
        ),
        others=(VotedText(text="777XYZ05", probability=0.6, frames=1),),
        parked=(VotedText(text="888PQR11", probability=0.9, frames=4),),
        each=(
            FrameVote(after_s=0, text="128ABC02", probability=0.4),
            FrameVote(after_s=0.4, text="123ABC02", probability=0.83),
        ),
        when=VoteWhen.SURE,
        why=VoteWhy.FRAMES_AGREE,
    )


def test_the_frames_that_voted_each_text_with_its_weight_and_the_decision_are_told(tmp_path: Path) -> None:
    facts = told(ARRIVES + "plate 123ABC02\n")
    read = facts[-1]
    assert isinstance(read, PlateRead)
    facts[-1] = replace(read, vote=a_vote())
    journal = journal_of(tmp_path / "j.sqlite", facts)
    lines = borderlane_says("explain", journal, 1).output.splitlines()
    start = next(number for number, line in enumerate(lines) if "decided: sure" in line)
    assert "front: 123ABC02, printed 123ABC02 (KZ), 0.95 sure, 5 frame(s)" in lines[start - 1]
    assert [line.strip() for line in lines[start : start + 7]] == [
        "decided: sure, frames agree; frames that voted: 4",
        "weight 0.9100  123ABC02, named by 3 frame(s)",
        "weight 0.0500  128ABC02, named by 1 frame(s)",
        "weight 0.6000  another plate: 777XYZ05, named by 1 frame(s)",
        "weight 0.9000  parked: 888PQR11, named by 4 frame(s)",
        "frame after 0.00 s: 128ABC02, 0.40 sure",
        "frame after 0.40 s: 123ABC02, 0.83 sure",
    ]
    (plate,) = json.loads(borderlane_says("explain", journal, 1, "--json").output)["plates"]
    assert plate["vote"] == a_vote().model_dump(mode="json")


def test_a_plate_of_an_older_journal_is_told_without_its_vote(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.sqlite", told(ARRIVES + "plate 123ABC02\n"))
    said = borderlane_says("explain", journal, 1).output
    assert "front: 123ABC02, printed 123ABC02 (KZ), 0.95 sure, 5 frame(s)" in said
    assert "decided:" not in said


def test_an_erased_vote_names_no_text(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    facts = told_by("clean_lorry")
    journal = journal_of(
        path, [replace(one, vote=a_vote()) if isinstance(one, PlateRead) else one for one in facts]
    )
    assert "128ABC02" in borderlane_says("explain", journal, 1).output
    writer = Journal.open(path)
    assert carry_out(writer, Erasure(writer.last_number + 1, writer.last_sequence, (1,), ()), {}, ()) == []
    writer.close()
    said = borderlane_says("explain", journal, 1)
    assert said.exit_code == 0
    assert "128ABC02" not in said.output
    assert b"128ABC02" not in path.read_bytes()
