"""Whether the daemon does its work: systemd's watchdog is fed only while it does.

That the event loop turns shows by itself, for the watchdog is fed from it; a disk that hangs holds it up.  A
failing task takes the daemon with it (service.py); what nobody would notice is a task that has ended without
a word, and facts that wait and are not committed.
"""

import asyncio
from collections.abc import Callable

import structlog

log = structlog.get_logger()

COMMIT_S = 5.0
"""A fact that waits longer for its row is not going to get one."""


class Liveness:
    """`waits_s` gives for how long the oldest fact has been waiting for its row, 0 without one."""

    def __init__(self, waits_s: Callable[[], float], tell: Callable[[str], object]) -> None:
        """`tell` is given a line of text when the daemon stops being alive, and "" when it is again."""
        self._waits_s, self._tell = waits_s, tell
        self._tasks: list[asyncio.Task[None]] = []
        self._told = ""

    def endless(self, task: asyncio.Task[None]) -> None:
        """A task that must be there for as long as the daemon is."""
        self._tasks.append(task)

    def alive(self) -> bool:
        problem = self._problem()
        if problem != self._told:
            self._told = problem
            if problem:
                log.critical("watchdog is not fed", problem=problem)
            self._tell(problem)
        return not problem

    def _problem(self) -> str:
        ended = next((task.get_name() for task in self._tasks if task.done()), None)
        if ended is not None:
            return f"the task {ended!r} has ended"
        if self._waits_s() > COMMIT_S:
            return "facts wait and are not committed"
        return ""
