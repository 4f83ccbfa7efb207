"""The listener that pages are posted to: who is let in, what is taken, and what each refusal says."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from drivers import http_listener
from drivers.document_reader import FRAMES_MAX, PAGE_BYTES_MAX, PageRead, Unreadable
from drivers.document_reader.page_http_push import WAITING_MAX, Driver, PushOptions
from drivers.document_reader.page_listener import PageListener
from drivers.errors import DeviceRefused, DeviceUnavailable
from simulators.children import free_port
from simulators.document_reader.page_http_push import HttpPushReader
from simulators.pki import Authority
from tests.document_reader.pages import PASSPORT, TOKEN, first, jpeg, jpeg_bomb, opened, png, png_bomb

Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def driver() -> AsyncIterator[Driver]:
    made = Driver("page", PushOptions.model_validate({"listen": f"127.0.0.1:{free_port()}", "token": TOKEN}))
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def ask(driver: Driver) -> AsyncIterator[Ask]:
    """One request, with what a page's sender sends where nothing else is said."""
    async with httpx.AsyncClient(
        base_url=f"http://{driver.options.listen}", trust_env=False, timeout=30
    ) as client:

        async def ask(method: str = "POST", path: str = "/pages", **changed: object) -> httpx.Response:
            headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "image/jpeg"}
            headers |= dict(changed.pop("headers", {}))  # type: ignore[call-overload]
            content = changed.pop("content", jpeg())
            return await client.request(method, path, headers=headers, content=content, timeout=10)

        yield ask


def form(*parts: tuple[str, bytes]) -> dict[str, object]:
    body = b"".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + data + b"\r\n"
        for name, data in parts
    )
    return {
        "headers": {"Content-Type": 'multipart/form-data; boundary="edge"'},
        "content": body + b"--edge--\r\n",
    }


async def raw(driver: Driver, data: bytes) -> bytes:
    """What comes back for these bytes until the listener closes."""
    host, port = driver.options.listen.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(data)
    async with asyncio.timeout(10):
        try:
            answer = await reader.read()
        except ConnectionError:
            answer = b""
    writer.close()
    return answer


async def test_a_page_may_be_one_picture_or_a_form_of_frames(driver: Driver, ask: Ask):
    posts = [
        ({"content": png()}, PageRead(png(), False, ())),
        ({"path": "/pages?light=infrared"}, PageRead(jpeg(), True, ())),
        (form(("white", jpeg(1)), ("infrared", png(2))), PageRead(png(2), True, (jpeg(1),))),
        (form(("page", jpeg(1)), ("page", jpeg(2))), PageRead(jpeg(1), False, (jpeg(2),))),
        (
            form(*[("infrared", jpeg(shade)) for shade in (1, 2)], ("white", jpeg(3))),
            PageRead(jpeg(1), True, (jpeg(3), jpeg(2))),
        ),
    ]
    readings = driver.readings()
    for post, page in posts:
        answer = await ask(**post)
        assert answer.status_code == 202, answer.text
        assert answer.json() == {"frames": 1 + len(page.others)}
        assert await first(readings) == page


REFUSED = {
    "no token": ({"headers": {"Authorization": ""}}, 401, "who are you"),
    "a wrong token": ({"headers": {"Authorization": f"Bearer {TOKEN}x"}}, 401, "who are you"),
    "another path": ({"path": "/"}, 404, "/pages"),
    "another method": ({"method": "GET", "content": b""}, 405, "posted"),
    "a document file": ({"headers": {"Content-Type": "application/pdf"}}, 415, "expected image/jpeg"),
    "a form without boundary": ({"headers": {"Content-Type": "multipart/form-data"}}, 415, "boundary"),
    "half a page": ({"content": jpeg()[:-20]}, 422, "its end is missing"),
    "nothing": ({"content": b""}, 422, "neither a JPEG nor a PNG"),
    "another kind of picture": ({"content": b"GIF89a" + bytes(99)}, 422, "neither a JPEG nor a PNG"),
    "a bomb": ({"content": png_bomb()}, 422, "60000 x 60000"),
    "a JPEG bomb": ({"content": jpeg_bomb()}, 422, "65535 x 65535"),
    "a form that does not end": (
        form(("white", jpeg())) | {"content": form(("white", jpeg()))["content"][:-9]},  # type: ignore[index]
        422,
        "does not end",
    ),
    "too many frames": (form(*[("white", jpeg())] * (FRAMES_MAX + 1)), 422, "frames"),
    "a form with nothing": (form(), 422, "does not end"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_no_page_is_refused_with_its_status_and_the_next_page_is_taken(
    driver: Driver, ask: Ask, case: str
):
    post, status, said = REFUSED[case]
    answer = await ask(**post)
    assert answer.status_code == status
    assert said in answer.json()["error"]
    readings = driver.readings()
    if status == 422:
        assert await first(readings) == Unreadable("bad_picture", b""), "the operator hears of it"
    assert (await ask()).status_code == 202
    assert isinstance(await first(readings), PageRead)


async def test_a_body_over_the_bound_is_refused_before_it_comes_or_where_it_gets_there(
    driver: Driver, ask: Ask, monkeypatch: pytest.MonkeyPatch
):
    head = f"POST /pages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: image/jpeg\r\n"
    answer = await raw(driver, f"{head}Content-Length: {PAGE_BYTES_MAX * 2}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 413 ")
    monkeypatch.setattr(PageListener, "body_bytes_max", 300_000)
    chunk = b"1000\r\n" + bytes(0x1000) + b"\r\n"
    answer = await raw(driver, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * 100)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert (await ask()).status_code == 202


async def test_pages_that_nobody_takes_are_refused_and_not_heaped_up(driver: Driver, ask: Ask):
    statuses = [(await ask(content=jpeg(shade))).status_code for shade in range(WAITING_MAX + 1)]
    assert statuses == [202] * WAITING_MAX + [503]
    readings = driver.readings()
    for shade in range(WAITING_MAX):
        assert await first(readings) == PageRead(jpeg(shade), False, ())


async def test_a_sender_is_asked_on_before_it_sends_a_large_body(driver: Driver):
    host, port = driver.options.listen.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /pages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: image/jpeg\r\n"
    writer.write(f"{head}Content-Length: {len(jpeg())}\r\nExpect: 100-continue\r\n\r\n".encode())
    async with asyncio.timeout(10):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        writer.write(jpeg())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 202 ")
    writer.close()


async def test_slow_strangers_keep_nobody_out(driver: Driver, ask: Ask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http_listener, "HEAD_S", 30.0)
    host, port = driver.options.listen.split(":")
    strangers = [
        await asyncio.open_connection(host, int(port)) for _ in range(3 * http_listener.CONNECTIONS_MAX)
    ]
    for _, writer in strangers:
        writer.write(b"POST /pages HTTP/1.1\r\nX: ")
    assert (await ask()).status_code == 202
    for _, writer in strangers:
        writer.close()


async def test_what_is_too_slow_is_cut_off(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http_listener, "HEAD_S", 0.2)
    monkeypatch.setattr(http_listener, "BODY_S", 0.2)
    assert await raw(driver, b"POST /pages HTT") == b"", "no request came"
    head = f"POST /pages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: image/jpeg\r\n"
    answer = await raw(driver, f"{head}Content-Length: 1000\r\n\r\nhalf".encode())
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_what_is_no_http_gets_an_answer_or_none_and_the_next_page_is_taken(driver: Driver, ask: Ask):
    draw = random.Random(7)
    whole = (
        f"POST /pages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 5\r\n\r\n12345"
    )
    told = [b"\r\n\r\n" * 99, b"GET / HTTP/9.9\r\n\r\n", b"X" * (3 * http_listener.HEAD_BYTES_MAX)]
    told += [draw.randbytes(draw.randrange(1, 3000)) + b"\r\n\r\n" for _ in range(25)]
    for _ in range(25):
        broken = bytearray(whole.encode())
        broken[draw.randrange(len(broken))] = draw.randrange(256)
        told.append(bytes(broken))

    async def say(data: bytes) -> bytes:
        host, port = driver.options.listen.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(data)
        try:
            writer.write_eof()
            async with asyncio.timeout(10):
                return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()

    for answer in await asyncio.gather(*map(say, told)):
        assert not answer or answer.startswith(b"HTTP/1.1 4"), answer[:80]
        if answer:
            json.loads(answer.rpartition(b"\r\n\r\n")[2])
    assert (await ask()).status_code == 202


async def test_pages_come_over_tls_to_whoever_trusts_the_listener(tmp_path: Path):
    identity = Authority(tmp_path).issue("listener", server=True)
    port = free_port()
    options = {"listen": f"127.0.0.1:{port}", "token": TOKEN, "certificate": identity.certificate}
    driver = Driver("page", PushOptions.model_validate(options | {"key": identity.key}))
    reader = HttpPushReader("page", f"https://127.0.0.1:{port}/pages", TOKEN, ca=identity.ca)
    await reader.start()
    async with opened(driver) as readings:
        reader.present(PASSPORT)
        assert isinstance(await first(readings), PageRead)
        assert b"HTTP" not in await raw(driver, b"POST /pages HTTP/1.1\r\n\r\n"), "no plain HTTP beside it"
    await reader.stop()
    identity.certificate.write_text("nothing")
    with pytest.raises(DeviceRefused, match="can't use the TLS files"):
        await driver.open()


async def test_a_port_that_is_taken_is_unavailable(driver: Driver):
    with pytest.raises(DeviceUnavailable, match="can't listen at"):
        await Driver("other", driver.options).open()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"listen": "192.168.1.5:8350"}, "plain HTTP is for loopback only"),
        ({"listen": "127.0.0.1"}, "expected HOST:PORT"),
        ({"listen": "http://127.0.0.1:1/pages"}, "expected HOST:PORT"),
        ({"token": "short"}, "16"),
        ({"certificate": "/c.pem"}, "go together"),
    ],
)
def test_an_option_that_can_not_work_is_refused(options: dict[str, object], said: str):
    with pytest.raises(ValidationError, match=said):
        PushOptions.model_validate({"listen": "127.0.0.1:8350", "token": TOKEN} | options)
