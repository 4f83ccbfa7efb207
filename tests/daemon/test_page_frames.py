"""A page of several frames: the next one is read where the one before holds no document."""

from datetime import date
from typing import Any

import pytest

import mrz
from lane_controller.daemon.vision import worker

LINES = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
GOOD = mrz.Reading("test", mrz.Status.VERIFIED, document=mrz.parse(LINES, reference=date(2026, 6, 1)))
NO_ZONE = mrz.Reading("test")


def answered(
    monkeypatch: pytest.MonkeyPatch, *readings: mrz.Reading | Exception
) -> tuple[dict[str, Any], int]:
    """What comes of a page whose frames are read so, and how many were."""
    read: list[bytes] = []

    def one(frame: bytes, **_: object) -> mrz.Reading:
        reading = readings[len(read)]
        read.append(frame)
        if isinstance(reading, Exception):
            raise reading
        return reading

    monkeypatch.setattr(mrz, "read", one)
    frames = [bytes([number]) * (number + 1) for number in range(len(readings))]
    sizes = [len(frame) for frame in frames]
    order = {"page": 1, "frames": sizes, "visible": 0, "reference": "2026-06-01"}
    told = worker.answer(order, b"".join(frames), {"engine": "test", "visual_zone": False})
    assert read == frames[: len(read)], "each frame as it came"
    return told, len(read)


def test_the_first_frame_with_a_document_is_the_page_s(monkeypatch: pytest.MonkeyPatch) -> None:
    for before in ((), (NO_ZONE,), (mrz.ImageError("damaged"), NO_ZONE)):
        told, read = answered(monkeypatch, *before, GOOD, NO_ZONE)
        assert told["document"]["number"] == "L898902C3"
        assert told["reason"] == ""
        assert read == len(before) + 1


def test_a_page_without_a_document_has_the_first_frame_s_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    told, _ = answered(monkeypatch, NO_ZONE, mrz.ImageError("damaged"))
    assert (told["document"], told["reason"]) == (None, "no_zone")


def test_no_further_frame_is_begun_when_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "ANOTHER_S", -1.0)
    told, read = answered(monkeypatch, NO_ZONE, GOOD)
    assert (told["document"], read) == (None, 1)
