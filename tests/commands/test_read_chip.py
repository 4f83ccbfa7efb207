"""`borderlane read-chip` through a real pcscd: chips of every protocol and what else may lie on a reader."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lane_controller.commands import chip_slot
from lane_controller.commands.read_chip import command
from simulators.card.attacks import attacks
from simulators.card.attacks.specimen import Specimen, changed, genuine
from simulators.card.document import Document
from simulators.card.faults import Fault, FaultName
from simulators.card.pcscd import PrivatePcscd, VirtualReader, free_reader_port
from simulators.card.profiles import document
from simulators.card.reader import CardReader
from simulators.card.sealed import other_card, sealed_passport
from tests.chip.test_card_security import by_a_stranger
from tests.document_reader.conftest import pcscd as pcscd
from tests.document_reader.test_pcsc import slot

SMALL = {"portrait": {"bytes": 3000, "width": 100, "height": 130}}
FIRST_SLOT = "00$"
PROFILES = {
    "bac": ("not_proved", "bac"),
    "active-rsa": ("genuine", "bac"),
    "pace-gm": ("genuine", "pace_gm"),
    "pace-im": ("genuine", "pace_im"),
    "pace-cam": ("genuine", "pace_cam"),
    "full": ("genuine", "pace_gm"),
}
"""What the chip of a profile proves, and how it opens."""


@cache
def _made(profile: str) -> Document:
    return document(profile, SMALL)


@dataclass(frozen=True)
class Desk:
    """Files for the command: a page's zone, its card access number, and what its state published."""

    folder: Path

    def zone(self, of: Document) -> Path:
        return self._written("zone.txt", "\n".join(of.mrz).encode())

    def can(self, of: Document) -> Path:
        return self._written("can.txt", f"{of.access.can}\n".encode())

    def trust(self, specimen: Specimen) -> Path:
        for name, content in specimen.trust.items():
            self._written(f"trust/{name}", content)
        return self.folder / "trust"

    def _written(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def run(*arguments: object, given: str | None = None) -> Result:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments], input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


async def read(desk: Desk, specimen: Specimen, *arguments: object, reader: str = FIRST_SLOT) -> Result:
    """The command beside the simulated card, which lives in this event loop."""
    key = () if "--can-file" in arguments else ("--mrz", desk.zone(specimen.document))
    trust = ("--trust", desk.trust(specimen))
    return await asyncio.to_thread(run, "--reader", reader, *key, *trust, "--json", *arguments)


def verdict(result: Result) -> tuple[str, str]:
    report = json.loads(result.stdout)
    assert set(report) == {"verdict", "checks", "document"}
    return report["verdict"]["data"], report["verdict"]["chip"]


def check(result: Result, name: str) -> tuple[str, str]:
    (found,) = (each for each in json.loads(result.stdout)["checks"] if each["name"] == name)
    return found["outcome"], found["reason"]


@asynccontextmanager
async def on_the_reader(pcscd: PrivatePcscd, specimen: Specimen) -> AsyncIterator[CardReader]:
    async with slot(pcscd) as device:
        device.insert(specimen.inserted())
        yield device


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_chip_of_each_protocol_is_read_and_judged(
    pcscd: PrivatePcscd, desk: Desk, profile: str
) -> None:
    specimen = genuine(_made(profile))
    async with on_the_reader(pcscd, specimen):
        done = await read(desk, specimen)
    chip, access = PROFILES[profile]
    assert verdict(done) == ("verified", chip), done.output
    assert done.exit_code == 0
    assert check(done, "access") == ("passed", access)
    assert check(done, "printed_mrz") == ("passed", "zones_agree")
    phases = [line.split()[0] for line in done.stderr.splitlines() if "APDUs" in line]
    assert phases[:2] == ["card_access", "access_control"]
    assert phases[-1] == "face"
    secrets = (specimen.document.page.number, specimen.document.holder.surname)
    assert not [secret for secret in secrets if secret in done.output]


async def test_a_mapping_that_nobody_vouches_for_is_followed_by_chip_authentication(
    pcscd: PrivatePcscd, desk: Desk
) -> None:
    made = changed(_made("pace-cam"), chip_authentication=[{}])
    specimen = genuine(made)
    specimen = replace(specimen, chip=by_a_stranger(specimen.chip, made))
    async with on_the_reader(pcscd, specimen):
        done = await read(desk, specimen)
    assert check(done, "card_security")[0] == "inconclusive"
    assert check(done, "chip_authentication") == ("passed", "chip_proved_its_key")
    assert (verdict(done), done.exit_code) == (("verified", "genuine"), 0)


async def test_a_card_access_number_opens_the_chip_and_compares_nothing(
    pcscd: PrivatePcscd, desk: Desk
) -> None:
    specimen = genuine(_made("full"))
    async with on_the_reader(pcscd, specimen):
        done = await read(desk, specimen, "--can-file", desk.can(specimen.document), "--personal")
    assert (verdict(done), done.exit_code) == (("verified", "genuine"), 0)
    assert check(done, "printed_mrz") == ("not_performed", "no_printed_zone")
    assert json.loads(done.stdout)["document"]["mrz"] == list(specimen.document.mrz)


@pytest.mark.parametrize(
    ("name", "data", "chip"),
    [
        ("clone", "verified", "failed"),
        ("downgraded_pace", "verified", "failed"),
        ("swapped_dg1", "failed", "not_proved"),
    ],
)
async def test_an_attack_ends_with_a_finding(
    pcscd: PrivatePcscd, desk: Desk, name: str, data: str, chip: str
) -> None:
    specimen = attacks()[name].make(_made("full"))
    async with on_the_reader(pcscd, specimen):
        done = await read(desk, specimen)
    assert (verdict(done), done.exit_code) == ((data, chip), 1)


async def test_a_genuine_chip_of_another_page_is_a_finding(pcscd: PrivatePcscd, desk: Desk) -> None:
    specimen = genuine(_made("full"))
    first, second = specimen.document.mrz
    async with on_the_reader(pcscd, specimen):
        zone = desk.folder / "page.txt"
        zone.write_text(f"{first[:5]}X{first[6:]}\n{second}")
        trust = desk.trust(specimen)
        done = await asyncio.to_thread(run, "--reader", FIRST_SLOT, "--mrz", zone, "--trust", trust, "--json")
    assert check(done, "printed_mrz") == ("failed", "zones_differ")
    assert (verdict(done), done.exit_code) == (("verified", "genuine"), 1)


async def test_another_documents_page_opens_nothing_and_says_whose_fault_it_is(
    pcscd: PrivatePcscd, desk: Desk
) -> None:
    specimen = genuine(_made("pace-gm"))
    other = desk.zone(document("pace-gm", SMALL | {"page": {"number": "OTHER0001", "lines": ()}}))
    async with on_the_reader(pcscd, specimen):
        done = await asyncio.to_thread(run, "--reader", FIRST_SLOT, "--mrz", other, "--json")
    assert done.exit_code == 1
    assert "does not take this key" in done.stderr
    assert check(done, "reading") == ("inconclusive", "key_refused")
    assert verdict(done) == ("not_verifiable", "not_proved")


async def test_a_chip_torn_away_in_mid_file_is_read_on_when_it_is_back(
    pcscd: PrivatePcscd, desk: Desk
) -> None:
    torn = replace(genuine(_made("full")), faults=(Fault(FaultName.TORN, "read:DG2", nth=2),))
    async with on_the_reader(pcscd, torn):
        done = await read(desk, torn)
    assert "the chip was lost" in done.stderr
    assert (verdict(done), done.exit_code) == (("verified", "genuine"), 0)


async def test_a_document_taken_away_for_good_is_never_genuine(pcscd: PrivatePcscd, desk: Desk) -> None:
    specimen = replace(genuine(_made("full")), faults=(Fault(FaultName.TORN, "read:DG2", nth=2),))
    async with on_the_reader(pcscd, specimen) as device:
        reading = asyncio.create_task(read(desk, specimen))
        while not device.holds_card:
            await asyncio.sleep(0.01)
        while device.holds_card:
            await asyncio.sleep(0.001)
        device.remove()
        done = await reading
    assert done.exit_code == 1
    assert "taken away" in done.stderr
    assert check(done, "reading") == ("inconclusive", "tag_lost")
    assert verdict(done)[1] == "not_proved"


async def test_two_documents_are_nobodys_reading(pcscd: PrivatePcscd, desk: Desk) -> None:
    specimen = genuine(_made("full"))
    async with on_the_reader(pcscd, specimen), slot(pcscd, 1) as second:
        second.insert(sealed_passport())
        while not second.holds_card:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(run, "--reader", "01$", "--mrz", desk.zone(specimen.document))  # it is seen
        done = await read(desk, specimen)
    assert done.exit_code == 1
    assert check(done, "reading") == ("inconclusive", "two_cards")
    assert "another slot" in done.stderr


async def test_a_card_that_is_another_one_at_the_end_is_never_genuine(
    pcscd: PrivatePcscd, desk: Desk
) -> None:
    other = Fault(FaultName.OTHER_CARD, "read:DG2", times=0)
    specimen = replace(genuine(_made("full")), faults=(other,))
    async with on_the_reader(pcscd, specimen):
        done = await read(desk, specimen)
    assert done.exit_code == 1
    assert check(done, "reading") == ("inconclusive", "two_cards")
    assert verdict(done) == ("verified", "not_proved")


async def test_a_pcscd_that_is_killed_is_told_and_its_successor_reads(
    pcscd: PrivatePcscd, desk: Desk
) -> None:
    specimen = genuine(_made("full"))
    async with on_the_reader(pcscd, specimen) as device:
        device.set_fault("slow", True)
        reading = asyncio.create_task(read(desk, specimen))
        while len(device.transcript.entries()) < 20:
            await asyncio.sleep(0.01)
        await pcscd.kill()
        done = await reading
        assert done.exit_code == 3
        assert done.stdout == ""
        assert "pcscd" in done.stderr
        assert (await read(desk, specimen)).exit_code == 3
        device.set_fault("slow", False)
        await pcscd.start()
        done = await read(desk, specimen)
        assert (verdict(done), done.exit_code) == (("verified", "genuine"), 0)


async def test_four_readers_read_at_once(pcscd: PrivatePcscd, tmp_path: Path) -> None:
    await pcscd.stop()
    readers = [VirtualReader(f"Lane {number}", free_reader_port()) for number in range(4)]
    four = PrivatePcscd(pcscd.folder, readers)
    await four.start()
    devices = [CardReader(reader.name, reader.port) for reader in readers]
    try:
        processes: list[asyncio.subprocess.Process] = []
        for number, (profile, device) in enumerate(zip(list(PROFILES)[-4:], devices, strict=True)):
            specimen, own = genuine(_made(profile)), Desk(tmp_path / str(number))
            own.folder.mkdir()
            await device.start()
            device.insert(specimen.inserted())
            zone, trust = own.zone(specimen.document), own.trust(specimen)
            processes.append(
                await _process("--reader", f"Lane {number} .*00$", "--mrz", zone, "--trust", trust, "--json")
            )
        for process in processes:
            said, problem = await process.communicate()
            assert process.returncode == 0, problem
            assert json.loads(said)["verdict"] == {"data": "verified", "chip": "genuine"}
    finally:
        for device in devices:
            await device.stop()
        await four.stop()
        for number in range(1, 4):
            (pcscd.folder / "reader.conf.d" / f"vpcd{number}").unlink()


async def _process(*arguments: object) -> asyncio.subprocess.Process:
    """The command in a process of its own."""
    start: Sequence[str] = (sys.executable, "-m", "lane_controller.cli", "read-chip", *map(str, arguments))
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*start, stdout=pipe, stderr=pipe, env=dict(os.environ))


async def test_what_is_no_document_or_not_there_is_told(
    pcscd: PrivatePcscd, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chip_slot, "WAIT_S", 0.2)
    zone = desk.zone(_made("full"))

    async def told(*arguments: object) -> tuple[int, str]:
        done = await asyncio.to_thread(run, *arguments, "--mrz", zone)
        return done.exit_code, done.stderr

    code, said = await told("--reader", FIRST_SLOT)
    assert code == 3
    assert "no document came onto Lane Passport 00 00" in said
    code, said = await told("--reader", "Nobody's")
    assert code == 3
    assert 'no reader with name like "Nobody\'s"; there is: Lane Passport 00 00' in said
    code, said = await told()
    assert code == 3
    assert "2 readers fit" in said
    monkeypatch.undo()
    async with slot(pcscd) as device:
        device.insert(other_card())
        code, said = await told("--reader", FIRST_SLOT)
        assert code == 1
        assert "no travel document" in said


def test_the_key_never_comes_from_the_command_line(desk: Desk) -> None:
    for arguments in (("--mrz", "\n".join(_made("full").mrz)), ("--can-file", "314159")):
        done = run(*arguments)
        assert done.exit_code == 2
        assert "WARNING" in done.stderr
        assert not [secret for secret in (_made("full").page.number, "314159") if secret in done.output]


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        ((), None, "either --mrz FILE or --can-file FILE"),
        (("--mrz", "-", "--can-file", "-"), "", "either --mrz FILE or --can-file FILE"),
        (("--mrz", "-"), "hello", "no machine-readable zone"),
        (("--mrz", "no-such-file"), None, "no-such-file: cannot be read: No such file"),
        (("--can-file", "-"), "12345", "standard input: the card access number is not six digits"),
        (("--can-file", "-", "--reader", "("), "123456", "no regular expression"),
        (("--can-file", "-", "--trust", "no-such-folder"), "123456", "no-such-folder"),
        (("--mrz", "-"), "\0" * 5000, "over 4096 bytes"),
        (("--mrz", "-"), "wrong digit", "check digit of birth does not hold"),
    ],
)
def test_what_is_of_no_use_is_told(arguments: tuple[Any, ...], given: str | None, said: str) -> None:
    if given == "wrong digit":
        first, second = _made("full").mrz
        given = f"{first}\n{second[:19]}{(int(second[19]) + 1) % 10}{second[20:]}"
    done = run(*arguments, given=given)
    assert done.exit_code == 2
    assert said in done.stderr
