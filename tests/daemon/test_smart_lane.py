"""A lane whose plates a camera reads by itself: what it tells of the vehicle standing there is its plate."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from simulators.bench import Table
from simulators.children import free_port
from simulators.device import playing
from simulators.kit import LaneKit
from simulators.plate_camera import hikvision, onvif
from simulators.plate_camera.guard import Guard
from simulators.plate_camera.http_push import HttpPushCamera
from tests.daemon.rig import Rig, until
from tests.plate_camera.smart import PLATE, eye, secret

PASSWORD = secret("of-a-lane")
FIELDS = {"text": "vehicle.plate", "time": "time", "country": "vehicle.country", "picture": "pictures.scene"}


def camera(model: str, password: str) -> tuple[Any, dict[str, object]]:
    """A simulated camera, and its table in the lane's file but for its address."""
    who: dict[str, object] = {"driver": model, "user": "lane", "password": f"file:{password}"}
    if model == "plate-http-push":
        listen = f"127.0.0.1:{free_port()}"
        made = HttpPushCamera("camera", eye(), f"http://{listen}/plates", PASSWORD, user="lane")
        return made, who | {"listen": listen, "fields": FIELDS}
    simulator = {"hikvision": hikvision.Simulator, "onvif-events": onvif.Simulator}[model]
    return simulator("camera", eye(), guard=Guard("lane", PASSWORD)), who


@pytest.mark.parametrize("model", ["hikvision", "onvif-events", "plate-http-push"])
async def test_a_plate_that_a_smart_camera_tells_is_the_passage_s(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(tmp_path, LaneKit(profile="car", camera="mjpeg"), pace=2)
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "password").chmod(0o600)
    smart, table = camera(model, "password")
    whole = rig.bench.device_tables

    def tables() -> dict[str, Table]:
        address = {} if "listen" in table else {"url": smart.address}
        return {**whole(), "camera": {**table, **address}}

    monkeypatch.setattr(rig.bench, "device_tables", tables)
    async with playing(smart), rig.on_wires(), rig.running() as daemon:
        await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
        await rig.send("saloon")
        await until(lambda: daemon.loop.lane.passage, "a passage", 60)
        turns = itertools.count()

        def is_read() -> object:
            if next(turns) % 100 == 0:  # each second, until the lane looks
                smart.eye.passes("777 ABC 02", country="KAZ", confidence=95, plate=PLATE)
            return daemon.loop.lane.passage.plates

        await until(is_read, "the plate is read", 60)
        (read,) = daemon.loop.lane.passage.plates
        assert (read.device, read.plate.text, read.plate.country) == ("camera", "777ABC02", "KZ")
        found = daemon.journal.media(read.picture)
        assert found is not None
        assert found[1].startswith(b"\xff\xd8\xff"), "the scene is kept as evidence"
