"""A driver that somebody else installed: found by its entry point, held to the contract, and on its own."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from lane_controller.commands.check import command as check
from lane_controller.daemon import devices
from lane_controller.daemon.configuration import ConfigurationError, load
from lane_controller.daemon.drivers import driver_points
from lane_controller.messages.words import Health
from simulators.kit import LaneKit
from tests.daemon.rig import Rig, table, until
from tests.mrz.test_reading import needs_engine, page, png

MODULE = '''
"""Acme's readers of documents."""

import asyncio
from pathlib import Path
from typing import Literal

from drivers.device import Grade, Options
from drivers.document_reader import CardRemoved, DocumentReader, PageRead


class AcmeOptions(Options):
    mode: Literal["pages", "raises", "hangs", "floods"]
    """What it does."""
    folder: Path = Path("/nonexistent")
    """Where its scans lie."""


class Driver(DocumentReader):
    """One reader."""

    model = "Acme Scan 9000"
    grade = Grade.SIMULATED
    options_type = AcmeOptions
    gives_pages = True

    @property
    def silent_s(self):
        return 0.3 if self.options.mode == "hangs" else None

    async def open(self):
        """Nothing to open."""

    async def close(self):
        if self.options.mode == "hangs":
            await asyncio.Event().wait()

    async def readings(self):
        while self.options.mode == "floods":
            yield CardRemoved("acme")
            await asyncio.sleep(0)
        if self.options.mode == "raises":
            yield CardRemoved("acme")
            raise ZeroDivisionError("a bug of Acme's")
        while True:
            await asyncio.sleep(0.02)
            for scan in self.options.folder.glob("*.png") if self.options.mode == "pages" else ():
                image = scan.read_bytes()
                scan.unlink()
                yield PageRead(image, infrared=False)
'''
ENTRY_POINTS = """
[borderlane.drivers]
acme-scan = acme_scan:Driver
acme-broken = acme_broken:Driver
acme-nothing = acme_scan:AcmeOptions
"""


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Acme's package, installed as pip does it: a module and its metadata on the path."""
    folder = tmp_path / "site-packages"
    metadata = folder / "acme_scan-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / "acme_scan.py").write_text(MODULE)
    (folder / "acme_broken.py").write_text("raise RuntimeError('needs a licence')")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-scan\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(folder))
    driver_points.cache_clear()
    yield folder
    driver_points.cache_clear()
    for name in ("acme_scan", "acme_broken"):
        sys.modules.pop(name, None)


def with_acme(rig: Rig, **modes: str) -> None:
    """Add Acme's readers to the lane's file."""
    tables = [
        table(f"devices.{name}", driver="acme-scan", mode=mode, folder=str(rig.folder), simulated=True)
        for name, mode in modes.items()
    ]
    rig.file.write_text("\n".join([rig.file.read_text(), *tables]))
    rig.commission()


@pytest.mark.usefixtures("acme")
async def test_its_options_are_checked_like_ours(tmp_path: Path) -> None:
    rig = Rig(tmp_path, LaneKit(profile="pedestrian"))
    async with rig.on_wires():
        wrong = [
            table("devices.one", driver="acme-scan", mode="dances", folders="/x"),
            table("devices.two", driver="acme-broken"),
            table("devices.three", driver="acme-nothing"),
        ]
        rig.file.write_text("\n".join([rig.file.read_text(), *wrong]))
        with pytest.raises(ConfigurationError) as caught:
            load(rig.file)
        said = str(caught.value)
        for expected in (
            "devices.one.mode: found 'dances', expected 'pages', 'raises', 'hangs' or 'floods'",
            "devices.one.folders: unknown key (did you mean folder?)",
            "driver 'acme-broken' (acme_broken:Driver) can't be imported: needs a licence",
            "devices.three.driver: driver 'acme-nothing' (acme_scan:AcmeOptions) is no Device",
        ):
            assert expected in said
        assert len(said.splitlines()) == 4, "each with its line, in one pass"
        result = await asyncio.to_thread(CliRunner().invoke, check, [str(rig.file)])
        assert result.exit_code == 1, "a finding"
        assert "devices.one.mode" in result.output


@needs_engine
@pytest.mark.usefixtures("acme")
async def test_whatever_it_does_wrong_hurts_its_own_role_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "CLOSE_S", 0.2)
    rig = Rig(tmp_path, LaneKit(profile="pedestrian"), pace=2)
    async with rig.on_wires():
        with_acme(rig, raising="raises", hanging="hangs", flooding="floods", scanner="pages")
        async with rig.running() as daemon:
            watches = daemon.equipment.watches
            await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
            await until(lambda: watches["hanging"].reason.code == "hung", "the hanging one is found out")
            await until(lambda: watches["raising"].failures >= 2, "the raising one is tried again")
            assert watches["raising"].reason.code == "bug"
            discarded = lambda: [  # noqa: E731
                row.fact for row in daemon.journal.rows() if row.fact["kind"] == "readings_discarded"
            ]
            await until(discarded, "the flood is cut and counted")
            assert discarded()[0]["device"] == "flooding"
            assert discarded()[0]["count"] > 0
            ours = [watches[name] for name in ("arm", "light", "swipe", "loop-arrival") if name in watches]
            assert all(watch.health is not Health.DEGRADED for watch in ours)
            await rig.send("walker")
            await until(lambda: rig.lane.departed == 1, "a traveller passes all the same", 60)


@needs_engine
@pytest.mark.usefixtures("acme")
async def test_a_page_that_it_scans_is_a_document_of_the_passage(tmp_path: Path) -> None:
    rig = Rig(tmp_path, LaneKit(profile="pedestrian"))
    async with rig.on_wires():
        with_acme(rig, scanner="pages")
        async with rig.running() as daemon:
            await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
            rig.bench.wiring.sensors["cell-arrival"].set_fault("dirty", True)  # somebody stands there
            await until(lambda: daemon.loop.lane.passage, "a passage")
            (tmp_path / "scan.new").write_bytes(png(page()))
            (tmp_path / "scan.new").rename(tmp_path / "scan.png")
            await until(lambda: daemon.loop.lane.passage.documents, "the page is read", 60)
            (fact,) = daemon.loop.lane.passage.documents
            assert (fact.device, fact.document.number) == ("scanner", "L898902C3")
            assert fact.document.status == "verified"
            (result,) = [
                one for one in daemon.loop.lane.passage.results if one.check == "document_check_digits"
            ]
            assert result.outcome == "passed"
