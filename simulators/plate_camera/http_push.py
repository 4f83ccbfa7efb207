"""A camera that reads plates by itself and posts each one over HTTP/1.1, as JSON or as a form.

    POST /plates                                    digest (RFC 7616), basic (RFC 7617) or a bearer token
    Content-Type: application/json                  pictures in it as base64

or, with `form`, multipart/form-data (RFC 7578) with the parts `event` (the JSON), `scene` and `plate`.  A
message that finds nobody, or no room, is posted again a few times; `answers` keeps the last status codes, 0
for none.
"""

import asyncio
import base64
import contextlib
import json
import secrets
import ssl
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal

import httpx

from simulators.plate_camera.smart_eye import Passing, SmartEye

ZONE = timezone(timedelta(hours=5))
TRIES = 4
AGAIN_S = 0.3
TIMEOUT_S = 20.0


def event(seen: Passing, *, inside: bool) -> dict[str, Any]:
    """The JSON of one vehicle; `inside` puts its pictures into it."""
    box = [round(1000 * side) for side in seen.box] if seen.box else None
    pictures = {
        name: base64.b64encode(picture).decode()
        for name, picture in (("scene", seen.scene), ("plate", seen.plate))
        if inside and picture
    }
    return {
        "kind": "plate",
        "id": seen.number,
        "time": datetime.fromtimestamp(seen.time_s, ZONE).isoformat(timespec="milliseconds"),
        "way": "approach",
        "vehicle": {"plate": seen.text, "country": seen.country, "score": seen.confidence, "corners": box},
        "pictures": pictures,
    }


class _Token(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class HttpPushCamera:
    """`listener` is where it posts to; `secret` its password, or with bearer its token; `ca` whom it trusts
    to sign an https one.  One fault more than the eye has: `drop`, the cable pulled."""

    def __init__(
        self,
        name: str,
        eye: SmartEye,
        listener: str,
        secret: str,
        *,
        user: str = "camera",
        scheme: Literal["digest", "basic", "bearer"] = "digest",
        form: bool = False,
        ca: Path | None = None,
    ) -> None:
        self.name, self.eye, self.address = name, eye, listener
        self.answers: deque[int] = deque(maxlen=100)
        self._auth: httpx.Auth = {
            "digest": lambda: httpx.DigestAuth(user, secret),
            "basic": lambda: httpx.BasicAuth(user, secret),
            "bearer": lambda: _Token(secret),
        }[scheme]()
        self._form, self._ca = form, ca
        self._due: asyncio.Queue[Passing | None] = asyncio.Queue()
        self._posting: asyncio.Task[None] | None = None
        self._dropped = False

    async def start(self) -> None:
        await self.stop()
        self._posting = asyncio.create_task(self._post_all(), name=f"posts of {self.name}")

    async def stop(self) -> None:
        posting, self._posting = self._posting, None
        if posting is not None:
            posting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await posting

    def step(self, seconds: float) -> None:
        for sign in self.eye.step(seconds):
            self._due.put_nowait(sign)

    def faults(self) -> tuple[str, ...]:
        return (*self.eye.FAULTS, "drop")

    def set_fault(self, fault: str, on: bool) -> None:
        if fault == "drop":
            self._dropped = on
        else:
            self.eye.set_fault(fault, on)

    def message(self, sign: Passing | None) -> tuple[str, bytes]:
        """Content-Type and body."""
        when = datetime.fromtimestamp(self.eye.clock_s, ZONE).isoformat(timespec="seconds")
        told = {"kind": "alive", "time": when} if sign is None else event(sign, inside=not self._form)
        text = json.dumps(told).encode()
        if sign is None or not self._form:
            return "application/json", text
        edge = f"------------------------{secrets.token_hex(8)}"
        fields = [('name="event"', "application/json", text)]
        for name, picture in (("scene", sign.scene), ("plate", sign.plate)):
            if picture:
                fields.append((f'name="{name}"; filename="{name}.jpg"', "image/jpeg", picture))
        body = b"".join(
            f"--{edge}\r\nContent-Disposition: form-data; {called}\r\nContent-Type: {kind}\r\n\r\n".encode()
            + data
            + b"\r\n"
            for called, kind, data in fields
        )
        return f"multipart/form-data; boundary={edge}", body + f"--{edge}--\r\n".encode()

    async def _post_all(self) -> None:
        tls = ssl.create_default_context(cafile=self._ca) if self._ca else True
        async with httpx.AsyncClient(
            verify=tls, timeout=TIMEOUT_S, trust_env=False, auth=self._auth
        ) as client:
            while True:
                sign = await self._due.get()
                tries = TRIES if sign is not None else 1
                for again in range(tries):
                    if again:
                        await asyncio.sleep(AGAIN_S)
                    self.answers.append(status := await self._post(client, sign))
                    if status not in (0, 503):
                        break

    async def _post(self, client: httpx.AsyncClient, sign: Passing | None) -> int:
        if self._dropped:
            return 0
        kind, body = self.message(sign)
        headers = {"Content-Type": kind}
        content: bytes | AsyncIterator[bytes] = body
        if sign is not None and "half_part" in self.eye.faults_set:
            headers["Content-Length"] = str(len(body))
            content = _half(body)
        try:
            return (await client.post(self.address, content=content, headers=headers)).status_code
        except (httpx.HTTPError, ConnectionAbortedError):
            return 0


async def _half(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    raise ConnectionAbortedError("the camera breaks off")
