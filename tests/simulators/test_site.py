"""A simulated site: its configurations are right, its records count once, its operator asks one thing at a
time, and a scenario plays against a lane's real daemon."""

import asyncio
import contextlib
import json
import subprocess
import sys
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lane_controller.daemon.configuration import load as load_lane
from simulators.broker import Broker, access_list
from simulators.demo_site import KITS
from simulators.findings import Line, findings
from simulators.lane_toml import LaneFile, toml, write
from simulators.operators import Plan, ScriptedOperator, Wish
from simulators.pki import Authority
from simulators.recorder import EVENTS_A_LANE_MAX, LaneRecord, Recorder
from simulators.runner import Player
from simulators.scenario import ScenarioError, load
from simulators.site import TIMINGS
from simulators.summary import decided, seen, summarize, text
from tests.simulators.test_bench import Rig

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.mark.parametrize("name", list(KITS))
async def test_the_demo_s_lanes_are_configured_without_a_mistake(tmp_path, name):
    authority = Authority(tmp_path / "pki")
    rig = Rig(tmp_path, KITS[name])
    await rig.bench.start()
    try:
        file = LaneFile(
            tmp_path / "lane.toml",
            "demo",
            name,
            8883,
            authority.issue(f"demo/{name}"),
            authority.command_key("k"),
        )
        write(file, KITS[name], rig.bench.device_tables(), rig.bench.register_tables(), TIMINGS)
        loaded = load_lane(file.path)
    finally:
        await rig.bench.stop()
        rig.bench.discard()
    assert {device.name for device in loaded.devices} == set(rig.bench.device_tables())
    assert all(device.simulated for device in loaded.devices)


def test_between_them_the_demo_s_lanes_have_all_first_drivers():
    boards = {board for kit in KITS.values() for board in kit.boards}
    readers = {reader for kit in KITS.values() for reader in kit.readers}
    cameras = {kit.camera_model for kit in KITS.values()}
    assert boards == {"moxa-e1214", "waveshare-relay", "adam-6060"}
    assert readers == {"mrz-swipe", "keyboard-wedge", "pcsc", "page-http-push", "page-http-pull"}
    assert cameras == {"mjpeg", "rtsp", "rtsp-h264", ""}
    assert {kit.registers for kit in KITS.values()} == {"http", "file"}
    assert {(kit.scale_model, kit.scale_wire) for kit in KITS.values() if kit.scale_model} == {
        ("xk3190", "pty"),
        ("toledo-continuous", "tcp"),
    }
    assert Counter(kit.profile for kit in KITS.values()) == {"cargo": 2, "car": 1, "pedestrian": 1}


def test_toml_values_are_written_so_that_they_read_back():
    value = {
        "text": 'a "quoted" \\ line\nЖ',
        "number": 3,
        "half": 0.5,
        "yes": True,
        "day": date(2026, 3, 1),
        "list": [1, 2],
        "table": {"0": 0.5, "b c": [{"x": 1}]},
    }
    assert tomllib.loads(f"value = {toml(value)}")["value"] == value
    with pytest.raises(TypeError):
        toml(None)


# --- the recorder -----------------------------------------------------------------------------------------


def event(sequence: int, journal: str = "j", **data: object) -> dict:
    return {"journal": journal, "sequence": sequence, "boot": "b", "monos": 1.0, "data": data}


@given(order=st.permutations(list(range(1, 12))), again=st.lists(st.integers(1, 11), max_size=10))
def test_events_count_once_in_whatever_order_they_come(order, again):
    record = LaneRecord("lane-1")
    assert all(record.add(event(sequence)) for sequence in order)
    assert not any(record.add(event(sequence)) for sequence in again)
    assert record.contiguous("j") == 11
    assert record.repeated == len(again)
    assert len(record.events) == 11


def test_a_gap_is_not_acknowledged_past_and_memory_is_bounded():
    record = LaneRecord("lane-1")
    for sequence in (1, 2, 4):
        record.add(event(sequence))
    assert record.contiguous("j") == 2
    assert record.events.maxlen == EVENTS_A_LANE_MAX


async def test_the_recorder_acknowledges_what_it_has_and_survives_what_it_can_t_read(tmp_path):
    authority = Authority(tmp_path / "pki")
    lane, store = authority.issue("north/lane-1"), authority.issue("recorder")
    access = access_list(["north/lane-1"], ["recorder"])
    broker = Broker(tmp_path / "broker", authority.issue("broker", server=True), access)
    await broker.start()
    recorder = Recorder("north", ("lane-1",), broker.port, store, acknowledge=True)
    other = Recorder("north", ("lane-1",), broker.port, lane, acknowledge=False)
    await recorder.start()
    await other.start()
    record = recorder.lanes["lane-1"]
    two = json.dumps([event(1, type="x"), event(2, type="x")]).encode()
    try:
        async with asyncio.timeout(10):
            while record.last < 2:
                with contextlib.suppress(ConnectionError):
                    await other.publish("lane-1", "event/lane", two)
                await asyncio.sleep(0.02)
        for bad in (b"\xff", b"{}", b"[1]", b'[{"journal": "j"}]', b"null"):
            await other.publish("lane-1", "event/lane", bad)
        await other.publish("lane-1", "event/lane", json.dumps([event(3, type="x")]).encode())
        assert await recorder.until(lambda: record.last == 3, 5)
        assert record.unreadable == 5
    finally:
        await recorder.stop()
        await other.stop()
        await broker.stop()


# --- the operator -----------------------------------------------------------------------------------------


class Silent:
    async def ask(self, wish: Wish) -> None:
        raise AssertionError("nothing is asked here")


class Heard:
    """A recorder that heard what the test says."""

    def __init__(self, state: dict) -> None:
        self.lanes = {"lane-1": LaneRecord("lane-1")}
        self.lanes["lane-1"].states["second_line"] = state


def asked(state: dict, *, profile: str = "cargo", persons: int | None = 1, seconds: float = 60) -> list[Wish]:
    """Everything the operator asks within some seconds while the lane stays as it is."""
    plan = Plan(after_s=2.0, patience_s=10.0, alarms_s=5.0, left_behind_s=5.0)
    operator = ScriptedOperator(Silent(), Heard(state), {"lane-1": profile}, lambda _: persons, plan)
    return [wish for tick in range(int(seconds * 4)) for wish in operator.wishes("lane-1", tick / 4)]


def passage(phase: str, *reasons: dict, **more: object) -> dict:
    return {
        "mode": "open",
        "passage": {"passage": 7, "phase": phase, "reasons": list(reasons), "checks": [], **more},
    }


def test_a_hold_is_released_by_the_agency_that_holds_it_and_only_when_it_was_looked_at():
    reason = {"code": "over_limit", "parameters": {"agency": "transport"}}
    wishes = asked(passage("held", reason), seconds=3)
    assert [(wish.kind, wish.agency, wish.second_line, wish.passage) for wish in wishes[:1]] == [
        ("release", "transport", False, 7)
    ]
    assert not asked(passage("held", reason), seconds=1.5)


def test_reasons_of_the_lane_itself_need_each_agency_in_turn():
    wishes = asked(passage("held", {"code": "restarted", "parameters": {}}), seconds=8)
    assert [wish.agency for wish in wishes[:4]] == ["border", "customs", "transport", "border"]


def test_a_referral_is_lifted_by_second_line():
    wishes = asked(passage("referred", {"code": "x", "parameters": {"agency": "border"}}), seconds=3)
    assert {wish.second_line for wish in wishes} == {True}


def test_persons_are_stated_once_somebody_stands_there():
    state = passage("gathering", persons=None)
    assert [wish.extra for wish in asked(state, profile="car", persons=3, seconds=3)][:1] == [{"persons": 3}]
    assert not [wish for wish in asked(state, profile="car", persons=0, seconds=3) if wish.kind == "persons"]


def test_a_reading_that_does_not_come_is_waited_for_and_then_held():
    kinds = [wish.kind for wish in asked(passage("gathering"), seconds=9)]
    assert not kinds
    assert [wish.kind for wish in asked(passage("gathering"), seconds=12)] == ["hold"]


def test_a_lane_that_waits_for_a_vehicle_which_has_gone_is_closed_and_opened():
    gone = asked(passage("gathering"), persons=None, seconds=7)
    assert [wish.extra for wish in gone] == [{"mode": "closed"}]
    shut = asked({"mode": "closed", "passage": None, "devices": []}, persons=None, seconds=3)
    assert [wish.extra for wish in shut] == [{"mode": "open"}]
    broken = {"mode": "manual", "passage": None, "devices": [{"health": "degraded"}]}
    assert not asked(broken, persons=None)


def test_alarms_are_acknowledged_after_a_while():
    state = {
        "mode": "open",
        "alarms": [{"alarm": "tailgating-9"}, {"alarm": "x-1", "acknowledged_by": "olga"}],
    }
    assert [wish.extra for wish in asked(state, seconds=6)] == [{"alarm": "tailgating-9"}]


# --- what came of it --------------------------------------------------------------------------------------


def check(name: str, outcome: str, code: str = "x", subject: str = "") -> dict:
    result = {"check": name, "outcome": outcome, "subject": subject, "reason": {"code": code}}
    return event(1, type="passage.check", passage=1, result=result)


def test_findings_are_the_checks_that_did_not_pass_in_the_end():
    events = [
        check("weight_settled", "inconclusive", "no_weight"),
        check("weight_settled", "passed"),
        check("document_expiry", "failed", "expired", "person-2"),
        event(
            2,
            type="passage.decided",
            passage=1,
            decision="hold",
            reasons=[{"code": "restarted", "parameters": {}}, {"code": "random_recheck", "parameters": {}}],
        ),
    ]
    assert findings(events) == ("document_expiry: expired", "lane: restarted")
    assert decided(events) == "hold (document_expiry: expired; lane: restarted)"
    events[-1]["data"]["by"] = {"operator": "border"}
    assert decided(events) == "hold by a person (document_expiry: expired)"
    assert decided(events[:-1]) == ""


def test_a_line_agrees_when_nothing_was_expected_or_what_was():
    assert Line("end", None, "departed").agrees
    assert Line("end", "departed", "departed").agrees
    assert not Line("end", "", "departed").agrees


def test_a_lane_whose_journal_and_store_differ_does_not_agree():
    record = LaneRecord("lane-1")
    record.add(event(1, type="passage.arrived", passage=1))
    same, less = summarize(record, 5, 5, "", 1.0), summarize(record, 5, 4, "", 1.0)
    assert (same.agrees, less.agrees, summarize(record, 5, 5, "row 3", 1.0).agrees) == (True, False, False)
    assert "5 in the journal, 4 in the store: DIFFERENT" in text([less])


def test_the_demo_s_last_words_count_what_it_is_there_to_show():
    record = LaneRecord("lane-1")
    for passage, code in enumerate((None, "over_limit", "over_limit", "configuration_unknown"), 1):
        result = {"check": "weight_limit", "outcome": "failed", "subject": "", "reason": {"code": code}}
        if code:
            record.add(event(passage, type="passage.check", passage=passage, result=result))
        decision = "hold" if code else "release"
        record.add(
            event(passage + 10, type="passage.decided", passage=passage, decision=decision, reasons=[])
        )
    record.add(event(20, type="alarm.raised", kind="tailgating"))
    said = seen([summarize(record, 9, 9, "", 4.0)], 1)
    assert said == (
        "Seen: clean passages 1, overloads 2, expired documents 0, plates that do not match 0, "
        "cloned chips 0, tailgaters 1, PACE-CAM chips 0, PACE-IM chips 0, BAC chips 0, "
        "cables pulled and put back 1"
    )
    assert "4 passages (still in the lane 4), 4.0 decided a minute" in text([summarize(record, 9, 9, "", 4)])


# --- scenarios --------------------------------------------------------------------------------------------


def test_a_fault_that_the_bench_has_not_is_a_mistake_of_the_scenario(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text(
        'title = "wrong device"\n[lanes.car-1]\nprofile = "car"\n'
        '[[faults]]\nlane = "car-1"\ndevice = "scale"\nfault = "off"\nat_s = 1\n'
        '[[faults]]\nlane = "car-1"\ndevice = "camera"\nfault = "off"\nat_s = 1\n'
        '[[pulls]]\nlane = "car-1"\ndevice = "arm"\nat_s = 1\n'
    )
    with pytest.raises(ScenarioError) as raised:
        Player(load(path), tmp_path / "run")
    lines = [mistake.split(": ")[0].rpartition(":")[2] for mistake in raised.value.mistakes]
    assert lines == ["6", "12", "16"]
    assert "dark_lens" in str(raised.value)


@pytest.mark.parametrize("arguments", [["no-such.toml"], ["--speed", "0", "x.toml"]])
def test_wrong_use_of_simulate_exits_2_or_3_with_a_reason(arguments):
    ran = simulate(*arguments)
    assert ran.returncode in (2, 3)
    assert ran.stderr


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    borderlane = Path(sys.executable).with_name("borderlane")
    return subprocess.run([borderlane, "simulate", *arguments], capture_output=True, text=True, timeout=300)


@pytest.mark.long
def test_a_scenario_on_foot_comes_as_expected_from_a_lane_s_real_daemon(tmp_path):
    ran = simulate(str(SCENARIOS / "on_foot.toml"), "--speed", "3", "--json", "--run-dir", str(tmp_path))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    outcome = json.loads(ran.stdout)
    assert outcome["agrees"]
    assert [visit["decision"]["came"] for visit in outcome["visits"]] == ["release"]


@pytest.mark.long
@pytest.mark.serial
@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_scenario_comes_as_expected(path, tmp_path):
    ran = simulate(str(path), "--run-dir", str(tmp_path))
    assert ran.returncode == 0, ran.stdout + ran.stderr
