"""The engine of our own, from a page's picture to the document: real networks, pages drawn here."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

import mrz
from tests.mrz.test_finding import printed
from tests.mrz.test_reading import DATA, TD3, blank_page, page

TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
OTHER = ("P<UTOMUSTER<<PETER<JOHANN<<<<<<<<<<<<<<<<<<<", "D231458907UTO3407127M9507122<<<<<<<<<<<<<<02")


def read(picture: Image.Image) -> mrz.Reading:
    return mrz.read(pixels(picture), engine="grid")


def pixels(picture: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(picture.convert("L"), np.uint8)


@pytest.mark.parametrize("turn", [0, 90, 180, 270, 17])
def test_a_page_is_read_whichever_way_it_lies(turn: int) -> None:
    picture = page().convert("L").rotate(turn, expand=True, fillcolor=200, resample=Image.Resampling.BICUBIC)
    reading = read(picture)
    assert reading.lines == TD3
    assert reading.status in (mrz.Status.VERIFIED, mrz.Status.CORRECTED)


def test_a_card_of_three_lines_is_read() -> None:
    assert read(page(TD1)).lines == TD1


def side_by_side() -> Image.Image:
    """A passport's page and a smaller card."""
    large, small = page().convert("L"), page(TD1, dpi=150).convert("L")
    both = Image.new("L", (large.width + small.width + 60, max(large.height, small.height) + 40), 90)
    both.paste(large, (20, 20))
    both.paste(small, (large.width + 40, 20))
    return both


def test_each_document_in_a_picture_is_told_the_largest_first() -> None:
    reading = read(side_by_side())
    assert reading.lines == TD3
    assert [each.lines for each in reading.others] == [TD1]


def test_a_page_without_a_zone_has_none() -> None:
    assert not read(blank_page()).found


FONTS = Path("/usr/share/fonts")
SERIF_ITALIC = FONTS / "truetype/dejavu/DejaVuSerif-BoldItalic.ttf"


@pytest.mark.parametrize("font", ["truetype/dejavu/DejaVuSerif.ttf", "opentype/ocr-b/OCRB.otf", SERIF_ITALIC])
@pytest.mark.parametrize("characters", ["<", "<K", "<<<<<>"])
def test_two_rows_of_few_characters_are_no_zone(font: str | Path, characters: str) -> None:
    random = Random(20)
    rows = ["".join(random.choice(characters) for _ in range(44)) for _ in range(2)]
    picture = printed(FONTS / font, 25, [""] * 4 + rows, 60)
    assert not mrz.read(picture).found
    assert not mrz.read_frames([picture, picture]).found


MIRRORS = (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM)


@pytest.mark.parametrize("mirror", MIRRORS)
@pytest.mark.parametrize("lines", [TD1, TD3])
def test_mirrored_print_is_never_read_wrong(lines: tuple[str, ...], mirror: Image.Transpose) -> None:
    assert read(page(lines).convert("L").transpose(mirror)).lines is None


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real pictures at {DATA}")
@pytest.mark.parametrize("mirror", MIRRORS)
@pytest.mark.parametrize("name", ["usa_prc_void__ag_rp_usa.png", "si_id__pe_id_si.jpg"])
def test_a_real_card_is_not_read_from_behind(name: str, mirror: Image.Transpose) -> None:
    seen = Image.open(DATA / name).convert("L").transpose(mirror)
    assert read(seen).lines is None
    assert mrz.read_frames([pixels(seen), pixels(seen)], engine="grid").lines is None


def test_the_cells_lie_on_the_print() -> None:
    reading = read(page())
    assert [len(line) for line in reading.cells] == [44, 44]
    first, last = reading.cells[0][0], reading.cells[1][-1]
    assert first[0][0] < last[0][0]
    assert first[0][1] < last[0][1]


def hidden(shown: NDArray[np.uint8], reading: mrz.Reading, line: int, columns: range) -> None:
    """Paints over some cells of a picture."""
    for column in columns:
        (left, top), (right, _), (_, bottom), _ = reading.cells[line][column]
        shown[int(top) - 2 : int(bottom) + 2, int(left) : int(right) + 1] = 255


def test_what_one_frame_hides_another_shows() -> None:
    def frame(glare: range) -> NDArray[np.uint8]:
        shown = pixels(page().convert("L").filter(ImageFilter.GaussianBlur(1))).copy()
        whole = mrz.read(shown, engine="grid")
        for line in range(2):
            hidden(shown, whole, line, glare)
        return shown

    frames = [frame(range(5, 9)), frame(range(30, 34))]
    for alone in frames:
        assert mrz.read(alone, engine="grid").lines != TD3
    assert mrz.read_frames(frames, engine="grid").lines == TD3


def test_frames_of_another_document_are_not_mixed_in() -> None:
    frames = [pixels(page()), pixels(page(OTHER)), pixels(page())]
    reading = mrz.read_frames(frames, engine="grid")
    assert reading.lines == TD3
    assert reading.others == ()


def test_documents_beside_each_other_are_fused_each_by_itself() -> None:
    shown = pixels(side_by_side().filter(ImageFilter.GaussianBlur(1)))
    whole = mrz.read(shown, engine="grid")
    (card,) = whole.others
    frames = [shown.copy(), shown.copy()]
    hidden(frames[0], card, 2, range(4, 8))  # names: no check digit tells what stood there
    hidden(frames[1], whole, 0, range(5, 9))
    assert [each.lines for each in mrz.read(frames[0], engine="grid").others] != [TD1]
    assert mrz.read(frames[1], engine="grid").lines != TD3
    reading = mrz.read_frames(frames, engine="grid")
    assert reading.lines == TD3
    assert [each.lines for each in reading.others] == [TD1]


def test_a_document_beside_it_that_one_frame_shows_is_told_too() -> None:
    reading = mrz.read_frames([pixels(page().filter(ImageFilter.GaussianBlur(4))), pixels(side_by_side())])
    assert reading.lines == TD3
    assert [each.lines for each in reading.others] == [TD1]
    assert [reading.frame, reading.others[0].frame] == [1, 1]


def test_frames_without_a_zone_say_nothing() -> None:
    assert not mrz.read_frames([pixels(blank_page())], engine="grid").found


def test_a_forged_zone_is_told_and_never_mended() -> None:
    forged = (TD3[0], TD3[1].replace("7408122", "7508122"))
    reading = read(page(forged))
    assert reading.lines == forged
    assert reading.status is mrz.Status.INCONSISTENT
    assert {check.field for check in reading.inconsistent} == {"birth", "composite"}
