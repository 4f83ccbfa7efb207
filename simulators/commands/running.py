"""What the simulators' commands share: logs, and ending on Ctrl-C with everything stopped."""

import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

Result = TypeVar("Result")


def quiet_logs() -> None:
    """Warnings as key=value lines on stderr; the rest is printed by the commands themselves."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


async def run_until_signal(work: Coroutine[Any, Any, Result]) -> Result | None:
    """The work's result, or None when SIGINT or SIGTERM came first: then it is cancelled and cleaned up.

    A second signal changes nothing: stopping takes a few seconds and leaves no process.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)

    def end() -> None:
        # Once: another cancellation would break off the cleaning up.
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    try:
        return await task
    except asyncio.CancelledError:
        return None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
