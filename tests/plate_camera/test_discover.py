"""`borderlane discover`: cameras on the named interface and no others, in a network of its own."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from click.testing import CliRunner

from lane_controller.commands.discover import command
from lane_controller.daemon.drivers import driver_points
from simulators.plate_camera.onvif_discovery import DEVICE, NETWORK
from tests.plate_camera.discovery_site import Site, built

VIDEO, ONVIF = [NETWORK, "NetworkVideoTransmitter"], [DEVICE, "Device"]
PROFILE_M = ["onvif://www.onvif.org/name/Entry", "onvif://www.onvif.org/Profile/M"]
SECONDS = "3"


def endpoint(number: int) -> str:
    return f"urn:uuid:00000000-0000-4000-8000-{number:012}"


def camera(name: str, own: str, number: int, **more: Any) -> dict[str, Any]:
    """A camera as `discovery_site` plays it; its name and its endpoint are told in its answer."""
    card: dict[str, Any] = {
        "endpoint": endpoint(number),
        "xaddrs": [f"http://{own}/onvif/device_service"],
        "scopes": [f"onvif://www.onvif.org/name/{name}", "onvif://www.onvif.org/Profile/Streaming"],
        "types": [VIDEO, ONVIF],
    }
    return {"name": name, "own": own, "card": card | more.pop("card", {}), **more}


LANE = camera(
    "lane",
    "192.0.2.64",
    64,
    card={
        "xaddrs": ["http://[fe80::1]/onvif/device_service", "http://192.0.2.64:8080/onvif/device_service"],
        "scopes": [
            "onvif://www.onvif.org/name/HIKVISION%20DS-TCG000",
            "onvif://www.onvif.org/hardware/DS-TCG000",
            "onvif://www.onvif.org/location/city/hangzhou",
        ],
    },
)
CAMERAS = [
    LANE,
    camera("video-alone", "192.0.2.65", 65, card={"types": [VIDEO], "scopes": PROFILE_M}),
    camera("device-alone", "192.0.2.66", 66, card={"types": [ONVIF]}),
    camera("two-feet", "192.0.2.67", 67),
    camera("two-feet-again", "203.0.113.9", 67),
    camera("hidden", "192.0.2.68", 68, faults=["hidden"]),
    camera("elsewhere", "198.51.100.70", 70),
    camera("astray", "192.0.2.69", 69, astray=["198.51.100.70", "away"]),
    *(
        camera(fault, "192.0.2.69", 100 + number, faults=[fault])
        for number, fault in enumerate(("huge", "bomb", "torn", "other_question", "no_http", "escapes"))
    ),
]


@dataclass
class Seen:
    """What came of asking on `near` and on `other` at once, as JSON and in words."""

    near: dict[str, Any]
    other: dict[str, Any]
    words: str
    played: dict[str, Any] = field(default_factory=dict[str, Any])

    def found(self, number: int) -> dict[str, Any]:
        (one,) = [one for one in self.near["cameras"] if one["endpoint"] == endpoint(number)]
        return one


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with built() as made:
        yield made


@pytest.fixture(scope="module")
def seen(site: Site) -> Seen:
    played: dict[str, Any] = {}
    with site.playing(CAMERAS, played):
        calls = [("near", "--json"), ("other", "--json"), ("near",)]
        asking = [site.borderlane("discover", "--seconds", SECONDS, "--interface", *call) for call in calls]
        told = [process.communicate() for process in asking]
    assert [(process.returncode, err) for process, (_, err) in zip(asking, told, strict=True)] == [
        (0, "")
    ] * 3
    return Seen(json.loads(told[0][0]), json.loads(told[1][0]), told[2][0], played)


def test_a_camera_on_the_named_interface_is_found_with_what_it_says_of_itself(seen: Seen) -> None:
    assert (seen.near["interface"], seen.near["address"]) == ("near", "192.0.2.10/24")
    assert seen.found(64) == {
        "endpoint": endpoint(64),
        "from": ["192.0.2.64"],
        "in_network": True,
        "name": "HIKVISION DS-TCG000",
        "hardware": "DS-TCG000",
        "location": "city/hangzhou",
        "types": ["NetworkVideoTransmitter", "Device"],
        "xaddrs": LANE["card"]["xaddrs"],
        "scopes": LANE["card"]["scopes"],
        "url": "http://192.0.2.64:8080",
        "drivers": ["hikvision", "rtsp"],
    }


def test_a_camera_on_another_interface_is_found_there_alone(seen: Seen) -> None:
    assert [one["from"] for one in seen.other["cameras"]] == [["198.51.100.70"]]
    assert not [one for one in seen.near["cameras"] if one["endpoint"] == endpoint(70)]
    assert seen.played["elsewhere"]["asked"]


def test_an_answer_that_came_in_over_another_interface_is_dropped_and_counted(seen: Seen) -> None:
    assert seen.played["astray"]["sent"] == 8  # twice to each question of two programs
    assert seen.near["dropped"]["other_interface"]
    assert not [one for one in seen.near["cameras"] if one["endpoint"] == endpoint(69)]


def test_a_camera_is_told_once_however_often_it_answers(seen: Seen) -> None:
    assert seen.played["lane"]["sent"] == 8
    found = [one["endpoint"] for one in seen.near["cameras"]]
    assert sorted(found) == [endpoint(number) for number in (64, 65, 66, 67, 105)]


def test_a_camera_with_two_addresses_is_one_with_both(seen: Seen) -> None:
    assert sorted(seen.found(67)["from"]) == ["192.0.2.67", "203.0.113.9"]
    assert len(seen.found(67)["xaddrs"]) == 2
    assert not seen.found(67)["in_network"]


def test_each_kind_of_device_is_asked_for_by_a_question_of_its_own(seen: Seen) -> None:
    asked = [sorted(types) for types in seen.played["lane"]["asked"]]
    assert sorted(asked) == sorted([[VIDEO], [ONVIF]] * 2)
    assert seen.found(65)["types"] == ["NetworkVideoTransmitter"]
    assert seen.found(66)["types"] == ["Device"]


def test_the_drivers_that_are_named_are_installed(seen: Seen) -> None:
    named = {driver for one in seen.near["cameras"] for driver in one["drivers"]}
    assert named <= set(driver_points())
    assert seen.found(65)["drivers"] == [
        driver for driver in ("onvif-events", "rtsp") if driver in driver_points()
    ]
    assert seen.found(66)["drivers"] == ["rtsp"]


def test_hostile_answers_are_dropped_and_counted(seen: Seen) -> None:
    at_most = {
        "other_interface": 4,
        "too_large": 4,
        "not_xml": 8,
        "other_question": 4,
        "no_address": 4,
        "bad_xaddr": 12,
        "bad_scope": 8,
    }
    dropped = seen.near["dropped"]
    assert set(dropped) == set(at_most)
    assert all(0 < dropped[reason] <= count for reason, count in at_most.items()), dropped
    assert seen.found(105)["name"] == "escapes"
    assert "\x1b" not in seen.words
    assert "root:" not in seen.words


def test_a_person_reads_where_the_camera_is_and_what_to_set(seen: Seen) -> None:
    first, head, *lines = seen.words.splitlines()
    assert first == "near (192.0.2.10/24): 5 camera(s) in 3 s"
    assert head.split() == ["ADDRESS", "NAME", "HARDWARE", "LOCATION"]
    begin = next(number for number, line in enumerate(lines) if "HIKVISION" in line)
    row, *below = (line.strip() for line in lines[begin : begin + 5])
    assert row.split() == ["192.0.2.64", "HIKVISION", "DS-TCG000", "DS-TCG000", "city/hangzhou"]
    assert below[:3] == [endpoint(64), *LANE["card"]["xaddrs"]]
    assert below[3].startswith(
        'Try: driver = "hikvision", url = "http://192.0.2.64:8080" where it reads plates'
    )
    assert "its address is not of 192.0.2.0/24, the interface's network" in seen.words
    assert lines[-1].startswith("dropped: ")
    assert "over another interface" in lines[-1]


@pytest.mark.parametrize(
    ("name", "code", "why", "hint"),
    [
        (
            "missing",
            2,
            "there is no interface 'missing'",
            "one of: bare, lo, near, other, switched_off, unplugged",
        ),
        ("switched_off", 3, "interface switched_off is down", "ip link set switched_off up"),
        ("unplugged", 3, "interface unplugged has no link", "cable"),
        ("bare", 3, "interface bare has no IPv4 address", "ip address add"),
    ],
)
def test_an_interface_that_can_not_be_used_says_why(
    site: Site, name: str, code: int, why: str, hint: str
) -> None:
    process = site.borderlane("discover", "--interface", name)
    out, err = process.communicate()
    first, *more = err.splitlines()
    assert (process.returncode, out, first) == (code, "", why)
    assert hint in more[0]


def test_no_camera_is_no_error(site: Site) -> None:
    process = site.borderlane("discover", "--interface", "near", "--seconds", "1", "--json")
    out, _ = process.communicate()
    told = json.loads(out)
    assert (process.returncode, told["cameras"], told["dropped"]) == (0, [], {})


def test_a_firewall_that_holds_the_question_back_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(socket.socket, "sendto", refused)
    result = CliRunner().invoke(command, ["--interface", "lo"])
    assert result.exit_code == 3
    assert "lets no question out on lo" in result.stderr
    assert "UDP to 239.255.255.250 port 3702" in result.stderr


@pytest.mark.parametrize("words", [[], ["--interface", "lo", "--seconds", "0"], ["--interface", "n" * 40]])
def test_wrong_use_is_said(words: list[str]) -> None:
    assert CliRunner().invoke(command, words).exit_code == 2
