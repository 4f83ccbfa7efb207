"""kill -9 of a real daemon at random instants: no fact lost, no order without a permit, no event doubled.

A fact is lost when something was done, published or answered because of it and no row holds it."""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lane_controller.daemon.clock import boot_id
from lane_controller.daemon.folding import fold
from lane_controller.daemon.journal import Journal, reading
from lane_controller.daemon.status import ask
from lane_controller.messages import topics
from lane_controller.messages.command import Command, Expiry
from lane_controller.messages.parts import Person, Reason
from lane_controller.messages.words import Agency
from simulators.kit import LaneKit
from tests.daemon.rig import Rig, signed, until
from tests.daemon.site import Store, site

RAISE_OUTPUT = 0


class Zygote:
    """Starts daemons as processes of their own."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process, self.folder = process, folder

    async def _line(self) -> str:
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            return (await self.process.stdout.readline()).decode().strip()

    async def start(self, file: Path) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(f"run {file} {self.folder / 'daemon.log'}\n".encode())
        return int(await self._line())

    async def kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        await until(lambda: not os.path.exists(f"/proc/{pid}"), "the process is gone")


@contextlib.asynccontextmanager
async def zygote(folder: Path) -> AsyncIterator[Zygote]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.daemon.zygote", stdin=-1, stdout=-1, cwd=Path(__file__).parents[2]
    )
    found = Zygote(process, folder)
    try:
        assert await found._line() == "ready"
        yield found
    finally:
        process.kill()
        await process.wait()


class Round:
    """What one campaign needs and counts."""

    def __init__(self, rig: Rig, store: Store) -> None:
        self.rig, self.store = rig, store
        self.pulses = 0
        module = rig.bench.wiring.boards["board-1"].module
        raise_arm = rig.bench.wiring.arm.raise_contact

        def counted(closed: bool) -> None:
            self.pulses += closed
            raise_arm(closed)

        module.wire_output(RAISE_OUTPUT, counted)

    async def ready(self) -> int:
        """The daemon answers at its socket, is connected and knows the arm; its last sequence."""
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(OSError, ValueError, TimeoutError):
                    status = await ask(self.rig.folder / "status.sock", {"ask": "status"}, timeout_s=1)
                    arm = next(one for one in status["devices"] if one["device"] == "arm")
                    known = status["arm"] == "lowered" and arm["health"] == "good"
                    if status["broker"]["connected"] and known:
                        return status["journal"]["events"]
                await asyncio.sleep(0.01)

    async def send(self, kind: str, id: str, seen: int) -> None:
        values: dict[str, object] = {
            "id": id,
            "site": "test",
            "lane": "lane-1",
            "journal": journal_id(self.rig.folder / "journal.sqlite"),
            "kind": kind,
            "seen": seen,
            "by": Person(operator="ivanova", role="operator", agency=Agency.BORDER),
            "reason": Reason(code="test"),
            "expires": Expiry(boot=boot_id(), mono_s=asyncio.get_running_loop().time() + 60),
            "seen_clear": True,
        }
        command = Command.model_validate(values)
        assert self.store.client is not None
        await self.store.client.publish(topics.command("test", "lane-1"), signed(command), qos=1)

    async def put_down(self) -> None:
        """Somebody cranks the arm down by hand between two rounds, once the module has ended its pulse."""
        module = self.rig.bench.wiring.boards["board-1"].module
        await until(lambda: not module.outputs[RAISE_OUTPUT], "the pulse is over")
        self.rig.bench.wiring.arm.stop_contact(True)
        self.rig.bench.wiring.arm.open = 0.0


def journal_id(path: Path) -> str:
    with contextlib.closing(reading.open_for_reading(path)) as connection:
        return connection.execute("SELECT value FROM meta WHERE key = 'journal'").fetchone()[0]


async def campaign(folder: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    async with site(folder) as (broker, store), zygote(folder) as daemons:
        rig = Rig(folder, LaneKit(profile="pedestrian"), broker_port=broker.port)
        async with rig.on_wires(rise_s=2):
            round_ = Round(rig, store)
            for number in range(kills):
                pid = await daemons.start(rig.file)
                if chance.random() < 0.7:
                    seen = await round_.ready()
                    await round_.send("raise", f"raise-{seed}-{number}", seen)
                await asyncio.sleep(chance.random() * 0.15)
                await daemons.kill(pid)
                await round_.put_down()
            pid = await daemons.start(rig.file)
            await round_.ready()
            path = folder / "journal.sqlite"
            await everything_arrived(path, store)
            await daemons.kill(pid)
            judge(path, store, round_)


async def everything_arrived(path: Path, store: Store) -> None:
    journal = journal_id(path)

    def arrived() -> bool:
        with contextlib.closing(reading.open_for_reading(path)) as connection:
            last = reading.verify(connection).last_sequence
        return store.contiguous(journal) >= last

    await until(arrived, "the store has every event", 60)


def judge(path: Path, store: Store, round_: Round) -> None:
    journal = Journal.open(path)
    try:
        verdict = reading.verify(journal._connection)
        assert verdict.bad_row is None, verdict
        assert fold(journal) is not None
        recorded = {event.sequence: event for event in journal.events_after(0, 10**6)}
        hashes = {sequence: event.rowhash.hex() for sequence, event in recorded.items()}
        published = store.events[journal.id]
        assert set(store.events) == {journal.id}
        assert {sequence: hashes.get(sequence) for sequence in published} == published, "facts lost"
        assert store.forks == 0
        for reply in store.replies:
            data = recorded[reply.sequence].data
            assert (data["type"], data["command"]) == ("command.answered", reply.id), (
                "an answer without a row"
            )
        permits = [one for one in recorded.values() if one.data["type"] == "barrier.permit"]
        assert round_.pulses <= len(permits), "an order without a permit"
        assert round_.pulses > 0, "the arm was never ordered up: the campaign tried nothing"
    finally:
        journal.close()


async def test_twenty_kills_at_random_instants_lose_nothing(tmp_path):
    await campaign(tmp_path, 20, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 12))
async def test_two_hundred_kills_at_random_instants_lose_nothing(tmp_path, seed):
    await campaign(tmp_path, 20, seed)
