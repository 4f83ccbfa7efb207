"""The swipe reader's promises, over a pty and over TCP, and its framing byte by byte."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import mrz
from drivers.document_reader import MrzRead, Unreadable
from drivers.document_reader.mrz_framing import FRAME_BYTES_MAX, FramingOptions, MrzFramer
from drivers.document_reader.mrz_swipe import Driver, MrzSwipeOptions
from drivers.errors import DeviceUnavailable
from simulators.document_reader.swipe import Settings, SwipeReader, swipe_bytes
from simulators.serial_line import PtyLine, TcpLine

TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
VISA = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
ZONES = [TD3, TD1, TD2, VISA]


@asynccontextmanager
async def swiped(
    line: PtyLine | TcpLine | None = None, settings: Settings | None = None, **options: object
) -> AsyncIterator[tuple[SwipeReader, Driver, AsyncIterator[MrzRead | Unreadable]]]:
    """A simulated reader, the driver open on it, and its readings."""
    device = SwipeReader("slot", line or PtyLine(), settings)
    await device.start()
    driver = Driver(
        "reader", MrzSwipeOptions.model_validate({"port": device.address, "idle_s": 0.05} | options)
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


@pytest.mark.parametrize("line", [PtyLine, TcpLine])
async def test_every_format_is_read_whole(line: type[PtyLine] | type[TcpLine]):
    async with swiped(line()) as (device, _, readings):
        for zone in ZONES:
            device.present(zone)
            reading = await first(readings)
            assert isinstance(reading, MrzRead)
            assert reading.lines == zone
            assert mrz.parse(reading.lines).status is mrz.Status.VERIFIED


async def test_a_reader_that_sends_no_terminator_is_read_when_it_falls_silent():
    async with swiped(settings=Settings(separator_at_end=False)) as (device, _, readings):
        device.present(TD3)
        reading = await first(readings)
        assert isinstance(reading, MrzRead)
        assert len(reading.raw) == 89


async def test_prefix_separator_and_suffix_come_from_the_options():
    settings = Settings(prefix=b"\x02", separator=b"\r\n", suffix=b"\x03")
    options = {"prefix": "\x02", "separator": "CRLF", "suffix": "\x03"}
    async with swiped(settings=settings, **options) as (device, _, readings):
        device.present(TD1)
        reading = await first(readings)
        assert isinstance(reading, MrzRead)
        assert reading.lines == TD1


@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        ("half_swipe", {"too_short"}),
        ("lost_characters", {"bad_lines"}),
        ("garbled_bytes", {"bad_bytes"}),
        ("wrong_separator", {"wrong_separator"}),
    ],
)
async def test_a_bad_swipe_is_unreadable_with_its_reason_and_the_next_one_is_read(
    fault: str, reasons: set[str]
):
    async with swiped() as (device, _, readings):
        device.set_fault(fault, True)
        device.present(TD3)
        reading = await first(readings)
        assert isinstance(reading, Unreadable)
        assert reading.reason in reasons
        device.set_fault(fault, False)
        device.present(TD3)
        reading = await first(readings)
        assert isinstance(reading, MrzRead)
        assert reading.lines == TD3


async def test_a_swipe_without_the_configured_suffix_is_never_a_zone():
    async with swiped(settings=Settings(suffix=b"\x03"), suffix="\x03") as (device, _, readings):
        device.set_fault("no_suffix", True)
        device.present(TD3)
        assert (await first(readings)) == Unreadable("no_suffix", swipe_bytes(TD3, Settings()))


@pytest.mark.parametrize("line", [PtyLine, TcpLine])
async def test_a_pulled_cable_is_unavailable_and_the_reader_comes_back(line: type[PtyLine] | type[TcpLine]):
    async with swiped(line()) as (device, driver, readings):
        waiting = asyncio.ensure_future(anext(readings))
        await asyncio.sleep(0)
        await device.stop()
        with pytest.raises(DeviceUnavailable, match="reader: "):
            async with asyncio.timeout(5):
                await waiting
        await driver.close()
        await driver.close()
        with pytest.raises(DeviceUnavailable):
            await driver.open()
        await device.start()
        again = Driver("reader", MrzSwipeOptions(port=device.address, idle_s=0.05))
        await again.open()
        device.present(TD3)
        assert isinstance(await first(again.readings()), MrzRead)
        await again.close()


async def test_a_flood_costs_no_more_than_one_reading_and_ends_with_the_next_silence():
    async with swiped() as (device, _, readings):
        device.send(b"A" * 4000)
        reading = await first(readings)
        assert isinstance(reading, Unreadable)
        assert reading.reason == "too_long"
        assert len(reading.raw) == FRAME_BYTES_MAX
        # The next swipe comes after the flood's silence, which the driver tells by its own clock.
        waiting = asyncio.ensure_future(first(readings))
        await asyncio.sleep(0.15)
        device.present(TD3)
        reading = await waiting
        assert isinstance(reading, MrzRead)


async def test_after_any_noise_on_the_line_the_next_swipe_is_read():
    draw = random.Random(3)
    async with swiped() as (device, _, readings):
        seen: list[MrzRead | Unreadable] = []

        async def collect() -> MrzRead:
            async for reading in readings:
                if isinstance(reading, MrzRead):
                    return reading
                seen.append(reading)
            raise AssertionError("the readings ended")

        collecting = asyncio.create_task(collect())
        for _ in range(8):
            device.send(draw.randbytes(draw.randrange(1, 600)))
            await asyncio.sleep(0.06)
        await asyncio.sleep(0.15)
        device.present(TD3)
        async with asyncio.timeout(5):
            reading = await collecting
        assert seen
        assert reading.lines == TD3


def zone_framings() -> st.SearchStrategy[Settings]:
    return st.builds(
        Settings,
        prefix=st.sampled_from([b"", b"\x02", b"MRZ:"]),
        separator=st.sampled_from([b"\r", b"\n", b"\r\n"]),
        separator_at_end=st.booleans(),
        suffix=st.sampled_from([b"", b"\x03", b"\x03\x04"]),
    )


def framer_for(settings: Settings) -> MrzFramer:
    names = {b"\r": "CR", b"\n": "LF", b"\r\n": "CRLF"}
    return MrzFramer(
        FramingOptions(
            prefix=settings.prefix.decode(),
            separator=names[settings.separator],
            suffix=settings.suffix.decode(),
        )
    )


@given(zone_framings(), st.sampled_from(ZONES), st.data())
def test_a_swipe_is_the_same_however_the_line_cuts_it(
    settings: Settings, zone: tuple[str, ...], data: st.DataObject
):
    sent = swipe_bytes(zone, settings)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(sent) - 1), max_size=6)))
    framer = framer_for(settings)
    readings = [r for a, b in pairwise([0, *cuts, len(sent)]) for r in framer.feed(sent[a:b])]
    readings += framer.idle()
    assert [reading.lines for reading in readings if isinstance(reading, MrzRead)] == [zone]
    assert len(readings) == 1


@given(
    zone_framings().filter(lambda s: s.separator_at_end or s.suffix),
    st.lists(st.sampled_from(ZONES), max_size=4),
)
def test_swipes_in_one_read_come_out_one_by_one(settings: Settings, zones: list[tuple[str, ...]]):
    framer = framer_for(settings)
    readings = framer.feed(b"".join(swipe_bytes(zone, settings) for zone in zones)) + framer.idle()
    assert [reading.lines for reading in readings if isinstance(reading, MrzRead)] == zones


@given(st.sampled_from(ZONES), st.integers(0, 88), st.integers(1, 255))
def test_a_damaged_byte_is_never_another_zone_that_holds(zone: tuple[str, ...], place: int, flip: int):
    sent = bytearray(swipe_bytes(zone, Settings()))
    sent[place % len(sent)] ^= flip
    framer = framer_for(Settings())
    for reading in framer.feed(bytes(sent)) + framer.idle():
        if isinstance(reading, MrzRead):
            assert len(reading.lines) == len(zone)
            assert sum(a != b for a, b in zip("".join(reading.lines), "".join(zone), strict=True)) <= 1


@given(st.lists(st.binary(max_size=300), max_size=8), zone_framings())
def test_any_bytes_give_readings_and_hold_bounded_memory(chunks: list[bytes], settings: Settings):
    framer = framer_for(settings)
    for chunk in chunks:
        for reading in framer.feed(chunk):
            assert isinstance(reading, MrzRead | Unreadable)
            assert len(reading.raw) <= FRAME_BYTES_MAX
    framer.idle()
    assert not framer.pending
    sent = swipe_bytes(TD3, settings)
    readings = framer.feed(sent) + framer.idle()
    assert [reading.lines for reading in readings if isinstance(reading, MrzRead)] == [TD3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"suffix": "\r"}, "leave it empty"),
        ({"separator": "CRLF", "suffix": "\n"}, "leave it empty"),
        ({"prefix": "ж"}, "ASCII"),
        ({"idle_s": 60}, "less than or equal to 5"),
        ({"separator": "TAB"}, "CR"),
    ],
)
def test_an_option_that_cannot_work_is_refused_with_what_to_do(options: dict[str, object], message: str):
    with pytest.raises(ValidationError, match=message):
        FramingOptions.model_validate(options)
