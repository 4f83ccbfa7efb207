"""The child's side of reading pictures: bounded memory, no core file, and an end with its parent.

What decodes a stranger's picture may be made to crash or to grow; it does so alone.
"""

import json
import os
import queue
import resource
import signal
import sys
import threading
from typing import Any, BinaryIO

MEMORY_BYTES = 3 * 1024**3
"""Address space: a picture of 50 megapixels decoded, and the engine's own libraries."""

Orders = queue.SimpleQueue[tuple[dict[str, Any], bytes]]


def confine() -> tuple[dict[str, Any], Orders, BinaryIO]:
    """Limit this process; its settings, the orders that come, and the channel for messages to the parent.

    Orders are JSON texts on standard input, one a line, each with its `bytes` right behind it; the first line
    are the settings.  The end of standard input ends this process and all it started, whatever hangs.  What
    libraries print to standard output goes to standard error.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold a traveller's page
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.buffer.readline())
    orders: Orders = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    return settings, orders, channel


def _listen(orders: Orders) -> None:
    """Take orders until the parent goes."""
    for line in sys.stdin.buffer:
        order = json.loads(line)
        orders.put((order, sys.stdin.buffer.read(int(order["bytes"]))))
    os.killpg(os.getpgrp(), signal.SIGKILL)
