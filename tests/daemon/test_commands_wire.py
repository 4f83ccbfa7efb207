"""Commands over a real broker to a real lane: what must not be done is refused with its reason, what may is
done once, and nothing that anybody sends fills the journal or stops the lane."""

import asyncio
import base64
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lane_controller.daemon.clock import boot_id
from lane_controller.daemon.journal import Journal, reading
from lane_controller.daemon.service import Daemon
from lane_controller.daemon.status import ask
from lane_controller.messages import topics
from lane_controller.messages.command import Command, Expiry, Reply, SignedCommand
from lane_controller.messages.parts import Person, Reason
from lane_controller.messages.words import Agency, Answer
from simulators.kit import LaneKit
from simulators.scenario import Traveller
from tests.campaigns.kills import Forked, forked
from tests.daemon.rig import KEY, KEY_ID, Rig, signed, until
from tests.daemon.site import Store, site

RAISE_OUTPUT = 0
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


@dataclass
class Told:
    """A lane on its wires with a traveller held in it, and the wire on which commands come."""

    rig: Rig
    daemon: Daemon
    store: Store

    async def send(self, payload: bytes, qos: int = 1) -> None:
        assert self.store.client is not None
        await self.store.client.publish(topics.command("test", "lane-1"), payload, qos=qos)

    async def answer(self, id: str, *, final: bool = True) -> Reply:
        def said() -> list[Reply]:
            return [
                one for one in self.store.replies if one.id == id and (not final or one.answer != "accepted")
            ]

        await until(said, f"an answer to {id or 'it'}: {self.store.replies}")
        return said()[-1]

    async def refusal(self, payload: bytes, id: str) -> str:
        """The reason for which it is refused."""
        self.store.replies.clear()
        await self.send(payload)
        reply = await self.answer(id)
        assert reply.answer is Answer.REFUSED
        (reason,) = reply.reasons
        return reason.code

    @property
    def answered(self) -> list[str]:
        """Ids of the commands that rows of the journal answer."""
        events = self.daemon.journal.events_after(0, 100_000)
        return [event.data["command"] for event in events if event.data["type"] == "command.answered"]

    @property
    def passage(self) -> int:
        lane = self.daemon.loop.lane
        assert lane is not None
        assert lane.passage is not None
        return lane.passage.number


@pytest.fixture
async def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Told]:
    monkeypatch.setattr("lane_controller.daemon.commands.REFUSALS_BURST", 40.0)
    async with site(tmp_path) as (broker, store):
        rig = Rig(tmp_path, LaneKit(profile="pedestrian"), pace=3, broker_port=broker.port)
        async with rig.on_wires(), rig.running() as daemon:
            await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
            await rig.send("walker", travellers=(Traveller(papers="expired"),))
            held = lambda: (one := daemon.loop.lane.passage) is not None and one.phase == "held"  # noqa: E731
            await until(held, "a traveller is held")
            await until(lambda: daemon.uplink.connected and store.client, "connected")
            yield Told(rig, daemon, store)


def json_of(told: Told, **changes: object) -> dict[str, object]:
    """The JSON that is signed, of a command that would be done."""
    message = json.loads(told.rig.command("hold", "command-0", passage=told.passage))
    return json.loads(base64.b64decode(message["payload"])) | changes


def signed_text(text: bytes, key: Ed25519PrivateKey = KEY, key_id: str = KEY_ID) -> bytes:
    """Any bytes, signed as they are."""
    payload, signature = base64.b64encode(text).decode(), base64.b64encode(key.sign(text)).decode()
    return SignedCommand(key_id=key_id, payload=payload, signature=signature).model_dump_json().encode()


async def test_what_is_no_command_for_this_lane_is_refused_aloud_and_makes_no_row(told: Told):
    good = json_of(told)
    text = json.dumps(good)
    deep = b'{"key_id":' + b"[" * 6000 + b"]" * 6000 + b"}"
    huge = json.dumps({**json.loads(signed_text(text.encode())), "more": "x" * 200_000}).encode()
    for payload, code in {
        huge: "too_large",
        b"\xff\xfe\x00": "not_readable",
        b'{"key_id":"\xc3\x28","payload":"","signature":""}': "not_readable",
        deep: "not_readable",
        signed_text(text.encode(), key_id="nobody"): "unknown_key",
        signed_text(text.encode(), OTHER): "bad_signature",
        signed_text(b"\xff not UTF-8"): "not_understood",
        signed_text(b"[" * 3000): "not_understood",
        signed_text(text.replace("test", "te\\ud800st").encode()): "not_understood",
        signed_text(json.dumps({**good, "passage": 10**40}).encode()): "not_understood",
        signed_text(json.dumps({**good, "seen": -1}).encode()): "not_understood",
        signed_text(json.dumps({**good, "kind": "open_sesame"}).encode()): "not_understood",
        signed_text(
            json.dumps({**good, "reason": {"code": "x", "parameters": {"a": float("nan")}}}).encode()
        ): ("not_understood"),
        signed_text(json.dumps({**good, "expires": {"boot": "b", "mono_s": float("inf")}}).encode()): (
            "not_understood"
        ),
    }.items():
        assert await told.refusal(payload, "") == code, payload[:80]
    for name in ("site", "lane", "journal"):
        payload = signed_text(json.dumps({**good, "id": f"other-{name}", name: "another"}).encode())
        assert await told.refusal(payload, f"other-{name}") == f"other_{name}"
    assert told.answered == []


async def test_a_command_is_refused_that_is_late_or_about_another_passage_or_older_evidence(told: Told):
    rig, passage = told.rig, told.passage
    clock = told.daemon.clock
    stale = Expiry(boot=clock.boot, mono_s=clock.mono_s() - 0.001)
    rebooted = Expiry(boot="of before", mono_s=clock.mono_s() + 60)
    for_ever = Expiry(boot=clock.boot, mono_s=clock.mono_s() + 10_000)
    for id, code, changes in (
        ("late-one", "stale", {"expires": stale}),
        ("other-boot", "stale", {"expires": rebooted}),
        ("for-ever", "expires_too_late", {"expires": for_ever}),
        ("next-passage", "superseded", {"passage": passage + 1}),
        ("no-passage", "no_passage_named", {"passage": None}),
        ("before-the-evidence", "superseded", {"seen": 1}),
        ("from-the-future", "superseded", {"seen": 1_000_000}),
    ):
        payload = rig.command("release", id, **{"passage": passage, **changes})
        assert await told.refusal(payload, id) == code, id
    # Given before somebody else's document was read, delivered after it: what was seen is not what there is.
    before = rig.command("release", "reordered", passage=passage)
    read = lambda: told.daemon.loop.lane.passage.documents  # noqa: E731
    known = read()
    swipe = next(part for part in rig.bench.parts.values() if hasattr(part.device, "present"))
    swipe.device.present(rig.cast.visit(arrival_of_another()).travellers[0].document.lines)
    await until(lambda: read() != known, "another document")
    assert await told.refusal(before, "reordered") == "superseded"
    assert rig.lane.departed == 0


def arrival_of_another():
    from simulators.scenario import Arrival

    return Arrival(lane="lane-1", at_s=0, vehicle="walker")


async def test_a_flood_of_badly_signed_commands_makes_no_row_and_the_lane_obeys_meanwhile(told: Told):
    good = json.dumps(json_of(told)).encode()
    bad = [signed_text(good, OTHER), b"x" * 10_000, b"{}", signed_text(good, key_id="nobody")]
    for number in range(2000):
        await told.send(bad[number % 4], qos=0)
        if number == 1000:
            await told.send(told.rig.command("hold", "a-good-one", passage=told.passage))
    assert (await told.answer("a-good-one")).answer is Answer.DONE
    await until(lambda: sum(told.daemon.desk.refused.values()) >= 2000, "all were looked at", 60)
    assert told.answered == ["a-good-one"], "one row, for the good one"
    refused = [one for one in told.store.replies if one.answer is Answer.REFUSED]
    assert 0 < len(refused) < 200, "answered at a low rate"


async def test_commands_replayed_in_any_order_are_each_done_once(told: Told):
    rig = told.rig
    sent = [
        rig.command("hold", "first-one", passage=told.passage),
        rig.command("refer", "second-one", passage=told.passage),
        rig.command("hold", "third-one", passage=told.passage),
    ]
    for payload in (sent[2], sent[0], sent[1], *sent, *reversed(sent)):
        await told.send(payload)
    for id in ("first-one", "second-one", "third-one"):
        await told.answer(id)
    await told.send(rig.command("hold", "last-one", passage=told.passage))
    await told.answer("last-one")
    assert sorted(told.answered) == ["first-one", "last-one", "second-one", "third-one"]
    sequences = {reply.id: {one.sequence for one in told.store.replies if one.id == reply.id}
                 for reply in told.store.replies}  # fmt: skip
    assert all(len(one) == 1 for one in sequences.values()), "a repeat gets the recorded answer"


# --- kill -9 ------------------------------------------------------------------------------------------------


async def ready(folder: Path) -> int:
    """The daemon is connected and knows the arm; its last sequence."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(OSError, ValueError, TimeoutError):
                status = await ask(folder / "status.sock", {"ask": "status"}, timeout_s=1)
                arm = next(one for one in status["devices"] if one["device"] == "arm")
                if status["broker"]["connected"] and status["arm"] == "lowered" and arm["health"] == "good":
                    return status["journal"]["events"]
            await asyncio.sleep(0.01)


async def ready_again(folder: Path) -> None:
    """The daemon is connected; wherever the arm may be."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(OSError, ValueError, TimeoutError):
                status = await ask(folder / "status.sock", {"ask": "status"}, timeout_s=1)
                if status["broker"]["connected"]:
                    return
            await asyncio.sleep(0.01)


def raising(folder: Path, seen: int) -> bytes:
    with contextlib.closing(reading.open_for_reading(folder / "journal.sqlite")) as connection:
        (journal,) = connection.execute("SELECT value FROM meta WHERE key = 'journal'").fetchone()
    command = Command.model_validate(
        {
            "id": "raise-once",
            "site": "test",
            "lane": "lane-1",
            "journal": journal,
            "kind": "raise",
            "seen": seen,
            "by": Person(operator="ivanova", role="operator", agency=Agency.BORDER),
            "reason": Reason(code="test"),
            "expires": Expiry(boot=boot_id(), mono_s=asyncio.get_running_loop().time() + 120),
        }
    )
    return signed(command)


@pytest.mark.parametrize("broker_down", [False, True], ids=["", "and the broker dies with it"])
async def test_a_command_is_done_once_though_the_lane_is_killed_between_doing_and_answering(
    tmp_path: Path, broker_down: bool
):
    async with site(tmp_path) as (broker, store):
        rig = Rig(tmp_path, LaneKit(profile="pedestrian"), broker_port=broker.port)
        async with rig.on_wires(rise_s=2), forked(rig.file) as daemon:
            pulses = kill_at_the_pulse(rig, daemon)
            await daemon.start()
            payload = raising(tmp_path, await ready(tmp_path))
            assert store.client is not None
            await store.client.publish(topics.command("test", "lane-1"), payload, qos=1)
            await until(lambda: pulses and not daemon.running, "killed as the contact closed")
            if broker_down:
                broker.kill()
                await broker.start()
            await until(lambda: rig.bench.wiring.arm.open > 0.99, "the arm went up by the pulse")
            store.replies.clear()
            await daemon.start()
            await ready_again(tmp_path)
            await until(lambda: store.client is not None, "the store's connection")
            await store.client.publish(topics.command("test", "lane-1"), payload, qos=1)
            await until(lambda: [one for one in store.replies if one.id == "raise-once"], "answered", 60)
            await daemon.kill()
    assert pulses == [1]
    journal = Journal.open(tmp_path / "journal.sqlite")
    said = [
        event.data for event in journal.events_after(0, 10_000) if event.data.get("command") == "raise-once"
    ]
    assert [one["answer"] for one in said if one["type"] == "command.answered"] == ["accepted", "refused"]
    recorded = {event.sequence for event in journal.events_after(0, 10_000)}
    assert {one.sequence for one in store.replies if one.id == "raise-once"} <= recorded
    assert reading.verify(journal._connection).bad_row is None
    journal.close()


def kill_at_the_pulse(rig: Rig, daemon: Forked) -> list[int]:
    """The daemon dies at the very moment at which the contact that raises the arm closes."""
    pulses: list[int] = []
    module = rig.bench.wiring.boards["board-1"].module
    raise_arm = rig.bench.wiring.arm.raise_contact

    def closing(closed: bool) -> None:
        if closed:
            pulses.append(1)
            with contextlib.suppress(ProcessLookupError):
                os.kill(daemon._pid, signal.SIGKILL)
        raise_arm(closed)

    module.wire_output(RAISE_OUTPUT, closing)
    return pulses
