"""What is kept of a page that was read: its picture, its zone cell by cell, and what was doubtful in it; it
goes where the passage goes, and with it."""

import hashlib
import json
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

import mrz
from dashboard.store.erase import without_personal
from lane_controller.daemon.actions import media_of
from lane_controller.daemon.journal import Journal, erasing
from lane_controller.daemon.outbox import pictures
from lane_controller.daemon.vision import worker
from lane_controller.daemon.vision.evidence import (
    CELL_PX,
    JPEG_BYTES_MAX,
    page_reading,
    reduced,
    zone_picture,
)
from lane_controller.daemon.vision.pages import Answer
from lane_controller.lane import views
from lane_controller.lane.facts import DocumentRead, PersonalErased, PresenceChanged
from lane_controller.messages.envelope import EVENT_BYTES_MAX
from lane_controller.messages.events import DocumentObserved
from lane_controller.messages.parts import Document, PageReading
from lane_controller.messages.pictures import pictures_in
from lane_controller.messages.words import Audience, Place
from mrz.picture import load
from mrz.reading import Correction, Doubt
from tests.daemon.facts import beginning, loop_on, stamp
from tests.mrz.test_reading import TD3, blank_page, needs_engine, page, png

WRONG = mrz.CheckDigit("number", 2, 10, "6", "4", holds=False)
PLACES = mrz.Reading(
    "grid",
    mrz.Status.DOUBTFUL,
    doubtful=(Doubt("names", 1, 6, ("E", "F")), Doubt("sex")),
    corrections=(Correction(2, 1, "1", "L", "listed_code"),),
    inconsistent=(WRONG,),
)
PAGE, ZONE = b"\xff\xd8\xff the page", b"\xff\xd8\xff its zone"
NAMES = tuple(hashlib.sha256(picture).hexdigest() for picture in (PAGE, ZONE))


def answered(*frames: bytes) -> Answer:
    """What the parent makes of what the child says."""
    from lane_controller.daemon.vision.pages import _answer  # type: ignore[attr-defined]

    sizes = [len(frame) for frame in frames]
    order = {"page": 1, "frames": sizes, "visible": 0, "reference": "2026-06-01"}
    header, blob = worker.answer(order, b"".join(frames), {"engine": "grid", "visual_zone": False})
    return _answer(json.loads(json.dumps(header)), blob, 1)


def opened(jpeg: bytes) -> Image.Image:
    assert 0 < len(jpeg) <= JPEG_BYTES_MAX
    return Image.open(BytesIO(jpeg)).convert("L")


@needs_engine
def test_the_frame_that_was_read_is_kept_smaller_with_its_zone_cell_by_cell() -> None:
    turned = page().rotate(8, expand=True, fillcolor=255)
    found = answered(png(blank_page()), b"no picture", png(turned))
    assert found.document is not None
    assert found.document.lines == TD3
    assert found.reading is not None
    shown, zone = opened(found.picture), opened(found.crop)
    assert shown.size == (found.reading.width, found.reading.height)
    assert max(shown.size) <= 1000
    assert abs(shown.width / shown.height - turned.width / turned.height) < 0.01, "the third frame, whole"
    assert zone.size == (44 * CELL_PX[0], 2 * CELL_PX[1])
    assert len(found.reading.outlines) == 2
    # Print stands where its cell is: a capital in the second line's first one, blank paper between lines.
    dark = np.asarray(zone) < 128
    assert dark[CELL_PX[1] + 8 : 2 * CELL_PX[1] - 8, : CELL_PX[0]].mean() > 0.1
    assert dark[CELL_PX[1] - 3 : CELL_PX[1] + 3].mean() < 0.02
    # And read again from its cells alone, it says the same.
    assert mrz.read(png(zone_page(zone)), reference=date(2026, 6, 1)).lines == TD3


def zone_page(zone: Image.Image) -> Image.Image:
    """The zone's picture on white paper, its lines apart as a page has them."""
    paper = Image.new("L", (zone.width + 200, 400), 255)
    for line in range(2):
        row = zone.crop((0, line * CELL_PX[1], zone.width, (line + 1) * CELL_PX[1]))
        paper.paste(row, (100, 150 + 56 * line))
    return paper


def test_every_place_that_wants_a_look_is_told_with_what_it_may_be() -> None:
    told = page_reading(load(png(page())), PLACES, 0.5)
    assert [(one.field, one.line, one.column, one.candidates) for one in told.doubtful] == [
        ("names", 1, 6, ("E", "F")),
        ("sex", 0, 0, ()),
    ]
    assert [(one.read, one.taken, one.reason) for one in told.corrections] == [("1", "L", "listed_code")]
    assert [(one.field, one.expected, one.found) for one in told.inconsistent] == [("number", "6", "4")]


def test_a_page_that_no_jpeg_makes_small_enough_is_left_out_and_one_without_cells_has_no_zone() -> None:
    noise = np.random.default_rng(4).integers(0, 256, (1400, 2000), np.uint8)
    jpeg, scale = reduced(noise)
    assert scale == 0.5
    assert len(jpeg) <= JPEG_BYTES_MAX
    assert zone_picture(noise, mrz.Reading("passporteye")) == b""


def document() -> Document:
    return Document(
        kind="P", format="TD3", issuer="UTO", number="L898902C3", nationality="UTO", surname="ERIKSSON",
        given_names="ANNA", birth="1974-08-12", sex="F", expiry="2031-01-01", status="doubtful",
        doubtful=("names",), lines=TD3,
    )  # fmt: skip


def reading() -> PageReading:
    return page_reading(load(png(page())), PLACES, 0.5)


def test_both_pictures_and_the_doubts_are_sent_shown_and_erased_together(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "journal.sqlite", "test", "lane-1")
    loop = loop_on(journal)
    for fact in (*beginning(journal.id), PresenceChanged(stamp(10), "loop", Place.ARRIVAL, True)):
        loop.take([(fact, ())])
    media = (*media_of(PAGE, "page"), *media_of(ZONE, "page"))
    read = DocumentRead(stamp(11), "page", document(), picture=NAMES[0], crop=NAMES[1], page=reading())
    loop.take([(read, media)])

    assert tuple(pictures(journal.events_after(0, 1000))) == NAMES, "the uplink sends both"
    (event,) = [one.data for one in journal.events_after(0, 1000) if one.data["type"] == "passage.document"]
    assert len(json.dumps(event)) < EVENT_BYTES_MAX / 4
    assert set(pictures_in(event)) == set(NAMES), "the store asks for both"
    state = views.lane_state(loop.lane, Audience.LANE)  # type: ignore[arg-type]
    assert state.passage is not None
    (shown,) = state.passage.pages
    assert shown is not None
    assert (shown.picture, shown.crop, shown.page) == (*NAMES, reading())

    emptied = without_personal(event)
    assert [emptied[key] for key in ("document", "page", "picture", "crop")] == [None] * 4
    again = replace(read, at=stamp(12), picture=None, crop=None, page=None)
    loop.take([(again, ())])
    assert loop.lane is not None
    assert views.lane_state(loop.lane, Audience.LANE).passage.pages == (None,)  # type: ignore[union-attr]

    loop.take([(PersonalErased(stamp(13), journal.last_sequence), ())])
    assert views.lane_state(loop.lane, Audience.LANE).passage.pages == ()  # type: ignore[union-attr]
    loop.snapshot()
    (order,) = erasing.pending_erasures(journal)
    assert erasing.carry_out(journal, order, {}, ()) == []
    assert [journal.media(name) for name in NAMES] == [None, None]
    journal.close()
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for personal in (b"listed_code", b"its zone", NAMES[0].encode(), TD3[1].encode()):
        assert personal not in left


def test_a_document_of_an_older_version_has_no_page_and_is_read() -> None:
    old = {"type": "passage.document", "passage": 1, "person": 1, "device": "page", "document": None}
    told = DocumentObserved.model_validate(old)
    assert (told.picture, told.crop, told.page) == (None, None, None)
