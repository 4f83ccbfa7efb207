"""Stills for somebody who looks: for a while, under a bound, of a camera that is there, and never kept."""

import asyncio
import base64
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiomqtt
import pytest

from lane_controller.daemon import live
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.commands import Verifier
from lane_controller.daemon.live import LiveDesk
from lane_controller.daemon.service import Daemon
from lane_controller.messages import topics
from lane_controller.messages.command import (
    STILLS_BYTES_PER_S,
    Expiry,
    LiveRequest,
    Reply,
    SignedCommand,
)
from lane_controller.messages.parts import Person
from lane_controller.messages.words import Agency, Audience
from simulators.kit import LaneKit
from tests.daemon.rig import KEY, KEY_ID, Rig, until
from tests.daemon.site import Store, site


@dataclass
class Looking:
    """A lane with a camera on its wires, and the site that asks it for stills."""

    rig: Rig
    daemon: Daemon
    store: Store
    stills: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def desk(self) -> LiveDesk:
        assert self.daemon.live is not None
        return self.daemon.live

    def request(self, id: str, **changes: object) -> bytes:
        """Of an operator, signed, as it travels."""
        clock = self.daemon.clock
        values: dict[str, object] = {
            "type": "live",
            "id": id,
            "site": "test",
            "lane": "lane-1",
            "journal": self.daemon.journal.id,
            "camera": "camera",
            "by": Person(operator="ivanova", role="operator", agency=Agency.BORDER),
            "expires": Expiry(boot=clock.boot, mono_s=clock.mono_s() + 60),
        }
        text = LiveRequest.model_validate(values | changes).model_dump_json().encode()
        payload, signature = base64.b64encode(text).decode(), base64.b64encode(KEY.sign(text)).decode()
        return SignedCommand(key_id=KEY_ID, payload=payload, signature=signature).model_dump_json().encode()

    async def send(self, payload: bytes, topic: str = topics.live("test", "lane-1")) -> None:
        assert self.store.client is not None
        await self.store.client.publish(topic, payload, qos=1)

    async def answer(self, id: str) -> Reply:
        said = lambda: [one for one in self.store.replies if one.id == id]  # noqa: E731
        await until(said, f"an answer to {id}: {self.store.replies}")
        return said()[-1]

    async def ask(self, id: str, **changes: object) -> str:
        """The answer, with its reason."""
        self.store.replies.clear()
        await self.send(self.request(id, **changes))
        reply = await self.answer(id)
        return ",".join([str(reply.answer), *(one.code for one in reply.reasons)])

    async def listen(self) -> None:
        """As the site's dashboard does."""
        prefix = topics.still("test", "lane-1", Audience.LANE, "")
        async with aiomqtt.Client("127.0.0.1", self.store.port) as client:
            await client.subscribe("borderlane/v1/test/lane-1/media/+/+", qos=1)
            async for message in client.messages:
                if message.topic.value.startswith(prefix):
                    camera = message.topic.value.removeprefix(prefix)
                    self.stills.append((camera, bytes(message.payload)))


@dataclass
class Wire:
    """A line that carries or does not."""

    carries: bool = True
    busy: bool = False

    async def send_still(self, camera: str, jpeg: bytes) -> bool:
        return self.carries


@dataclass
class Painter:
    """A camera that remembers how large its stills may be."""

    name: str
    asked: list[int] = field(default_factory=list)

    async def still(self, bytes_max: int) -> bytes:
        self.asked.append(bytes_max)
        return b"\xff\xd8\xff"


@pytest.fixture
async def looking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Looking]:
    monkeypatch.setattr(live, "SPACING_S", 0.05)
    monkeypatch.setattr(live, "ANSWERS_BURST", 40.0)
    async with site(tmp_path) as (broker, store):
        rig = Rig(tmp_path, LaneKit(profile="car", camera="mjpeg"), pace=3, broker_port=broker.port)
        async with rig.on_wires(), rig.running() as daemon:
            await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
            await until(lambda: daemon.uplink.connected and store.client, "connected")
            await until(lambda: daemon.equipment.running("camera"), "the camera is there")
            made = Looking(rig, daemon, store)
            listening = asyncio.create_task(made.listen())
            try:
                yield made
            finally:
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await listening


async def test_a_slow_line_gets_small_stills_and_a_fast_one_large_ones() -> None:
    smallest, first, largest = live.STILL_BYTES
    clock = Clock()
    line = Wire()
    camera = Painter("camera")
    equipment = cast(Any, SimpleNamespace(cameras=(camera,), running=lambda _: True))
    verifier = Verifier({}, "test", "lane-1", "journal")
    desk = LiveDesk(equipment, clock, verifier, line, lambda: 0.0, lambda: 7)
    for carries in (True, False):
        line.carries = carries
        for _ in range(9):
            await desk._send("camera", await desk._still(cast(Any, camera)))
    assert camera.asked[0] == first
    assert max(camera.asked) == largest
    assert camera.asked[-1] == smallest
    assert camera.asked == [*sorted(camera.asked[:9]), *sorted(camera.asked[9:], reverse=True)]


async def test_stills_come_while_they_are_wanted_and_are_kept_nowhere(
    looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LIVE_S", 1.5)
    rows, events = looking.daemon.journal.last_number, looking.daemon.journal.last_sequence
    assert await looking.ask("look-0001") == "accepted"
    await until(lambda: len(looking.stills) >= 3, "stills")
    assert {camera for camera, _ in looking.stills} == {"camera"}
    for _, jpeg in looking.stills:
        assert jpeg.startswith(b"\xff\xd8\xff")
        assert len(jpeg) <= live.STILL_BYTES[-1] < STILLS_BYTES_PER_S
    await until(lambda: not looking.desk.wanted, "the end, with nobody asking again")
    assert await looking.ask("look-0001") == "refused,repeated", "a request counts once"

    # The lane knows nothing of it: no row, no event, no picture, in no file.
    journal = looking.daemon.journal
    facts = [row for row in journal.events_after(events, 1000) if "still" in str(row.data)]
    assert facts == []
    assert journal.last_number - rows < 5, "and no row a still"
    for file in sorted(looking.rig.folder.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            for _, jpeg in looking.stills:
                assert jpeg not in data, file
                assert jpeg[200:400] not in data, file
                assert hashlib.sha256(jpeg).hexdigest().encode() not in data, file


async def test_who_may_not_look_is_told_so_and_a_lane_with_work_leaves_stills_out(
    looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(operator="igor", role="auditor", agency=None)
    late = Expiry(boot=looking.daemon.clock.boot, mono_s=looking.daemon.clock.mono_s() - 1)
    far = Expiry(boot=looking.daemon.clock.boot, mono_s=looking.daemon.clock.mono_s() + 10_000)
    assert await looking.ask("no-camera", camera="camera-9") == "refused,no_such_camera"
    assert await looking.ask("no-camera-2", camera="scale") == "refused,no_such_camera"
    assert await looking.ask("not-a-role", by=person) == "refused,role_may_not"
    assert await looking.ask("too-late-", expires=late) == "refused,stale"
    assert await looking.ask("another-boot", expires=Expiry(boot="b", mono_s=9e9)) == "refused,stale"
    assert await looking.ask("too-long-", expires=far) == "refused,expires_too_late"
    assert await looking.ask("other-lane", lane="lane-2") == "refused,other_lane"
    # A signed command is no request, a signed request no command.
    await looking.send(looking.rig.command("hold", "a-command", passage=1))
    assert (await looking.answer("")).reasons[0].code == "not_understood"
    looking.store.replies.clear()
    await looking.send(looking.request("as-command"), topics.command("test", "lane-1"))
    assert (await looking.answer("")).reasons[0].code == "not_understood"
    assert looking.desk.wanted == ()
    assert looking.stills == []
    # Who turns to another camera no longer looks through the first.
    looking.desk._cameras["other"] = looking.desk._cameras["camera"]
    monkeypatch.setattr(type(looking.daemon.equipment), "running", lambda *_: True)
    assert await looking.ask("one-first", camera="other") == "accepted"
    assert looking.desk.wanted == ("other",)

    uplink = type(looking.daemon.uplink)
    monkeypatch.setattr(uplink, "busy", True)
    assert await looking.ask("look-0002") == "accepted"
    await until(lambda: looking.desk.counts["left_out_busy"] > 2, "left out")
    assert looking.desk.counts["sent"] == 0
    monkeypatch.setattr(uplink, "busy", False)
    await until(lambda: looking.stills, "then it has time")
