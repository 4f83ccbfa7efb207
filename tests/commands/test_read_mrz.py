"""`borderlane read-mrz`: what it reads, what it prints and writes, and how it ends."""

import asyncio
import contextlib
import io
import json
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from click.testing import CliRunner, Result
from PIL import Image

import mrz
from lane_controller.commands import mrz_child
from lane_controller.commands.mrz_child import PictureReader, Refused
from lane_controller.commands.mrz_table import table
from lane_controller.commands.read_mrz import command
from mrz.overlay import CELL
from mrz.reading import ENGINE, Correction, Doubt, Reading, reading_of_text
from tests.mrz.test_reading import FONT, TD3, blank_page, page, png, png_that_says

needs_font = pytest.mark.skipif(not FONT.exists(), reason="OCR-B is not installed (apt install fonts-ocr-b)")
DAY = date(2026, 6, 1)
KEYS = {
    "file", "found", "format", "lines", "status", "confidence", "corrections", "doubtful", "inconsistent",
    "fields", "others",
}  # fmt: skip
FORGED = (TD3[0], TD3[1].replace("7408122", "7508122"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with lines in text files, one in a folder of its own."""
    (tmp_path / "good.txt").write_text("\n".join(TD3))
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "forged.mrz").write_text("\n".join(FORGED))
    (tmp_path / "notes.doc").write_text("no picture")
    return tmp_path


def test_folders_are_read_with_what_is_in_them_one_json_object_a_file(folder: Path) -> None:
    (folder / "broken.txt").write_text("hello")
    done = run(folder, "--json")
    assert done.exit_code == 1
    entries = {Path(entry["file"]).name: entry for entry in map(json.loads, done.stdout.splitlines())}
    assert set(entries) == {"good.txt", "forged.mrz", "broken.txt"}
    assert all(set(entry) == KEYS for entry in entries.values())
    assert entries["good.txt"]["status"] == "verified"
    assert entries["forged.mrz"]["status"] == "inconsistent"
    assert entries["forged.mrz"]["inconsistent"][0] == {
        "field": "birth", "line": 2, "column": 20, "expected": "5", "found": "2",
    }  # fmt: skip
    assert entries["broken.txt"]["lines"] is None
    assert entries["broken.txt"]["found"] is False
    assert "broken.txt: 'h' is not in A-Z 0-9 <" in done.stderr or "broken.txt: line 1" in done.stderr
    assert "3 files: " in done.stderr


def test_a_clean_file_exits_0_and_a_forged_one_1(folder: Path) -> None:
    good = run(folder / "good.txt")
    assert good.exit_code == 0
    assert "verified, TD3" in good.stdout
    forged = run(folder / "deeper" / "forged.mrz")
    assert forged.exit_code == 1
    assert "! line 2, column 20: the check digit of birth is printed 2, its field gives 5" in forged.stdout


def told(reading: Reading) -> str:
    return "\n".join(table("page.png", reading.as_json(), DAY))


def test_the_table_marks_what_is_doubtful_and_says_why_what_was_corrected() -> None:
    text = told(
        Reading(
            "test",
            mrz.Status.DOUBTFUL,
            mrz.parse(TD3, reference=DAY),
            confidence={"number": 0.9991, "names": 0.99999},
            corrections=(Correction(2, 12, "7", "T", "letter_place"),),
            doubtful=(Doubt("names", 1, 7, ("R", "B")), Doubt("sex")),
        )
    )
    lines = text.splitlines()
    assert lines[2] == "    " + " " * 6 + "?"
    assert lines[4] == "    " + " " * 11 + "^"
    assert "^ line 2, column 12: read 7, taken as T: only a letter or a filler can stand here" in text
    assert "? line 1, column 7 (names): R or B" in text
    assert "99.9% sure" in text
    assert "surname              ERIKSSON   (over 99.9% sure; doubtful)" in text
    assert "birth                1974-08-12   (printed 740812)" in text
    assert "Taken for birth, the latest year that does not lie after the reference date" in text


def test_the_table_says_what_names_may_be_cut_and_how_a_national_number_is_judged() -> None:
    fields = mrz.Fields(
        mrz.Format.TD1, "ID", "KAZ", "012345678", "KAZ", "Nurmagambetovaliyevich", "Abdulkhamid",
        date(1985, 3, 17), "F", date(2030, 1, 1), "850317300019",
    )  # fmt: skip
    text = told(reading_of_text(mrz.parse(mrz.format(fields), reference=DAY)))
    assert "may be cut off: ABDULK" in text
    assert "KZ-IIN 850317300019 (national rule): contradicts sex" in text
    assert "personal_number_contradicts sex" in text


def test_other_documents_in_the_picture_are_told_too() -> None:
    second = reading_of_text(mrz.parse(FORGED, reference=DAY))
    first = reading_of_text(mrz.parse(TD3, reference=DAY))
    text = told(Reading("test", first.status, first.document, others=(second,)))
    assert "    another document: inconsistent, TD3" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument"),
        (["missing.png"], "'missing.png' does not exist"),
        (["/dev/null"], "/dev/null is neither a file nor a folder"),
        (["{empty}"], "no picture in the folder {empty}: looked for .bmp, .jpeg, .jpg"),
        (["{folder}/good.txt", "--engine", "magic"], "'magic' is not one of 'grid', 'passporteye'"),
        (["{folder}", "--overlay", "o.png"], "--overlay takes exactly one picture"),
        (["{folder}/good.txt", "--overlay", "o.png"], "--overlay takes exactly one picture"),
        (["{folder}", "--frames"], "--frames takes pictures only"),
        (["{page}", "--overlay", "{empty}/none/o.png"], "there is no folder"),
    ],
)
def test_wrong_use_is_said_and_exits_2(
    arguments: list[str], message: str, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = tmp_path_factory.mktemp("empty")
    (folder / "deeper" / "page.png").write_bytes(b"")
    names = {"empty": str(empty), "folder": str(folder), "page": str(folder / "deeper" / "page.png")}
    done = run(*(argument.format(**names) for argument in arguments))
    assert done.exit_code == 2
    assert message.format(**names) in done.output.replace("\n", " ")


def test_a_file_that_can_not_be_read_is_told_and_the_next_one_is_read(folder: Path) -> None:
    # Readable by name, but its bytes are not there: an error of the system's, whoever asks.
    done = run("/proc/self/mem", folder / "good.txt")
    assert done.exit_code == 1
    assert "/proc/self/mem: it can't be read: Input/output error" in done.stderr
    assert "good.txt: verified" in done.stdout


def test_pictures_that_are_none_cost_themselves_and_no_child(tmp_path: Path) -> None:
    for name, data in (
        ("a-bomb.png", png_that_says(60_000, 60_000)),
        ("b-cut.png", png(page())[:3000]),
        ("c-dark.png", png(Image.new("L", (900, 600), 0))),
        ("d-empty.png", b""),
    ):
        (tmp_path / name).write_bytes(data)
    done = run(tmp_path, "--json")
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    for message in (
        "megapixels",
        "b-cut.png: the picture is damaged",
        "is the lamp on",
        "d-empty.png: the file",
    ):
        assert message in done.stderr
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    assert [entry["status"] for entry in entries] == ["unreadable"] * 4
    assert not any(entry["found"] for entry in entries)


def workers() -> Iterator[psutil.Process]:
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if any("mrz_worker" in word for word in child.cmdline()):
                yield child


async def test_a_crash_or_a_hang_costs_one_picture_and_the_next_finds_a_new_child(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def ask(reader: PictureReader, image: bytes) -> dict[str, Any]:
        return await reader.read([image], DAY, frames=False, overlay=None)

    async with PictureReader("passporteye") as reader:
        with pytest.raises(Refused, match="the file is empty"):
            await ask(reader, b"")
        (child,) = workers()
        child.suspend()
        reading = asyncio.create_task(ask(reader, b""))
        child.kill()
        with pytest.raises(Refused, match="the reader broke down on this picture"):
            await reading
        monkeypatch.setattr(mrz_child, "READ_S", 0.0)
        with pytest.raises(Refused, match="was not read within"):
            await ask(reader, b"")
        monkeypatch.undo()
        with pytest.raises(Refused, match="the file is empty"):
            await ask(reader, b"")
    assert not list(workers()), "it leaves no process behind"


@needs_font
def test_frames_of_one_document_are_one_entry(tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / f"frame{number}.png").write_bytes(png(page()))
    done = run(tmp_path, "--frames", "--json", "--engine", "grid")
    assert done.exit_code == 0, done.output
    entry = json.loads(done.stdout)
    assert set(entry) == KEYS
    assert entry["file"] == str(tmp_path / "frame0.png")
    assert entry["lines"] == list(TD3)
    (tmp_path / "frame0.png").write_bytes(b"no picture")
    broken = run(tmp_path, "--frames", "--json", "--engine", "grid")
    assert broken.exit_code == 0
    assert "frame0.png: passed over: not a picture" in broken.stderr
    assert json.loads(broken.stdout)["lines"] == list(TD3)
    (tmp_path / "frame1.png").write_bytes(b"")
    none = run(tmp_path, "--frames", "--json", "--engine", "grid")
    assert none.exit_code == 1
    assert "the file is empty" in none.stderr
    assert json.loads(none.stdout)["lines"] is None


@needs_font
def test_a_page_is_read_and_drawn(tmp_path: Path) -> None:
    several = io.BytesIO()
    page().save(several, "TIFF", save_all=True, append_images=[blank_page()])
    file, out = tmp_path / "page.tiff", tmp_path / "overlay.png"
    file.write_bytes(several.getvalue())
    done = run(file, "--json", "--overlay", out, "--engine", "grid")
    assert done.exit_code == 0, done.output
    entry = json.loads(done.stdout)
    assert set(entry) == KEYS
    assert entry["lines"] == list(TD3)
    assert entry["status"] == "verified"
    assert set(entry["confidence"]) <= set(entry["fields"]) | {"names"}
    assert "it holds several pages; the first one was read" in done.stderr
    with Image.open(out) as drawn:
        pixels = np.asarray(drawn)
    assert pixels.shape[:2] == (page().height, page().width)
    rows = np.flatnonzero((pixels == CELL).all(axis=2).any(axis=1))
    # The cells lie round the two lines, 75 and 81 mm from the top of an 88 mm page.
    assert 0.75 * page().height < rows.min() < rows.max() < 0.96 * page().height
    assert sorted(path.name for path in tmp_path.iterdir()) == ["overlay.png", "page.tiff"]


@needs_font
def test_without_its_engine_the_command_says_so_and_exits_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    (tmp_path / "page.png").write_bytes(png(page()))
    done = run(tmp_path / "page.png", "--engine", "passporteye")
    assert done.exit_code == 3
    assert "apt install tesseract-ocr" in done.stderr


@pytest.mark.long
@needs_font
async def test_no_damaged_page_costs_the_reader_its_child() -> None:
    """Bytes changed or cut off, in all formats: each page is read or refused, by one and the same child."""
    chance = random.Random(20261128)
    pages = [page(dpi=100), blank_page(), Image.effect_noise((700, 500), 90)]
    refused, seen, lost = 0, set[int](), list[str]()
    async with PictureReader(ENGINE) as reader:
        for number in range(60):
            out = io.BytesIO()
            pages[number % 3].save(out, ("PNG", "JPEG", "TIFF", "WEBP", "BMP")[number % 5])
            data = bytearray(out.getvalue())
            for _ in range(chance.randint(1, 8)):
                # Half of the damage is done to headers, which stand at the beginning.
                data[chance.randrange(len(data) if chance.random() < 0.5 else 200)] = chance.randrange(256)
            image = bytes(data[: chance.choice((len(data), chance.randrange(1, len(data))))])
            try:
                entry = await reader.read([image], DAY, frames=False, overlay=None)
            except Refused as error:
                refused += 1
                lost += [str(error)] if "broke down" in str(error) or "within" in str(error) else []
            else:
                assert entry["status"] in (None, *mrz.Status)
            seen.update(child.pid for child in workers())
    assert lost == []
    assert len(seen) == 1
    assert 10 < refused < 60
