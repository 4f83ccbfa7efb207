"""Clients that break HTTP, are slow, or send too much: each is answered or cut off, the next is served."""

import asyncio
import contextlib
import json
import random

import httpx
from argon2 import PasswordHasher

from dashboard.api.security import BODY_BYTES_MAX
from dashboard.users.passwords import NOBODYS
from tests.dashboard.running import Running, signed_in

DRAW = random.Random(15)
SIGNED = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"

SAID = {
    "noise": DRAW.randbytes(3000),
    "no request line": b"\r\n" * 2000,
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + DRAW.randbytes(500),
    "half a request": b"GET / HTTP/1.1\r\nHos",
    "an endless header": b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000,
    "many headers": b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: y\r\n" % n for n in range(20_000)),
    "an endless path": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path that is no UTF-8": b"GET /lanes/%ff%fe%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path out of static": b"GET /static/..%2f..%2fsite.toml HTTP/1.1\r\nHost: x\r\n\r\n",
    "two lengths": SIGNED + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nname=",
    "a negative length": SIGNED + b"Content-Length: -1\r\n\r\nname=",
    "a length that lies": SIGNED + b"Content-Length: 50\r\n\r\nname=",
    "an absurd length": SIGNED + b"Content-Length: 99999999999999999999\r\n\r\nname=",
    "a body without end": SIGNED
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"10000\r\n"
    + b"x" * 65536
    + b"\r\n" * 1,
    "a bad chunk": SIGNED + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a form that is no UTF-8": SIGNED + b"Content-Length: 10\r\n\r\nname=\xff\xfe%ff",
    "requests in one": b"GET /sign-in HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
    "another protocol": b"CONNECT evil:443 HTTP/1.1\r\nHost: evil\r\n\r\n",
}


async def exchange(url: str, said: bytes) -> bytes:
    """What comes back until the dashboard ends the connection, or for a moment."""
    parsed = httpx.URL(url)
    reader, writer = await asyncio.open_connection(parsed.host, parsed.port)
    heard = b""
    with contextlib.suppress(OSError):
        writer.write(said)
        await writer.drain()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                while piece := await reader.read(65536):
                    heard += piece
    writer.close()
    return heard


async def test_what_is_no_request_is_refused_and_the_next_client_is_served(dashboard: Running) -> None:
    async def heard(what: str) -> str:
        """What is wrong with the answer; "" for nothing."""
        answer = await exchange(dashboard.url, SAID[what])
        status = int(answer.split(b" ", 2)[1]) if answer else 0
        return f"{what}: {answer[:200]!r}" if status >= 500 or b"signing" in answer else ""

    wrong = [said for said in await asyncio.gather(*map(heard, SAID)) if said]
    assert not wrong
    async with httpx.AsyncClient(base_url=dashboard.url, timeout=10) as client:
        assert (await client.get("/sign-in")).status_code == 200


async def test_many_slow_clients_keep_nobody_out(dashboard: Running) -> None:
    parsed = httpx.URL(dashboard.url)
    slow = [await asyncio.open_connection(parsed.host, parsed.port) for _ in range(300)]
    for number, (_, writer) in enumerate(slow):
        writer.write(b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"y" * (number % 50))
    dana = await signed_in(dashboard.url, "dana")
    assert (await dana.get("/api/v1/lanes")).status_code == 200
    for _, writer in slow:
        writer.close()


BODIES = {
    "too large": b"x" * (BODY_BYTES_MAX + 1),
    "deep": b"[" * 60_000,
    "absurd numbers": json.dumps(
        {"kind": "hold", "passage": 10**60, "seen": "x" * 50_000, "reason": "r"}
    ).encode(),
    "not finite": b'{"kind": "hold", "passage": 1e999, "seen": NaN}',
    "bad UTF-8": b'{"kind": "\xff\xfe"}',
    "half a surrogate pair": b'{"kind": "hold", "reason": "\\ud800", "passage": 1, "seen": "1"}',
    "nothing": b"",
}


async def test_a_body_that_is_no_command_is_refused(dashboard: Running) -> None:
    dana = await signed_in(dashboard.url, "dana")
    for what, body in BODIES.items():
        answer = await dana.post(
            "/api/v1/lanes/cargo-1/commands", content=body, headers={"content-type": "application/json"}
        )
        assert 400 <= answer.status_code < 500, (what, answer.text)
    assert (await dana.get("/api/v1/lanes")).status_code == 200


def test_a_name_that_nobody_has_is_refused_after_as_much_work_as_a_wrong_password() -> None:
    assert not PasswordHasher().check_needs_rehash(NOBODYS)
