"""A lane's bench: every device answers on its real wire, and says what the world is."""

import asyncio
import json
import os
import random
import struct
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

from simulators.bench import LaneBench, UnknownFault
from simulators.books import Books
from simulators.cast import Cast
from simulators.clockwork import Clockwork
from simulators.control import Control
from simulators.geometry import GEOMETRY
from simulators.kit import LaneKit
from simulators.scenario import Arrival
from simulators.wiring import Wiring, WiringError
from simulators.world import World

TODAY = date(2026, 3, 1)
DRIVES = Path(tempfile.gettempdir()) / "borderlane-drives"
"""Rendered pictures are kept between runs of the tests, as `make setup` keeps them for the demo."""


class Rig:
    """One lane with its bench, stepped by hand."""

    def __init__(self, folder: Path, kit: LaneKit) -> None:
        self.world = World({"lane-1": GEOMETRY[kit.profile]})
        self.lane = self.world.lanes["lane-1"]
        self.books = Books(datetime(2026, 3, 1, tzinfo=UTC))
        self.bench = LaneBench(kit, self.lane, self.books, folder, seed=1, drives=DRIVES)
        self.clock = Clockwork(self.world, {"lane-1": self.bench})
        self.cast = Cast(1, TODAY, self.books)

    def send(self, arrival: Arrival) -> int:
        visit = self.cast.visit(arrival)
        self.lane.send(visit, arrival.at_s)
        return visit.number

    def play(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            self.clock.step(0.05)

    def play_until(self, phase: str) -> None:
        """Until the first vehicle does this; fails after a minute."""
        for _ in range(1200):
            self.clock.step(0.05)
            if self.lane.vehicles and self.lane.vehicles[0].phase == phase:
                return
        raise AssertionError(f"nobody was {phase} within a minute")


async def tcp_inputs(address: str, count: int) -> list[bool]:
    """Read discrete inputs by hand: Modbus TCP, function 2."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(struct.pack(">HHHBBHH", 7, 0, 6, 1, 2, 0, count))
    head = await reader.readexactly(9)
    bits = (await reader.readexactly(head[8]))[0]
    writer.close()
    return [bool(bits >> channel & 1) for channel in range(count)]


async def test_a_lorry_on_the_deck_is_on_the_wire_of_the_scale_and_of_both_boards(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="cargo"))
    await rig.bench.start()
    try:
        port = os.open(tmp_path / "scale.tty", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        rig.send(Arrival(lane="lane-1", at_s=0, vehicle="rigid-3", gross_kg=21_000))
        rig.play_until("entering")
        moxa = await tcp_inputs(rig.bench.wiring.boards["board-1"].address, 6)
        # Lowered switch closed, fault relay (fail-safe) closed; loop clear, photocell (fail-safe) closed.
        assert moxa == [False, True, True, False, False, True]
        rig.play(20)
        frames = os.read(port, 65536)
        assert frames.endswith(b"\x03")
        assert abs(int(frames[-11:-4]) - 21_000) <= 20
        adam = await tcp_inputs(rig.bench.wiring.boards["board-2"].address, 4)
        # Wired dry: 0 is closed.  Arrival and exit loops clear (open), both deck photocells clear (closed).
        assert adam == [True, False, False, True]
        os.close(port)
    finally:
        await rig.bench.stop()


async def test_a_pulse_on_the_raise_relay_lifts_the_arm_and_green_lets_the_driver_go(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="car"))
    await rig.bench.start()
    try:
        rig.send(Arrival(lane="lane-1", at_s=0, vehicle="saloon"))
        rig.play(20)
        assert rig.lane.vehicles[0].phase == "standing"
        host, _, port = rig.bench.wiring.boards["board-1"].address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for relay in (0, 2):
            writer.write(struct.pack(">HHHBBHH", 7, 0, 6, 1, 5, 16 + relay, 0xFF00))
            await reader.readexactly(12)
        writer.close()
        assert rig.bench.wiring.light.shows == "green"
        rig.play(2.9)
        assert rig.lane.vehicles[0].phase == "leaving"
        rig.play(0.2)
        assert rig.bench.wiring.light.shows == "red", "green is timed by the module"
        rig.play(10)
        assert rig.lane.departed == 1
    finally:
        await rig.bench.stop()


@pytest.mark.parametrize(
    "kit",
    [
        LaneKit(profile="cargo", boards=("waveshare-relay", "adam-6060"), scale="toledo-continuous"),
        LaneKit(profile="cargo", scale="mt-sics", scale_wire="tcp"),
        LaneKit(profile="car", boards=("waveshare-relay",)),
        LaneKit(profile="coach"),
        LaneKit(profile="pedestrian", boards=("waveshare-relay",), registers="file"),
    ],
    ids=lambda kit: f"{kit.profile}-{kit.boards[0]}",
)
async def test_every_kit_starts_stops_and_starts_again_at_the_same_addresses(tmp_path, kit):
    rig = Rig(tmp_path, kit)
    await rig.bench.start()
    tables = rig.bench.device_tables()
    await rig.bench.stop()
    await rig.bench.start()
    try:
        assert rig.bench.device_tables() == tables
        places = {table["place"] for table in tables.values() if table.get("role") == "presence"}
        assert places == set(rig.lane.geometry.places)
    finally:
        await rig.bench.stop()


async def test_a_handed_over_document_is_typed_and_sent_by_the_lane_s_reader(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="pedestrian", boards=("waveshare-relay",), readers=("mrz-swipe",)))
    other = Rig(
        tmp_path, LaneKit(profile="pedestrian", boards=("waveshare-relay",), readers=("keyboard-wedge",))
    )
    walker = Arrival(lane="lane-1", at_s=0, vehicle="walker", travellers=[{"papers": "identity-card"}])
    visit = rig.cast.visit(walker)
    lines = visit.travellers[0].document.lines
    for each in (rig, other):
        await each.bench.start()
        each.lane.send(visit, 0)
    try:
        swipe = os.open(tmp_path / "swipe.tty", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        wedge = os.open(tmp_path / "wedge.events", os.O_RDONLY | os.O_NONBLOCK)
        for each in (rig, other):
            each.play(10)
            assert each.lane.vehicles[0].phase == "standing"
        assert os.read(swipe, 4096) == "".join(line + "\r" for line in lines).encode()
        records = os.read(wedge, 65536)
        presses = [
            code
            for _, _, kind, code, value in struct.iter_unpack("<QQHHi", records)
            if (kind, value) == (1, 1)
        ]
        assert presses.count(28) == len(lines), "one Enter a line"
        os.close(swipe)
        os.close(wedge)
    finally:
        await rig.bench.stop()
        await other.bench.stop()


def test_a_lane_with_too_few_inputs_is_refused_with_what_to_do(tmp_path):
    world = World({"lane-1": GEOMETRY["cargo"]})
    with pytest.raises(WiringError, match="second board"):
        Wiring(LaneKit(profile="cargo", boards=("moxa-e1214",)), world.lanes["lane-1"], tmp_path)


async def test_sensors_contradict_the_world_only_where_a_fault_says_so(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="cargo"))
    draw = random.Random(1)
    for _ in range(3):
        rig.send(Arrival(lane="lane-1", at_s=draw.uniform(0, 10), vehicle="rigid-2"))
    for _ in range(600):
        rig.clock.step(0.05)
        for table in rig.bench.wiring.tables.values():
            if table.get("role") == "presence":
                level = rig.bench.wiring.boards[table["board"]].module.inputs[table["input"]["channel"]]
                said = level == (table["input"]["active"] == "closed")
                assert said == rig.lane.covered(table["place"])
    rig.bench.set_fault("loop-arrival", "stuck_clear", on=True)
    rig.clock.step(0.05)
    assert rig.lane.covered("arrival")
    assert not rig.bench.wiring.sensors["loop-arrival"].covered


async def test_unknown_devices_and_faults_are_named_with_those_there_are(tmp_path):
    bench = Rig(tmp_path, LaneKit(profile="cargo")).bench
    with pytest.raises(UnknownFault, match="loop-arrival"):
        bench.set_fault("loop", "dead", on=True)
    with pytest.raises(UnknownFault, match="stuck_clear"):
        bench.set_fault("loop-arrival", "rusty", on=True)
    with pytest.raises(UnknownFault, match="board-1"):
        await bench.pull("arm")
    assert "garble" in bench.known_faults("scale")
    assert "drifting_cell" in bench.known_faults("scale")


class Client:
    """Somebody with a connection to the control socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, wish: object) -> dict:
        line = wish if isinstance(wish, bytes) else json.dumps(wish).encode()
        self.writer.write(line + b"\n")
        return json.loads(await self.reader.readline())


@pytest.fixture
async def controlled(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="cargo"))
    await rig.bench.start()
    control = Control(tmp_path / "control.sock", rig.world, {"lane-1": rig.bench}, rig.send)
    await control.start()
    client = Client(*await asyncio.open_unix_connection(control.path))
    yield rig, control, client
    client.writer.close()
    await control.stop()
    await rig.bench.stop()


async def test_a_running_simulation_is_looked_at_and_changed_from_outside(controlled):
    rig, control, client = controlled
    assert control.path.stat().st_mode & 0o777 == 0o600
    assert await client.ask(
        {"do": "send", "lane": "lane-1", "vehicle": "rigid-2", "travellers": [{"papers": "expired"}]}
    ) == {"ok": True, "visit": 1}
    rig.play(3)
    shown = await client.ask({"do": "show"})
    assert shown["lanes"][0]["vehicles"][0]["visit"] == 1
    wish = {"lane": "lane-1", "device": "scale", "fault": "off"}
    assert "off" in (await client.ask({"do": "faults", **wish}))["faults"]
    assert (await client.ask({"do": "set-fault", **wish}))["ok"]
    assert not rig.bench.parts["scale"].device.indicator.powered
    assert (await client.ask({"do": "clear-fault", **wish}))["ok"]
    assert rig.bench.parts["scale"].device.indicator.powered
    assert (await client.ask({"do": "pull", "lane": "lane-1", "device": "board-2"}))["ok"]
    with pytest.raises(ConnectionRefusedError):
        await tcp_inputs(rig.bench.wiring.boards["board-2"].address, 4)
    assert (await client.ask({"do": "show"}))["lanes"][0]["pulled"] == ["board-2"]
    assert (await client.ask({"do": "put-back", "lane": "lane-1", "device": "board-2"}))["ok"]
    assert len(await tcp_inputs(rig.bench.wiring.boards["board-2"].address, 4)) == 4


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (b"not json", "JSON"),
        (b"[]", "object"),
        (b"\xff\xfe", "JSON"),
        ({"do": "dance"}, "show, faults"),
        ({"do": "pull", "lane": "lane-9", "device": "scale"}, "lane-1"),
        ({"do": "pull", "lane": "lane-1", "device": "arm"}, "board-1"),
        ({"do": "set-fault", "lane": "lane-1", "device": "scale", "fault": "x"}, "drifting_cell"),
        ({"do": "send", "lane": "lane-1", "vehicle": "rocket"}, "rigid-2"),
        ({"do": "send", "lane": "lane-1", "vehicle": "rigid-2", "gross_kg": 10}, "when empty"),
        ({"do": "send", "lane": "lane-1", "vehicle": "saloon"}, "does not use a cargo lane"),
        ({"do": "send", "lane": "lane-1", "vehicle": "rigid-2", "bookd": "not"}, "did you mean 'booked'"),
        ({"do": 7}, "do"),
    ],
)
async def test_a_wish_that_can_t_be_done_is_refused_with_the_reason(controlled, wish, error):
    _, _, client = controlled
    answer = await client.ask(wish)
    assert not answer["ok"]
    assert error in answer["error"]
    assert (await client.ask({"do": "show"}))["ok"]


async def test_an_endless_line_is_refused_and_the_socket_stays_open_for_others(controlled):
    _, control, client = controlled
    client.writer.write(b"x" * 100_000)
    async with asyncio.timeout(5):
        assert "16384" in json.loads(await client.reader.readline())["error"]
        other = Client(*await asyncio.open_unix_connection(control.path))
        assert (await other.ask({"do": "show"}))["ok"]
        other.writer.close()


async def test_the_camera_shows_the_vehicle_that_stands_at_the_line_and_the_empty_lane_else(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="cargo"))
    await rig.bench.start()
    try:
        visit = rig.cast.visit(Arrival(lane="lane-1", at_s=0, vehicle="rigid-2"))
        await rig.bench.prepare(visit.vehicle)
        host, _, port = rig.bench.parts["camera"].device.address.removeprefix("http://").partition(":")

        async def picture() -> bytes:
            reader, writer = await asyncio.open_connection(host, int(port.removesuffix("/stream")))
            writer.write(b"GET /picture HTTP/1.1\r\nHost: camera\r\n\r\n")
            await writer.drain()
            answer = asyncio.ensure_future(reader.read())
            while not answer.done():
                rig.clock.step(0.05)
                await asyncio.sleep(0)
            writer.close()
            return answer.result().partition(b"\r\n\r\n")[2]

        empty = cv2.imdecode(np.frombuffer(await picture(), np.uint8), cv2.IMREAD_GRAYSCALE)
        rig.lane.send(visit, 0)
        rig.play_until("waiting")
        lorry = cv2.imdecode(np.frombuffer(await picture(), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert np.mean(cv2.absdiff(empty, lorry) > 40) > 0.2
    finally:
        await rig.bench.stop()


async def test_the_lane_s_registers_know_the_vehicle_that_was_sent(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="car", registers="file"))
    await rig.bench.start()
    try:
        visit = rig.cast.visit(
            Arrival(lane="lane-1", at_s=0, vehicle="saloon", travellers=[{"lost": True, "listed": True}])
        )
        rig.play(0.1)
        tables = rig.bench.register_tables()
        assert set(tables["registers"]["kinds"]) | set(tables["lists"]["kinds"]) == {
            "booking",
            "declaration",
            "draw",
            "watchlist_person",
            "watchlist_plate",
            "lost_documents",
        }
        (lost,) = json.loads(tables["lists"]["files"]["lost_documents"].read_text())["rows"]
        assert lost["number"] == visit.travellers[0].document.number
        async with httpx.AsyncClient(timeout=30) as client:
            question = {"kind": "booking", "question": {"plate": visit.vehicle.front.text}}
            answer = await client.post(tables["registers"]["url"], json=question)
        assert [hit["plate"] for hit in answer.json()["hits"]] == [visit.vehicle.front.text]
    finally:
        await rig.bench.stop()


async def test_a_chip_comes_into_the_private_reader_with_its_document_and_leaves_with_it(tmp_path):
    kit = LaneKit(profile="pedestrian", boards=("waveshare-relay",), readers=("mrz-swipe", "pcsc"))
    rig = Rig(tmp_path, kit)
    await rig.bench.start()
    desk = rig.bench.parts["card"].device
    try:
        walker = Arrival(lane="lane-1", at_s=0, vehicle="walker", travellers=[{"papers": "passport-chip"}])
        rig.lane.send(rig.cast.visit(walker), 0)
        reader = desk._reader

        async def until(holds: bool) -> None:
            async with asyncio.timeout(10):
                while reader.holds_card != holds:
                    await asyncio.sleep(0.01)

        while rig.lane.in_hand is None:
            rig.play(0.1)
        await until(holds=True)
        while rig.lane.in_hand is not None:
            rig.play(0.1)
        await until(holds=False)
        _, writer = await asyncio.open_unix_connection(rig.bench.environment["PCSCLITE_CSOCK_NAME"])
        writer.close()
    finally:
        await rig.bench.stop()
        rig.bench.discard()
    assert not desk.folder.exists()
