"""Telling systemd how the daemon is (sd_notify(3)), without a dependency."""

import asyncio
import os
import socket
from collections.abc import Callable


def notify(state: str) -> bool:
    """Send `READY=1`, `STATUS=…`, `WATCHDOG=1` or `STOPPING=1`.  False where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):  # the abstract namespace
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.setblocking(False)
            line.sendto(state.encode(), address)
    except OSError:
        return False
    return True


def status(text: str) -> None:
    """The line that `systemctl status` shows."""
    notify("STATUS=" + " ".join(text.split()))


def watchdog_s() -> float | None:
    """Seconds between two signs of life: half of what systemd allows; None without a watchdog."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 2e6 if microseconds.isdigit() and int(microseconds) else None


async def feed_watchdog(alive: Callable[[], bool]) -> None:
    """Give signs of life as long as `alive()` says so; without a watchdog, wait until cancelled."""
    interval_s = watchdog_s()
    if interval_s is None:
        await asyncio.Event().wait()
        return
    while True:
        if alive():
            notify("WATCHDOG=1")
        await asyncio.sleep(interval_s)
