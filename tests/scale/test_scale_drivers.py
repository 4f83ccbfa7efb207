"""Each scale driver against its simulator on a real wire."""

import asyncio
import errno
from importlib.metadata import entry_points

import pydantic
import pytest

from drivers import stream
from drivers.errors import DeviceFault, DeviceRefused, DeviceTimeout, DeviceUnavailable, ProtocolError
from drivers.scale import Scale, WeightReading
from drivers.scale.toledo_continuous import Driver as Toledo
from drivers.scale.xk3190 import Driver as XKDriver
from drivers.scale.xk3190 import XK3190Options
from simulators.faults import Drop, Garble, HalfFrames
from simulators.serial_line import PtyLine, TcpLine

PROTOCOLS = ["xk3190", "toledo_continuous", "toledo_without_checksum", "mt_sics"]
every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS)


def at_rest(reading: WeightReading) -> bool:
    return reading.gross_kg is not None and reading.stable is not False


@every_protocol
async def test_a_lorry_on_the_deck_is_weighed(make_bench, protocol, transport):
    bench = await make_bench(protocol, transport)
    await bench.driver.open()
    bench.simulator.indicator.drive_on([7_000, 11_000, 7_300, 7_300, 7_400])
    seen: list[WeightReading] = []

    def weighed(reading: WeightReading) -> bool:
        seen.append(reading)
        return at_rest(reading) and abs(reading.gross_kg - 40_000) <= 20

    reading = await bench.first(weighed)
    assert reading.in_range
    assert reading.raw
    assert any(reading.stable is False for reading in seen), "it never moved"
    numbers = {reading.gross_kg for reading in seen if reading.gross_kg is not None}
    assert numbers <= bench.shown


@every_protocol
async def test_a_pulled_cable_is_a_lost_device_and_comes_back(make_bench, protocol, transport):
    bench = await make_bench(protocol, transport, setup="loaded")
    await bench.driver.open()
    await bench.first(at_rest)
    pulling = asyncio.create_task(bench.simulator.stop())
    with pytest.raises(DeviceUnavailable, match="scale: "):
        await bench.first(lambda _: False)
    await pulling
    with pytest.raises(DeviceUnavailable):
        await bench.driver.open()
    await bench.simulator.start()
    # A new pty has a new name, as a USB adapter put back may have; udev's symlink would keep it.
    if transport == "pty":
        bench.driver._settings = bench.driver._settings.model_copy(update={"port": bench.line.address})
    await bench.driver.open()
    assert abs((await bench.first(at_rest)).gross_kg - 38_260) <= 20


@every_protocol
async def test_an_indicator_switched_off_with_its_port_open_is_a_timeout(make_bench, protocol, transport):
    bench = await make_bench(protocol, transport, silent_s=0.15)
    await bench.driver.open()
    await bench.first(at_rest)
    bench.simulator.set_fault("off", True)
    with pytest.raises(DeviceTimeout, match="on"):
        await bench.first(lambda _: False)
    with pytest.raises(DeviceTimeout):
        await bench.driver.open()
    bench.simulator.set_fault("off", False)
    await bench.driver.open()
    await bench.first(at_rest)


@pytest.mark.parametrize("protocol", ["toledo_continuous", "mt_sics"])
async def test_an_indicator_in_setup_mode_is_a_fault(make_bench, protocol):
    bench = await make_bench(protocol, silent_s=0.15)
    await bench.driver.open()
    bench.simulator.set_fault("setup_mode", True)
    with pytest.raises(DeviceFault, match="without a weight"):
        await bench.first(lambda _: False)


@every_protocol
@pytest.mark.parametrize("seed", [1, 2])
async def test_no_wrong_weight_comes_through_a_bad_cable(make_bench, protocol, seed):
    faults = (
        Garble(probability=0.1, seed=seed),
        Drop(probability=0.05, seed=seed),
        HalfFrames(probability=0.3, gap_s=0.001, seed=seed),
        Drop(probability=0.05, length=12, seed=seed + 1),
    )
    bench = await make_bench(protocol, silent_s=5.0)
    await bench.driver.open()
    bench.line.set_faults(faults)
    bench.simulator.indicator.drive_on([7_000, 11_000, 7_300, 7_300, 7_400], over_s=12)
    numbers: list[float] = []
    good = 0

    def enough(reading: WeightReading) -> bool:
        nonlocal good
        good += 1
        if reading.gross_kg is not None:
            numbers.append(reading.gross_kg)
        return good >= 60 and reading.stable is not False and reading.gross_kg >= 39_980

    await bench.first(enough)
    assert all(any(abs(number - shown) <= 20 for shown in bench.shown) for number in numbers)
    assert bench.driver.dropped_frames > 3


@every_protocol
async def test_a_stream_of_garbage_is_quoted(protocol, make_bench):
    bench = await make_bench(protocol)
    port = PtyLine()
    await port.start(lambda _: None)
    bench.driver._settings = bench.driver._settings.model_copy(update={"port": port.address})

    async def babble() -> None:
        while True:
            port.send(b"=051.0700(kg)\x00\xff" * 8)
            await asyncio.sleep(0.002)

    babbling = asyncio.create_task(babble())
    try:
        with pytest.raises(ProtocolError, match=r"3[0-9d] ") as raised:
            await bench.driver.open()
        assert "baud" in raised.value.hint
    finally:
        babbling.cancel()
        await port.stop()


async def test_a_flood_of_good_frames_is_taken_at_the_consumers_pace(make_bench):
    bench = await make_bench("xk3190", "tcp", setup="loaded", simulator_options={"frames_per_s": 2000})
    await bench.driver.open()
    readings = bench.driver.readings()
    async with asyncio.timeout(10):
        for _ in range(200):
            assert (await anext(readings)).gross_kg in bench.shown
            await asyncio.sleep(0.002)
    assert len(bench.driver._reader._buffer) <= 2 * stream.BUFFER_BYTES + stream.CHUNK_BYTES
    await readings.aclose()


async def test_a_tared_toledo_gives_gross_net_and_tare(make_bench):
    bench = await make_bench("toledo_continuous", setup="tared")
    await bench.driver.open()
    reading = await bench.first(lambda reading: reading.stable is True)
    assert (reading.gross_kg, reading.net_kg, reading.tare_kg) == (38_260, 23_260, 15_000)


async def test_a_tared_terminal_gives_gross_net_and_tare(make_bench):
    bench = await make_bench("mt_sics", setup="tared")
    await bench.driver.open()
    reading = await bench.first(lambda reading: reading.stable is True)
    assert (reading.gross_kg, reading.net_kg, reading.tare_kg) == (38_260, 23_260, 15_000)


async def test_a_tare_key_pressed_between_two_questions_never_doubles_the_load(make_bench):
    bench = await make_bench("mt_sics")
    bench.simulator.indicator.rest(20_000)
    await bench.driver.open()
    answer = bench.simulator.answer
    asked = 0

    def answer_and_press(data: bytes) -> bytes:
        nonlocal asked
        said = answer(data)
        if data == b"SI\r\n":
            asked += 1
            if asked % 6 == 0:
                bench.simulator.indicator.tare()
            elif asked % 6 == 3:
                bench.simulator.indicator.clear_tare()
        return said

    bench.simulator.answer = answer_and_press
    numbers: set[float] = set()

    def often_enough(reading: WeightReading) -> bool:
        if reading.gross_kg is not None:
            numbers.add(reading.gross_kg)
        return asked > 60

    await bench.first(often_enough)
    assert numbers == {20_000.0}


async def test_two_answers_to_one_question_are_none(make_bench):
    bench = await make_bench("mt_sics", setup="loaded", silent_s=0.3)
    await bench.driver.open()
    answer = bench.simulator.answer
    bench.simulator.answer = lambda data: b"S S      12000 kg\r\n" + answer(data)
    with pytest.raises(ProtocolError):
        await bench.first(lambda _: False)


async def test_power_up_with_a_lorry_on_the_deck_says_that_no_zero_was_seen(make_bench):
    bench = await make_bench("toledo_continuous", setup="powered_up_loaded")
    await bench.driver.open()
    assert (await bench.first(at_rest)).zero_seen is False


@every_protocol
async def test_over_range_is_no_weight(make_bench, protocol):
    if protocol == "xk3190":
        pytest.skip("facts name no frame for it; the simulator is silent")
    bench = await make_bench(protocol, setup="overloaded")
    await bench.driver.open()
    reading = await bench.first(lambda _: True)
    assert (reading.gross_kg, reading.in_range) == (None, False)


@pytest.mark.parametrize(
    ("protocol", "options", "simulator_options", "hint"),
    [
        ("xk3190", {"division_kg": 50}, {}, "division_kg"),
        ("toledo_continuous", {"division_kg": 10}, {}, "division_kg"),
        ("toledo_continuous", {"fixed_zero": "sent"}, {}, "zeros"),
        ("toledo_continuous", {}, {"fixed_zero": "sent"}, "max_kg"),
        ("toledo_continuous", {"max_kg": 30_000}, {}, "max_kg"),
        ("mt_sics", {"division_kg": 50}, {}, "division_kg"),
    ],
)
async def test_a_configuration_that_does_not_fit_the_scale_is_refused(
    make_bench, protocol, options, simulator_options, hint
):
    bench = await make_bench(
        protocol, setup="loaded", silent_s=0.3, simulator_options=simulator_options, **options
    )
    with pytest.raises(DeviceRefused) as raised:
        await bench.driver.open()
    assert hint in raised.value.hint


async def test_a_seven_bit_line_read_with_eight_is_understood(make_bench):
    bench = await make_bench("toledo_continuous", setup="loaded", simulator_options={"parity": True})
    await bench.driver.open()
    assert (await bench.first(at_rest)).gross_kg == 38_260


async def test_zero_is_set_on_an_empty_deck_and_refused_under_a_load(make_bench):
    bench = await make_bench("mt_sics")
    bench.simulator.set_fault("mud_on_deck", True)
    await bench.driver.open()
    readings = asyncio.create_task(bench.first(lambda reading: at_rest(reading) and reading.gross_kg == 300))
    await readings
    await bench.driver.zero()
    await bench.first(lambda reading: at_rest(reading) and reading.gross_kg == 0)
    bench.simulator.indicator.rest(38_260)
    with pytest.raises(DeviceRefused, match="refused to set zero"):
        await bench.driver.zero()


async def test_an_indicator_without_a_zero_command_says_so(make_bench):
    bench = await make_bench("xk3190")
    with pytest.raises(DeviceRefused, match="no zero command"):
        await bench.driver.zero()


async def test_a_terminal_says_who_it_is(make_bench):
    bench = await make_bench("mt_sics")
    await bench.driver.open()
    assert await bench.driver.identify() == "MT-SICS terminal, serial number B021002593"


async def test_a_terminal_left_streaming_is_taken_over(make_bench):
    bench = await make_bench("mt_sics", setup="loaded")
    bench.simulator._received(b"SIR\r\nS")
    await bench.driver.open()
    assert (await bench.first(at_rest)).gross_kg in bench.shown


async def test_a_terminal_without_level_1_is_refused_with_the_command_named(make_bench, monkeypatch):
    from simulators.scale import mt_sics

    monkeypatch.delitem(mt_sics.COMMANDS, "TA")
    bench = await make_bench("mt_sics", silent_s=0.5)
    with pytest.raises(DeviceRefused, match="TA"):
        await bench.driver.open()


@every_protocol
async def test_closing_ends_the_readings_and_may_be_repeated(make_bench, protocol):
    bench = await make_bench(protocol)
    await bench.driver.open()
    reading = asyncio.create_task(bench.first(lambda _: False))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(5):
        await bench.driver.close()
        await bench.driver.close()
        with pytest.raises(DeviceUnavailable):
            await reading
    with pytest.raises(DeviceUnavailable, match="not open"):
        await bench.first(lambda _: True)


# --- opening ------------------------------------------------------------------------------------------------


def driver_on(port: str) -> Scale:
    return XKDriver("scale", XK3190Options(port=port, max_kg=60_000, division_kg=20, silent_s=0.1))


async def test_a_port_that_is_not_there_is_unavailable(tmp_path):
    with pytest.raises(DeviceUnavailable, match="plugged in"):
        await driver_on(str(tmp_path / "ttyUSB0")).open()


async def test_a_file_that_is_no_serial_port_is_refused(tmp_path):
    (tmp_path / "file").write_text("no port")
    with pytest.raises(DeviceRefused, match="serial port"):
        await driver_on(str(tmp_path / "file")).open()


async def test_a_port_in_use_says_so(make_bench):
    bench = await make_bench("xk3190")
    await bench.driver.open()
    with pytest.raises(DeviceUnavailable, match="in use"):
        await driver_on(bench.line.address).open()


async def test_a_port_without_permission_is_refused(monkeypatch):
    async def denied(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(stream.serial_asyncio_fast, "open_serial_connection", denied)
    with pytest.raises(DeviceRefused, match="group"):
        await driver_on("/dev/ttyS0").open()


async def test_a_serial_server_that_refuses_is_unavailable():
    line = TcpLine()
    await line.start(lambda _: None)
    await line.stop()
    with pytest.raises(DeviceUnavailable, match="serial server"):
        await driver_on(line.address).open()


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": "ttyUSB0"},
        {"port": "tcp://host"},
        {"port": "tcp://host:99999"},
        {"baud": 1234},
        {"max_kg": 0},
        {"max_kg": 20, "division_kg": 60_000},
        {"fixed_zero": "maybe"},
        {"fixed_zero": None},
        {"colour": "red"},
    ],
)
def test_wrong_options_are_refused(wrong):
    right = {
        "port": "/dev/ttyUSB0",
        "max_kg": 60_000,
        "division_kg": 20,
        "checksum": True,
        "fixed_zero": "sent",
    }
    Toledo.options_type(**right)
    with pytest.raises(pydantic.ValidationError):
        Toledo.options_type(**{**right, **wrong})


def test_whether_the_fixed_zero_is_sent_must_be_said():
    with pytest.raises(pydantic.ValidationError, match="fixed_zero"):
        Toledo.options_type(port="/dev/ttyUSB0", max_kg=60_000, division_kg=20, checksum=True)


@pytest.mark.parametrize("name", ["xk3190", "toledo-continuous", "mt-sics"])
def test_the_driver_is_found_by_its_entry_point(name):
    [found] = entry_points(group="borderlane.drivers", name=name)
    driver = found.load()
    assert issubclass(driver, Scale)
    assert driver.role == "scale"
    assert driver.model
