"""The watched folder: however files are written, pages come whole, and nothing stays lying there."""

import asyncio
import os
import random
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from drivers.document_reader import PAGE_BYTES_MAX, PageRead, Unreadable, page_folder, page_folder_look
from drivers.document_reader.page_folder import Driver, FolderOptions
from drivers.document_reader.page_folder_look import MARK, FolderLook
from drivers.errors import DeviceRefused, DeviceTimeout, DeviceUnavailable
from tests.document_reader.pages import first, jpeg, jpeg_bomb, opened, png

SETTLE_S, LONG_S = 0.25, 100.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pages"
    made.mkdir()
    (made / MARK).touch()
    return made


def lying(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {MARK}


class Looks:
    """Looks into a folder, at the times that a test says."""

    def __init__(self, folder: Path) -> None:
        self.look = FolderLook(folder, SETTLE_S, "_ir", "_white")
        self.now_s = 1000.0

    def after(self, seconds: float) -> list[PageRead | Unreadable]:
        self.now_s += seconds
        return self.look.look(self.now_s)


@pytest.fixture
def looks(folder: Path) -> Looks:
    return Looks(folder)


def test_a_page_is_its_files_that_differ_by_their_marks_alone(folder: Path, looks: Looks):
    (folder / "7_white.jpg").write_bytes(jpeg(1))
    (folder / "7_IR.PNG").write_bytes(png(2))
    (folder / "8.jpeg").write_bytes(jpeg(3))
    assert looks.after(0) == []
    assert set(looks.after(SETTLE_S)) == {PageRead(png(2), True, (jpeg(1),)), PageRead(jpeg(3), False)}
    assert lying(folder) == set()


def test_a_file_that_is_still_written_is_waited_for(folder: Path, looks: Looks):
    data = jpeg(1)
    for end in range(100, len(data), 100):
        (folder / "a.jpg").write_bytes(data[:end])
        assert looks.after(SETTLE_S) == []
        assert looks.after(SETTLE_S) == [], "still, and not whole"
    (folder / "a.jpg").write_bytes(data)
    assert looks.after(SETTLE_S) == []
    assert looks.after(SETTLE_S) == [PageRead(data, False)]


def test_a_file_under_another_name_is_taken_when_it_is_renamed(folder: Path, looks: Looks):
    for temporary in (".a.jpg.x7", "a.jpg.part"):
        (folder / temporary).write_bytes(jpeg())
        looks.after(SETTLE_S)
        assert looks.after(SETTLE_S) == []
        (folder / temporary).rename(folder / "a.jpg")
        looks.after(0)
        assert looks.after(SETTLE_S) == [PageRead(jpeg(), False)]


def test_what_never_becomes_a_page_is_told_once_and_deleted(folder: Path, looks: Looks):
    (folder / "half.jpg").write_bytes(jpeg()[:-9])
    (folder / "bomb.jpg").write_bytes(jpeg_bomb())
    (folder / "pdf.jpg").write_bytes(b"%PDF")
    (folder / "nothing.png").touch()
    (folder / "link.jpg").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.jpg")
    with (folder / "huge.jpg").open("wb") as huge:
        huge.truncate(PAGE_BYTES_MAX + 1)
    looks.after(0)
    assert looks.after(SETTLE_S) == []
    assert looks.after(LONG_S) == [Unreadable("bad_picture", b"")] * 7
    assert lying(folder) == set()
    assert Path("/etc/passwd").exists()


def test_whatever_else_is_put_there_does_not_stay_and_folders_do(folder: Path, looks: Looks):
    for name in ("page.xml", ".hidden", "Thumbs.db", "a.jpg.part"):
        (folder / name).write_text("NURLANOV<<YERLAN")
    (folder / "archive.jpg").mkdir()
    looks.after(0)
    assert looks.after(page_folder_look.LIE_S / 2) == []
    assert len(lying(folder)) == 5
    assert looks.after(page_folder_look.LIE_S) == []
    assert lying(folder) == {"archive.jpg"}


def test_any_files_in_any_order_are_pages_or_bad_pictures_and_gone_in_the_end(folder: Path, looks: Looks):
    draw = random.Random(5)
    told = 0
    for _ in range(150):
        name = draw.choice(["a", "b_ir", "b", ".c", "d\n", "ж", "e_white"]) + draw.choice(
            [".jpg", ".PNG", ""]
        )
        data = draw.choice([jpeg(), png(), draw.randbytes(50), jpeg()[: draw.randrange(400)], b""])
        match draw.randrange(4):
            case 0 if lying(folder):
                (folder / draw.choice(sorted(lying(folder)))).unlink()
            case 1 if lying(folder):
                (folder / draw.choice(sorted(lying(folder)))).rename(folder / name)
            case _:
                (folder / name).write_bytes(data)
        told += len(looks.after(draw.choice([0.0, SETTLE_S, 2.0])))
    told += len(looks.after(LONG_S)) + len(looks.after(LONG_S))
    assert told
    assert lying(folder) == set()


@pytest.fixture
async def readings(folder: Path) -> AsyncIterator[Any]:
    async with opened(Driver("page", FolderOptions(folder=folder, settle_s=0.05))) as made:
        yield made


async def test_what_lies_there_at_the_start_is_deleted_unread(folder: Path):
    (folder / "before.jpg").write_bytes(jpeg(1))
    async with opened(Driver("page", FolderOptions(folder=folder, settle_s=0.05))) as readings:
        assert lying(folder) == set()
        (folder / "now.jpg").write_bytes(jpeg(2))
        assert await first(readings) == PageRead(jpeg(2), False)


async def test_a_folder_that_nobody_marked_is_left_alone(folder: Path):
    (folder / MARK).unlink()
    (folder / "holiday.jpg").write_bytes(jpeg())
    driver = Driver("page", FolderOptions(folder=folder))
    with pytest.raises(DeviceUnavailable, match=r"is the share mounted\? .* touch .*\.borderlane-pages"):
        await driver.open()
    assert lying(folder) == {"holiday.jpg"}
    with pytest.raises(DeviceUnavailable, match="No such file"):
        await Driver("page", FolderOptions(folder=folder / "gone")).open()
    with pytest.raises(DeviceRefused, match="name a folder"):
        await Driver("page", FolderOptions(folder=folder / "holiday.jpg")).open()


async def test_a_page_that_can_not_be_deleted_is_told_to_nobody(
    folder: Path, readings: Any, monkeypatch: pytest.MonkeyPatch
):
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    (folder / "a.jpg").write_bytes(jpeg())
    with pytest.raises(DeviceRefused, match="must read, write and delete"):
        await first(readings)
    monkeypatch.undo()


async def test_a_share_that_hangs_is_a_timeout_and_costs_no_thread_a_try(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(page_folder, "LOOK_S", 0.1)
    answers = threading.Event()
    monkeypatch.setattr(FolderLook, "begin", lambda *_, **__: answers.wait(30))
    driver = Driver("page", FolderOptions(folder=folder))
    before = set(threading.enumerate())
    for said in ("no answer within", "still hangs", "still hangs"):
        with pytest.raises(DeviceTimeout, match=said):
            await driver.open()
    assert len(set(threading.enumerate()) - before) == 1
    monkeypatch.undo()
    answers.set()
    await driver.open()
    await asyncio.wait_for(driver.close(), 1)


def test_marks_that_can_not_be_told_apart_are_refused():
    with pytest.raises(ValidationError, match="the same"):
        FolderOptions(folder=Path("/x"), infrared_mark="_A", white_mark="_a")
