"""A page of several frames: they are read together, and one that shows nothing costs nothing."""

from datetime import date
from typing import Any

import pytest

import mrz
from lane_controller.daemon.vision import worker
from tests.mrz.test_reading import TD3, blank_page, page, png

REFERENCE = date(2026, 6, 1)
SETTINGS = {"engine": "grid", "visual_zone": False}
GOOD = png(page())
NO_ZONE = png(blank_page())
NO_PICTURE = b"half a picture"


def glared(*columns: int) -> bytes:
    """The page with glare over some columns of its zone."""
    shown = page()
    zone = mrz.read(png(shown), engine="grid").cells
    for line in zone:
        for column in columns:
            (left, top), _, (right, bottom), _ = line[column]
            shown.paste(255, (int(left), int(top) - 3, int(right) + 1, int(bottom) + 3))
    return png(shown)


def answered(*frames: bytes) -> dict[str, Any]:
    sizes = [len(frame) for frame in frames]
    order = {"page": 1, "frames": sizes, "visible": 0, "reference": REFERENCE.isoformat()}
    return worker.answer(order, b"".join(frames), SETTINGS)[0]


@pytest.mark.parametrize("before", [(), (NO_ZONE,), (NO_PICTURE, NO_ZONE)])
def test_frames_that_show_nothing_take_nothing_from_the_one_that_does(before: tuple[bytes, ...]) -> None:
    told = answered(*before, GOOD, NO_ZONE)
    assert told["document"]["number"] == "L898902C3"
    assert told["reason"] == ""


def test_what_glare_hides_in_one_frame_another_shows() -> None:
    left, right = glared(6, 7, 8), glared(30, 31)
    for alone in (left, right):
        told = answered(alone)
        assert told["reason"] or told["document"]["status"] not in ("verified", "corrected")
    document = answered(left, right)["document"]
    assert tuple(document["lines"]) == TD3


def test_a_page_without_a_document_has_a_reason() -> None:
    assert answered(NO_ZONE, NO_PICTURE)["reason"] == "no_zone"
    assert answered(NO_PICTURE)["reason"] == "bad_picture"


def test_no_further_frame_is_begun_when_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "ANOTHER_S", -1.0)
    assert list(worker.in_time([NO_ZONE, GOOD])) == [NO_ZONE]
    assert answered(NO_ZONE, GOOD)["document"] is None


def test_no_frame_is_looked_at_after_a_sure_one() -> None:
    frames = iter([GOOD, NO_ZONE])
    assert mrz.read_frames(worker.in_time(frames), reference=REFERENCE, engine="grid").lines == TD3
    assert list(frames) == [NO_ZONE], "the first was sure"
