"""The child process that reads pages: whatever engine `mrz.read` has, it works here alone.

On standard input a line of settings (none yet), then for each page `{"page": 7, "bytes": 48123, "reference":
"2026-06-01"}` and the encoded picture right behind it.  On standard output (drivers/framing.py) `ready` once
the engine is loaded, then one `page` for each, with the document as a lane knows it, or a reason; `failed`
when the engine itself can't work.  The end of standard input ends this process and all it started, whatever
hangs.  Nothing of what was read goes to standard error.
"""

import json
import os
import queue
import resource
import signal
import sys
import threading
from datetime import date
from typing import Any, BinaryIO

import numpy as np

import mrz
from drivers import framing
from lane_controller.daemon.sensing.documents import document_in

MEMORY_BYTES = 3 * 1024**3
"""Address space: a picture of 50 megapixels decoded, and the engine's own libraries."""
BLANK = np.pad(np.full((200, 300), 255, np.uint8), 1)
"""A page without print; its edge is there because a picture of one colour alone is refused."""


def listen(pages: "queue.SimpleQueue[tuple[dict[str, Any], bytes]]") -> None:
    """Take orders until the parent goes."""
    orders = sys.stdin.buffer
    for line in orders:
        order = json.loads(line)
        pages.put((order, orders.read(int(order["bytes"]))))
    os.killpg(os.getpgrp(), signal.SIGKILL)


def answer(order: dict[str, Any], image: bytes) -> dict[str, Any]:
    """What came of one page.  Raises EngineError."""
    document, reason = None, ""
    try:
        reference = date.fromisoformat(order["reference"])
        document, reason = document_in(mrz.read(image, reference=reference), reference)
    except mrz.ImageError:
        reason = "bad_picture"
    told = None if document is None else document.model_dump(mode="json")
    return {"kind": "page", "page": order["page"], "document": told, "reason": reason}


def work(channel: BinaryIO, pages: "queue.SimpleQueue[tuple[dict[str, Any], bytes]]") -> None:
    """Read pages until killed, or until the engine fails."""

    def send(header: dict[str, Any]) -> None:
        channel.write(framing.pack(header))
        channel.flush()

    try:
        mrz.read(BLANK)  # loads the engine: seconds that the first traveller would wait
        send({"kind": "ready"})
        while True:
            send(answer(*pages.get()))
    except mrz.EngineError as error:
        send({"kind": "failed", "message": str(error)})
    except Exception as error:  # its text may quote what was read
        send({"kind": "failed", "message": f"a bug: {type(error).__name__}"})


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdin.buffer.readline()
    pages: queue.SimpleQueue[tuple[dict[str, Any], bytes]] = queue.SimpleQueue()
    threading.Thread(target=listen, args=(pages,), daemon=True).start()
    work(channel, pages)
    os._exit(1)


if __name__ == "__main__":
    main()
