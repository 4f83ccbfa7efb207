"""The PC/SC driver's promises, through a real pcscd and its virtual reader."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import ValidationError

from drivers.document_reader import CardInserted, CardRemoved, Unreadable, pcsc, pcsc_watcher
from drivers.document_reader.pcsc import Driver, PcscOptions
from drivers.document_reader.pcsc_service import ReaderStatus
from drivers.errors import DeviceRefused, DeviceTimeout, DeviceUnavailable
from simulators.card.behaviour import Behaviour
from simulators.card.pcscd import (
    UNSHARE,
    PrivatePcscd,
    VirtualReader,
    folder_for_this_process,
    free_reader_port,
)
from simulators.card.reader import CardReader
from simulators.card.sealed import other_card, sealed_passport

SLOT = "Lane Passport 00 00"
ATR = bytes.fromhex("3B80800101")
Reading = CardInserted | CardRemoved | Unreadable


@asynccontextmanager
async def slot(pcscd: PrivatePcscd, number: int = 0) -> AsyncIterator[CardReader]:
    device = CardReader(f"slot-{number}", pcscd.readers[0].port + number)
    await device.start()
    try:
        yield device
    finally:
        await device.stop()


@asynccontextmanager
async def opened(reader: str = r"\b00$") -> AsyncIterator[tuple[Driver, AsyncIterator[Reading]]]:
    driver = Driver("chip", PcscOptions(reader=reader))
    await driver.open()
    readings = driver.readings()
    try:
        yield driver, readings
    finally:
        await readings.aclose()
        await driver.close()


async def following(readings: AsyncIterator[Reading]) -> Reading:
    async with asyncio.timeout(8):
        return await anext(readings)


async def test_a_passport_shows_when_it_comes_and_when_it_goes(pcscd: PrivatePcscd):
    async with slot(pcscd) as device, opened() as (driver, readings):
        assert await driver.identify() == SLOT
        device.insert()
        assert await following(readings) == CardInserted(SLOT, ATR, True)
        device.remove()
        assert await following(readings) == CardRemoved(SLOT)
        # Another kind of card at once: the slot must not wedge.
        device.insert(other_card())
        assert await following(readings) == CardInserted(SLOT, ATR, False)


@pytest.fixture
def namespaces() -> None:
    if subprocess.run([*UNSHARE, "true"], capture_output=True).returncode:
        pytest.skip("user namespaces are not allowed here")


async def test_who_is_not_root_has_virtual_readers_too(namespaces: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("simulators.card.pcscd.os.geteuid", lambda: 1000)
    pcscd = PrivatePcscd(folder_for_this_process(), [VirtualReader("Lane Passport", free_reader_port())])
    await pcscd.start()
    try:
        async with slot(pcscd) as device, opened() as (_, readings):
            device.insert()
            assert await following(readings) == CardInserted(SLOT, ATR, True)
    finally:
        await pcscd.stop()


async def test_a_card_that_is_in_when_the_reader_is_opened_is_reported(pcscd: PrivatePcscd):
    async with slot(pcscd) as device:
        async with opened() as (_, readings):
            device.insert()
            assert isinstance(await following(readings), CardInserted)
        async with opened() as (_, readings):
            assert await following(readings) == CardInserted(SLOT, ATR, True)


async def test_a_card_that_was_in_when_the_reader_was_lost_is_told_removed(pcscd: PrivatePcscd):
    driver = Driver("chip", PcscOptions(reader=r"\b00$"))
    async with slot(pcscd) as device:
        await driver.open()
        readings = driver.readings()
        device.insert()
        assert isinstance(await following(readings), CardInserted)
        await readings.aclose()
        async with opened() as (_, others):
            assert isinstance(await following(others), CardInserted)
            device.remove()
            assert await following(others) == CardRemoved(SLOT)
        await driver.open()
        readings = driver.readings()
        try:
            assert await following(readings) == CardRemoved(SLOT)
            device.insert()
            assert await following(readings) == CardInserted(SLOT, ATR, True)
        finally:
            await readings.aclose()
            await driver.close()


async def test_a_card_put_in_the_place_of_another_is_both_removed_and_inserted(pcscd: PrivatePcscd):
    async with slot(pcscd) as device, opened() as (_, readings):
        device.insert()
        assert isinstance(await following(readings), CardInserted)
        historical = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")
        device.insert(sealed_passport(behaviour=Behaviour(atr=historical)))
        assert await following(readings) == CardRemoved(SLOT)
        inserted = await following(readings)
        assert isinstance(inserted, CardInserted)
        assert inserted.atr != ATR


async def test_a_card_changed_between_two_looks_shows_by_pcscds_count(pcscd: PrivatePcscd):
    async with slot(pcscd) as device, opened() as (driver, readings):
        device.insert()
        assert isinstance(await following(readings), CardInserted)
        assert driver._watcher
        # As SCardGetStatusChange says it: still present, but two more events than before.
        driver._watcher.changes.put_nowait(ReaderStatus(0x0003_0022, ATR))
        assert await following(readings) == CardRemoved(SLOT)
        assert await following(readings) == CardInserted(SLOT, ATR, True)


async def test_a_card_torn_away_while_it_is_selected_is_not_called_an_emrtd(pcscd: PrivatePcscd):
    async with slot(pcscd) as device, opened() as (_, readings):
        device.set_fault("torn_at_select", True)
        device.insert()
        assert await following(readings) == CardInserted(SLOT, ATR, None)
        assert await following(readings) == CardRemoved(SLOT)
        device.insert()
        assert await following(readings) == CardInserted(SLOT, ATR, True)


async def test_a_mute_card_blocks_its_own_slot_only_and_only_until_it_is_gone(
    pcscd: PrivatePcscd, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pcsc, "SELECT_S", 0.2)
    other = SLOT.replace("00 00", "00 01")
    async with (
        slot(pcscd) as device,
        slot(pcscd, 1) as second,
        opened() as (_, readings),
        opened("01$") as (_, seconds),
    ):
        device.set_fault("mute", True)
        device.insert()
        assert await following(readings) == CardInserted(SLOT, ATR, None)
        assert await following(readings) == Unreadable("card_mute", ATR)
        monkeypatch.setattr(pcsc, "SELECT_S", 3.0)
        second.insert()
        assert await following(seconds) == CardInserted(other, ATR, True)
        device.set_fault("mute", False)
        device.remove()
        assert await following(readings) == CardRemoved(SLOT)
        device.insert()
        assert await following(readings) == CardInserted(SLOT, ATR, True)


async def test_a_dead_pcscd_is_unavailable_and_a_new_one_is_used_after_opening_again(pcscd: PrivatePcscd):
    async with slot(pcscd) as device:
        driver = Driver("chip", PcscOptions(reader="00$"))
        await driver.open()
        readings = driver.readings()
        device.insert()
        assert isinstance(await following(readings), CardInserted)
        await pcscd.kill()
        with pytest.raises(DeviceUnavailable, match="is pcscd running"):
            await following(readings)
        await driver.close()
        with pytest.raises(DeviceUnavailable, match="is pcscd running"):
            await driver.open()
        await pcscd.start()
        await driver.open()
        again = driver.readings()
        assert await following(again) == CardRemoved(SLOT)
        assert await following(again) == CardInserted(SLOT, ATR, True)
        await again.aclose()
        await driver.close()


async def test_a_pcscd_that_hangs_is_a_timeout_and_costs_no_thread_a_try(
    pcscd: PrivatePcscd, monkeypatch: pytest.MonkeyPatch
):
    for module in (pcsc, pcsc_watcher):
        monkeypatch.setattr(module, "WATCH_S", 0.1)
    monkeypatch.setattr(pcsc_watcher, "STALLED_S", 0.3)
    async with opened() as (driver, readings):
        pcscd.signal(signal.SIGSTOP)
        try:
            with pytest.raises(DeviceTimeout, match="restart pcscd"):
                await following(readings)
            for _ in range(3):
                with pytest.raises(DeviceTimeout, match="does not answer"):
                    await driver.open()
        finally:
            pcscd.signal(signal.SIGCONT)


async def test_a_reader_that_is_not_there_is_unavailable_and_two_that_fit_are_refused(pcscd: PrivatePcscd):
    with pytest.raises(DeviceUnavailable, match='no reader with name like "Regula"; there is: Lane Passport'):
        await Driver("chip", PcscOptions(reader="Regula")).open()
    with pytest.raises(DeviceUnavailable, match="USB id 1C6A:7050"):
        await Driver("chip", PcscOptions(usb="1C6A:7050")).open()
    with pytest.raises(DeviceRefused, match="2 readers fit: Lane Passport 00 00, Lane Passport 00 01"):
        await Driver("chip", PcscOptions()).open()


async def test_closing_is_idempotent_and_ends_the_readings_of_nobody_else(pcscd: PrivatePcscd):
    async with slot(pcscd) as device, opened() as (_, readings):
        other = Driver("other", PcscOptions(reader="00$"))
        await other.close()
        await other.open()
        await other.close()
        await other.close()
        with pytest.raises(DeviceUnavailable):
            await anext(other.readings())
        device.insert()
        assert isinstance(await following(readings), CardInserted)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"reader": "("}, "no regular expression"), ({"usb": "1C6A-7050"}, "pattern"), ({"port": "x"}, "Extra")],
)
def test_an_option_that_cannot_work_is_refused(options: dict[str, str], message: str):
    with pytest.raises(ValidationError, match=message):
        PcscOptions.model_validate(options)
