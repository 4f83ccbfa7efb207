"""The child process that reads pages: whatever engine `mrz.read` has, it works here alone.

On standard input a line of settings `{"engine": "grid"}`, then for each page `{"page": 7, "bytes": 61000,
"frames": [48123, 12877], "reference": "2026-06-01"}` and its encoded frames right behind it.  On standard
output (drivers/framing.py) `ready` once the engine is loaded, then one `page` for each, with the document as
a lane knows it, or a reason; `failed` when the engine itself can't work.  The end of standard input ends this
process and all it started, whatever hangs.  Nothing of what was read goes to standard error.
"""

import os
import time
from datetime import date
from typing import Any, BinaryIO

import numpy as np

import mrz
from drivers import framing
from lane_controller.daemon.sensing.documents import document_in
from lane_controller.daemon.vision.confined import Orders, confine
from lane_controller.messages.parts import Document

ANOTHER_S = 6.0
"""No further frame is begun after so long: the parent gives a page 20 s."""
BLANK = np.pad(np.full((200, 300), 255, np.uint8), 1)
"""A page without print; its edge is there because a picture of one colour alone is refused."""


def answer(order: dict[str, Any], image: bytes, engine: str) -> dict[str, Any]:
    """What came of one page: of its first frame, or of the next one where that holds no document, while
    there is time; a reason is the first frame's.  Raises EngineError."""
    document, reason, at, began_s = None, "", 0, time.monotonic()
    for size in order["frames"]:
        document, why = read(image[at : at + size], date.fromisoformat(order["reference"]), engine)
        reason, at = reason or why, at + size
        if document is not None or time.monotonic() - began_s > ANOTHER_S:
            break
    if document is not None:
        reason = ""
    told = None if document is None else document.model_dump(mode="json")
    return {"kind": "page", "page": order["page"], "document": told, "reason": reason}


def read(frame: bytes, reference: date, engine: str) -> tuple[Document | None, str]:
    """The document in one frame, or why there is none.  Raises EngineError."""
    try:
        return document_in(mrz.read(frame, reference=reference, engine=engine), reference)
    except mrz.ImageError:
        return None, "bad_picture"


def work(channel: BinaryIO, pages: Orders, engine: str) -> None:
    """Read pages until killed, or until the engine fails."""

    def send(header: dict[str, Any]) -> None:
        channel.write(framing.pack(header))
        channel.flush()

    try:
        mrz.read(BLANK, engine=engine)  # loads the engine: seconds that the first traveller would wait
        send({"kind": "ready"})
        while True:
            send(answer(*pages.get(), engine))
    except mrz.EngineError as error:
        send({"kind": "failed", "message": str(error)})
    except Exception as error:  # its text may quote what was read
        send({"kind": "failed", "message": f"a bug: {type(error).__name__}"})


def main() -> None:
    settings, pages, channel = confine()
    work(channel, pages, str(settings["engine"]))
    os._exit(1)


if __name__ == "__main__":
    main()
