"""`borderlane read-plate` as a program."""

import asyncio
import json
import re
import shutil
import signal
import sys
from pathlib import Path

import cv2
import pytest
from click.testing import CliRunner

from lane_controller.commands.read_plate import command
from simulators.plate_camera.camera import Camera
from tests.lane_pictures import Drive
from tests.plate_camera.cameras import PLATE, running


@pytest.fixture
def pictures(drive: Drive, tmp_path: Path) -> Path:
    (tmp_path / "a.jpg").write_bytes(drive.standing[0])
    (tmp_path / "empty.jpg").write_bytes(drive.empty[0])
    (tmp_path / "notes.txt").write_text("no picture")
    return tmp_path


def test_a_folder_is_read_picture_by_picture_as_json(pictures: Path) -> None:
    result = CliRunner().invoke(command, ["--json", str(pictures)])
    assert result.exit_code == 0
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert set(first) == {"file", "plates", "refused"}
    (plate,) = first["plates"]
    assert set(plate) == {
        *("text", "display", "country", "country_confidence", "confidence", "second"),
        *("box", "corners", "lines", "frames"),
    }
    assert (plate["text"], plate["country"], plate["frames"]) == (PLATE.text, "KZ", 1)
    assert len(plate["box"]) == len(plate["corners"]) == 4
    assert second["plates"] == []


def test_a_picture_is_told_in_words_and_drawn_into(pictures: Path) -> None:
    out = pictures / "out" / "seen.png"
    out.parent.mkdir()
    result = CliRunner().invoke(command, [str(pictures / "a.jpg"), "--overlay", str(out)])
    assert result.exit_code == 0
    assert "1 plate(s)" in result.stdout
    assert re.search(r"0\.\d\d, KZ 0\.\d\d, \d+ x \d+ pixels at \d+, \d+", result.stdout)
    assert f"drawn into {out}: 1 plate(s)" in result.stderr
    drawn, before = cv2.imread(str(out)), cv2.imread(str(pictures / "a.jpg"))
    assert drawn is not None
    assert before is not None
    assert drawn.shape == before.shape
    assert (drawn != before).any()


def test_what_can_not_be_read_is_a_finding_and_the_others_are_read(pictures: Path) -> None:
    (pictures / "a.png").write_bytes(b"\x89PNG nonsense")
    (pictures / "b.jpg").write_bytes((pictures / "a.jpg").read_bytes()[:9000])
    result = CliRunner().invoke(command, ["--json", str(pictures)])
    assert result.exit_code == 1
    entries = [json.loads(line) for line in result.stdout.splitlines()]
    assert [bool(entry.get("error")) for entry in entries] == [False, True, True, False]


def test_a_folder_is_drawn_into_a_folder_name_by_name(
    pictures: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (pictures / "rear").mkdir()
    shutil.copy(pictures / "a.jpg", pictures / "rear" / "a.jpg")
    out = tmp_path_factory.mktemp("drawn") / "new"
    result = CliRunner().invoke(command, [str(pictures), "--overlay", str(out)])
    assert result.exit_code == 0
    assert sorted(file.name for file in out.iterdir()) == ["a.jpg.png", "empty.jpg.png", "rear-a.jpg.png"]
    assert f"drawn into {out / 'empty.jpg.png'}: no plate" in result.stderr


def test_an_overlay_that_can_not_be_written_says_where_and_why(pictures: Path) -> None:
    out = pictures / "notes.txt" / "seen.png"
    result = CliRunner().invoke(command, [str(pictures / "a.jpg"), "--overlay", str(out)])
    assert result.exit_code == 1
    assert f"{out} can't be written: " in result.stderr


def test_wrong_use_is_said(pictures: Path) -> None:
    empty = pictures / "nothing"
    empty.mkdir()
    for words in (
        [str(empty)],
        [str(pictures / "missing.jpg")],
        [str(pictures), "--overlay", str(pictures / "a.jpg")],
        [str(pictures), "--overlay", str(pictures / "drawn")],
        [str(pictures / "a.jpg"), "--overlay", str(pictures / "a.jpg")],
        [str(pictures / "a.jpg"), "--overlay", str(pictures / "a.gif")],
        ["rtsp://127.0.0.1/lane", str(pictures)],
        ["rtsp:///lane"],
    ):
        assert CliRunner().invoke(command, words).exit_code == 2


def test_a_stream_that_is_not_there_exits_3() -> None:
    result = CliRunner().invoke(command, ["rtsp://lane:sesame@127.0.0.1:1/lane"])
    assert result.exit_code == 3
    assert "sesame" not in result.output


async def test_a_stream_gives_one_reading_a_vehicle_until_it_is_interrupted(
    drive: Drive, tmp_path: Path
) -> None:
    """Two lines, a sign that is no plate beside it: all is told as of a file."""
    camera = Camera(drive.picture)
    out = tmp_path / "drawn"
    async with running("rtsp", camera) as simulated:
        program = shutil.which("borderlane", path=str(Path(sys.executable).parent))
        assert program
        process = await asyncio.create_subprocess_exec(
            *(program, "read-plate", "--json", simulated.address, "--overlay", str(out)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdout
        assert process.stderr
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
        (plate,) = told["plates"]
        assert plate["text"] == PLATE.text
        assert plate["frames"] >= 3
        assert plate["country_confidence"] > 0.9
        x, y, width, height = plate["box"]
        # The corners are the plate's own, not the box's: it hangs in perspective.
        assert plate["corners"] != [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
        assert all(x <= across <= x + width and y <= down <= y + height for across, down in plate["corners"])
        said = b""
        while b"drawn into" not in said:
            said = await asyncio.wait_for(process.stderr.readline(), 60)
        assert said.decode().strip() == f"drawn into {out / '0001.png'}: 1 plate(s)"
        assert cv2.imread(str(out / "0001.png")) is not None
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 20) == 0
