"""A running simulation looked at and changed from outside: `borderlane simulate --control SOCKET`.

A Unix socket of mode 0600.  One JSON object a line asks, one answers: `{"ok": true, ...}` or
`{"ok": false, "error": "..."}`.

    {"do": "show"}                                           the world and its benches
    {"do": "faults", "lane": L, "device": D}                 what can be set on a device
    {"do": "set-fault" or "clear-fault", "lane": L, "device": D, "fault": F}
    {"do": "pull" or "put-back", "lane": L, "device": D}     a cable
    {"do": "send", "lane": L, "vehicle": M, ...}             an arrival, keys as in scenario files
"""

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from simulators.bench import LaneBench, UnknownFault
from simulators.mistakes import keys_of, mistakes
from simulators.scenario import Arrival, misfits
from simulators.toml_places import dotted
from simulators.world import World

LINE_BYTES_MAX = 16 * 1024
CONNECTIONS_MAX = 8
SILENT_S = 60.0


class Wish(BaseModel):
    """One line from outside."""

    model_config = ConfigDict(extra="allow")

    do: str
    lane: str = ""
    device: str = ""
    fault: str = ""


class Refused(Exception):
    """A wish that can't be done; the message says why."""


class Control:
    """Serves the socket at `path`.  `send` lets an arrival come and returns its visit's number.  Raises
    FileExistsError when something else stands at the path."""

    def __init__(
        self, path: Path, world: World, benches: Mapping[str, LaneBench], send: Callable[[Arrival], int]
    ) -> None:
        if path.exists() and not path.is_socket():
            raise FileExistsError(f"{path} exists and is no socket; not replaced")
        self.path = path
        self._world = world
        self._benches = benches
        self._send = send
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen.  Raises OSError."""
        self.path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, self.path, limit=LINE_BYTES_MAX)
        finally:
            os.umask(before)

    async def stop(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= CONNECTIONS_MAX:
            writer.close()
            return
        self._connections.add(task)
        try:
            with contextlib.suppress(OSError, TimeoutError):
                await self._converse(reader, writer)
        finally:
            self._connections.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                async with asyncio.timeout(SILENT_S):
                    line = await reader.readline()
            except ValueError:
                writer.write(_line({"ok": False, "error": f"a line is at most {LINE_BYTES_MAX} bytes"}))
                await writer.drain()
                return
            if not line:
                return
            writer.write(_line(await self.answer(line)))
            async with asyncio.timeout(SILENT_S):
                await writer.drain()

    async def answer(self, line: bytes) -> dict[str, Any]:
        """What to say to one line; never raises for what stands in it."""
        try:
            wish = Wish.model_validate_json(line)
            return {"ok": True, **await self._do(wish)}
        except ValidationError as error:
            found = mistakes(error.errors(), keys_of(Arrival))
            said = [f"{dotted(place)}: {what}" if place else what for place, what in found]
            return {"ok": False, "error": "; ".join(said)}
        except (Refused, UnknownFault, OSError) as error:
            return {"ok": False, "error": str(error)}

    async def _do(self, wish: Wish) -> dict[str, Any]:
        match wish.do:
            case "show":
                lanes = [bench.show() for bench in self._benches.values()]
                return {"time_s": round(self._world.time_s, 2), "lanes": lanes}
            case "faults":
                return {"faults": list(self._bench(wish).known_faults(wish.device))}
            case "set-fault" | "clear-fault":
                self._bench(wish).set_fault(wish.device, wish.fault, wish.do == "set-fault")
            case "pull":
                await self._bench(wish).pull(wish.device)
            case "put-back":
                await self._bench(wish).put_back(wish.device)
            case "send":
                wanted = {"at_s": self._world.time_s, **(wish.model_extra or {}), "lane": wish.lane}
                arrival = Arrival.model_validate(wanted)
                if wrong := [f"{key}: {said}" for key, said in misfits(arrival, self._bench(wish).kit)]:
                    raise Refused("; ".join(wrong))
                try:
                    return {"visit": self._send(arrival)}
                except ValueError as error:
                    raise Refused(str(error)) from error
            case _:
                known = "show, faults, set-fault, clear-fault, pull, put-back, send"
                raise Refused(f"do: {wish.do!r} is unknown, expected one of {known}")
        return {}

    def _bench(self, wish: Wish) -> LaneBench:
        if wish.lane not in self._benches:
            raise Refused(f"lane: there is no {wish.lane!r}, expected one of {', '.join(self._benches)}")
        return self._benches[wish.lane]


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer).encode() + b"\n"
