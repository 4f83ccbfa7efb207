"""The proof set's pictures: the same whenever they are drawn, with zones that hold their own check digits."""

import json
import subprocess
from pathlib import Path

import pytest
from measures.rigs.environments import node_package, python_of

import mrz

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "tools" / "proof" / "mrz_set"
pytestmark = [pytest.mark.long]  # its environment comes from PyPI and npm


def draw(folder: Path, names: list[str]) -> Path:
    folder.mkdir()
    (folder / "wanted").write_text("\n".join(names))
    font = node_package("bwip-js") / "fonts" / "OCRB7.ttf"
    command = [
        python_of("skia"),
        GENERATOR,
        "--out",
        folder,
        "--older-font",
        font,
        "--only",
        folder / "wanted",
    ]
    subprocess.run([str(part) for part in command], check=True)
    return folder


def test_a_picture_looks_the_same_alone_and_with_others(tmp_path: Path) -> None:
    alone = draw(tmp_path / "alone", ["small-003"])
    among = draw(tmp_path / "among", ["small-002", "small-003", "none-001", "frames-001-2"])
    (file,) = alone.glob("small-003.*")
    assert file.read_bytes() == (among / file.name).read_bytes()
    truth = {entry["name"]: entry for entry in json.loads((among / "truth.json").read_text())}
    assert sorted(truth) == ["frames-001-2", "none-001", "small-002", "small-003"]
    assert truth["none-001"]["documents"] == []
    for name in ("small-002", "small-003", "frames-001-2"):
        for document in truth[name]["documents"]:
            assert not mrz.parse(document["lines"]).wrong_check_digits
