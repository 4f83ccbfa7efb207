"""A throw-away PostgreSQL for the tests: own data directory and port, gone afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def why_missing() -> str | None:
    """The reason to skip, or None."""
    return None if BINARIES else "no PostgreSQL server binaries under /usr/lib/postgresql"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """PostgreSQL refuses to run as root, so then it runs as the user `postgres`.

    `durable`: with the settings of a real site, for measurements."""

    def __init__(self, *, durable: bool = False) -> None:
        self.port = free_port()
        self._made = False
        self.folder = Path(tempfile.mkdtemp(prefix="borderlane-pg-"))
        self._as: dict[str, Any] = {"cwd": self.folder}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        bin_ = BINARIES[-1]
        subprocess.run(
            [
                *(bin_ / "initdb", "-D", self.folder / "data", "-A", "trust", "-U", "app"),
                *("-E", "UTF8", "--no-locale", "--no-sync"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **self._as,
        )
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.folder}",
        ]
        settings.append("max_connections=60")
        if not durable:
            settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [bin_ / "postgres", "-D", self.folder / "data"]
                + [word for setting in settings for word in ("-c", setting)],
                stdout=log,
                stderr=log,
                **self._as,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            ready = subprocess.run([bin_ / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)])
            if ready.returncode == 0:
                return
            if self._process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.02)
        raise TimeoutError("PostgreSQL did not start")

    @property
    def pid(self) -> int:
        return self._process.pid

    def new_database(self, name: str) -> str:
        """Creates an empty database; its URL."""
        command = [BINARIES[-1] / "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "app", name]
        subprocess.run(command, check=True)
        return f"postgresql://app@127.0.0.1:{self.port}/{name}"

    def emptied_database(self) -> str:
        """The same database each time, without tables: a new one costs half a second and 300 files."""
        name = "emptied"
        if not self._made:
            self.new_database(name)
            self._made = True
        sql = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
        psql = [BINARIES[-1] / "psql", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "app", name]
        subprocess.run([*psql, "-c", sql], check=True, capture_output=True)
        return f"postgresql://app@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)
