"""Rendered pages: what a page reader's camera is shown, in every form, the same for the same seed."""

import random
from dataclasses import replace
from datetime import date

import cv2
import numpy as np
import pytest

from simulators.document_reader.page_reader import Bed
from simulators.mrz_lines import Fields, td2, visa
from simulators.people import PAPERS, traveller
from simulators.render.page import Shown, draw, form_of, front

TODAY = date(2026, 6, 1)
FIELDS = Fields(
    code="V",
    issuer="KAZ",
    number="L8988901C",
    nationality="UTO",
    surname="ERIKSSON",
    given_names="ANNA MARIA",
    birth="740812",
    sex="F",
    expiry="271231",
)
PAGES = {
    "TD1": traveller(random.Random(1), TODAY, papers="identity-card").document.lines,
    "TD2": td2(replace(FIELDS, code="I")),
    "TD3": traveller(random.Random(2), TODAY).document.lines,
    "MRV-A": visa(FIELDS),
    "MRV-B": visa(FIELDS, "MRV-B"),
}


def zone(shown: Shown, where: str) -> np.ndarray:
    """The strip in which the zone stands."""
    picture = getattr(shown, where)
    grey = picture if picture.ndim == 2 else picture.min(axis=2)
    height, width = grey.shape
    return grey[int(height * 0.76) : int(height * 0.88), int(width * 0.12) : int(width * 0.88)]


@pytest.mark.parametrize("form", list(PAGES))
def test_each_form_has_its_zone_in_both_lights_and_the_security_print_in_white_alone(form: str):
    assert form_of(PAGES[form]) == form
    shown = draw(PAGES[form], seed=3)
    assert shown.white.shape[:2] == shown.infrared.shape
    assert 1000 <= shown.white.shape[1] <= 1600
    for light in ("white", "infrared"):
        assert 0.02 < np.mean(zone(shown, light) < 90) < 0.3, "ink, and paper between it"
    height, width = shown.infrared.shape
    middle = np.s_[int(height * 0.15) : int(height * 0.6), int(width * 0.62) : int(width * 0.9)]
    assert np.std(shown.infrared[middle]) < 6 < np.std(shown.white[middle])


def test_the_front_of_a_card_has_no_zone():
    shown = front(PAGES["TD1"], seed=3)
    assert np.mean(zone(shown, "infrared") < 90) == 0


def test_the_same_seed_is_the_same_picture_and_another_lies_otherwise():
    first, second, other = (draw(PAGES["TD3"], seed=seed) for seed in (5, 5, 6))
    assert np.array_equal(first.white, second.white)
    assert not np.array_equal(first.white, other.white)


@pytest.mark.parametrize("papers", PAPERS)
def test_every_traveller_s_papers_can_be_drawn(papers: str):
    assert draw(traveller(random.Random(9), TODAY, papers=papers).document.lines).white.any()


@pytest.mark.parametrize("lines", [(), ("A" * 44,), ("A" * 44, "A" * 30), ("A" * 40, "A" * 40)])
def test_lines_of_no_form_are_refused(lines: tuple[str, ...]):
    with pytest.raises(ValueError, match="no page has"):
        draw(lines)


def decoded(fault: str = "") -> dict[str, list[np.ndarray]]:
    """The frames of a passport's page, by light, from a bed with this fault."""
    bed = Bed(seed=4)
    bed.faults = {fault} - {""}
    found: dict[str, list[np.ndarray]] = {"white": [], "infrared": []}
    for frame in bed.frames(PAGES["TD3"]):
        found[frame.light].append(cv2.imdecode(np.frombuffer(frame.data, np.uint8), cv2.IMREAD_GRAYSCALE))
    return found


def test_a_reader_s_faults_are_in_its_pictures():
    well = decoded()
    assert [len(pictures) for pictures in well.values()] == [1, 1]
    turned = decoded("upside_down")["white"][0]
    assert float(np.mean(np.abs(turned[::-1, ::-1].astype(int) - well["white"][0]))) < 3
    assert max(float(np.mean(picture)) for picture in decoded("dark_lens")["white"]) < 5
    glared = decoded("moving_glare")
    assert len(glared["white"]) == 3
    spots = [int(np.argmax(picture[850:, :].sum(axis=0))) for picture in glared["white"]]
    assert spots == sorted(set(spots)), "elsewhere in each frame"
    assert np.array_equal(glared["infrared"][0], well["infrared"][0])
