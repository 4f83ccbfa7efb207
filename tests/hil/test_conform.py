"""`borderlane conform` holds the devices of a bench to their roles' promises, and says when one is broken."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from simulators.boards.moxa_e1214 import MoxaE1214
from simulators.device import playing
from simulators.scale.indicator import Indicator
from simulators.scale.xk3190 import Simulator
from simulators.serial_line import PtyLine

BENCH = """
[devices.scale]
driver = "xk3190"
port = "{scale}"
max_kg = 60000
division_kg = 20

[devices.io]
driver = "moxa-e1214"
host = "{host}"
port = {port}
pulse_s = {{ 0 = 0.5, 1 = 0.5, 4 = 3.0 }}

[devices.barrier]
role = "barrier"
board = "io"
raise_output = 0
lower_output = 1
raised_switch = {{ channel = 0, active = "closed" }}
lowered_switch = {{ channel = 1, active = "closed" }}

[devices.loop]
role = "presence"
board = "io"
place = "arrival"
input = {{ channel = 2, active = "closed" }}

[devices.light]
role = "signal"
board = "io"
green_output = 4

[expect.scale]
gross_kg = {gross_kg}
"""


@contextlib.asynccontextmanager
async def bench(tmp_path: Path, gross_kg: int) -> AsyncGenerator[Path]:
    indicator = Indicator(seed=1)
    indicator.rest(38_260)
    scale = Simulator("scale", PtyLine(tmp_path / "scale"), indicator)
    board = MoxaE1214("io", pulse_s={0: 0.5, 1: 0.5, 4: 3.0})
    board.module.inputs[1] = True
    async with playing(scale, board):
        host, port = board.address.rsplit(":", 1)
        path = tmp_path / "bench.toml"
        path.write_text(BENCH.format(scale=scale.address, host=host, port=port, gross_kg=gross_kg))
        yield path


async def conform(*arguments: str) -> tuple[int, str]:
    command = [str(Path(sys.executable).parent / "borderlane"), "conform", *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_devices_that_keep_their_promises_conform(tmp_path: Path) -> None:
    async with bench(tmp_path, 38_260) as path:
        code, output = await conform(str(path))
    assert code == 0, output
    assert "Warning" not in output
    for device in ("scale", "io", "barrier", "loop", "light"):
        assert f"[{device}] PASSED" in output


async def test_a_scale_that_shows_another_weight_than_stands_on_it_does_not(tmp_path: Path) -> None:
    async with bench(tmp_path, 40_000) as path:
        code, output = await conform(str(path), "--role", "scale")
    assert code == 1
    assert "test_it_shows_what_the_bench_says_stands_on_it[scale] FAILED" in output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[devices.x]\ndriver = 'nonsense'\n", "no driver 'nonsense'"),
        ("[devices.x]\nrole = 'barrier'\nboard = 'io'\n", "no device named 'io'"),
        ("not toml", "bench.toml"),
        ("", "names no device"),
        ("[device.x]\ndriver = 'xk3190'\n", "device: expected devices"),
        ("[devices.x]\ndriver = 'adam-6060'\n[expect.y]\n", "expect.y: there is no such device; found x"),
    ],
)
async def test_a_bench_that_can_not_be_used_says_why(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(text)
    code, output = await conform(str(path))
    assert code != 0
    assert said in output
