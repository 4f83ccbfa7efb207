"""Child processes that never outlive whoever started them.

Each child is a session of its own, so that Ctrl-C in a terminal reaches the parent alone, which then stops
them in order; and each asks the kernel for SIGTERM should the parent die without having done so.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import structlog

log = structlog.get_logger()

SETPRIV = "/usr/bin/setpriv"
"""Of util-linux: sets PR_SET_PDEATHSIG and executes; without code of ours between fork and exec."""


class ChildFailed(Exception):
    """A child that could not be started or ended by itself; the message ends with its last lines."""


class Child:
    """One process.  `name` is for messages, `log_path` takes its output, `environment` adds to ours."""

    def __init__(
        self, name: str, argv: Sequence[str], log_path: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.argv = tuple(argv)
        self.log_path = log_path
        self._environment = {**os.environ, **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def returncode(self) -> int | None:
        return self._process.returncode if self._process is not None else None

    async def start(self, *, pass_fds: Sequence[int] = ()) -> None:
        """Start it.  Raises ChildFailed when the program is missing."""
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as output:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    SETPRIV,
                    "--pdeathsig",
                    "TERM",
                    "--",
                    *self.argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=self._environment,
                    start_new_session=True,
                    pass_fds=pass_fds,
                )
            except OSError as error:
                raise ChildFailed(f"{self.name}: {self.argv[0]} cannot be started: {error}") from error

    async def until(self, ready: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Wait until `ready()`.  Raises ChildFailed when the child ends first or the time is over."""
        try:
            async with asyncio.timeout(seconds):
                while not await ready():
                    if not self.running:
                        raise ChildFailed(f"{self.name} ended with {self.returncode}: {self.tail()}")
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise ChildFailed(f"{self.name} was not ready within {seconds:g} s: {self.tail()}") from None

    def tail(self, characters: int = 1500) -> str:
        """The last of its output."""
        with contextlib.suppress(OSError):
            return self.log_path.read_text(errors="replace")[-characters:].strip()
        return ""

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its whole process group, if it still runs."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    async def wait(self) -> int:
        """Its exit code, once it ended."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return await self._process.wait()

    async def kill(self) -> None:
        """End it, with its whole group, as a power cut would."""
        self.signal(signal.SIGKILL)
        await self.wait()

    async def stop(self, grace_s: float = 5.0) -> None:
        """End it: SIGTERM, then SIGKILL after `grace_s`, each to its whole group.  Idempotent."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(grace_s):
                    await process.wait()
            except TimeoutError:
                log.warning("child.killed", child=self.name, grace_s=grace_s)
        # What it left behind in its group (a worker whose parent was killed) goes too.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def run(child: Child, seconds: float) -> None:
    """Start a child that ends by itself, and wait for it.  Raises ChildFailed when it does not end with 0
    within `seconds`."""
    await child.start()
    try:
        async with asyncio.timeout(seconds):
            code = await child.wait()
    except TimeoutError:
        raise ChildFailed(f"{child.name} took longer than {seconds:g} s: {child.tail()}") from None
    finally:
        await child.stop()
    if code:
        raise ChildFailed(f"{child.name} ended with {code}: {child.tail()}")


def free_port() -> int:
    """A TCP port on loopback that was free a moment ago.  It is below those that Linux gives to outgoing
    connections (from 32768 on), so that none of them takes it before it is listened on."""
    while True:
        port = 10_000 + secrets.randbelow(22_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


async def listens(port: int) -> bool:
    """True when something takes connections on this port of loopback."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
