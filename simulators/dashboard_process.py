"""The dashboard of a simulated site: its SITE.toml, its demo users, its process."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulators.children import Child, free_port, listens, run
from simulators.lane_toml import toml
from simulators.pki import CommandKey, Identity

READY_S = 60.0
STOP_S = 8.0


@dataclass(frozen=True, slots=True)
class User:
    """One of the demo's users, as the dashboard's own command takes it."""

    name: str
    role: str
    agency: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.role}" + (f":{self.agency}" if self.agency else "")


USERS = (
    User("border", "operator", "border"),
    User("customs", "operator", "customs"),
    User("transport", "operator", "transport"),
    User("border2", "second_line", "border"),
    User("customs2", "second_line", "customs"),
    User("transport2", "second_line", "transport"),
    User("leader", "shift_leader", "border"),
    User("auditor", "auditor"),
    User("admin", "administrator"),
)


def operator_of(agency: str, *, second_line: bool) -> str:
    """The name of the demo's user who decides for this agency."""
    return f"{agency}2" if second_line else agency


class DashboardProcess:
    """`url` is its address; all demo users have `password`, drawn anew for each site."""

    def __init__(
        self, borderlane: Path, folder: Path, site: str, broker_port: int, identity: Identity, key: CommandKey
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.file = folder / "site.toml"
        self.store = folder / "store.db"
        self.port = free_port()
        self.password = secrets.token_urlsafe(9)
        self._argv = (str(borderlane), "dashboard", str(self.file))
        self.child = Child("dashboard", self._argv, folder / "dashboard.log")
        self._write(site, broker_port, identity, key)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _write(self, site: str, broker_port: int, identity: Identity, key: CommandKey) -> None:
        tables: dict[str, dict[str, Any]] = {
            "listen": {"address": "127.0.0.1", "port": self.port},
            "store": {"url": f"sqlite:///{self.store}"},
            "broker": {
                "address": "127.0.0.1",
                "port": broker_port,
                "ca": identity.ca,
                "certificate": identity.certificate,
                "key": identity.key,
            },
            "signing": {"key": key.private, "key_id": key.key_id},
        }
        lines = [
            "# A simulated site: written by the simulators.",
            f"site = {toml(site)}",
            'time_zone = "Asia/Almaty"',
            'languages = ["en", "ru"]',
            "demo = true",
        ]
        for name, table in tables.items():
            lines += ["", f"[{name}]", *(f"{key} = {toml(value)}" for key, value in table.items())]
        self.file.write_text("\n".join(lines) + "\n")

    async def start(self) -> None:
        """Make the users and start.  Raises ChildFailed."""
        await self._add_users()
        await self.child.start()
        await self.child.until(lambda: listens(self.port), READY_S)

    async def _add_users(self) -> None:
        passwords = self.folder / "passwords"
        passwords.touch(mode=0o600)
        passwords.write_text(f"{self.password}\n" * len(USERS))
        wanted = [word for user in USERS for word in ("--add-user", str(user))]
        argv = (*self._argv, *wanted, "--demo-users", "--passwords", str(passwords))
        try:
            await run(Child("adding the demo users", argv, self.folder / "users.log"), READY_S)
        finally:
            passwords.unlink()

    async def stop(self) -> None:
        await self.child.stop(STOP_S)
