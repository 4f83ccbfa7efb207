"""Pictures: what may come in, what the first engine makes of it, and what the command prints."""

import io
import json
import shutil
import struct
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

import mrz
from mrz.engines.ocr_text import zone_lines

FONT = Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf")
DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "mrz"
TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TODAY = date(2026, 6, 1)

needs_engine = pytest.mark.skipif(
    not shutil.which("tesseract") or not FONT.exists(),
    reason="tesseract or OCR-B is not installed (apt install tesseract-ocr fonts-ocr-b)",
)


def page(lines: tuple[str, ...] = TD3, dpi: int = 200) -> Image.Image:
    """A passport's page by Doc 9303-3: pitch 2.54 mm, line pitch 6.35 mm, 125 x 88 mm."""
    mm = dpi / 25.4
    picture = Image.new("L", (round(125 * mm), round(88 * mm)), 235)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(
        str(FONT), 2.54 * mm / (ImageFont.truetype(str(FONT), 100).getlength("0") / 100)
    )
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            draw.text(
                ((6 + column * 2.54) * mm, (75 + row * 6.35) * mm), character, font=font, fill=20, anchor="ls"
            )
    return picture


def blank_page() -> Image.Image:
    """A page on which there is nothing but its edge: a picture of one colour alone is refused."""
    picture = Image.new("L", (900, 600), 240)
    ImageDraw.Draw(picture).rectangle((10, 10, 890, 590), outline=200)
    return picture


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header announces a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def test_an_unknown_engine_is_named_with_the_known_ones():
    with pytest.raises(mrz.MrzError, match="known: grid, passporteye"):
        mrz.read(png(blank_page()), engine="magic")


def zones(text: str) -> list[tuple[str, ...]]:
    return [lines for lines, _ in zone_lines(text)]


def test_recognised_text_is_mended_only_where_the_format_leaves_no_choice():
    # O for 0 in a date, 0 for O in a state, lost fillers at the end, letters in the run of fillers.
    text = "PASSPORT\nP<UT0ERIKSSON<<ANNA<MARIA<<<<<<K<<<<<\nL898902C36UT07408I22F1204159ZE184226B<<<10\n"
    ((lines, corrections),) = list(zone_lines(text))
    assert lines == TD3
    assert {correction.reason for correction in corrections} == {
        "digit_place", "letter_place", "filler_count", "filler_read_as_letter",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no zone here at all, just a page of plain running text\nand another line of it",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F12041",
        # A passport whose lines lost fillers has the length of a card, and is none.
        "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\nD231458907UTO7408122F1204159",
    ],
)
def test_text_that_is_no_zone_gives_no_lines(text: str):
    assert zones(text) == []


def test_a_digit_in_a_russian_name_is_a_letter_and_stays():
    zone = mrz.format(
        mrz.Fields(mrz.Format.TD3, "PN", "RUS", "4509123456", "RUS", "Шишкин", "Юрий", "850317", "M")
    )
    assert zones("\n".join(zone)) == [zone]


@given(st.text("P<UTOERIKSN0158\n ", max_size=400))
def test_any_recognised_text_gives_lines_of_a_known_shape(text: str):
    for lines in zones(text):
        assert mrz.parse(lines).lines == lines


@needs_engine
def test_passporteye_gives_no_text_of_a_page_that_breaks_its_check_digits(monkeypatch: pytest.MonkeyPatch):
    # As in a lane's child process: tesseract's threads wait for each other where others work too.
    monkeypatch.setenv("OMP_THREAD_LIMIT", "1")
    forged = (TD3[0], TD3[1].replace("7408122", "7508122"))
    reading = mrz.read(png(page(forged)), reference=TODAY, engine="passporteye")
    assert reading.status is mrz.Status.UNREADABLE
    assert reading.lines is None
    assert reading.fields == {}


@needs_engine
def test_a_page_without_print_has_no_zone():
    reading = mrz.read(png(blank_page()))
    assert not reading.found
    assert reading.as_json()["lines"] is None


@needs_engine
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real pictures at {DATA}")
@pytest.mark.parametrize("name", ["hrv__pe_pass_hrv.jpg", "none_card__fm_nomrz.jpg"])
def test_real_pictures_never_give_wrong_covered_fields(name: str, record_property: Any):
    truth = json.loads((DATA / "truth.json").read_text())
    entries = truth["images"] if isinstance(truth, dict) else truth
    wanted = next(entry["lines"] for entry in entries if entry["file"] == name)
    reading = mrz.read((DATA / name).read_bytes(), reference=TODAY)
    record_property("exact", list(reading.lines or ()) == (wanted or []))
    if reading.lines:
        assert wanted
        assert reading.lines[1] == wanted[1]
