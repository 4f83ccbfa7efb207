"""Readers that are there, are gone, and are there again, by pcscd's own list of them.

A virtual reader can't be plugged into a pcscd that runs (it takes hot-plugged readers from udev alone), so
here pcscd is started again with one reader more or fewer, which is what its clients see of a hub that loses
its power with the service restarted by systemd.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import pytest

from drivers.document_reader import CardInserted, CardRemoved
from drivers.document_reader.chips import ChipInspected, ChipUnread
from drivers.document_reader.pcsc import Driver, PcscOptions
from drivers.document_reader.pcsc_service import Context, PcscError
from drivers.errors import DeviceUnavailable
from simulators.card.attacks.specimen import genuine
from simulators.card.pcscd import PrivatePcscd, VirtualReader, free_reader_port
from simulators.card.reader import CardReader
from tests.document_reader.test_chip_reading import PAGE, document, terms
from tests.document_reader.test_pcsc import following


async def restarted(pcscd: PrivatePcscd, readers: Sequence[VirtualReader]) -> None:
    await pcscd.kill()
    pcscd.readers = tuple(readers)
    await pcscd.start()


async def test_a_reader_that_goes_in_mid_reading_is_lost_and_reads_again_once_it_is_back(
    pcscd: PrivatePcscd,
) -> None:
    first, second = pcscd.readers[0], VirtualReader("Lane Second", free_reader_port())
    device = CardReader("second", second.port)
    driver = Driver("chip", PcscOptions(reader="Second .*00$"))
    try:
        with pytest.raises(DeviceUnavailable, match='no reader with name like "Second'):
            await driver.open()
        await restarted(pcscd, [first, second])
        await device.start()
        await driver.open()
        async with aclosing(driver.readings()) as readings:
            device.set_fault("slow", True)
            device.insert(genuine(document()).inserted())
            assert isinstance(await following(readings), CardInserted)
            asked = asyncio.create_task(driver.read_chip(PAGE, terms(read_s=60.0)))
            await until_a_command(device)
            await restarted(pcscd, [first])
            assert await asked == ChipUnread("chip_reader_lost")
            with pytest.raises(DeviceUnavailable):
                await following(readings)
        with pytest.raises(DeviceUnavailable, match="there is: Lane Passport 00 00, Lane Passport 00 01"):
            await driver.open()
        device.set_fault("slow", False)
        await restarted(pcscd, [first, second])
        await driver.open()
        async with aclosing(driver.readings()) as readings:
            assert isinstance(await following(readings), CardRemoved)
            assert isinstance(await following(readings), CardInserted)
            found = await driver.read_chip(PAGE, terms(read_s=60.0))
            assert isinstance(found, ChipInspected)
            assert (str(found.verdict.data), str(found.verdict.chip)) == ("verified", "genuine")
    finally:
        await driver.close()
        await device.stop()


async def until_a_command(device: CardReader) -> None:
    """Until the reading, after its look at what was laid on, has asked the chip something."""
    said = len(device.transcript.entries())
    async with asyncio.timeout(8):
        while len(device.transcript.entries()) < said + 4:
            await asyncio.sleep(0.01)


async def test_a_reader_that_pcscd_does_not_know_any_more_is_told_from_a_dead_pcscd(
    pcscd: PrivatePcscd,
) -> None:
    context = Context()
    try:
        with pytest.raises(PcscError) as lost:
            await asyncio.to_thread(context.status, "Lane Second 01 00", 0, 0.1)
        assert lost.value.reader_gone
        assert not lost.value.service_gone
    finally:
        context.release()
