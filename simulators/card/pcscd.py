"""A private pcscd with virtual readers: for tests and demos, beside any other pcscd and without systemd.

pcscd's socket path is compiled in; but a pcscd built with libsystemd takes a listening socket as descriptor 3
when `LISTEN_PID` and `LISTEN_FDS` say so, and its clients follow `PCSCLITE_CSOCK_NAME` (read once, at the
first call into the library, so a process can talk to one pcscd only).  It insists on writing into /run/pcscd:
who is not root gives it one of its own, in a namespace where nobody else sees it.

vpcd listens on all interfaces: anybody who reaches the machine can put a card into these readers.  So never
in a deployment.
"""

import atexit
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from simulators.children import Child, ChildFailed

PCSCD = Path("/usr/sbin/pcscd")
VPCD = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
UNSHARE = ("/usr/bin/unshare", "--user", "--map-root-user", "--mount")
OWN_RUN = "mount -t tmpfs tmpfs $([ -d /run/pcscd ] && echo /run/pcscd || echo /run) && "
SLOTS = 2
"""Slots of one virtual reader, on consecutive TCP ports."""


@dataclass(frozen=True, slots=True)
class VirtualReader:
    """`name` is what PC/SC shows, followed by two digits for the reader and two for its slot."""

    name: str
    port: int

    def slot_name(self, index: int, slot: int = 0) -> str:
        """Its name in PC/SC as the `index`-th reader of its pcscd."""
        return f"{self.name} {index:02X} {slot:02X}"


class PrivatePcscd:
    """One pcscd.  `folder` holds its configuration, socket and log; keep its path short (a Unix socket's
    path has at most 107 bytes).

    `readers` may be changed while it does not run.  While it runs no virtual reader comes or goes: pcscd
    takes hot-plugged readers from udev alone, and does not read its configuration again (1.9.9, SIGUSR1 or
    not)."""

    def __init__(self, folder: Path, readers: Sequence[VirtualReader]) -> None:
        self.folder = folder
        self.readers = tuple(readers)
        self.socket_path = folder / "pcscd.comm"
        self._child: Child | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a client's process needs before its first call into PC/SC."""
        return {"PCSCLITE_CSOCK_NAME": str(self.socket_path)}

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    async def start(self) -> None:
        """Start it; returns when its readers take cards.  Raises ChildFailed."""
        await self.stop()
        self._configure()
        self.socket_path.unlink(missing_ok=True)
        private = os.geteuid() != 0
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.socket_path))
            listener.listen(16)
            number = listener.fileno()
            # The shell sets LISTEN_PID to its own process and becomes pcscd, so that the number stays true.
            # bash, because dash redirects descriptors below 10 only.
            self._child = Child(
                "pcscd",
                [
                    *(UNSHARE if private else ()),
                    "/bin/bash",
                    "-c",
                    f'{OWN_RUN if private else ""}exec 3<&{number}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"',
                    "bash",
                    str(PCSCD),
                    "--foreground",
                    "--config",
                    str(self.folder / "reader.conf.d"),
                ],
                self.folder / "pcscd.log",
            )
            await self._child.start(pass_fds=[number])
        try:
            await self._child.until(self._readers_listen, 10)
        except ChildFailed as error:
            if not private:
                raise
            hint = "who is not root needs user namespaces for it (sysctl kernel.unprivileged_userns_clone=1)"
            raise ChildFailed(f"{error}\n{hint}") from None

    async def stop(self) -> None:
        """End it in order.  Idempotent; `start` may be called again."""
        child, self._child = self._child, None
        if child:
            await child.stop()

    async def kill(self) -> None:
        """End it as a crash would."""
        child, self._child = self._child, None
        if child:
            child.signal(signal.SIGKILL)
            await child.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal: SIGSTOP makes it hang, SIGCONT wakes it."""
        if self._child:
            self._child.signal(number)

    def _configure(self) -> None:
        if not PCSCD.exists() or not VPCD.exists():
            raise ChildFailed("pcscd or vpcd is missing; on Debian: apt install pcscd vsmartcard-vpcd")
        configuration = self.folder / "reader.conf.d"
        configuration.mkdir(parents=True, exist_ok=True)
        for other in configuration.glob("vpcd*"):
            other.unlink()  # of a pcscd that had more readers
        for place, reader in enumerate(self.readers):
            # vpcd keeps its slots in one static array: each reader needs a copy of the library of its own.
            library = self.folder / f"libifdvpcd{place}.so"
            if not library.exists():
                shutil.copyfile(VPCD, library)
            (configuration / f"vpcd{place}").write_text(
                f'FRIENDLYNAME "{reader.name}"\n'
                f"DEVICENAME   /dev/null:0x{reader.port:X}\n"
                f"LIBPATH      {library}\n"
                f"CHANNELID    0x{reader.port:X}\n"
            )

    async def _readers_listen(self) -> bool:
        # Looking by connecting would put a card in.
        listening = _listening_ports()
        return all(reader.port + slot in listening for reader in self.readers for slot in range(SLOTS))


@cache
def folder_for_this_process() -> Path:
    """The one folder in which this process can both run a private pcscd and be its client.

    pcsc-lite reads the socket's path once in a process, so whoever wants a pcscd beside its driver in one
    process (tests, benches) starts it here, one after another.  Call it before the first call into PC/SC.
    """
    folder = Path(tempfile.mkdtemp(prefix="pcscd-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["PCSCLITE_CSOCK_NAME"] = str(folder / "pcscd.comm")
    return folder


def free_reader_port() -> int:
    """A port that, with the next one, was free a moment ago."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("", port + 1))
            except (OSError, OverflowError):
                continue
            return port
    raise OSError("no two consecutive TCP ports are free")


def _listening_ports() -> set[int]:
    """TCP ports that something listens on, IPv4 and IPv6."""
    ports: set[int] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if os.path.exists(table):
            for line in Path(table).read_text().splitlines()[1:]:
                _, local, _, state, *_ = line.split()
                if state == "0A":
                    ports.add(int(local.rpartition(":")[2], 16))
    return ports
