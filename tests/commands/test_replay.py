"""`borderlane replay`: a journal's facts through today's rules."""

import json
from pathlib import Path

import pytest

from lane_controller.daemon.journal import Journal, retention
from lane_controller.daemon.journal.erasing import Erasure, carry_out
from lane_controller.daemon.loop import advance
from lane_controller.lane import state
from lane_controller.lane.checks import plate_booked, weight_limit
from lane_controller.lane.evidence import Evidence
from lane_controller.messages.parts import CheckResult
from lane_controller.messages.words import CheckOutcome
from tests.commands.journals_told import STORIES, append, borderlane_says, journal_of, told_by

SOME_STORIES = sorted(path.stem for path in STORIES.glob("*.txt"))[::4]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return journal_of(tmp_path / "j.sqlite", told_by("clean_lorry"))


@pytest.fixture
def stricter(journal: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal since which the rule changed: today nobody is booked."""

    def nobody(evidence: Evidence) -> tuple[CheckResult, ...]:
        return tuple(one.model_copy(update={"outcome": CheckOutcome.FAILED}) for one in booked(evidence))

    booked = plate_booked.conclude
    monkeypatch.setattr(plate_booked, "conclude", nobody)
    return journal


@pytest.mark.parametrize("story", SOME_STORIES)
def test_the_rules_that_wrote_a_journal_say_the_same_again(tmp_path: Path, story: str) -> None:
    said = borderlane_says("replay", journal_of(tmp_path / "j.sqlite", told_by(story)))
    assert said.exit_code == 0, said.output
    assert "no difference" in said.output
    assert "not replayed" not in said.output


def test_a_changed_rule_shows_as_row_recorded_and_today(stricter: Path) -> None:
    said = borderlane_says("replay", stricter)
    assert said.exit_code == 1
    assert "- recorded  to lane: passage.check: plate_booked plate-front passed" in said.output
    assert "+ today     to lane: passage.check: plate_booked plate-front failed" in said.output
    assert "rows differ" in said.output
    told = json.loads(borderlane_says("replay", stricter, "--json").output)
    first = told["differences"][0]
    assert first["fact"]["kind"] == "register_answered"
    assert first["recorded"][0]["data"]["result"]["outcome"] == "passed"
    assert first["today"][0]["data"]["result"]["outcome"] == "failed"


def test_from_and_to_choose_what_is_compared_and_nothing_else(stricter: Path) -> None:
    first = json.loads(borderlane_says("replay", stricter, "--json").output)["differences"][0]["row"]
    before = borderlane_says("replay", stricter, "--to", first - 1)
    assert before.exit_code == 0
    assert f"{first - 1} rows replayed" in before.output
    alone = json.loads(borderlane_says("replay", stricter, "--from", first, "--to", first, "--json").output)
    assert [one["row"] for one in alone["differences"]] == [first]
    assert alone["rows"] == 1
    assert borderlane_says("replay", stricter, "--from", 9, "--to", 8).exit_code == 2


def test_rules_that_fail_today_are_a_difference_and_no_crash(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(evidence: Evidence) -> tuple[CheckResult, ...]:
        raise ZeroDivisionError("broken on purpose")

    monkeypatch.setattr(weight_limit, "conclude", broken)
    said = borderlane_says("replay", journal)
    assert said.exit_code == 1
    assert "the rules fail: ZeroDivisionError" in said.output


def test_rules_that_failed_then_and_work_today_are_a_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(evidence: Evidence) -> tuple[CheckResult, ...]:
        raise ZeroDivisionError("broken then")

    facts = told_by("clean_lorry")
    with monkeypatch.context() as then:
        then.setattr(weight_limit, "conclude", broken)
        journal = journal_of(tmp_path / "j.sqlite", facts)
    said = borderlane_says("replay", journal)
    assert said.exit_code == 1
    assert "- recorded  the rules failed: ZeroDivisionError: broken then" in said.output


def test_erased_rows_and_what_follows_from_them_are_told_apart(tmp_path: Path) -> None:
    facts = told_by("clean_lorry")
    path = tmp_path / "j.sqlite"
    writer = Journal.create(path, "khorgos", "lane1")
    lane = append(writer, facts)
    assert lane is not None
    erased_to = writer.last_number
    writer.snapshot(erased_to, state.SCHEMA, state.dump(lane).decode())
    append(writer, facts[1:14], lane)
    assert carry_out(writer, Erasure(erased_to, writer.last_sequence, (1,), ()), {}, ()) == []
    writer.close()
    told = json.loads(borderlane_says("replay", path, "--json").output)
    assert told["differences"] == []
    ((first, last),) = told["not_replayed"]
    assert first == told["erased"][0]
    assert last == erased_to
    assert told["rows"] == first - 1 + 13
    said = borderlane_says("replay", path)
    assert said.exit_code == 0
    assert f"not replayed: rows {first} to {last} ({len(told['erased'])} of them erased" in said.output


def test_a_pruned_journal_is_replayed_from_its_snapshot_on(tmp_path: Path) -> None:
    facts = told_by("clean_lorry")
    path = tmp_path / "j.sqlite"
    writer = Journal.create(path, "khorgos", "lane1")
    lane = append(writer, facts[:20])
    assert lane is not None
    writer.snapshot(writer.last_number, state.SCHEMA, state.dump(lane).decode())
    for fact in facts[20:]:
        lane, draft = advance(lane, fact)
        writer.append([draft])
    writer.acknowledge("s", writer.last_sequence)
    assert retention.prune(writer, facts[-1].at.utc.replace(year=2100), segment_rows=10) == 20
    writer.close()
    told = json.loads(borderlane_says("replay", path, "--json").output)
    assert told["differences"] == []
    assert told["rows"] == len(facts) - 20


def test_a_fact_that_this_version_does_not_know_is_named(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    writer = Journal.create(path, "khorgos", "lane1")
    facts = told_by("clean_lorry")
    lane, draft = advance(None, facts[0])
    writer.append([draft])
    _, strange = advance(lane, facts[1])
    strange.fact["kind"] = "teleported"
    writer.append([strange])
    writer.close()
    said = borderlane_says("replay", path)
    assert said.exit_code == 3
    assert "row 2: 'teleported' is no fact of this version" in said.output
