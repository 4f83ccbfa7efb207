"""The role's suite, asked of every simulated camera that reads by itself, while vehicles pass before it."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulators.children import free_port
from simulators.device import playing
from simulators.lane_toml import toml
from simulators.plate_camera import dahua, hikvision, onvif
from simulators.plate_camera.guard import Guard
from simulators.plate_camera.http_push import HttpPushCamera
from simulators.plate_camera.smart_eye import SmartEye
from simulators.plate_camera.smart_wired import SmartWired
from tests.hil.test_conform import conform
from tests.plate_camera.smart import PLATE, eye, secret

PASSWORD = secret("of-a-bench")
Table = dict[str, Any]
Made = tuple[Any, Callable[[], Table]]
"""A simulated camera, and its table in the bench's file once it has started."""


def asked(model: str, simulator: type[SmartWired]) -> Callable[[SmartEye, str], Made]:
    """One that is asked over HTTP."""

    def make(seen: SmartEye, password: str) -> Made:
        camera = simulator("front", seen, guard=Guard("lane", PASSWORD))
        return camera, lambda: {
            "driver": model,
            "url": camera.address,
            "user": "lane",
            "password": password,
        }

    return make


def pushing(seen: SmartEye, password: str) -> Made:
    listen = f"127.0.0.1:{free_port()}"
    table: Table = {
        "driver": "plate-http-push",
        "listen": listen,
        "user": "camera",
        "password": password,
        "fields": {
            "text": "vehicle.plate",
            "time": "time",
            "picture": "pictures.scene",
            "crop": "pictures.plate",
        },
    }
    return HttpPushCamera("front", seen, f"http://{listen}/plates", PASSWORD), lambda: table


MODELS: dict[str, Callable[[SmartEye, str], Made]] = {
    "hikvision": asked("hikvision", hikvision.Simulator),
    "dahua": asked("dahua", dahua.Simulator),
    "plate-http-push": pushing,
    "onvif-events": asked("onvif-events", onvif.Simulator),
}


async def pass_by(seen: SmartEye) -> None:
    """A vehicle every second, as a patient keeper of the bench has it."""
    while True:
        seen.passes("777ABC02", plate=PLATE)
        for _ in range(10):
            await asyncio.sleep(0.1)


@pytest.mark.long
@pytest.mark.parametrize("model", MODELS)
async def test_a_simulated_smart_camera_keeps_its_role_s_promises(model: str, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    seen = eye()
    camera, table = MODELS[model](seen, f"file:{password}")
    bench = tmp_path / "bench.toml"
    async with playing(camera):
        bench.write_text(f'devices.front = {toml(table())}\nexpect.front = {{ plate = "777ABC02" }}\n')
        keeper = asyncio.create_task(pass_by(seen))
        try:
            code, output = await conform(str(bench))
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
    assert code == 0, output
    assert "test_the_plate_in_view_is_read_while_watching[front] PASSED" in output
