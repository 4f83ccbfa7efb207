"""One simulated lane with its daemon, in one process or as a child: what the end-to-end tests stand on."""

import asyncio
import base64
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lane_controller.daemon import commissioning
from lane_controller.daemon.configuration import Configuration, load
from lane_controller.daemon.service import Daemon
from lane_controller.messages.command import Command, Expiry, SignedCommand
from lane_controller.messages.parts import Person, Reason
from lane_controller.messages.words import Agency
from simulators.bench import LaneBench
from simulators.books import Books
from simulators.cast import Cast
from simulators.clockwork import Clockwork
from simulators.fleet import Vehicle
from simulators.geometry import GEOMETRY
from simulators.kit import LaneKit
from simulators.lane_toml import CHECKS, toml
from simulators.scenario import Arrival
from simulators.world import World

DRIVES = Path(tempfile.gettempdir()) / "borderlane-drives"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY_ID = "dashboard-test"


def public_key(key: Ed25519PrivateKey = KEY) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


async def until(true: Callable[[], object], what: str, timeout_s: float = 20.0) -> None:
    """Wait for an event; fails with `what` when it does not come."""
    try:
        async with asyncio.timeout(timeout_s):
            while not true():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"did not happen: {what}") from None


def signed(command: Command, key: Ed25519PrivateKey = KEY, key_id: str = KEY_ID) -> bytes:
    """A command as it travels."""
    text = command.model_dump_json().encode()
    message = SignedCommand(
        key_id=key_id,
        payload=base64.b64encode(text).decode(),
        signature=base64.b64encode(key.sign(text)).decode(),
    )
    return message.model_dump_json().encode()


def table(title: str, /, **entries: object) -> str:
    return "\n".join([f"[{title}]", *(f"{key} = {toml(value)}" for key, value in entries.items())]) + "\n"


class Rig:
    """A lane's bench on real wires with the configuration to run it; `daemon` once `running`."""

    def __init__(
        self, folder: Path, kit: LaneKit, *, pace: float = 1.0, broker_port: int | None = None
    ) -> None:
        self.folder, self.kit, self.broker_port = folder, kit, broker_port
        self.world = World({"lane-1": GEOMETRY[kit.profile]})
        self.lane = self.world.lanes["lane-1"]
        self.books = Books(datetime.now(UTC))
        self.bench = LaneBench(kit, self.lane, self.books, folder, seed=1, drives=DRIVES)
        self.clockwork = Clockwork(self.world, {"lane-1": self.bench}, pace=pace)
        self.cast = Cast(1, datetime.now(UTC).date(), self.books)
        self.file = folder / "lane.toml"
        self.trust: Path | None = None
        """A trust store: the lane reads chips and checks them."""
        self.daemon: Daemon

    def write(self, **timings: float) -> Path:
        """Write the lane's TOML; the bench was started."""
        kit = self.kit
        parts = [
            table("site", name="test"),
            table("lane", name="lane-1", profile=kit.profile, direction="entry", state="KZ"),
            table("lane.timings", **timings),
            table("journal", path="journal.sqlite"),
            table("clock", source="trusted"),
            table("commands.keys", **{KEY_ID: public_key()}),
        ]
        if self.broker_port:
            parts.append(table("broker", host="127.0.0.1", port=self.broker_port))
        if kit.scale_model:
            parts.append(table("scale", verification="T-1", verified_until=date(2099, 1, 1), settle_s=0.5))
        for kind, tables in (
            ("devices", self.bench.device_tables()),
            ("registers", self.bench.register_tables()),
        ):
            parts += [table(f"{kind}.{name}", **entries, simulated=True) for name, entries in tables.items()]
        if self.trust is not None:
            parts.append(table("chip", trust=self.trust, required=True))
            names = ("chip_data", "chip_genuine", "chip_print")
            parts += [table("[checks]", check=one, agency="border", on_failed="refer") for one in names]
        for agency, checks in CHECKS[kit.profile].items():
            parts += [table("[checks]", check=check, agency=agency) for check in checks]
        self.file.write_text("\n".join(parts))
        return self.file

    def commission(self) -> Configuration:
        """Write a record as the commissioning walk does."""
        configuration = load(self.file)
        seen = {
            spec.name: commissioning.Seen(commissioning.wiring(configuration, spec), "now", "test", {})
            for spec in configuration.devices
            if spec.role in commissioning.WALKED_ROLES
        }
        commissioning.save(configuration.commissioning, configuration, seen)
        return configuration

    async def send(self, vehicle: str, **arrival: object) -> Vehicle:
        visit = self.cast.visit(Arrival(lane="lane-1", at_s=0, vehicle=vehicle, **arrival))
        await self.bench.prepare(visit.vehicle)
        self.lane.send(visit, self.world.time_s)
        return visit.vehicle

    @contextlib.asynccontextmanager
    async def on_wires(self, **timings: float) -> AsyncIterator["Rig"]:
        """The bench answers and time passes; the configuration is written and commissioned."""
        await self.bench.start()
        await self.clockwork.start()
        try:
            self.write(**timings)
            self.commission()
            yield self
        finally:
            await self.clockwork.stop()
            await self.bench.stop()
            self.bench.discard()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Daemon]:
        """The daemon, in this process."""
        self.daemon = Daemon(load(self.file))
        task = asyncio.create_task(self.daemon.run())
        try:
            ready = asyncio.create_task(self.daemon.ready.wait())
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            if task.done():
                task.result()
            yield self.daemon
        finally:
            self.daemon.stop()
            await task

    def command(self, kind: str, id: str, **changes: object) -> bytes:
        """A signed command of a border officer that lives for a minute."""
        lane = self.daemon.loop.lane
        assert lane is not None
        values: dict[str, object] = {
            "id": id,
            "site": "test",
            "lane": "lane-1",
            "journal": self.daemon.journal.id,
            "kind": kind,
            "seen": self.daemon.journal.last_sequence,
            "by": Person(operator="ivanova", role="operator", agency=Agency.BORDER),
            "reason": Reason(code="test"),
            "expires": Expiry(boot=self.daemon.clock.boot, mono_s=self.daemon.clock.mono_s() + 60),
        }
        return signed(Command.model_validate(values | changes))
