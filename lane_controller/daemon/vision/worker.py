"""The child process that reads pages: whatever engine `mrz.read` has, it works here alone.

On standard input a line of settings `{"engine": "grid", "visual_zone": false}`, then for each page an order
`{"page": 7, "bytes": 61000, "frames": [48123, 12877], "visible": 1, "reference": "2026-06-01"}` and its
encoded frames right behind it; `visible` is the frame with the print for people, where that is compared.  On
standard output (drivers/framing.py) `ready` once the engine is loaded, then one `page` for each, with the
document as a lane knows it, how it was read, and behind it two pictures, page and zone (their lengths in
`pictures`), or with a reason; `failed` when the engine itself can't work.  The end of standard input ends
this process and all it started, whatever hangs.  Nothing of what was read goes to standard error.
"""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import accumulate
from typing import Any, BinaryIO

import numpy as np

import mrz
from drivers import framing
from lane_controller.daemon.sensing.documents import document_in
from lane_controller.daemon.vision.confined import Orders, confine
from lane_controller.daemon.vision.evidence import page_reading, reduced, zone_picture
from mrz import visual
from mrz.picture import Grey, load

ANOTHER_S = 6.0
"""No further frame is begun after so long: the parent gives a page 20 s."""
BLANK = np.pad(np.full((200, 300), 255, np.uint8), 1)
"""A page without print; its edge is there because a picture of one colour alone is refused."""


def answer(order: dict[str, Any], blob: bytes, settings: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """What came of one page, as a message's header and bytes: its frames read together, the first one alone
    where that is sure; or a reason.  Raises EngineError."""
    ends = list(accumulate(order["frames"]))
    frames = [blob[end - size : end] for end, size in zip(ends, order["frames"], strict=True)]
    reference, engine = date.fromisoformat(order["reference"]), settings["engine"]
    taken: list[Grey] = []
    reading = mrz.read_frames(readable(in_time(frames), taken), reference=reference, engine=engine)
    document, reason = document_in(reading, reference) if taken else (None, "bad_picture")
    header = {"kind": "page", "page": order["page"], "document": None, "reason": reason}
    if document is None or reading.document is None:
        return header, b""
    if settings["visual_zone"]:
        outcomes = compared(frames[order["visible"]], reading.document, engine)
        document = document.model_copy(update={"visual_zone": outcomes})
    shown = taken[reading.frame]
    picture, scale = reduced(shown)
    crop = zone_picture(shown, reading)
    header |= {
        "document": document.model_dump(mode="json"),
        "reading": page_reading(shown, reading, scale).model_dump(mode="json"),
        "pictures": [len(picture), len(crop)],
    }
    return header, picture + crop


def readable(frames: Iterable[bytes], taken: list[Grey]) -> Iterator[Grey]:
    """The frames that are pictures, decoded, and kept in `taken`; the others are passed over."""
    for frame in frames:
        with contextlib.suppress(mrz.ImageError):
            taken.append(load(frame))
            yield taken[-1]


def in_time(frames: Iterable[bytes]) -> Iterator[bytes]:
    """The first frame, and those that can be begun within `ANOTHER_S`."""
    began_s = time.monotonic()
    for number, frame in enumerate(frames):
        if number and time.monotonic() - began_s > ANOTHER_S:
            return
        yield frame


def compared(visible: bytes, document: mrz.Document, engine: str) -> dict[str, str]:
    """What the print for people in the visible frame says beside the document, by field.

    That frame's own zone says where the print stands: another camera has it elsewhere.  Empty where it shows
    none, or where print can't be read here.
    """
    try:
        seen = mrz.read(visible, engine=engine)
        comparison = visual.compare(visible, replace(seen, document=document)) if seen.found else None
    except mrz.MrzError:
        return {}
    return comparison.outcomes if comparison else {}


def work(channel: BinaryIO, pages: Orders, settings: dict[str, Any]) -> None:
    """Read pages until killed, or until the engine fails."""

    def send(header: dict[str, Any], blob: bytes = b"") -> None:
        channel.write(framing.pack(header, blob))
        channel.flush()

    try:
        mrz.read(BLANK, engine=settings["engine"])  # loads the engine, which a traveller would wait for
        send({"kind": "ready"})
        while True:
            send(*answer(*pages.get(), settings))
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
