"""Second pairs of eyes, in processes of their own: what they see is stamped by the machine's monotonic clock.

That clock is one for all processes of a machine (CLOCK_MONOTONIC); lanes stamp their facts with it too.
"""

import asyncio
import json
import multiprocessing
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from drivers.document_reader.pcsc_service import Context

LOOK_S = 0.001
"""How often the store is looked at: what is seen is at most this late."""
SLOT_S = 0.3


class Watcher:
    """Runs `watch(pipe, *arguments)`, which says when it is ready and, told to end, what it has seen."""

    def __init__(self, watch: Callable[..., None], *arguments: object) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, self._theirs = context.Pipe()
        self._process = context.Process(target=watch, args=(self._theirs, *arguments), daemon=True)

    async def start(self) -> None:
        """Returns when it watches.  Raises EOFError when it ended by itself."""
        # In a thread: simulated devices that fall silent meanwhile would be lost.
        await asyncio.to_thread(self._process.start)
        self._theirs.close()
        await asyncio.to_thread(self._pipe.recv)

    async def seen(self) -> list[Any]:
        """All it saw; then it is over.  Raises EOFError when it ended by itself."""
        self._pipe.send("end")
        return await asyncio.to_thread(self._pipe.recv)

    def stop(self) -> None:
        """End it, whatever it does."""
        if self._process.is_alive():
            self._process.kill()


# --- the dashboard's store --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """An event that another process could read in the store at `seen_s`, so it was committed and on the disk.

    `mono_s` is the lane's own stamp of the fact behind it, `time_ms` the same moment as a page shows it (Unix
    time), `taken_s` the beginning of the dashboard's transaction."""

    lane: str
    type: str
    sequence: int
    mono_s: float
    time_ms: int
    taken_s: float
    seen_s: float
    data: dict[str, Any]


def store_events(pipe: Connection, store: Path) -> None:
    """Watches the store's file for new events."""
    seen: list[Stored] = []
    offset_s = time.time() - time.monotonic()
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, isolation_level=None)) as database:
        (last,) = database.execute("SELECT coalesce(max(rowid), 0) FROM events").fetchone()
        version = None
        pipe.send("ready")
        while not pipe.poll(LOOK_S):
            newest = database.execute("PRAGMA data_version").fetchone()
            if newest == version:
                continue
            version, at_s = newest, time.monotonic()
            rows = database.execute(
                "SELECT rowid, lane, type, sequence, mono_s, time_us, received_us, data FROM events"
                " WHERE rowid > ? ORDER BY rowid",
                (last,),
            )
            for row, lane, kind, sequence, mono_s, time_us, received_us, data in rows:
                last = row
                taken_s = received_us / 1e6 - offset_s
                seen.append(
                    Stored(lane, kind, sequence, mono_s, time_us // 1000, taken_s, at_s, json.loads(data))
                )
    pipe.recv()
    pipe.send(seen)


# --- a card reader's slot ---------------------------------------------------------------------------------


def card_changes(pipe: Connection, socket_path: str, reader: str) -> None:
    """Watches one slot as any PC/SC program does: when pcscd told that a card is in, or out."""
    os.environ["PCSCLITE_CSOCK_NAME"] = socket_path  # read at the first call into the library
    context = Context()
    seen: list[tuple[float, bool]] = []
    status = context.status(reader)
    assert status is not None
    pipe.send("ready")
    while not pipe.poll():
        changed = context.status(reader, status.state, SLOT_S)
        if changed is not None:
            if changed.present != status.present:
                seen.append((time.monotonic(), changed.present))
            status = changed
    context.release()
    pipe.recv()
    pipe.send(seen)
