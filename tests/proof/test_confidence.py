"""Confidence is fitted on documents that are right by construction; what is fitted is what is read back."""

import importlib.util
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from proof import confidence_cases as cases
from proof import fit_confidence
from proof.confidence_report import report

import mrz
from mrz.decoding.calibration import Calibration, calibration
from tests.mrz import simulated_recogniser as simulated

ROOT = Path(__file__).parents[2]


@pytest.fixture
def zone_pages(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "training")
    spec = importlib.util.spec_from_file_location("zone_pages", ROOT / "training" / "zone_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "zone_pages", module)
    spec.loader.exec_module(module)
    return module


def test_drawn_documents_hold_their_check_digits_and_are_the_same_for_the_same_seed(
    zone_pages: ModuleType,
) -> None:
    for place in range(40):
        lines = zone_pages.document(np.random.default_rng([1, place]))
        document = mrz.parse(lines)
        assert not document.wrong_check_digits
        assert not document.doubtful
    page, again = (zone_pages.zone_page(1, 3) for _ in range(2))
    assert page.lines == again.lines
    assert (page.grey == again.grey).all()


def simulated_cases(count: int) -> list[cases.Case]:
    found: list[cases.Case] = []
    for seed in range(count):
        truth = simulated.document(seed)
        pictures = [
            cases.Picture(f"{seed}", f"{seed}", (truth,), [(simulated.read(truth, 0.13, seed),)], "simulated")
        ]
        found += cases.single_cases(pictures)
    return found


def test_what_is_fitted_is_written_as_it_is_read(tmp_path: Path) -> None:
    read = simulated_cases(40)
    assert len(read) == 40
    fitted = fit_confidence.fit(read)
    assert fitted.temperature == pytest.approx(1.0, rel=0.35), "the simulated recogniser is calibrated"
    text = fit_confidence.toml_of({"single": fitted, "fused": fitted}, "simulated")
    sections = tomllib.loads(text)
    written = Calibration(**sections["single"])
    assert written.doubt_below == fitted.doubt_below
    assert written.temperature == pytest.approx(fitted.temperature, rel=1e-3)
    assert "documents read" in report([(written, read)])[0]


def test_a_zone_that_is_like_no_document_of_the_picture_is_left_out() -> None:
    truth, other = simulated.document(1), simulated.document(2)
    zones = [(simulated.read(other, 0.09, 2),), (simulated.read(truth, 0.09, 1),)]
    (found,) = cases.single_cases([cases.Picture("one", "one", (truth,), zones, "simulated")])
    assert found.truth == truth
    assert found.cells is not None


def test_the_committed_figures_are_fitted_ones() -> None:
    for frames in (1, 2):
        figures = calibration(frames)
        assert 0.4 < figures.temperature < 2
        assert 0.9 <= figures.doubt_below <= 0.999
        assert 0.9 <= figures.doubt_below_covered <= 0.999
