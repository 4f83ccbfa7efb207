"""Cameras that push their readings over HTTP: who may, what is taken, and what each refusal says."""

import asyncio
import base64
import contextlib
import json
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from structlog.testing import capture_logs

from drivers import http_guard
from drivers.errors import DeviceTimeout, DeviceUnavailable
from drivers.plate_camera import http_push
from drivers.plate_camera.http_push import Driver
from drivers.plate_camera.json_paths import load
from drivers.plate_camera.push_fields import told_in
from drivers.plate_camera.push_options import PushOptions
from simulators.children import free_port
from simulators.device import playing
from simulators.pki import Authority
from simulators.plate_camera.http_push import HttpPushCamera
from tests.plate_camera.smart import PLATE, SCENE, eye, jpeg, secret, until

Scheme = Literal["digest", "basic", "bearer"]
SCHEMES: tuple[Scheme, ...] = ("digest", "basic", "bearer")
SECRET = secret("of-a-pushing-camera")
FIELDS: dict[str, Any] = {
    "text": "vehicle.plate",
    "id": "id",
    "time": "time",
    "country": "vehicle.country",
    "confidence": "vehicle.score",
    "direction": "way",
    "picture": "pictures.scene",
    "crop": "pictures.plate",
    "corners": [f"vehicle.corners.{side}" for side in range(4)],
}
READ = {"fields": FIELDS, "confidence_scale": 100, "box_scale": 1000, "directions": ["approach"]}


def options(scheme: Scheme = "digest", **changed: Any) -> PushOptions:
    who = {"token": SECRET} if scheme == "bearer" else {"user": "camera", "password": SECRET}
    table = {"listen": f"127.0.0.1:{free_port()}", "authentication": scheme, **who, **READ}
    return PushOptions.model_validate(table | changed)


@contextlib.asynccontextmanager
async def opened(table: PushOptions) -> AsyncIterator[Driver]:
    device = Driver("smart", table)
    await device.open()
    try:
        await device.watch(True)
        yield device
    finally:
        await device.close()


def url(device: Driver) -> str:
    return f"http://{device.options.listen}{device.options.path}"


@contextlib.asynccontextmanager
async def pushing(scheme: Scheme = "digest", *, form: bool = False, **changed: Any) -> AsyncIterator[Any]:
    """A driver that listens, and a camera that posts to it."""
    async with opened(options(scheme, **changed)) as device:
        camera = HttpPushCamera("smart", eye(), url(device), SECRET, scheme=scheme, form=form)
        async with playing(camera):
            yield camera, device


def posted(device: Driver, **message: Any) -> dict[str, Any]:
    """What httpx is told for one message."""
    return {"url": url(device), "json": message, "auth": httpx.DigestAuth("camera", SECRET)}


PLAIN = {
    "fields": {"text": "plate", "time": "t"},
    "confidence_scale": None,
    "box_scale": None,
    "directions": (),
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("form", [False, True])
async def test_a_vehicle_is_one_agreed_frame_with_its_text_and_its_picture(scheme: Scheme, form: bool):
    async with pushing(scheme, form=form) as (camera, device):
        asked_s = time.monotonic()
        camera.eye.passes("777 ABC 02", country="KAZ", confidence=91, plate=PLATE, box=(0.25, 0.5, 0.5, 0.6))
        frame = await until(device)
    (plate,) = frame.plates
    assert (plate.text, plate.display, plate.country) == ("777ABC02", "777 ABC 02", "KZ")
    assert plate.confidence == 0.91
    assert plate.box == (160, 180, 160, 36)
    assert asked_s <= frame.taken_s <= time.monotonic()
    assert frame.picture[:2] == frame.crop[:2] == b"\xff\xd8"
    assert len(frame.crop) < len(frame.picture) <= 200_000
    assert 200 in camera.answers


async def test_the_same_reading_twice_is_one_also_after_the_lane_was_gone():
    async with pushing() as (camera, device):
        camera.set_fault("duplicate", True)
        camera.eye.passes("001ABC02", scene=b"")
        camera.set_fault("duplicate", False)
        camera.eye.passes("002ABC02", scene=b"")
        assert [(await until(device)).plates[0].text for _ in range(2)] == ["001ABC02", "002ABC02"]
        await device.open()
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            again = camera.message(camera_saw(camera, "001ABC02"))
            answer = await client.post(
                url(device),
                content=again[1],
                headers={"Content-Type": again[0]},
                auth=httpx.DigestAuth("camera", SECRET),
            )
        assert answer.status_code == 200, "the camera hears that it need not send it a third time"
        camera.eye.passes("003ABC02", scene=b"")
        assert (await until(device)).plates[0].text == "003ABC02"


def camera_saw(camera: HttpPushCamera, text: str) -> Any:
    """The first vehicle of a camera, once more."""
    other = eye(began_s=camera.eye.clock_s)
    other.passes(text, scene=b"")
    (seen,) = other.step(0.01)
    return seen


async def test_a_camera_that_sends_signs_of_life_is_lost_without_them():
    async with pushing(silent_s=2) as (camera, device):
        alive = [await until(device, lambda frame: not frame.watched) for _ in range(3)]
        assert len({frame.fingerprint for frame in alive}) == 3
        camera.set_fault("stall", True)
        with pytest.raises(DeviceTimeout, match="no sign of life for 2 s"):
            await until(device)
        camera.set_fault("stall", False)
        await device.open()
        camera.eye.passes("777ABC02", scene=b"")
        assert (await until(device)).plates[0].text == "777ABC02"


async def test_a_camera_that_sends_none_is_never_lost():
    async with opened(options()) as device:
        assert device.silent_s is None


async def test_a_message_is_sent_again_to_a_lane_that_was_away():
    async with pushing() as (camera, device):
        await device.close()
        camera.eye.passes("777ABC02", scene=b"")
        async with asyncio.timeout(10):
            while 0 not in camera.answers:
                await asyncio.sleep(0.01)
        await device.open()
        assert (await until(device)).plates[0].text == "777ABC02"


async def test_a_clock_that_is_wrong_is_told_and_decides_nothing():
    async with pushing() as (camera, device):
        camera.set_fault("clock_wrong", True)
        began_s = time.monotonic()
        with capture_logs() as logs:
            camera.eye.passes("777ABC02", scene=b"")
            frame = await until(device)
        assert began_s <= frame.taken_s <= time.monotonic()
        assert any("behind ours" in str(line.get("clock")) for line in logs)
        assert "its clock is 252" in await device.identify()
        assert device.options.listen in await device.identify()


@pytest.mark.parametrize("fault", ["cut_picture", "no_picture"])
@pytest.mark.parametrize("form", [False, True])
async def test_a_plate_without_a_whole_picture_is_told_without_one(fault: str, form: bool):
    async with pushing(form=form) as (camera, device):
        camera.set_fault(fault, True)
        camera.eye.passes("777ABC02", plate=PLATE)
        frame = await until(device)
    assert frame.plates[0].text == "777ABC02"
    assert (frame.picture, frame.crop) == (b"", b"")


async def test_half_a_message_is_none():
    async with pushing() as (camera, device):
        camera.set_fault("half_part", True)
        camera.eye.passes("001ABC02")
        async with asyncio.timeout(15):
            while 0 not in camera.answers:
                await asyncio.sleep(0.01)
        camera.set_fault("half_part", False)
        camera.eye.passes("002ABC02", scene=b"")
        seen = [(await until(device)).plates[0].text for _ in range(2)]
    assert seen == ["001ABC02", "002ABC02"], "sent again whole, and told once"


async def test_what_is_no_plate_is_a_frame_without_one():
    async with pushing() as (camera, device):
        for text in ("unknown", "", "No Plate", "77?ABC02", "X" * 60):
            camera.eye.passes(text)
            frame = await until(device)
            assert (frame.plates, frame.watched) == ((), True)
            assert frame.picture


async def test_the_picture_of_the_next_vehicle_is_given_to_whoever_asks(monkeypatch: pytest.MonkeyPatch):
    async with pushing() as (camera, device):
        asked = asyncio.create_task(device.picture())
        await asyncio.sleep(0)
        camera.eye.passes("777ABC02")
        assert (await asked)[:2] == b"\xff\xd8"
        monkeypatch.setattr(http_push, "PICTURE_S", 0.05)
        with pytest.raises(DeviceTimeout, match="no picture"):
            await device.picture()
        monkeypatch.setattr(http_push, "PICTURE_S", 30)
        asked = asyncio.create_task(device.picture())
        await asyncio.sleep(0)
        await device.close()
        with pytest.raises(DeviceUnavailable):
            await asked


async def test_it_comes_over_tls_to_whoever_trusts_the_listener(tmp_path: Path):
    identity = Authority(tmp_path).issue("listener", server=True)
    async with opened(options(certificate=identity.certificate, key=identity.key)) as device:
        where = url(device).replace("http:", "https:")
        camera = HttpPushCamera("smart", eye(), where, SECRET, ca=identity.ca)
        async with playing(camera):
            camera.eye.passes("777ABC02", scene=b"")
            assert (await until(device)).plates[0].text == "777ABC02"


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_stranger_is_refused_and_named_in_the_log_once(scheme: Scheme):
    async with opened(options(scheme)) as device:
        wrong = HttpPushCamera("other", eye(), url(device), secret("wrong-one-of-a-stranger"), scheme=scheme)
        with capture_logs() as logs:
            async with playing(wrong):
                for _ in range(3):
                    wrong.eye.passes("777ABC02", scene=b"")
                async with asyncio.timeout(15):
                    while list(wrong.answers).count(401) < 3:
                        await asyncio.sleep(0.01)
        assert set(wrong.answers) == {401}
    told = [line for line in logs if line["event"] == "plate_camera.push"]
    assert [line["log_level"] for line in told].count("warning") == 1
    assert "401 to 127.0.0.1" in str(told)
    assert "777ABC02" not in str(told)


async def test_a_digest_is_taken_once_and_a_nonce_grows_old(monkeypatch: pytest.MonkeyPatch):
    async with opened(options(**PLAIN)) as device, httpx.AsyncClient(trust_env=False, timeout=30) as client:
        first = await client.post(**posted(device, plate="777ABC02", t=1))
        assert first.status_code == 200
        heard = first.request.headers["authorization"]
        again = await client.post(url(device), json={}, headers={"Authorization": heard})
        assert again.status_code == 401
        assert "stale=true" in again.headers["www-authenticate"], "it may ask again, it was not wrong"
        for part, other in (("777", "778"), ("nc=00000001", "nc=00000002"), ("/plates", "/other")):
            changed = (
                heard.replace(part, other) if part in heard else heard.replace('response="', 'response="0')
            )
            refused = await client.post(url(device), json={}, headers={"Authorization": changed})
            assert refused.status_code == 401
            assert "stale" not in refused.headers["www-authenticate"]
        monkeypatch.setattr(http_guard, "NONCE_S", -1.0)
        assert (await client.post(**posted(device, plate="778ABC02", t=2))).status_code == 401


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_curl_can_post(scheme: Scheme):
    who = {
        "digest": ["--digest", "-u", f"camera:{SECRET}"],
        "basic": ["--basic", "-u", f"camera:{SECRET}"],
        "bearer": ["-H", f"Authorization: Bearer {SECRET}"],
    }[scheme]
    async with opened(options(scheme, **PLAIN)) as device:
        for more in (
            ["--json", '{"plate": "777ABC02", "t": 1}'],
            ["-F", 'event={"plate": "778ABC02", "t": 2}'],
        ):
            said = await asyncio.create_subprocess_exec(
                "curl", "-s", "--noproxy", "*", *who, *more, url(device), stdout=asyncio.subprocess.PIPE
            )
            assert json.loads((await said.communicate())[0]) == {"vehicles": 1}
            assert (await until(device)).plates


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "another path": ({"url": "/other"}, 404, "posted to /plates"),
    "another method": ({"method": "GET"}, 405, "posted"),
    "another type": ({"headers": {"Content-Type": "text/xml"}}, 415, "expected application/json"),
    "no JSON": ({"content": b'{"plate": '}, 422, "no JSON"),
    "no UTF-8": ({"content": b'{"plate": "\xff"}'}, 422, "no UTF-8"),
    "not a number": ({"content": b'{"plate": NaN}'}, 422, "NaN"),
    "nested too deep": ({"content": b'{"a":' * 9000 + b"1" + b"}" * 9000}, 422, "nested too deep"),
    "too many values": ({"content": b"[" + b"1," * 30_000 + b"1]"}, 422, "more than"),
    "a form without JSON": (
        {
            "headers": {"Content-Type": "multipart/form-data; boundary=b"},
            "content": b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n',
        },
        422,
        "without a part of JSON",
    ),
    "half a form": (
        {"headers": {"Content-Type": "multipart/form-data; boundary=b"}, "content": b"--b\r\n\r\n{}"},
        422,
        "does not end",
    ),
    "too big": ({"content": b" " * (12 * 1024 * 1024 + 1)}, 413, "at most"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_can_not_be_read_is_refused_said_and_the_next_message_is_taken(case: str):
    request, status, said = REFUSED[case]
    async with opened(options("bearer", **PLAIN)) as device:
        headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
        async with httpx.AsyncClient(
            base_url=f"http://{device.options.listen}", trust_env=False, headers=headers, timeout=20
        ) as client:
            with capture_logs() as logs:
                answer = await client.request(
                    **{"method": "POST", "url": "/plates", "content": b"{}"} | request
                )
            assert answer.status_code == status
            assert said in answer.json()["error"]
            assert said in str([line for line in logs if line["event"] == "plate_camera.push"])
            assert (await client.post("/plates", json={"plate": "777ABC02", "t": 1})).json() == {
                "vehicles": 1
            }


async def test_messages_that_nobody_takes_are_refused_and_not_heaped_up():
    table = options("bearer", **PLAIN)
    device = Driver("smart", table)
    listener = http_push.PushListener("smart", table, lambda _: False)
    await listener.open(table)
    async with httpx.AsyncClient(
        trust_env=False, headers={"Authorization": f"Bearer {SECRET}"}, timeout=30
    ) as client:
        answer = await client.post(url(device), json={"plate": "777ABC02"})
    await listener.stop()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def told(message: Any, *, parts: Any = None, complaints: list[str] | None = None, **table: Any) -> list[Any]:
    said = complaints if complaints is not None else []
    text = json.dumps(message).encode()
    made = options(**PLAIN | table)
    return told_in(load(text), text, parts or {}, made, lambda field, what: said.append(f"{field}: {what}"))


def test_a_list_of_vehicles_is_told_one_by_one_with_what_they_share():
    fields = {"text": "data.results.*.plate", "time": "data.at", "confidence": "data.results.*.score"}
    message = {
        "data": {"at": 1769840105, "results": [{"plate": "a1", "score": 0.5}, {"plate": "b2"}, {"no": 1}, 7]}
    }
    first, second = told(message, fields=fields, confidence_scale=1)
    assert (first.text, first.confidence, first.clock_s) == ("a1", 0.5, 1769840105)
    assert (second.text, second.confidence) == ("b2", None)
    assert first.identity != second.identity
    assert told({"data": {"results": []}}, fields=fields, confidence_scale=1) == []
    assert [one.text for one in told([{"p": "x"}, {"p": "y"}], fields={"text": "*.p", "time": "*.t"})] == [
        "x",
        "y",
    ]


def test_a_reading_is_known_again_by_its_id_else_by_its_time_else_by_all_of_its_message():
    fields = PLAIN["fields"] | {"id": "id"}  # type: ignore[operator]

    def identity(**message: Any) -> str:
        return told({"plate": "777ABC02", **message}, fields=fields)[0].identity

    assert identity(id=1, t=1) == identity(id=1, t=2) != identity(id=2, t=1)
    assert identity(t=1, x=1) == identity(t=1, x=2) != identity(t=2, x=1)
    assert identity(x=1) == identity(x=1) != identity(x=2)


@pytest.mark.parametrize(
    ("when", "clock_s"),
    [
        ("2026-01-31T10:15:05+05:00", 1769836505.0),
        ("2026-01-31T05:15:05Z", 1769836505.0),
        (1769836505, 1769836505.0),
        (1769836505123, 1769836505.123),
        ("1769836505", 1769836505.0),
        ("2026-01-31T10:15:05", None),
        ("yesterday", None),
        (True, None),
        ([], None),
    ],
)
def test_a_time_is_read_where_it_says_which(when: Any, clock_s: float | None):
    complaints: list[str] = []
    (one,) = told({"plate": "777ABC02", "t": when}, complaints=complaints)
    assert one.clock_s == clock_s
    assert bool(complaints) is (clock_s is None)


@pytest.mark.parametrize(
    ("score", "scale", "share"),
    [(91, 100, 0.91), ("91", 100, 0.91), (0.5, 1, 0.5), (97, 1, None), (-1, 1, None), ("high", 1, None)],
)
def test_a_confidence_beyond_its_scale_is_none_and_said(score: Any, scale: float, share: float | None):
    complaints: list[str] = []
    fields = PLAIN["fields"] | {"confidence": "score"}  # type: ignore[operator]
    (one,) = told(
        {"plate": "1", "score": score}, complaints=complaints, fields=fields, confidence_scale=scale
    )
    assert one.confidence == share
    assert ("confidence_scale" in str(complaints)) is (share is None)


def test_vehicles_that_go_another_way_are_not_told():
    table = {"fields": PLAIN["fields"] | {"direction": "way"}, "directions": ["Approach"]}  # type: ignore[operator]
    ways = {"approach": 1, "APPROACH": 1, "away": 0, "": 1}
    assert {way: len(told({"plate": "1", "way": way}, **table)) for way in ways} == ways
    assert len(told({"plate": "1"}, **table)) == 1


def test_a_box_is_in_pixels_of_the_picture_or_of_its_scale():
    paths = {"text": "plate", "time": "t", "picture": "jpeg", "box": ["b.x", "b.y", "b.w", "b.h"]}
    message = {
        "plate": "1",
        "jpeg": base64.b64encode(SCENE).decode(),
        "b": {"x": 64, "y": 36, "w": 320, "h": 36},
    }
    (one,) = told(message, fields=paths)
    assert one.box == (0.1, 0.1, 0.5, 0.1)
    (one,) = told(message, fields=paths, box_scale=640)
    assert one.box == (0.1, 36 / 640, 0.5, 36 / 640)
    complaints: list[str] = []
    for wrong in ({"x": -5}, {"w": 900}, {"h": 0}):
        (one,) = told(message | {"b": message["b"] | wrong}, fields=paths, complaints=complaints)  # type: ignore[operator]
        assert one.box is None
    assert len(complaints) == 3
    assert told({"plate": "1", "b": {"x": 1}}, fields=paths)[0].box is None


def test_a_picture_may_be_a_data_url_and_what_is_none_is_said():
    fields = {"text": "plate", "time": "t", "picture": "jpeg"}
    encoded = base64.b64encode(SCENE).decode()
    (one,) = told({"plate": "1", "jpeg": f"data:image/jpeg;base64,{encoded}"}, fields=fields)
    assert one.picture == SCENE
    complaints: list[str] = []
    for wrong in ("***", 7, encoded[:-1]):
        (one,) = told({"plate": "1", "jpeg": wrong}, fields=fields, complaints=complaints)
        assert one.picture == b""
    assert len(complaints) == 3


async def test_parts_are_taken_by_the_names_that_the_lane_gives():
    async with opened(options(**PLAIN, picture_part="wide", crop_part="near")) as device:
        files = [
            ("near", jpeg(640, 300)),
            ("wide", jpeg(200, 100)),
            ("event", b'{"plate": "777ABC02", "t": 1}'),
        ]
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            sent = await client.post(
                url(device),
                files=[(name, (name, data, "")) for name, data in files],
                auth=httpx.DigestAuth("camera", SECRET),
            )
        assert sent.json() == {"vehicles": 1}
        frame = await until(device)
    assert 0 < len(frame.picture) < len(frame.crop)


async def test_a_path_where_nothing_stands_is_said_once_with_what_there_is():
    async with opened(options(**PLAIN)) as device, httpx.AsyncClient(trust_env=False, timeout=30) as client:
        with capture_logs() as logs:
            for number in range(3):
                await client.post(**posted(device, number_plate="777ABC02", number=number))
    (line,) = [line for line in logs if line["event"] == "plate_camera.push"]
    assert "nothing stands at plate" in line["said"]
    assert "number, number_plate" in line["said"]
    assert "777ABC02" not in str(line)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"listen": "127.0.0.1"}, "HOST:PORT"),
        ({"path": "plates"}, "path"),
        ({"user": ""}, "takes `user` and `password`"),
        ({"password": "short"}, "8"),
        ({"authentication": "bearer"}, "bearer takes a `token`"),
        ({"token": SECRET}, "no `token`"),
        ({"certificate": "/c.pem"}, "go together"),
        ({"confidence_scale": None}, "goes with `fields.confidence`"),
        ({"directions": []}, "goes with `fields.direction`"),
        ({"fields": {"text": "a"}}, "by it a reading that is sent again is known"),
        ({"fields": FIELDS | {"box": FIELDS["corners"]}}, "not both"),
        ({"fields": FIELDS | {"text": "a..b"}}, "names with dots between"),
        ({"fields": FIELDS | {"text": "a.*.b.*"}}, "one \\*"),
        ({"fields": FIELDS | {"country": "list.*.country"}}, "the list that `text` goes through"),
        ({"fields": FIELDS | {"plate": "a"}}, "plate"),
    ],
)
def test_an_option_that_can_not_work_is_refused(table: dict[str, Any], said: str):
    with pytest.raises(ValidationError, match=said):
        options(**table)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(
            st.sampled_from(["vehicle", "plate", "id", "time", "way", "score", "corners"]), inside
        )
    ),
    max_leaves=20,
)


ANY = options()


@given(json_like)
def test_any_message_is_vehicles_or_none(message: Any):
    text = json.dumps(message).encode()
    for one in told_in(load(text), text, {}, ANY, lambda _field, _said: None):
        assert one.confidence is None or 0 <= one.confidence <= 1
        assert one.box is None or all(0 <= side <= 1 for side in one.box)


@given(st.binary(max_size=200))
def test_any_text_is_json_or_refused(data: bytes):
    with contextlib.suppress(ValueError):
        load(data)
