"""Measurements of zones give the figures they name, and a reader that hangs or dies costs one picture."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from measures import Measurement, mrz_proof, mrz_real
from measures.rigs import mrz_figures, mrz_readers, reader_process
from measures.rigs.mrz_pictures import KINDS, SORTS, Picture
from measures.rigs.mrz_readers import Answer, Reported
from measures.rigs.mrz_scoring import Outcome, score

PASSPORT = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
PICTURES = [
    Picture(f"{kind}-{sort}", Path("x.png"), kind, sort, (PASSPORT,), 900, f"{kind} {sort}")
    for kind in KINDS
    for sort in SORTS
]
RIGHT = Answer((Reported(PASSPORT, "verified", confidence={"names": 0.99}),), 0.1, 100.0)


def all_right(subject: str, wanted: Mapping[str, Sequence[Picture]], full: bool) -> dict[str, list[Outcome]]:
    return {reader: [score(picture, RIGHT) for picture in pictures] for reader, pictures in wanted.items()}


def by_name(measurement: Measurement) -> dict[str, bool | None]:
    figures = measurement.run(False)
    assert sorted(figure.name for figure in figures) == sorted(measurement.names)
    return {figure.name: figure.passed for figure in figures}


@pytest.fixture(autouse=True)
def readers_that_are_always_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mrz_figures, "TABLES", tmp_path)
    monkeypatch.setattr(mrz_figures, "outcomes_of", all_right)
    monkeypatch.setattr(mrz_proof, "names_of", lambda kind: [])
    monkeypatch.setattr(mrz_proof, "proof_pictures", lambda names: PICTURES)
    monkeypatch.setattr(mrz_real, "real_pictures", lambda: PICTURES)
    monkeypatch.setattr(mrz_proof, "read_all", lambda reader, lines, keep: [RIGHT] * len(lines))


def test_the_proof_sets_measurements_give_the_figures_they_name() -> None:
    whole, _, frames = mrz_proof.MEASUREMENTS
    passed = by_name(whole)
    assert passed["mrz-set-exact"]
    assert passed["mrz-kind-security"]
    assert not passed["mrz-set-hard-for-rapidocr"], (
        "a peer that reads all of it says that the set is too easy"
    )
    assert by_name(frames)["mrz-frames-copies-gain"]
    rows = (mrz_figures.TABLES / "frames-borderlane.tsv").read_text().splitlines()
    assert len(rows) == len(PICTURES) + 1
    assert PASSPORT[0] in rows[1]


def test_the_real_pictures_measurement_gives_the_figures_it_names() -> None:
    (real,) = mrz_real.MEASUREMENTS
    assert by_name(real)["mrz-real-exact"]


def test_without_the_real_pictures_their_figures_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mrz_real, "real_pictures", list[Picture])
    (real,) = mrz_real.MEASUREMENTS
    figures = real.run(False)
    assert {figure.passed for figure in figures} == {None}
    assert all("MRZ_IMAGES" in figure.beside for figure in figures)


READER = """
import os, time
def reader():
    def read(line):
        if line == "hang":
            time.sleep(60)
        if line == "die":
            os._exit(3)
        if line == "raise":
            raise ValueError("not today")
        return {"documents": [{"text": line.replace("|", "\\n")}]}
    return read
"""


def test_a_reader_that_hangs_dies_or_raises_costs_that_picture_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "read_fake.py").write_text(READER)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path)]))
    monkeypatch.setattr(
        mrz_readers, "_command", lambda reader: (sys.executable, reader_process.SERVE, "read_fake")
    )
    monkeypatch.setattr(reader_process, "TIMEOUT_S", 1.0)
    page = "|".join(PASSPORT)
    answers = mrz_readers.read_all("fake", [page, "hang", page + "|", "die", page + "||", "raise"])
    assert [answer.error for answer in answers] == [
        "", "no answer in time", "", "the reader's process ended", "", "ValueError: not today",
    ]  # fmt: skip
    assert [answer.documents[0].lines for answer in answers[::2]] == [PASSPORT] * 3
