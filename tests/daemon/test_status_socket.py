"""The lane's own socket: its owner's alone, one line asks, one line answers, whoever misbehaves at it."""

import asyncio
import contextlib
import json
import os
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lane_controller.commands.status import command
from lane_controller.daemon import status
from lane_controller.daemon.status import LINE_MAX, ask, serve
from simulators.kit import LaneKit
from tests.daemon.facts import NAMES
from tests.daemon.rig import Rig, until


async def _well(question: dict[str, Any]) -> dict[str, Any]:
    return {"well": True, "asked": question.get("asked")}


async def _broken(_: dict[str, Any]) -> dict[str, Any]:
    raise RuntimeError(f"a bug that quotes {NAMES[0]}")


@pytest.fixture
async def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """A served socket."""
    monkeypatch.setattr(status, "ASK_S", 0.3)
    place = tmp_path / "status.sock"
    serving = asyncio.create_task(serve(place, {"status": _well, "broken": _broken}))
    await until(place.is_socket, "the socket is there")
    yield place
    assert not serving.done(), "nothing that came took it down"
    serving.cancel()
    await asyncio.wait({serving})
    assert not place.exists(), "it goes with its lane"


async def raw(path: Path, data: bytes) -> bytes:
    """What comes back for these bytes, up to the end of the connection."""
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(data)
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


async def test_only_the_owner_may_ask(path: Path) -> None:
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert await ask(path, {"ask": "status", "asked": "ä"}) == {"well": True, "asked": "ä"}


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"status\n",
        b"[1, 2]\n",
        b'{"ask": "status"\n',
        b"\xff\xfe\n",
        b'"status"\n',
        b"[" * 5000 + b"\n",
    ],
)
async def test_what_is_no_question_gets_an_answer_that_says_what_is_expected(path: Path, data: bytes) -> None:
    assert json.loads(await raw(path, data)) == {"error": "expected one line of JSON with `ask`"}


@pytest.mark.parametrize("asked", ["open the barrier", None, ["status"], 7])
async def test_an_unknown_question_is_told_which_there_are(path: Path, asked: Any) -> None:
    assert await ask(path, {"ask": asked}) == {"error": "expected `ask` to be one of status, broken"}


async def test_a_bug_in_an_answer_is_an_error_that_quotes_nothing(path: Path) -> None:
    answer = await ask(path, {"ask": "broken"})
    assert answer == {"error": "the lane could not answer: RuntimeError"}


async def test_an_endless_line_a_slow_client_and_one_that_goes_are_sent_away(path: Path) -> None:
    assert await raw(path, b"x" * (LINE_MAX * 2)) == b""
    assert await raw(path, b'{"ask": ') == b"", "after a while"
    _, writer = await asyncio.open_unix_connection(path)
    writer.transport.abort()
    silent = [await asyncio.open_unix_connection(path) for _ in range(50)]
    assert (await ask(path, {"ask": "status"}))["well"], "and hold up nobody"
    for _, writer in silent:
        writer.close()


async def test_a_socket_left_by_a_killed_lane_is_replaced_and_another_file_never(tmp_path: Path) -> None:
    place = tmp_path / "status.sock"
    serving = asyncio.create_task(serve(place, {"status": _well}))
    await until(place.is_socket, "the socket is there")
    mine = place.rename(tmp_path / "aside")
    serving.cancel()
    await asyncio.wait({serving})
    mine.rename(place)  # as kill -9 leaves it
    with pytest.raises(ConnectionRefusedError):
        await ask(place, {"ask": "status"})
    serving = asyncio.create_task(serve(place, {"status": _well}))
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(ConnectionRefusedError, FileNotFoundError):
                assert (await ask(place, {"ask": "status"}))["well"]
                break
            await asyncio.sleep(0.01)
    serving.cancel()
    await asyncio.wait({serving})
    place.write_text("somebody's notes")
    with pytest.raises(FileExistsError, match="a file of another kind"):
        await serve(place, {})
    assert place.read_text() == "somebody's notes"


def test_a_lane_that_does_not_run_is_said_with_exit_code_3(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(tmp_path / "status.sock")])
    assert result.exit_code == 3
    assert "no lane answers" in result.output


async def test_a_running_lane_tells_all_of_itself_and_nobodys_data(tmp_path: Path) -> None:
    rig = Rig(tmp_path, LaneKit(profile="pedestrian"), pace=2)
    async with rig.on_wires(), rig.running() as daemon:
        socket = daemon.configuration.socket
        await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
        await rig.send("walker")
        await until(lambda: daemon.loop.lane.passage and daemon.loop.lane.passage.documents, "papers", 60)
        document = daemon.loop.lane.passage.documents[0].document
        told = await ask(socket, {"ask": "status"})
        assert told["mode"] == "open"
        assert told["passage"]["passage"] == 1
        devices = {one["device"]: one for one in told["devices"]}
        assert devices.keys() == daemon.equipment.watches.keys()
        assert devices["arm"]["health"] == "good"
        assert devices["arm"]["age_s"] < 5
        assert told["journal"]["rows"] > 5
        text = json.dumps(told, ensure_ascii=False)
        for personal in (document.number, document.surname, document.given_names, *document.lines):
            assert personal not in text
        # As the process that it is: in this one the daemon's own log lines would come between.
        borderlane = Path(sys.executable).with_name("borderlane")
        process = await asyncio.create_subprocess_exec(
            borderlane, "status", str(socket), stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        assert process.returncode in (0, 1), "1 while an alarm stands"
        assert output.decode().startswith("test/lane-1  mode open, arm ")
