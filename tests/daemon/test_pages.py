"""Pages are read by a child process: to a document, or to a reason, whatever happens to the child."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import psutil
import pytest
from PIL import Image

import mrz
from drivers.child import Child
from drivers.document_reader import PageRead
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.configuration.tables import PagesTable
from lane_controller.daemon.sensing.documents import document_in
from lane_controller.daemon.vision import pages
from lane_controller.daemon.vision.desk import PageDesk
from lane_controller.daemon.vision.pages import WAITING_MAX, Page, PageReader
from lane_controller.daemon.vision.worker import compared
from lane_controller.messages.parts import Document
from tests.daemon.rig import until
from tests.mrz.test_reading import blank_page, needs_engine, page, png, png_that_says
from tests.mrz.visual_pages import PEOPLE, drawn, with_time_for_tesseract

pytestmark = needs_engine
DAY = date(2026, 6, 1)
GOOD = png(page())
BLANK = png(blank_page())
DARK = png(Image.new("L", (900, 600), 0))


class Desk:
    """A reader of pages with what it told."""

    def __init__(self, table: PagesTable | None = None) -> None:
        self.told: list[tuple[Document | None, str]] = []
        self.lost: list[bool] = []
        self.reader = PageReader(
            lambda _, answer: self.told.append((answer.document, answer.reason)),
            self.lost.append,
            table,
            chance=lambda: 0.0,
        )

    def ask(self, image: bytes = GOOD) -> None:
        self.reader.ask(Page("scanner", image, DAY, None))

    async def answer(self, count: int) -> tuple[Document | None, str]:
        await until(lambda: len(self.told) >= count, f"answer {count}", 60)
        return self.told[count - 1]


@contextlib.asynccontextmanager
async def running(table: PagesTable | None = None) -> AsyncIterator[Desk]:
    made = Desk(table)
    task = asyncio.create_task(made.reader.run())
    yield made
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert not workers(), "it leaves no process behind"


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with running() as made:
        yield made


def workers() -> list[psutil.Process]:
    found: list[psutil.Process] = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if any("vision.worker" in word for word in child.cmdline()):
                found.append(child)
    return found


async def test_a_page_is_read_to_a_document_or_to_a_reason(desk: Desk) -> None:
    assert not workers(), "no process before a page is wanted"
    desk.ask()
    document, reason = await desk.answer(1)
    assert reason == ""
    assert document is not None
    assert (document.number, document.surname, document.birth) == ("L898902C3", "ERIKSSON", "1974-08-12")
    assert (document.status, document.doubtful) == ("verified", ())
    (child,) = workers()
    assert child.rlimit(psutil.RLIMIT_AS)[0] < 4 * 1024**3, "a picture that unpacks to more ends the child"
    bad = (
        (BLANK, "no_zone"),
        (b"not a picture", "bad_picture"),
        (GOOD[:3000], "bad_picture"),
        (DARK, "bad_picture"),
        (png_that_says(60_000, 60_000), "bad_picture"),
        (b"\xff" * (pages.PAGE_BYTES_MAX + 1), "bad_picture"),
    )
    for count, (image, why) in enumerate(bad, 2):
        desk.ask(image)
        assert await desk.answer(count) == (None, why)
    desk.ask()
    assert (await desk.answer(8))[0] == document
    assert [process.pid for process in workers()] == [child.pid], "none of them cost a child its life"
    assert desk.lost == []


async def test_a_page_that_hangs_costs_the_child_and_not_the_next_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.ask()
    assert (await desk.answer(1))[0]
    monkeypatch.setattr(pages, "READ_S", 0.3)
    (child,) = workers()
    child.send_signal(signal.SIGSTOP)
    desk.ask()
    assert await desk.answer(2) == (None, "page_not_read")
    assert desk.lost == [True]
    monkeypatch.undo()
    await until(lambda: desk.lost == [True, False], "another child is ready by itself", 60)
    desk.ask()
    assert (await desk.answer(3))[0]


async def test_pages_that_come_faster_than_they_are_read_are_given_up_oldest_first(desk: Desk) -> None:
    for _ in range(WAITING_MAX + 3):
        desk.ask(BLANK)
    assert desk.told == [(None, "page_not_read")] * 3
    await desk.answer(WAITING_MAX + 3)
    assert desk.told[3:] == [(None, "no_zone")] * WAITING_MAX


async def test_without_an_engine_pages_are_not_read_and_a_person_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")  # where tesseract is not
    async with running(PagesTable(engine="passporteye")) as desk:
        await _refused(desk)


async def _refused(desk: Desk) -> None:
    desk.ask()
    assert await desk.answer(1) == (None, "page_not_read")
    assert desk.lost == [True]
    desk.ask()
    assert desk.told[1] == (None, "page_not_read"), "at once: trying again will not mend it"


async def test_a_child_whose_daemon_dies_ends_with_all_it_started() -> None:
    child = await Child.start(pages.WORKER, PagesTable().model_dump())
    (process,) = workers()
    child.hang_up()
    await asyncio.to_thread(process.wait, 30)
    await child.kill()


def test_the_print_for_people_is_compared_where_the_visible_frame_shows_the_zone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_time_for_tesseract(monkeypatch)
    visible, reading = drawn(PEOPLE[2])
    assert reading.document is not None
    outcomes = compared(png(visible.rotate(180)), reading.document, "grid")
    assert set(outcomes.values()) == {"agrees"}
    assert compared(BLANK, reading.document, "grid") == {}
    assert compared(b"no picture", reading.document, "grid") == {}


def test_a_reading_without_a_zone_or_unreadable_is_no_document() -> None:
    assert document_in(mrz.Reading("test"), DAY) == (None, "no_zone")
    assert document_in(mrz.Reading("test", mrz.Status.UNREADABLE), DAY) == (None, "unreadable")


class Watched:
    """A watch, as far as the desk needs it."""

    def __init__(self) -> None:
        self.device = type("Device", (), {"name": "scanner"})()
        self.frozen: list[tuple[bool, str]] = []

    def freeze(self, frozen: bool, code: str) -> None:
        self.frozen.append((frozen, code))


async def test_a_page_belongs_to_its_passage_and_a_dead_child_degrades_its_device_alone() -> None:
    facts: list[Any] = []
    passage: list[int | None] = [7]
    made = PageDesk(Clock(), lambda fact, _: facts.append(fact), lambda: passage[0])
    watch: Any = Watched()
    running = asyncio.create_task(made.pages.run())
    made.seen(watch, PageRead(GOOD, infrared=False))
    await until(lambda: facts, "the document", 60)
    assert facts[0].document.number == "L898902C3"
    assert facts[0].at.utc > datetime(2026, 1, 1, tzinfo=UTC)
    made.seen(watch, PageRead(GOOD, infrared=False))
    passage[0] = 8
    made.seen(watch, PageRead(BLANK, infrared=True))
    await until(lambda: len(facts) == 2, "the page of passage 8", 60)
    assert facts[1].document is None, "that of passage 7 is nobody's any more"
    assert watch.frozen == []
    workers()[0].kill()
    await until(lambda: watch.frozen == [(True, "page_reader_lost"), (False, "page_reader_lost")], "back", 60)
    running.cancel()
    await asyncio.wait({running})
