"""Cameras that tell plates by ONVIF's events: subscribed, pulled and given back, whatever they do."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from drivers.errors import DeviceError, DeviceRefused, DeviceTimeout, DeviceUnavailable, ProtocolError
from drivers.plate_camera import onvif_events
from drivers.plate_camera.onvif_events import Driver
from drivers.plate_camera.onvif_plates import sighting_in
from drivers.plate_camera.onvif_service import OnvifOptions, OnvifService, clock_in
from drivers.plate_camera.onvif_times import utc_seconds
from drivers.plate_camera.soap import SoapFault, answer, envelope
from drivers.plate_camera.xml_tree import Element, parse
from simulators.children import free_port
from simulators.plate_camera import onvif_messages as messages
from simulators.plate_camera.guard import Guard
from simulators.plate_camera.onvif import Simulator
from simulators.plate_camera.onvif_messages import Words
from simulators.plate_camera.smart_eye import Passing
from simulators.plate_camera.username_token import TokenGuard
from tests.plate_camera.smart import PLATE, eye, jpeg, listened_to, running, secret, until

WORDS: tuple[Words, ...] = ("standard", "hikvision", "axis")
RIGHT, WRONG = secret("right"), secret("wrong")


def simulated(words: Words = "standard", **options: Any) -> Simulator:
    return Simulator("smart", eye(), words=words, **options)


def driver(camera: Simulator, **options: object) -> Driver:
    table = {"url": camera.address, "silent_s": 6, **options}
    return Driver("smart", OnvifOptions.model_validate(table))


@contextlib.asynccontextmanager
async def opened(camera: Simulator, **options: object) -> AsyncIterator[Driver]:
    """A camera on its port that is asked to read, and pulled from."""
    async with running(camera):
        device = driver(camera, **options)
        await device.open()
        try:
            await device.watch(True)
            await listened_to(camera)
            yield device
        finally:
            await device.close()


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("fetched", [False, True])
async def test_a_vehicle_is_one_agreed_frame_in_every_maker_s_words(words: Words, fetched: bool):
    camera = simulated(words, fetched=fetched)
    async with opened(camera) as device:
        asked_s = time.monotonic()
        camera.eye.passes("777 ABC 02", country="KAZ", confidence=91, plate=PLATE)
        frame = await until(device)
    (plate,) = frame.plates
    assert (plate.text, plate.display, plate.country) == ("777ABC02", "777 ABC 02", "KZ")
    assert plate.confidence == 0.91
    assert asked_s <= frame.taken_s <= time.monotonic()
    has_picture = words == "standard" or (words == "hikvision" and fetched)
    assert (frame.picture[:2] == b"\xff\xd8") is has_picture
    assert (frame.crop[:2] == b"\xff\xd8") is (words == "standard")


async def test_every_vehicle_is_told_in_its_order_and_once():
    camera = simulated()
    texts = [f"{number:03}ABC02" for number in range(12)]
    async with opened(camera) as device:
        camera.set_fault("duplicate", True)
        for text in texts:
            camera.eye.passes(text, scene=b"")
        assert [(await until(device)).plates[0].text for _ in texts] == texts


async def test_a_pull_without_an_event_is_a_sign_of_life_and_their_end_a_lost_camera():
    camera = simulated()
    async with opened(camera, silent_s=3) as device:
        alive = [await until(device, lambda frame: not frame.watched) for _ in range(2)]
        assert len({frame.fingerprint for frame in alive}) == 2
        camera.set_fault("stall", True)
        with pytest.raises((DeviceTimeout, DeviceUnavailable)):
            await until(device)
        camera.set_fault("stall", False)
        await device.open()
        camera.eye.passes("777ABC02", scene=b"")
        assert (await until(device)).plates[0].text == "777ABC02"


async def test_a_camera_that_answers_at_once_with_nothing_is_not_asked_without_end():
    async with opened(simulated(hasty=True)) as device:
        times_s = [(await until(device, lambda frame: not frame.watched)).taken_s for _ in range(4)]
    assert times_s[-1] - times_s[0] > 2 * onvif_events.PAUSE_S


async def test_what_is_told_while_nobody_watches_is_a_sign_of_life_only_and_no_picture_is_fetched():
    camera = simulated(fetched=True)
    async with opened(camera) as device:
        await device.watch(False)
        camera.eye.passes("777ABC02")
        frame = await until(device, lambda frame: frame.source_time_s is not None)
        assert (frame.watched, frame.agreed, frame.plates) == (False, False, ())
    assert not [line for line in camera.asked if line.startswith("GET /pictures")]


async def test_the_pull_point_is_given_back_when_the_driver_closes_and_opens_again():
    camera = simulated()
    async with opened(camera) as device:
        for _ in range(4):
            await device.open()
            assert len(camera.points) == 1
        await device.close()
        assert not camera.points
        with pytest.raises(DeviceUnavailable, match="not open"):
            await until(device)


async def test_no_free_pull_point_is_said_in_the_camera_s_words():
    camera = simulated()
    async with opened(camera):
        await driver(camera).open()
        with pytest.raises(ProtocolError, match="no pull point is free"):
            await driver(camera).open()


async def test_a_pull_point_that_pulling_does_not_keep_alive_is_renewed():
    camera = simulated(tight=True)
    async with opened(camera, silent_s=3) as device:
        (point,) = camera.points.values()
        point.until_s = camera.eye.clock_s + 20
        await until(device, lambda _: "Renew" in camera.said)
        assert point.until_s > camera.eye.clock_s + 50
        camera.eye.passes("777ABC02", scene=b"")
        assert (await until(device)).plates[0].text == "777ABC02"


async def test_a_pull_point_that_is_gone_is_a_lost_camera_and_not_a_refused_one():
    camera = simulated()
    async with opened(camera, silent_s=3) as device:
        camera.points.clear()
        with pytest.raises(ProtocolError, match="no such pull point"):
            await until(device)


@pytest.mark.parametrize("words", WORDS)
async def test_a_username_token_proves_the_password_by_the_camera_s_own_clock(words: Words):
    camera = simulated(words, token=TokenGuard("lane", RIGHT))
    camera.set_fault("clock_wrong", True)
    async with opened(camera, user="lane", password=RIGHT, username_token=True) as device:
        assert "its clock is 252" in await device.identify()
        camera.eye.passes("777ABC02", scene=b"")
        assert (await until(device)).plates[0].text == "777ABC02"
        assert camera.token is not None
        assert camera.token.refused == ""


async def test_a_token_made_by_our_clock_would_be_refused(monkeypatch: pytest.MonkeyPatch):
    """So the test above can fail."""
    monkeypatch.setattr("drivers.plate_camera.onvif_service.clock_in", lambda _: None)
    camera = simulated(token=TokenGuard("lane", RIGHT))
    camera.set_fault("clock_wrong", True)
    async with running(camera):
        with pytest.raises(DeviceRefused, match="off the camera's clock"):
            await driver(camera, user="lane", password=RIGHT, username_token=True).open()


async def test_a_camera_that_tells_its_time_to_nobody_else_is_asked_with_the_password():
    async with opened(
        simulated(strict=True, guard=Guard("lane", RIGHT)), user="lane", password=RIGHT
    ) as device:
        assert device.clock_off_s is not None


async def test_a_clock_that_was_set_meanwhile_is_asked_again_and_locks_nobody_out():
    camera = simulated(token=TokenGuard("lane", RIGHT))
    async with opened(camera, silent_s=3, user="lane", password=RIGHT, username_token=True) as device:
        camera.set_fault("clock_wrong", True)
        with pytest.raises(DeviceUnavailable, match="its clock or the password was changed"):
            await until(device)
        await device.open()
        camera.eye.passes("777ABC02", scene=b"")
        assert (await until(device)).plates[0].text == "777ABC02"


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_http_digest_proves_the_password(algorithm: Literal["MD5", "SHA-256"]):
    camera = simulated(guard=Guard("lane", RIGHT, algorithm=algorithm), fetched=True)
    async with opened(camera, user="lane", password=RIGHT) as device:
        camera.eye.passes("777ABC02", plate=PLATE)
        frame = await until(device)
        assert frame.picture[:2] == frame.crop[:2] == b"\xff\xd8"
        assert (await device.picture())[:2] == b"\xff\xd8"
    assert camera.refused == 0


@pytest.mark.parametrize("token", [False, True])
async def test_a_wrong_password_is_tried_once(token: bool):
    guards: dict[str, Any] = (
        {"token": TokenGuard("lane", RIGHT)} if token else {"guard": Guard("lane", RIGHT)}
    )
    camera = simulated(**guards)
    async with running(camera):
        device = driver(camera, user="lane", password=WRONG, username_token=token)
        with pytest.raises(DeviceRefused, match=r"tried once|username_token") as caught:
            await device.open()
        assert WRONG not in str(caught.value)
        proofs = camera.refused if not token else list(camera.said).count("GetServices")
        assert proofs == 1
        assert not camera.points


async def test_the_other_kind_of_proof_is_named_where_one_is_refused():
    async with running(simulated(token=TokenGuard("lane", RIGHT))) as camera:
        with pytest.raises(DeviceRefused, match="try `username_token`"):
            await driver(camera, user="lane", password=RIGHT).open()  # type: ignore[arg-type]
    async with running(simulated(guard=Guard("lane", RIGHT))) as camera:
        with pytest.raises(DeviceRefused, match="leave out `username_token`"):
            await driver(camera, user="lane", password=RIGHT, username_token=True).open()  # type: ignore[arg-type]


async def test_nobody_but_the_configured_camera_is_asked_whatever_addresses_it_tells():
    camera = simulated("hikvision", host="198.51.100.7:9", fetched=True, guard=Guard("lane", RIGHT))
    async with opened(camera, user="lane", password=RIGHT) as device:
        camera.eye.passes("777ABC02")
        assert (await until(device)).picture[:2] == b"\xff\xd8"
        assert (await device.picture())[:2] == b"\xff\xd8"


async def test_a_camera_older_than_get_services_is_asked_the_older_question():
    async with opened(simulated(old=True)) as device:
        assert (await device.picture())[:2] == b"\xff\xd8"


async def test_a_clock_that_is_wrong_is_told_and_decides_nothing():
    camera = simulated()
    camera.set_fault("clock_wrong", True)
    with capture_logs() as logs:
        async with opened(camera) as device:
            began_s = time.monotonic()
            camera.eye.passes("777ABC02", scene=b"")
            frame = await until(device)
            assert began_s <= frame.taken_s <= time.monotonic()
            assert frame.source_time_s == pytest.approx(camera.eye.clock_s, abs=60)
    assert any("behind ours" in str(line.get("clock")) for line in logs)


@pytest.mark.parametrize("fault", ["cut_picture", "no_picture"])
@pytest.mark.parametrize("fetched", [False, True])
async def test_a_plate_without_a_whole_picture_is_told_without_one(fault: str, fetched: bool):
    camera = simulated(fetched=fetched)
    async with opened(camera) as device:
        camera.set_fault(fault, True)
        camera.eye.passes("777ABC02", plate=PLATE)
        frame = await until(device)
    assert frame.plates[0].text == "777ABC02"
    assert (frame.picture, frame.crop) == (b"", b"")


async def test_half_an_answer_is_none_and_its_camera_is_lost():
    camera = simulated()
    async with opened(camera) as device:
        camera.set_fault("half_part", True)
        camera.eye.passes("777ABC02")
        with pytest.raises(DeviceError):
            await until(device)


async def test_what_is_no_plate_is_a_frame_without_one():
    camera = simulated()
    async with opened(camera) as device:
        for text in ("unknown", "", "77?ABC02"):
            camera.eye.passes(text)
            frame = await until(device)
            assert (frame.plates, frame.watched) == ((), True)


async def test_a_vehicle_of_the_past_is_not_told_nor_one_that_has_left():
    camera = simulated("axis")
    axis, now_s = "tnsaxis:CameraApplicationPlatform/ALPV.AllPlates", time.time()
    async with opened(camera) as device:
        car = {"carID": 1, "text": "001ABC02"}
        camera.tell(messages.notification(axis, now_s, messages.items(car | {"carState": "lost"})))
        camera.tell(messages.notification(axis, now_s, messages.items(car), "Initialized"))
        camera.tell(messages.notification(axis, now_s, messages.items(car), "Deleted"))
        camera.tell(
            messages.notification("tns1:VideoSource/MotionAlarm", now_s, messages.items({"State": 1}))
        )
        car = {"carID": 2, "text": "002ABC02"}
        camera.tell(messages.notification(axis, now_s, messages.items(car | {"carState": "new"})))
        camera.tell(messages.notification(axis, now_s + 1, messages.items(car | {"carState": "update"})))
        camera.tell(messages.notification(axis, now_s + 2, messages.items(car | {"text": "003ABC02"})))
        assert [(await until(device)).plates[0].text for _ in range(2)] == ["002ABC02", "003ABC02"]


async def test_a_camera_that_is_not_there_or_has_no_events_says_so(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(DeviceUnavailable, match="can't be reached"):
        await Driver("smart", OnvifOptions(url=f"http://127.0.0.1:{free_port()}")).open()
    monkeypatch.setattr(messages, "SERVICES", {})
    camera = simulated()
    async with running(camera):
        with pytest.raises(ProtocolError, match="tells no events service"):
            await driver(camera).open()


FAULT = messages.fault("NotAuthorized", "who are you")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty|no element"),
        (b"<html/>", "no SOAP envelope"),
        (b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>', "document type"),
        (envelope(""), "no SOAP envelope"),
        (FAULT, r"who are you \(NotAuthorized, Sender\)"),
    ],
)
def test_what_is_no_answer_is_told_apart(data: bytes, said: str):
    with pytest.raises(ValueError, match=said):
        answer(data)


def test_a_fault_without_a_reason_is_one_all_the_same():
    with pytest.raises(SoapFault, match="it says no reason"):
        answer(envelope("<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code></s:Fault>"))


def notification(topic: str, data: str) -> Element:
    whole = messages.envelope(messages.notification(topic, 1_769_836_505, data))
    found = parse(whole).find("NotificationMessage")
    assert found is not None
    return found


def test_the_standard_s_confidence_is_the_smaller_of_its_two():
    seen = Passing(1, 1_769_836_505, "777ABC02", "KAZ", 91, None, b"", b"")
    said = messages.vehicle(seen, "standard", "").replace(
        'Likelihood" Value="0.91"', 'Likelihood" Value="0.4"'
    )
    whole = parse(messages.envelope(said)).find("NotificationMessage")
    assert whole is not None
    found = sighting_in(whole)
    assert found is not None
    assert found.told.confidence == 0.4


@pytest.mark.parametrize(
    ("said", "share"), [("71", 0.71), ("0", 0.0), ("101", None), ("-1", None), ("nan", None)]
)
def test_a_likelihood_beyond_its_scale_is_none(said: str, share: float | None):
    data = messages.items({"PlateNumber": "777ABC02", "Likelihood": said})
    found = sighting_in(notification("tns1:RuleEngine/VehicleDetector/tnshik:Vehicle", data))
    assert found is not None
    assert found.told.confidence == share


@given(
    st.sampled_from(["tns1:RuleEngine/Recognition/LicensePlate", "x:CameraApplicationPlatform/LPR"]),
    st.data(),
)
def test_any_notification_is_a_vehicle_or_none(topic: str, data: st.DataObject):
    text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=20)
    names = st.sampled_from(["Likelihood", "text", "carID", "carState", "capture_timestamp", "ImageURI"])
    told = data.draw(st.dictionaries(names, text))
    found = sighting_in(notification(topic, messages.items(dict(told))))
    if found is not None:
        assert found.told.text == told["text"]
        assert found.told.confidence is None


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_refused(data: bytes):
    with contextlib.suppress(ValueError):
        answer(data)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("http://192.0.2.1:80/onvif/events?x=1", "/onvif/events?x=1"),
        (" http://evil.example/a ", "/a"),
        ("http://192.0.2.1", "/"),
        ("/onvif/pull/3", "/onvif/pull/3"),
    ],
)
def test_of_an_address_that_a_camera_tells_only_the_path_counts(address: str, path: str):
    assert OnvifService.path(address) == path


def test_times_without_a_zone_are_utc_and_others_are_none():
    assert utc_seconds("2026-01-31T05:15:05Z") == utc_seconds("2026-01-31T10:15:05+05:00") == 1_769_836_505
    assert utc_seconds("2026-01-31T05:15:05.250000000Z") == 1_769_836_505.25
    assert utc_seconds("2026-01-31T05:15:05") == 1_769_836_505
    assert utc_seconds("soon") is None
    assert clock_in(parse(messages.date_and_time(1_769_836_505))) == 1_769_836_505
    assert clock_in(parse(b"<a><LocalDateTime/></a>")) is None


async def test_a_big_answer_is_read_and_an_endless_one_refused(monkeypatch: pytest.MonkeyPatch):
    camera = simulated()
    async with opened(camera) as device:
        camera.eye.passes("777ABC02", scene=jpeg(2400, 1600))
        assert 0 < len((await until(device)).picture) <= 200_000
        monkeypatch.setattr("drivers.plate_camera.onvif_service.ANSWER_BYTES_MAX", 100_000)
        camera.eye.passes("778ABC02", scene=jpeg(2400, 1600))
        with pytest.raises(ProtocolError, match="an answer of over 100000 bytes"):
            await until(device)


async def test_the_event_loop_is_not_held_up_by_a_big_answer():
    camera = simulated()
    big = jpeg(2400, 1600)
    async with opened(camera) as device:
        camera.eye.passes("777ABC02", scene=big)
        reading = asyncio.create_task(until(device))
        turns = 0
        while not reading.done():
            await asyncio.sleep(0.01)
            turns += 1
        assert turns > 3
        assert (await reading).picture


def test_an_option_that_can_not_work_is_refused():
    with pytest.raises(ValueError, match="needs `user` and `password`"):
        OnvifOptions(url="http://192.0.2.1", username_token=True)
