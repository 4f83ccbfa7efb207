"""A lane's daemon as its service manager starts it: ready when it says so (sd_notify(3))."""

import asyncio
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from simulators.children import Child
from simulators.site import BORDERLANE, LaneProcess

READY_S = 60.0


class NotifiedLane:
    """One daemon of a site's lane; `ready_s` is the time from its start to `READY=1`."""

    def __init__(self, process: LaneProcess, environment: Mapping[str, str]) -> None:
        self._address = process.file.path.with_name("notify")
        argv = (str(BORDERLANE), "run", str(process.file.path))
        # What a service manager does not set must not slow its start.
        surroundings = {**environment, "NOTIFY_SOCKET": str(self._address), "PYTHONDONTWRITEBYTECODE": ""}
        self.child = Child("lane", argv, process.file.path.with_name("lane.log"), surroundings)
        self.ready_s = 0.0

    async def start(self) -> None:
        """Start it and wait until it is ready.  Raises TimeoutError with its last words."""
        self._address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.bind(str(self._address))
            line.setblocking(False)
            began = time.monotonic()
            await self.child.start()
            try:
                async with asyncio.timeout(READY_S):
                    while b"READY=1" not in await asyncio.get_running_loop().sock_recv(line, 4096):
                        pass
            except TimeoutError:
                raise TimeoutError(f"not ready within {READY_S:g} s: {self.child.tail()}") from None
            self.ready_s = time.monotonic() - began

    async def stop(self) -> float:
        """Stop it gracefully; the seconds it took."""
        began = time.monotonic()
        await self.child.stop(20.0)
        return time.monotonic() - began


def rss_mb(pid: int | None) -> float:
    """Resident memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024
