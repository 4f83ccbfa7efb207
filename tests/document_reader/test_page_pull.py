"""The scanner that is asked for its newest page: what is new, and what each wrong answer is."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from drivers.document_reader import PAGE_BYTES_MAX, PageRead, Unreadable, page_http_pull
from drivers.document_reader.page_http_pull import Driver, PullOptions
from drivers.errors import DeviceError, DeviceRefused, DeviceTimeout, DeviceUnavailable, ProtocolError
from simulators.document_reader.page_http_pull import HttpPullScanner
from simulators.pki import Authority
from tests.document_reader.pages import PASSPORT, TOKEN, first, jpeg, opened

NONE = b"HTTP/1.1 204 No Content\r\n\r\n"


def page(data: bytes, more: str = "", kind: str = "image/jpeg") -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(data)}\r\n\r\n".encode()
        + data
    )


class Scanner:
    """Answers each question with the next of these bytes, and the last one for ever."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.url = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode().lower())
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()
                return
            writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


@asynccontextmanager
async def served(answering: Callable[..., Any]) -> AsyncIterator[Any]:
    server = await asyncio.start_server(answering, "127.0.0.1", 0)
    answering.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/page"  # type: ignore[attr-defined]
    try:
        yield answering
    finally:
        server.close()


def driver(url: str, **options: object) -> Driver:
    values = {"url": url, "every_s": 0.05, "timeout_s": 2.0} | options
    return Driver("page", PullOptions.model_validate(values))


async def told(*answers: bytes, count: int) -> list[Any]:
    """The first readings from a scanner that answers so."""
    async with served(Scanner(*answers)) as scanner, opened(driver(scanner.url)) as readings:
        return [await first(readings) for _ in range(count)]


async def test_only_other_bytes_are_a_new_page_whatever_they_are_called():
    old, new, newer = jpeg(1), jpeg(2), jpeg(3)
    answers = (
        page(old, 'ETag: "1"\r\n'),
        page(old, 'ETag: "restarted"\r\n'),
        NONE,
        page(new, 'ETag: "2"\r\n'),
        page(new, "Last-Modified: Sat, 28 Nov 2026 10:00:00 GMT\r\n"),
        page(newer, 'ETag: "2"\r\n'),
    )
    assert await told(*answers, count=2) == [PageRead(new, False), PageRead(newer, False)]


async def test_a_scanner_is_told_which_page_is_known_and_to_hold_the_question():
    answer = page(jpeg(), 'ETag: "7"\r\nLast-Modified: Sat, 28 Nov 2026 10:00:00 GMT\r\n')
    async with served(Scanner(NONE, answer, NONE)) as scanner:
        asking = driver(scanner.url, wait_s=0.2, token=TOKEN)
        async with opened(asking) as readings:
            await first(readings)
            waiting = asyncio.ensure_future(anext(readings))
            while len(scanner.asked) < 3:
                await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.wait({waiting})
    assert f"authorization: bearer {TOKEN}" in scanner.asked[0]
    assert "if-none-match" not in scanner.asked[1]
    assert "prefer: wait=0.2" in scanner.asked[1]
    assert 'if-none-match: "7"' in scanner.asked[2]
    assert "if-modified-since: sat, 28 nov 2026" in scanner.asked[2]


async def test_a_page_that_was_asked_for_while_it_was_written_is_not_called_bad():
    half, bad = jpeg(1)[:-50], jpeg(2)[:-50]
    assert await told(NONE, page(half), page(jpeg(1)), page(bad), count=2) == [
        PageRead(jpeg(1), False),
        Unreadable("bad_picture", b""),
    ]


ODD = {
    "an error": (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", DeviceUnavailable, "answered 500"),
    "no entry": (b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", DeviceRefused, "check token"),
    "not there": (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", DeviceRefused, "is this the page's url"),
    "elsewhere": (
        b"HTTP/1.1 302 No\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
        DeviceRefused,
        "answered 302",
    ),
    "a web page": (page(b"<html>", kind="text/html"), ProtocolError, "expected image/jpeg"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", ProtocolError, "answered wrongly"),
    "half an answer": (page(jpeg())[:-9], DeviceTimeout, "nothing for"),
    "a huge one": (
        page(bytes(PAGE_BYTES_MAX + 70_000)),
        ProtocolError,
        "over",
    ),
}


@pytest.mark.parametrize("case", ODD)
async def test_a_wrong_answer_is_the_device_s_error_and_says_what(case: str):
    answer, kind, said = ODD[case]
    async with served(Scanner(NONE, answer)) as scanner, opened(driver(scanner.url)) as readings:
        with pytest.raises(kind, match=said) as caught:
            await first(readings)
        assert isinstance(caught.value, DeviceError)
        assert caught.value.hint


async def test_a_page_that_trickles_without_end_is_a_timeout(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page_http_pull, "BODY_S", 0.2)

    async def trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 99999\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.02)

    async with served(trickle):
        with pytest.raises(DeviceTimeout, match="no whole answer in time"):
            await driver(trickle.url).open()  # type: ignore[attr-defined]


async def test_pages_come_over_tls_from_a_scanner_that_is_trusted(tmp_path: Path):
    identity = Authority(tmp_path).issue("scanner", server=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)
    scanner = HttpPullScanner("page", token=TOKEN, tls=context)
    await scanner.start()
    async with opened(driver(scanner.address, token=TOKEN, ca=identity.ca, timeout_s=3)) as readings:
        scanner.present(PASSPORT)
        assert isinstance(await first(readings), PageRead)
    with pytest.raises(DeviceRefused, match="check ca"):
        await driver(scanner.address, token=TOKEN, timeout_s=3).open()
    with pytest.raises(DeviceRefused, match="can't use the TLS files"):
        await driver(scanner.address, ca=tmp_path / "none.pem").open()
    await scanner.stop()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "http://192.168.1.5/page"}, "plain http is for loopback only"),
        ({"url": "ftp://127.0.0.1/page"}, "is no address"),
        ({"url": "http://127.0.0.1:99999/page"}, "is no address"),
        ({"url": "https://u:p@scanner/page"}, "no user or password"),
        ({"key": "/k.pem"}, "go together"),
    ],
)
def test_an_option_that_can_not_work_is_refused(options: dict[str, object], said: str):
    with pytest.raises(ValidationError, match=said):
        PullOptions.model_validate({"url": "https://scanner/page"} | options)
