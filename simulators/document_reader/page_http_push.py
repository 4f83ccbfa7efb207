"""A page reader whose software posts each page over HTTP/1.1, as a form (RFC 7578) with a bearer token.

    POST /pages
    Authorization: Bearer TOKEN
    Content-Type: multipart/form-data; boundary=...

    one part a frame, its name the light: `white`, `infrared`

A page that is not taken because nobody listens or the far end is busy is posted again a few times, as such
software does; `answers` keeps the last status codes, 0 for no answer.
"""

import asyncio
import secrets
import ssl
from collections import deque
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx

from simulators.document_reader.page_reader import SLOW_S, Frame, PageReader

TRIES = 4
AGAIN_S = 0.5
TIMEOUT_S = 20.0
_CHUNKS = 20


def form(frames: Sequence[Frame], boundary: str) -> bytes:
    """The body of a form with these frames."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{frame.light}"; filename="page.jpg"\r\n'
        f"Content-Type: image/jpeg\r\n\r\n".encode()
        + frame.data
        + b"\r\n"
        for frame in frames
    ]
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


class HttpPushReader(PageReader):
    """`listener` is where it posts to, `token` what it sends; `ca` whom it trusts to sign an https one."""

    def __init__(
        self,
        name: str,
        listener: str,
        token: str,
        *,
        ca: Path | None = None,
        infrared: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__(name, infrared=infrared, seed=seed)
        self.answers: deque[int] = deque(maxlen=100)
        self._listener, self._token, self._ca = listener, token, ca
        self._client: httpx.AsyncClient | None = None

    @property
    def address(self) -> str:
        return self._listener

    async def connect(self) -> None:
        verify = ssl.create_default_context(cafile=self._ca) if self._ca else True
        self._client = httpx.AsyncClient(verify=verify, timeout=TIMEOUT_S, trust_env=False)

    async def disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def hand_over(self, frames: list[Frame]) -> None:
        for again in range(TRIES):
            if again:
                await asyncio.sleep(AGAIN_S)
            status = await self._post(frames)
            self.answers.append(status)
            if status not in (0, 503):
                return
        raise ConnectionError(f"nobody takes pages at {self._listener}")

    async def _post(self, frames: list[Frame]) -> int:
        assert self._client is not None
        boundary = secrets.token_hex(12)
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        }
        body = form(frames, boundary)
        content = _slowly(body) if "slow" in self.bed.faults else body
        if "slow" in self.bed.faults:
            headers["Content-Length"] = str(len(body))
        try:
            return (await self._client.post(self._listener, content=content, headers=headers)).status_code
        except httpx.HTTPError:
            return 0


async def _slowly(body: bytes) -> AsyncIterator[bytes]:
    size = len(body) // _CHUNKS + 1
    for at in range(0, len(body), size):
        yield body[at : at + size]
        await asyncio.sleep(SLOW_S / _CHUNKS)
