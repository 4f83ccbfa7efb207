"""The keyboard wedge's promises, on a FIFO of real input events."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.document_reader import MrzRead, Unreadable
from drivers.document_reader.input_events import LOST, RECORD, KeyDecoder
from drivers.document_reader.keyboard_wedge import Driver, KeyboardWedgeOptions
from drivers.errors import DeviceRefused, DeviceUnavailable
from simulators.document_reader.wedge import KeyboardWedge, typed_bytes

TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")


@asynccontextmanager
async def typed(
    path: Path, **options: object
) -> AsyncIterator[tuple[KeyboardWedge, Driver, AsyncIterator[MrzRead | Unreadable]]]:
    device = KeyboardWedge("wedge", path / "event0")
    await device.start()
    driver = Driver(
        "wedge", KeyboardWedgeOptions.model_validate({"path": device.address, "idle_s": 0.05} | options)
    )
    await driver.open()
    readings = driver.readings()
    try:
        yield device, driver, readings
    finally:
        await readings.aclose()
        await driver.close()
        await device.stop()


async def first(readings: AsyncIterator[MrzRead | Unreadable]) -> MrzRead | Unreadable:
    async with asyncio.timeout(5):
        return await anext(readings)


async def test_what_is_typed_is_read_whole(tmp_path: Path):
    async with typed(tmp_path) as (device, _, readings):
        for zone in (TD3, TD1, TD3):
            device.present(zone)
            reading = await first(readings)
            assert isinstance(reading, MrzRead)
            assert reading.lines == zone


@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        ("half_swipe", {"too_short"}),
        ("wrong_layout", {"wrong_layout"}),
        ("keys_lost", {"keys_lost"}),
        ("garbled_bytes", {"keys_lost", "bad_lines", "bad_bytes", "too_short"}),
    ],
)
async def test_a_spoilt_swipe_is_unreadable_with_its_reason_and_the_next_one_is_read(
    tmp_path: Path, fault: str, reasons: set[str]
):
    async with typed(tmp_path) as (device, _, readings):
        device.set_fault(fault, True)
        device.present(TD3)
        reading = await first(readings)
        assert isinstance(reading, Unreadable)
        assert reading.reason in reasons
        device.set_fault(fault, False)
        # The driver tells the end of the spoilt swipe by a silence on its own clock.
        waiting = asyncio.ensure_future(first(readings))
        await asyncio.sleep(0.15)
        device.present(TD3)
        while not isinstance(reading := await waiting, MrzRead):
            waiting = asyncio.ensure_future(first(readings))
        assert reading.lines == TD3


async def test_after_any_records_the_next_swipe_is_read(tmp_path: Path):
    draw = random.Random(5)
    async with typed(tmp_path) as (device, _, readings):
        seen: list[MrzRead | Unreadable] = []

        async def collect() -> MrzRead:
            async for reading in readings:
                if isinstance(reading, MrzRead):
                    return reading
                seen.append(reading)
            raise AssertionError("the readings ended")

        collecting = asyncio.create_task(collect())
        for _ in range(8):
            device.send(draw.randbytes(draw.randrange(24, 600)))
            await asyncio.sleep(0.06)
        await asyncio.sleep(0.15)
        device.present(TD3)
        async with asyncio.timeout(5):
            reading = await collecting
        assert seen
        assert reading.lines == TD3


async def test_an_unplugged_reader_is_unavailable_and_comes_back(tmp_path: Path):
    async with typed(tmp_path) as (device, driver, readings):
        waiting = asyncio.ensure_future(anext(readings))
        await asyncio.sleep(0)
        await device.stop()
        with pytest.raises(DeviceUnavailable, match="is it plugged in"):
            async with asyncio.timeout(5):
                await waiting
        with pytest.raises(DeviceUnavailable, match="is not there"):
            await driver.open()
        await device.start()
        await driver.open()
        device.present(TD3)
        assert isinstance(await first(driver.readings()), MrzRead)


async def test_a_path_that_is_no_input_device_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path):
        driver = Driver("wedge", KeyboardWedgeOptions(path=str(path)))
        with pytest.raises(DeviceRefused, match="no input device"):
            await driver.open()
        await driver.close()
    driver = Driver("wedge", KeyboardWedgeOptions(path="/dev/null"))
    with pytest.raises(DeviceRefused, match="no input device"):
        await driver.open()


async def test_closing_while_a_reading_is_awaited_ends_it(tmp_path: Path):
    async with typed(tmp_path) as (_, driver, readings):
        waiting = asyncio.ensure_future(anext(readings))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await driver.close()
        await driver.close()


MRZ_TEXT = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<\r", max_size=60)


@given(MRZ_TEXT, st.data())
def test_keys_are_the_same_however_the_records_are_cut(text: str, data: st.DataObject):
    records = typed_bytes(text)
    cut = data.draw(st.integers(0, len(records)))
    decoder = KeyDecoder()
    assert decoder.feed(records[:cut]) + decoder.feed(records[cut:]) == text.encode()
    assert not decoder.pending


@given(st.lists(st.binary(max_size=200), max_size=6), MRZ_TEXT)
def test_any_bytes_cost_less_than_a_record_and_the_next_swipe_is_read(chunks: list[bytes], text: str):
    decoder = KeyDecoder()
    for chunk in chunks:
        decoder.feed(chunk)
        assert len(decoder._rest) < RECORD.size
    decoder.reset()
    assert decoder.feed(typed_bytes(text)) == text.encode()


def test_repeated_keys_and_releases_type_nothing_and_lost_events_leave_a_mark():
    press = RECORD.pack(0, 0, 1, 30, 1)
    repeat = RECORD.pack(0, 0, 1, 30, 2)
    release = RECORD.pack(0, 0, 1, 30, 0)
    dropped = RECORD.pack(0, 0, 0, 3, 0)
    assert KeyDecoder().feed(press + repeat * 5 + release + dropped) == b"A" + LOST


def test_the_simulated_fifo_never_blocks_when_nobody_reads(tmp_path: Path):
    async def flood() -> int:
        device = KeyboardWedge("wedge", tmp_path / "event0")
        await device.start()
        for _ in range(20):
            device.present(TD3)
        lost = device.lost_bytes
        await device.stop()
        return lost

    assert asyncio.run(flood()) > 0
    assert not os.path.exists(tmp_path / "event0")
