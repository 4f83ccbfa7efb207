"""Cameras that read by themselves: each vehicle once, with its picture, whatever the wire does."""

import asyncio
import contextlib
import ssl
import time
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from drivers.errors import DeviceError, DeviceRefused, DeviceTimeout, DeviceUnavailable, ProtocolError
from drivers.plate_camera import dahua, hikvision
from drivers.plate_camera.events import plate_in
from drivers.plate_camera.self_reading import SelfReadingCamera
from drivers.plate_camera.xml_tree import BadXml, parse
from simulators.children import free_port
from simulators.pki import Authority
from simulators.plate_camera.guard import Guard
from simulators.plate_camera.smart_wired import SmartWired
from tests.plate_camera.smart import (
    DRIVERS,
    ON_THE_WIRE,
    PLATE,
    SIMULATED,
    driver,
    eye,
    jpeg,
    listened_to,
    opened,
    running,
    secret,
    until,
)

KINDS = pytest.mark.parametrize("kind", ON_THE_WIRE)


def simulated(kind: str, **options: object) -> SmartWired:
    return SIMULATED[kind]("smart", eye(), **options)  # type: ignore[arg-type]


@KINDS
async def test_a_vehicle_is_one_agreed_frame_with_its_text_and_its_picture(kind: str) -> None:
    async with running(simulated(kind)) as camera, opened(kind, camera.address) as device:
        await listened_to(camera)
        asked_s = time.monotonic()
        camera.eye.passes("777 ABC 02", country="KAZ", confidence=91, plate=PLATE)
        frame = await until(device)
    (plate,) = frame.plates
    assert (plate.text, plate.display, plate.country) == ("777ABC02", "777 ABC 02", "KZ")
    assert plate.confidence == (0.91 if kind == "hikvision" else 0.8)
    assert frame.watched
    assert asked_s <= frame.taken_s <= time.monotonic()
    assert frame.picture[:2] == frame.crop[:2] == b"\xff\xd8"
    assert len(frame.crop) < len(frame.picture) <= 200_000


@KINDS
async def test_every_vehicle_is_told_in_its_order(kind: str) -> None:
    texts = [f"{number:03}ABC02" for number in range(8)]
    async with running(simulated(kind)) as camera, opened(kind, camera.address) as device:
        await listened_to(camera)
        for text in texts:
            camera.eye.passes(text, scene=b"")
        seen = [(await until(device)).plates[0].text for _ in texts]
    assert seen == texts


@KINDS
async def test_the_same_event_twice_is_one_reading_also_after_a_lost_connection(kind: str) -> None:
    async with running(simulated(kind)) as camera, opened(kind, camera.address) as device:
        await listened_to(camera)
        camera.set_fault("duplicate", True)
        camera.eye.passes("001ABC02", scene=b"")
        camera.set_fault("duplicate", False)
        camera.eye.passes("002ABC02", scene=b"")
        assert [(await until(device)).plates[0].text for _ in range(2)] == ["001ABC02", "002ABC02"]
        again = camera.told[0]
        camera.cut()
        with pytest.raises(DeviceUnavailable):
            await until(device)
        await device.open()
        await listened_to(camera)
        for writer in camera.listeners:
            writer.write(again)
        camera.eye.passes("003ABC02", scene=b"")
        assert (await until(device)).plates[0].text == "003ABC02"


@KINDS
async def test_what_is_told_while_nobody_watches_is_a_sign_of_life_only(kind: str) -> None:
    async with running(simulated(kind)) as camera, opened(kind, camera.address) as device:
        await device.watch(False)
        await listened_to(camera)
        camera.eye.passes("777ABC02")
        frame = await until(device, lambda frame: frame.source_time_s is not None)
        assert not frame.watched
        assert not frame.agreed
        assert (frame.plates, frame.picture) == ((), b"")


@KINDS
async def test_heartbeats_are_signs_of_life_and_their_end_is_a_lost_camera(kind: str) -> None:
    async with running(simulated(kind)) as camera, opened(kind, camera.address, silent_s=2) as device:
        alive = [await until(device, lambda frame: not frame.watched) for _ in range(3)]
        assert len({frame.fingerprint for frame in alive}) == 3
        camera.set_fault("stall", True)
        with pytest.raises(DeviceTimeout, match="no sign of life for 2 s"):
            await until(device)


async def test_readings_are_cancelled_also_at_the_moment_when_one_comes() -> None:
    async with running(simulated("dahua")) as camera, opened("dahua", camera.address) as device:
        await until(device, lambda frame: not frame.watched)
        waiting = asyncio.create_task(anext(device.readings()))
        while device._news.is_set():  # pyright: ignore[reportPrivateUsage]
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        device._news.set()  # pyright: ignore[reportPrivateUsage]
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


@KINDS
async def test_a_lost_connection_says_so_and_the_camera_reads_on_after_it_is_opened_again(kind: str) -> None:
    async with running(simulated(kind)) as camera, opened(kind, camera.address) as device:
        await listened_to(camera)
        camera.set_fault("drop", True)
        with pytest.raises(DeviceUnavailable, match=r"lost|closed the connection"):
            await until(device)
        with pytest.raises(DeviceError):
            await device.open()
        camera.set_fault("drop", False)
        await device.open()
        await listened_to(camera)
        camera.eye.passes("777ABC02", scene=b"")
        assert (await until(device)).plates[0].text == "777ABC02"


@KINDS
async def test_a_clock_that_is_wrong_is_told_and_decides_nothing(kind: str) -> None:
    async with running(simulated(kind)) as camera, opened(kind, camera.address) as device:
        await listened_to(camera)
        camera.set_fault("clock_wrong", True)
        began_s = time.monotonic()
        with capture_logs() as logs:
            camera.eye.passes("777ABC02", scene=b"")
            frame = await until(device)
        assert began_s <= frame.taken_s <= time.monotonic()
        assert frame.plates[0].text == "777ABC02"
        assert any("behind ours" in str(line.get("clock")) for line in logs)
        assert "its clock is 252" in await device.identify()


@KINDS
@pytest.mark.parametrize("fault", ["cut_picture", "no_picture"])
async def test_a_plate_without_a_whole_picture_is_told_without_one(kind: str, fault: str) -> None:
    async with running(simulated(kind)) as camera, opened(kind, camera.address) as device:
        await listened_to(camera)
        camera.set_fault(fault, True)
        camera.eye.passes("777ABC02", plate=PLATE)
        frame = await until(device)
    assert frame.plates[0].text == "777ABC02"
    assert (frame.picture, frame.crop) == (b"", b"")


@KINDS
async def test_half_an_event_is_none(kind: str) -> None:
    async with running(simulated(kind)) as camera, opened(kind, camera.address) as device:
        await listened_to(camera)
        camera.set_fault("half_part", True)
        camera.set_fault("no_picture", True)
        camera.eye.passes("777ABC02")
        with pytest.raises(DeviceUnavailable):
            await until(device)


@KINDS
async def test_what_is_no_plate_is_a_frame_without_one(kind: str) -> None:
    async with running(simulated(kind)) as camera, opened(kind, camera.address) as device:
        await listened_to(camera)
        for text in ("unknown", "", "No Plate", "--", "ABCDEF", "77?ABC02", "X" * 60, "1"):
            camera.eye.passes(text)
            frame = await until(device)
            assert frame.watched
            assert frame.plates == ()
            assert frame.picture


@KINDS
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_digest_proves_the_password(kind: str, algorithm: Literal["MD5", "SHA-256"]) -> None:
    guard = Guard("lane", secret("right"), algorithm=algorithm)
    async with (
        running(simulated(kind, guard=guard)) as camera,
        opened(kind, camera.address, user="lane", password=secret("right")) as device,
    ):
        await until(device, lambda frame: not frame.watched)
        assert (await device.picture())[:2] == b"\xff\xd8"
        assert camera.refused == 0


@KINDS
async def test_a_wrong_password_is_tried_once(kind: str) -> None:
    async with running(simulated(kind, guard=Guard("lane", secret("right")))) as camera:
        device = driver(kind, camera.address, user="lane", password=secret("wrong"))
        with pytest.raises(DeviceRefused, match="tried once") as caught:
            await device.open()
        assert camera.refused == 1
        assert secret("wrong") not in str(caught.value)


@KINDS
async def test_a_camera_that_wants_another_authentication_says_which(kind: str) -> None:
    async with running(simulated(kind, guard=Guard("lane", secret("right"), "basic"))) as camera:
        with pytest.raises(DeviceRefused, match="asks for basic"):
            await driver(kind, camera.address, user="lane", password=secret("right")).open()
        with pytest.raises(DeviceRefused, match="set `user`"):
            await driver(kind, camera.address).open()
        async with opened(
            kind, camera.address, user="lane", password=secret("right"), authentication="basic"
        ) as device:
            await until(device, lambda frame: not frame.watched)


@KINDS
async def test_a_certificate_is_checked(kind: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    identity = authority.issue("camera", server=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(identity.certificate, identity.key)
    async with running(simulated(kind, tls=tls)) as camera:
        with pytest.raises(DeviceRefused, match=r"(?i)certificate"):
            await driver(kind, camera.address).open()
        async with opened(kind, camera.address, ca=str(authority.certificate)) as device:
            await until(device, lambda frame: not frame.watched)


@KINDS
async def test_a_camera_that_is_not_there_or_is_another_one_says_so(kind: str) -> None:
    with pytest.raises(DeviceUnavailable, match="can't be reached"):
        await driver(kind, f"http://127.0.0.1:{free_port()}").open()
    other = next(name for name in ON_THE_WIRE if name != kind)
    async with running(simulated(other)) as camera:
        with pytest.raises(DeviceRefused, match="answered 404"):
            await driver(kind, camera.address).open()


async def _serving(answer: bytes) -> tuple[asyncio.Server, str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _opened_and_read(device: SelfReadingCamera) -> None:
    await device.open()
    await until(device)


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"


@KINDS
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n", "text/html"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "503"),
        (b"SSH-2.0-camera\r\n\r\n", "answered wrongly"),
        (STREAM + b"--b\r\nContent-Length: 99999999999\r\n\r\n", "Content-Length"),
        (STREAM + b"x" * 40_000, "no part begins"),
    ],
)
async def test_a_far_end_that_is_no_such_camera_is_named(kind: str, answer: bytes, said: str) -> None:
    server, url = await _serving(answer)
    device = driver(kind, url)
    try:
        with pytest.raises((ProtocolError, DeviceUnavailable), match=said):
            await _opened_and_read(device)
    finally:
        await device.close()
        server.close()


@KINDS
async def test_a_text_that_is_none_costs_itself_only(kind: str) -> None:
    bad = b"--b\r\nContent-Type: application/xml\r\nContent-Length: 4\r\n\r\n<a>\xff\r\n"
    good = SIMULATED[kind]("smart", eye())
    good.eye.passes("777ABC02", scene=b"")
    (sign,) = good.eye.step(0.01)
    boundary = {"hikvision": b"boundary", "dahua": b"myboundary"}[kind]
    server, url = await _serving(STREAM + 3 * bad + good.encode(sign).replace(b"--" + boundary, b"--b"))
    try:
        with capture_logs() as logs:
            async with opened(kind, url) as device:
                assert (await until(device)).plates[0].text == "777ABC02"
        warned = [line for line in logs if line["event"] == "plate_camera.bad_event"]
        assert [line["log_level"] for line in warned] == ["warning", "debug", "debug"]
    finally:
        server.close()


@KINDS
async def test_a_big_picture_comes_out_small(kind: str) -> None:
    async with running(simulated(kind)) as camera, opened(kind, camera.address) as device:
        await listened_to(camera)
        camera.eye.passes("777ABC02", scene=jpeg(2400, 1600))
        assert 0 < len((await until(device)).picture) <= 200_000


async def test_a_told_box_cuts_the_plate_out_of_the_scene() -> None:
    async with running(simulated("dahua")) as camera, opened("dahua", camera.address) as device:
        await listened_to(camera)
        camera.eye.passes("777ABC02", box=(0.25, 0.5, 0.5, 0.6))
        frame = await until(device)
    assert frame.plates[0].box == (160, 180, 160, 36)
    assert frame.crop[:2] == b"\xff\xd8"


@pytest.mark.parametrize("kind", list(DRIVERS))
def test_an_address_with_credentials_or_a_path_is_refused(kind: str) -> None:
    for url in ("http://lane:secret@192.0.2.1", "ftp://192.0.2.1", "192.0.2.1"):
        with pytest.raises(ValueError, match="url"):
            driver(kind, url)


async def test_confidence_is_cut_where_the_site_says_so() -> None:
    async with (
        running(simulated("hikvision")) as camera,
        opened("hikvision", camera.address, confidence_max=0.9) as device,
    ):
        await listened_to(camera)
        camera.eye.passes("777ABC02", confidence=100, scene=b"")
        assert (await until(device)).plates[0].confidence == 0.9


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>',
        b"<a>" * 50 + b"</a>" * 50,
        b"<a>" + b"<b/>" * 6000 + b"</a>",
        b"<a><b></a>",
        b"",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
    ],
)
def test_hostile_xml_is_refused(document: bytes) -> None:
    with pytest.raises(BadXml):
        parse(document)


@given(st.binary(max_size=300))
def test_any_text_of_an_event_is_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        hikvision.told_in(data, 1)
    with contextlib.suppress(ValueError):
        dahua.told_in(data)


def test_a_vehicle_of_the_past_and_another_channel_are_not_told() -> None:
    alert = (
        b"<EventNotificationAlert><channelID>%d</channelID><eventType>ANPR</eventType><alarmDataType>%d"
        b"</alarmDataType><ANPR><licensePlate>777ABC02</licensePlate></ANPR></EventNotificationAlert>"
    )
    assert hikvision.told_in(alert % (1, 0), 1) is not None
    assert hikvision.told_in(alert % (1, 1), 1) is None
    assert hikvision.told_in(alert % (2, 0), 1) is None


@pytest.mark.parametrize(
    ("level", "confidence"),
    [("97", 0.97), ("0", 0.0), ("100", 1.0), ("101", None), ("00009999", None), ("-1", None), ("", None)],
)
def test_a_confidence_beyond_its_scale_is_none(level: str, confidence: float | None) -> None:
    alert = (
        "<EventNotificationAlert><eventType>ANPR</eventType><ANPR><licensePlate>777ABC02</licensePlate>"
        f"<confidenceLevel>{level}</confidenceLevel></ANPR></EventNotificationAlert>"
    )
    told = hikvision.told_in(alert.encode(), 1)
    assert told is not None
    assert told.confidence == confidence


def test_a_plate_in_another_encoding_is_no_plate() -> None:
    text = "Events[0].Code=TrafficJunction\r\nEvents[0].TrafficCar.PlateNumber=京A06654".encode("gb18030")
    (told,) = dahua.told_in(text)
    assert plate_in(told.text) == ""


def test_the_pictures_of_one_group_are_one_reading() -> None:
    text = (
        "Events[0].Code=TrafficJunction\nEvents[0].GroupID=41\nEvents[0].UTC=170662529{}\n"
        "Events[0].Object.Text=777ABC02"
    )
    first, second = (dahua.told_in(text.format(second).encode())[0] for second in (1, 2))
    assert first.identity == second.identity
