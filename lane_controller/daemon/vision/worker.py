"""The child process that reads pages: whatever engine `mrz.read` has, it works here alone.

On standard input a line of settings `{"engine": "grid", "visual_zone": false}`, then for each page an order
`{"page": 7, "bytes": 61000, "frames": [48123, 12877], "visible": 1, "reference": "2026-06-01"}` and its
encoded frames right behind it; `visible` is the frame with the print for people, where that is compared.  On
standard output (drivers/framing.py) `ready` once the engine is loaded, then one `page` for each, with the
document as a lane knows it, or a reason; `failed` when the engine itself can't work.  The end of standard
input ends this process and all it started, whatever hangs.  Nothing of what was read goes to standard error.
"""

import os
import time
from collections.abc import Iterator
from datetime import date
from itertools import accumulate
from typing import Any, BinaryIO

import numpy as np

import mrz
from drivers import framing
from lane_controller.daemon.sensing.documents import document_in
from lane_controller.daemon.vision.confined import Orders, confine
from mrz import visual
from mrz.picture import Grey, load

ANOTHER_S = 6.0
"""No further frame is begun after so long: the parent gives a page 20 s."""
BLANK = np.pad(np.full((200, 300), 255, np.uint8), 1)
"""A page without print; its edge is there because a picture of one colour alone is refused."""


def answer(order: dict[str, Any], blob: bytes, settings: dict[str, Any]) -> dict[str, Any]:
    """What came of one page: its frames read together, the first one alone where that is sure; or a reason.
    Raises EngineError."""
    ends = list(accumulate(order["frames"]))
    frames = [blob[end - size : end] for end, size in zip(ends, order["frames"], strict=True)]
    reference = date.fromisoformat(order["reference"])
    reading, pictures = read(frames, reference, settings["engine"])
    document, reason = (None, "bad_picture") if reading is None else document_in(reading, reference)
    if document is not None and reading is not None and settings["visual_zone"]:
        outcomes = compared(frames[order["visible"]], pictures, reading)
        document = document.model_copy(update={"visual_zone": outcomes})
    told = None if document is None else document.model_dump(mode="json")
    return {"kind": "page", "page": order["page"], "document": told, "reason": reason}


def read(frames: list[bytes], reference: date, engine: str) -> tuple[mrz.Reading | None, list[Grey]]:
    """What the frames say together, and the pictures that were looked at; None where none is a picture.

    No further frame is begun after `ANOTHER_S`.  Raises EngineError.
    """
    pictures: list[Grey] = []
    began_s = time.monotonic()

    def loaded() -> Iterator[Grey]:
        for frame in frames:
            if time.monotonic() - began_s > ANOTHER_S:
                return
            try:
                picture = load(frame)
            except mrz.ImageError:
                continue
            pictures.append(picture)
            yield picture

    try:
        reading = mrz.read_frames(loaded(), reference=reference, engine=engine)
    except mrz.ImageError:
        return None, pictures
    return reading if pictures else None, pictures


def compared(visible: bytes, pictures: list[Grey], reading: mrz.Reading) -> dict[str, str]:
    """What the print for people says beside the zone, by field; empty where it can't be compared."""
    try:
        picture = load(visible)
        # The zone's place is known in a frame that was read; another camera's picture has it elsewhere.
        if any(picture.shape != other.shape for other in pictures):
            if len(pictures) > 1:
                return {}
            picture = pictures[0]
        comparison = visual.compare(picture, reading)
    except mrz.MrzError:
        return {}
    return comparison.outcomes if comparison else {}


def work(channel: BinaryIO, pages: Orders, settings: dict[str, Any]) -> None:
    """Read pages until killed, or until the engine fails."""

    def send(header: dict[str, Any]) -> None:
        channel.write(framing.pack(header))
        channel.flush()

    try:
        mrz.read(BLANK, engine=settings["engine"])  # loads the engine, which a traveller would wait for
        send({"kind": "ready"})
        while True:
            send(answer(*pages.get(), settings))
    except mrz.EngineError as error:
        send({"kind": "failed", "message": str(error)})
    except Exception as error:  # its text may quote what was read
        send({"kind": "failed", "message": f"a bug: {type(error).__name__}"})


def main() -> None:
    settings, pages, channel = confine()
    work(channel, pages, settings)
    os._exit(1)


if __name__ == "__main__":
    main()
