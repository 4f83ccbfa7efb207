"""The list of what was read wrong, for people."""

import sys
from pathlib import Path

import pytest
from measures.rigs import mrz_figures
from measures.rigs.mrz_pictures import Picture
from measures.rigs.mrz_readers import Answer, Reported
from measures.rigs.mrz_scoring import score
from proof import failures

PASSPORT = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)


def listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["failures.py", *words])
    status = failures.main()
    out, err = capsys.readouterr()
    return status, out + err


def test_a_failure_shows_what_was_expected_over_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mrz_figures, "TABLES", tmp_path)
    monkeypatch.setattr(failures, "TABLES", tmp_path)
    lost = Picture("dark", tmp_path, "low light", "TD3", (PASSPORT,), 900, "dark")
    wrong = Picture("blurred", tmp_path, "blur", "TD3", (PASSPORT,), 900, "blurred")
    right = Picture("flat", tmp_path, "flat", "TD3", (PASSPORT,), 900, "flat")
    misread = (PASSPORT[0].replace("ANNA", "ANMA"), PASSPORT[1])
    outcomes = [
        score(lost, Answer((), 0.1, 1.0)),
        score(wrong, Answer((Reported(misread, "doubtful"),), 0.1, 1.0)),
        score(right, Answer((Reported(PASSPORT, "verified"),), 0.1, 1.0)),
    ]
    mrz_figures.write_table("set", "borderlane", outcomes)
    status, text = listed(monkeypatch, capsys, "set")
    assert status == 0
    assert "dark  (low light, TD3): nothing found" in text
    assert "blurred  (blur, TD3): doubtful" in text
    mark = next(line for line in text.splitlines() if "^" in line)
    assert mark.index("^") == text.splitlines()[5].index("ANMA") + 2
    assert text.endswith("2 of 3 documents not read exactly\n")


def test_without_a_measurement_it_says_which_to_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(failures, "TABLES", tmp_path)
    status, text = listed(monkeypatch, capsys, "real")
    assert status == 1
    assert "make measure ONLY=^mrz-real" in text
