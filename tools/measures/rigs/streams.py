"""Clients of a server-sent event stream, and how late it tells them."""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_NEWS = re.compile(rb'id: (\d+)\nevent: lane\ndata: \{"lane":"([^"]+)"')


@dataclass(frozen=True, slots=True)
class Told:
    """Something about a lane: its position in the stream's numbers, and when it was (seconds, monotonic)."""

    lane: str
    position: int
    at_s: float


class Watcher:
    """One open stream, read as a browser does; `heard` is what it was told of lanes."""

    def __init__(self) -> None:
        self.heard: list[Told] = []
        self.bytes = 0
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self, port: int, path: str, cookie: str) -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"
        self._writer.write(request.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head:
            raise RuntimeError(f"the stream was refused: {head[:80]!r}")
        self._task = asyncio.create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        rest = b""
        while data := await reader.read(65_536):
            now = time.monotonic()
            self.bytes += len(data)
            whole, end, rest = (rest + data).rpartition(b"\n\n")
            for position, lane in _NEWS.findall(whole + end):
                self.heard.append(Told(lane.decode(), int(position), now))

    def forget(self) -> None:
        self.heard.clear()
        self.bytes = 0

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._writer is not None:
            self._writer.close()


async def opened(count: int, port: int, path: str, cookie: str) -> list[Watcher]:
    watchers = [Watcher() for _ in range(count)]
    for watcher in watchers:
        await watcher.open(port, path, cookie)
    return watchers


def bytes_a_message(watchers: Iterable[Watcher]) -> int:
    return sum(one.bytes for one in watchers) // max(1, sum(len(one.heard) for one in watchers))


def latencies(said: Iterable[Told], watchers: Iterable[Watcher]) -> list[float]:
    """Seconds from each event to the message that first included it, at each client.  A message includes what
    its lane said up to the message's position; an event that no message shows before the lane's next one
    changed nothing that the client may see, and does not count."""
    by_lane: defaultdict[str, list[Told]] = defaultdict(list)
    for one in said:
        by_lane[one.lane].append(one)
    found: list[float] = []
    for watcher in watchers:
        heard: defaultdict[str, list[Told]] = defaultdict(list)
        for one in watcher.heard:
            heard[one.lane].append(one)
        for lane, events in by_lane.items():
            ends = [*(event.position for event in events[1:]), float("inf")]
            for event, end in zip(events, ends, strict=True):
                first = next((one for one in heard[lane] if event.position <= one.position < end), None)
                if first is not None:
                    found.append(first.at_s - event.at_s)
    return found
