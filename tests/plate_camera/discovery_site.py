"""A lane's computer and its cameras on a network of their own, in namespaces of Linux.

    lane's namespace                               cameras' namespace
    near       192.0.2.10/24      ==============   far    192.0.2.64 and on, 203.0.113.9
    other      198.51.100.10/24   ==============   away   198.51.100.70
    bare       no address         switched_off     down   unplugged   its far end is down

As a program, within the cameras' namespace: plays the cameras of the JSON on its command line until its input
ends, then prints what each of them was asked and how many datagrams it sent.
"""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from simulators.device import playing
from simulators.plate_camera.onvif_discovery import Card, Simulator

ROOT = Path(__file__).parents[2]
PROGRAM = str(Path(sys.executable).parent / "borderlane")
FIRST = "ip link add near type veth peer name far netns {cameras}"
LANE_SIDE = """
ip link add other type veth peer name away netns {cameras}
ip link add unplugged type veth peer name loose netns {cameras}
ip link add bare type veth peer name idle netns {cameras}
ip link add switched_off type veth peer name off netns {cameras}
ip address add 192.0.2.10/24 dev near
ip address add 198.51.100.10/24 dev other
ip address add 198.18.0.1/24 dev unplugged
ip address add 198.18.1.1/24 dev switched_off
for one in near other unplugged bare; do ip link set $one up; done
for one in all near; do echo 0 >/proc/sys/net/ipv4/conf/$one/rp_filter || true; done
"""
CAMERA_SIDE = """
for host in 64 65 66 67 68 69; do ip address add 192.0.2.$host/24 dev far; done
ip address add 203.0.113.9/24 dev far
ip address add 198.51.100.70/24 dev away
for one in far away idle; do ip link set $one up; done
"""


class Site:
    """The lane's namespace; `borderlane` runs the program there."""

    def __init__(self, lane: list[str], cameras: list[str]) -> None:
        self._lane, self._cameras = lane, cameras

    def borderlane(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*self._lane, PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    @contextlib.contextmanager
    def playing(self, cameras: list[dict[str, Any]], told: dict[str, Any]) -> Generator[None]:
        """Cameras that answer; in the end `told` says of each what it was asked and how much it sent."""
        words = [
            *self._cameras,
            sys.executable,
            "-m",
            "tests.plate_camera.discovery_site",
            json.dumps(cameras),
        ]
        pipe = subprocess.PIPE
        with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            try:
                yield
            finally:
                out, _ = process.communicate()
                told |= json.loads(out)


@contextlib.contextmanager
def built() -> Generator[Site]:
    """The site, gone at the end; skips the test where this machine allows no namespaces."""
    for tool in ("unshare", "nsenter", "ip"):
        if shutil.which(tool) is None:
            pytest.skip(f"a network of its own needs the program {tool} (packages util-linux and iproute2)")
    with _namespace(["unshare", "-rn"]) as lane:
        enter = ["nsenter", "-t", str(lane), "-U", "-n", "--preserve-credentials"]
        with _namespace([*enter, "unshare", "-n"]) as cameras:
            inside = ["nsenter", "-t", str(cameras), "-U", "-n", "--preserve-credentials"]
            first = _shell(enter, FIRST.format(cameras=cameras))
            if first.returncode:
                pytest.skip(f"this machine allows no network of its own: {first.stderr.strip()}")
            for who, what in ((enter, LANE_SIDE.format(cameras=cameras)), (inside, CAMERA_SIDE)):
                made = _shell(who, f"set -e\n{what}")
                assert made.returncode == 0, made.stderr
            yield Site(enter, inside)


def _shell(who: list[str], script: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*who, "sh", "-c", script], capture_output=True, text=True, check=False)


@contextlib.contextmanager
def _namespace(words: list[str]) -> Generator[int]:
    """Runs until the end, or until this process is gone; its process id."""
    pipe = subprocess.PIPE
    script = "ip link set lo up && echo ready && exec cat"
    with subprocess.Popen(
        [*words, "sh", "-c", script], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        if process.stdout.readline() != "ready\n":
            pytest.skip(f"this machine allows no network of its own: {process.stderr.read().strip()}")
        try:
            yield process.pid
        finally:
            process.communicate()


async def _play(cameras: list[dict[str, Any]]) -> None:
    simulated = [_camera(one, seed) for seed, one in enumerate(cameras)]
    async with playing(*simulated):
        os.write(1, b"ready\n")
        await asyncio.to_thread(sys.stdin.read)
    told = {one.name: {"asked": [probe.types for probe in one.asked], "sent": one.sent} for one in simulated}
    os.write(1, json.dumps(told).encode())


def _camera(one: dict[str, Any], seed: int) -> Simulator:
    card = one["card"]
    types = tuple((space, name) for space, name in card["types"])
    says = Card(card["endpoint"], tuple(card["xaddrs"]), tuple(card["scopes"]), types)
    astray = (one["astray"][0], one["astray"][1]) if "astray" in one else None
    camera = Simulator(one["name"], one["own"], says, astray=astray, seed=seed)
    for fault in one.get("faults", ()):
        camera.set_fault(fault, True)
    return camera


if __name__ == "__main__":
    asyncio.run(_play(json.loads(sys.argv[1])))
