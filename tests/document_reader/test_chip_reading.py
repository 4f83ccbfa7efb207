"""Chips read and judged through a real pcscd: whose they are, what they hold, and whatever ends a reading."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest

from drivers.document_reader import CardInserted, CardRemoved
from drivers.document_reader.chip_print import compare
from drivers.document_reader.chips import ChipInspected, ChipReading, ChipTerms, ChipUnread, PrintedZone
from drivers.document_reader.pcsc import Driver, PcscOptions
from drivers.emrtd.check import Outcome
from drivers.emrtd.trust_store import TrustStore
from drivers.emrtd.verdict import ChipVerdict
from drivers.errors import DeviceUnavailable
from simulators.card.attacks.copies import clone
from simulators.card.attacks.specimen import Specimen, genuine
from simulators.card.document import Document
from simulators.card.faults import Fault, FaultName
from simulators.card.pcscd import PrivatePcscd, VirtualReader, free_reader_port
from simulators.card.profiles import travellers_document
from simulators.card.reader import CardReader
from simulators.card.sealed import other_card
from simulators.card.trust import trust_files
from simulators.people import Traveller, traveller
from tests.chip.judging import trust_of
from tests.document_reader.test_pcsc import following, slot

DAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOLDER: Traveller = traveller(random.Random(5), DAY, papers="passport-chip")
PAGE = PrintedZone(HOLDER.document.lines, DAY)


CHIP = {"pace-cam": "genuine", "pace-im": "genuine", "bac": "not_proved"}
"""What a profile's chip proves: basic access control alone has no key of its own."""


@cache
def document(profile: str = "pace-im") -> Document:
    return travellers_document(profile, HOLDER)


@cache
def trust() -> TrustStore:
    files = {name: data for each in CHIP for name, data in trust_files(document(each), DAY).items()}
    return trust_of(files, DAY)


def terms(**seconds: float) -> ChipTerms:
    return ChipTerms(**({"trust": trust(), "at": NOON, "wait_s": 6.0, "read_s": 15.0} | seconds))


@asynccontextmanager
async def reading(reader: str = r"\b00$") -> AsyncIterator[Driver]:
    """The driver, with its supervisor's part played."""
    driver = Driver("chip", PcscOptions(reader=reader))
    await driver.open()
    readings = driver.readings()

    async def follow() -> None:
        async for _ in readings:
            pass

    task = asyncio.create_task(follow())
    try:
        yield driver
    finally:
        task.cancel()
        await asyncio.wait({task})
        await readings.aclose()
        await driver.close()


def outcome(found: ChipReading, name: str) -> tuple[Outcome, str]:
    assert isinstance(found, ChipInspected)
    return next((each.outcome, each.reason) for each in found.verdict.checks if each.name == name)


@pytest.mark.parametrize("profile", CHIP)
async def test_a_travellers_chip_is_read_and_judged_against_the_page(pcscd: PrivatePcscd, profile: str):
    async with slot(pcscd) as device, reading() as driver:
        asked = asyncio.create_task(driver.read_chip(PAGE, terms()))
        device.insert(genuine(document(profile)).inserted())
        found = await asked
        assert isinstance(found, ChipInspected)
        assert str(found.verdict.data) == "verified"
        assert str(found.verdict.chip) == CHIP[profile]
        assert (found.lines, found.differs) == (HOLDER.document.lines, ())
        assert outcome(found, "printed_mrz") == (Outcome.PASSED, "zones_agree")
        assert outcome(found, "access")[1].startswith(profile.partition("-")[0])
        assert found.portrait.startswith(b"\xff\xd8\xff")
        assert HOLDER.surname not in repr(found)
        # The same page may ask again; another one's chip it is not, before it was taken away.
        assert isinstance(await driver.read_chip(PAGE, terms()), ChipInspected)
        other = replace(PAGE, lines=traveller(random.Random(6), DAY).document.lines)
        assert await driver.read_chip(other, terms(wait_s=0.05)) == ChipUnread("no_chip")


async def test_a_clone_has_the_states_data_and_fails_as_a_chip(pcscd: PrivatePcscd):
    async with slot(pcscd) as device, reading() as driver:
        device.insert(clone(document()).inserted())
        found = await driver.read_chip(PAGE, terms())
        assert isinstance(found, ChipInspected)
        assert (str(found.verdict.data), str(found.verdict.chip)) == ("verified", "failed")
        assert outcome(found, "chip_authentication")[0] is Outcome.FAILED


def spoilt(*faults: Fault) -> Specimen:
    return replace(genuine(document()), faults=faults)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(FaultName.OTHER_CARD, "read:DG1", times=0), "two_cards"),
        (Fault(FaultName.FLIPPED_MAC, "read:EF.SOD", times=0), "chip_protocol_broken"),
        (Fault(FaultName.TORN, "read:DG1", times=0), "chip_lost"),
    ],
)
async def test_what_no_good_chip_does_ends_the_reading_with_its_name(
    pcscd: PrivatePcscd, fault: Fault, reason: str
):
    async with slot(pcscd) as device, reading() as driver:
        device.insert(spoilt(fault).inserted())
        assert await driver.read_chip(PAGE, terms(read_s=30.0)) == ChipUnread(reason)


async def test_a_chip_that_slid_out_of_the_field_once_is_read_all_the_same(pcscd: PrivatePcscd):
    async with slot(pcscd) as device, reading() as driver:
        device.insert(spoilt(Fault(FaultName.TORN, "read:DG2", nth=2)).inserted())
        found = await driver.read_chip(PAGE, terms())
        assert isinstance(found, ChipInspected)
        assert found.verdict.chip is ChipVerdict.GENUINE


async def test_a_second_passport_in_the_readers_other_slot_is_two_cards(pcscd: PrivatePcscd):
    async with slot(pcscd) as device, slot(pcscd, 1) as second, reading() as driver, reading("01$") as other:
        second.insert()
        await other.read_chip(PAGE, terms(wait_s=5.0))  # until pcscd has seen it
        device.insert(genuine(document()).inserted())
        assert await driver.read_chip(PAGE, terms()) == ChipUnread("two_cards")


async def test_what_is_no_chip_of_this_page_is_told_as_what_it_is(pcscd: PrivatePcscd):
    async with slot(pcscd) as device, reading() as driver:
        assert await driver.read_chip(PAGE, terms(wait_s=0.05)) == ChipUnread("no_chip")
        device.insert(other_card())
        async with asyncio.timeout(8):
            while not driver._field.present:
                await asyncio.sleep(0.01)
        assert await driver.read_chip(PAGE, terms(wait_s=0.05)) == ChipUnread("no_emrtd")
        device.insert(genuine(document()).inserted())
        other = replace(PAGE, lines=traveller(random.Random(6), DAY).document.lines)
        assert await driver.read_chip(other, terms()) == ChipUnread("chip_refused_page")
        no_zone = replace(PAGE, lines=("NONSENSE",))
        device.insert(genuine(document()).inserted())
        assert await driver.read_chip(no_zone, terms()) == ChipUnread("chip_no_key")


async def test_a_reading_that_takes_too_long_or_is_not_wanted_any_more_lets_the_card_go(pcscd: PrivatePcscd):
    async with slot(pcscd) as device, reading() as driver:
        device.set_fault("slow", True)
        device.insert(genuine(document()).inserted())
        assert await driver.read_chip(PAGE, terms(read_s=0.5)) == ChipUnread("chip_too_slow")
        unwanted = asyncio.create_task(driver.read_chip(PAGE, terms()))
        async with asyncio.timeout(8):
            while driver._idle.is_set():
                await asyncio.sleep(0.01)
            unwanted.cancel()
            await driver._idle.wait()
            while any(one.name == "chip-card" for one in threading.enumerate()):
                await asyncio.sleep(0.01)


async def test_a_pcscd_that_dies_ends_the_reading_and_a_new_one_reads_on(pcscd: PrivatePcscd):
    async with slot(pcscd) as device:
        driver = Driver("chip", PcscOptions(reader="00$"))
        await driver.open()
        readings = driver.readings()
        device.set_fault("slow", True)
        device.insert(genuine(document()).inserted())
        assert isinstance(await following(readings), CardInserted)
        asked = asyncio.create_task(driver.read_chip(PAGE, terms()))
        while driver._idle.is_set():
            await asyncio.sleep(0.01)
        await pcscd.kill()
        assert await asked == ChipUnread("chip_reader_lost")
        with pytest.raises(DeviceUnavailable):
            await following(readings)
        device.set_fault("slow", False)
        await pcscd.start()
        await driver.open()
        again = driver.readings()
        assert isinstance(await following(again), CardRemoved)
        assert isinstance(await following(again), CardInserted)
        assert isinstance(await driver.read_chip(PAGE, terms()), ChipInspected)
        await again.aclose()
        await driver.close()


async def test_four_readers_read_at_once(pcscd: PrivatePcscd):
    await pcscd.stop()
    readers = [VirtualReader(f"Lane {number}", free_reader_port()) for number in range(4)]
    four = PrivatePcscd(pcscd.folder, readers)
    await four.start()
    devices = [CardReader(reader.name, reader.port) for reader in readers]
    try:
        for device in devices:
            await device.start()
            device.insert(genuine(document()).inserted())
        async with (
            reading("Lane 0 .*00$") as a,
            reading("Lane 1 .*00$") as b,
            reading("Lane 2 .*00$") as c,
            reading("Lane 3 .*00$") as d,
        ):
            asked = [driver.read_chip(PAGE, terms(wait_s=15.0, read_s=30.0)) for driver in (a, b, c, d)]
            for found in await asyncio.gather(*asked):
                assert isinstance(found, ChipInspected)
                assert found.verdict.chip is ChipVerdict.GENUINE
    finally:
        for device in devices:
            await device.stop()
        await four.stop()


def test_each_field_of_the_page_is_compared_with_the_chip_in_every_character():
    lines = HOLDER.document.lines
    first, second = lines
    assert compare(PAGE, lines).outcome is Outcome.PASSED
    for line, column, field in (
        (0, 5, "names"),
        (1, 10, "nationality"),
        (1, 0, "number"),
        (1, 28, "optional_1"),
    ):
        text = list(lines)
        other = "X" if text[line][column] != "X" else "Y"
        text[line] = text[line][:column] + other + text[line][column + 1 :]
        check = compare(PAGE, tuple(text))
        assert (check.outcome, check.reason) == (Outcome.FAILED, "zones_differ")
        assert check.details["fields"] == [field]
        doubted = compare(replace(PAGE, doubtful=(field,)), tuple(text))
        assert (doubted.outcome, doubted.reason) == (Outcome.INCONCLUSIVE, "print_not_sure")
    digit = first, second[:43] + str((int(second[43]) + 1) % 10)
    assert compare(PAGE, digit).details["fields"] == ["check_digits"]
    assert (
        compare(PAGE, ("I<UTO" + "<" * 31, "D231458907UTO7408122F1204159<<<<<<<6")).reason == "formats_differ"
    )
    assert compare(PAGE, ("NONSENSE",)).reason == "zone_not_readable"
