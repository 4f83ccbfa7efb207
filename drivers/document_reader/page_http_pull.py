"""Page scanners that serve their newest page over HTTP: asked again and again, or asked once and held.

Made after: RFC 9110 (13.1: If-None-Match, If-Modified-Since), RFC 7240 (`Prefer: wait`), RFC 6750.

    GET url        200 with the newest page as in `page_form.py`; 204 there is none; 304 it is still the same

A page is new when its bytes differ from the last one's; ETag and Last-Modified only save sending it.  An
answer with new names for old bytes (a scanner that was switched off and on) is no new page: it may be of the
traveller before.  For the same reason the page that lies there when the driver opens is never read.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import httpx
from pydantic import Field, SecretStr, model_validator

from drivers.device import OPEN_S, Grade, Options
from drivers.document_reader import PAGE_BYTES_MAX, DocumentReader, PageRead, Unreadable
from drivers.document_reader.page_form import WrongType, frames_in
from drivers.document_reader.page_frames import BadPage, page_of
from drivers.errors import DeviceTimeout, DeviceUnavailable
from drivers.http_address import client_context, is_loopback
from drivers.http_errors import FarEnd

BODY_BYTES_MAX = PAGE_BYTES_MAX + 64 * 1024
BODY_S = 6.0
"""For a page's bytes to come, however they trickle."""
FRESH_S = 10.0
"""After a shorter loss what is new has come meanwhile, and is the page of whoever waits there."""


class PullOptions(Options):
    """Which scanner is asked, and how often."""

    url: str
    """Where the scanner's newest page is; https, plain http on loopback only."""
    token: SecretStr | None = None
    """Sent as a bearer token."""
    infrared: bool = False
    """Whether a picture that comes alone is an infrared one."""
    every_s: float = Field(0.5, ge=0.05, le=10)
    """Seconds from one question to the next."""
    wait_s: float = Field(0.0, ge=0, le=60)
    """Seconds that the scanner is asked to hold a question until there is a new page; 0: not at all."""
    timeout_s: float = Field(2.0, gt=0, le=30)
    """A scanner that takes longer to answer (beyond wait_s), or pauses longer, is lost, in seconds."""
    ca: Path | None = None
    """PEM file that the scanner's certificate is checked against."""
    certificate: Path | None = None
    """PEM file of our client certificate."""
    key: Path | None = None
    """PEM file of its private key."""

    @model_validator(mode="after")
    def _safe(self) -> "PullOptions":
        bad = f'url: "{self.url}" is no address; expected https://HOST[:PORT]/PATH'
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ValueError(bad) from None
        blank = any(ord(character) <= 32 for character in self.url)
        if parts.scheme not in ("http", "https") or not host or port == 0 or blank:
            raise ValueError(bad)
        if parts.username or parts.password:
            raise ValueError("url: no user or password here; use token or a client certificate")
        if parts.scheme == "http" and not is_loopback(host):
            raise ValueError("url: plain http is for loopback only, as pages are personal data; use https")
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        return self


class Driver(DocumentReader):
    """Yields PageRead, and Unreadable for a new answer that is no page."""

    model: ClassVar[str] = "page scanner, pages fetched over HTTP"
    grade: ClassVar[Grade] = Grade.SIMULATED
    options_type: ClassVar[type[Options]] = PullOptions
    gives_pages: ClassVar[bool] = True

    def __init__(self, name: str, options: PullOptions) -> None:
        super().__init__(name, options)
        self._options = options
        self._far_end = FarEnd(name, options.url, options.timeout_s, "scanner", "page")
        self._client: httpx.AsyncClient | None = None
        self._known: dict[str, str] = {}
        """What names the last page in the next question."""
        self._last = self._suspect = b""
        self._looked_s = -FRESH_S
        self._found: PageRead | Unreadable | None = None

    @property
    def open_s(self) -> float:
        return max(OPEN_S, self._options.timeout_s + BODY_S + 1.0)

    async def open(self) -> None:
        await self.close()
        options = self._options
        tls = urlsplit(options.url).scheme == "https"
        verify = client_context(self.name, options.ca, options.certificate, options.key) if tls else False
        headers = {"Accept": "image/jpeg, image/png, multipart/*", "Accept-Encoding": "identity"}
        if options.token is not None:
            headers["Authorization"] = f"Bearer {options.token.get_secret_value()}"
        self._client = httpx.AsyncClient(
            verify=verify,
            headers=headers,
            timeout=httpx.Timeout(options.timeout_s),
            limits=httpx.Limits(max_connections=1),
            trust_env=False,
            follow_redirects=False,
        )
        fresh = time.monotonic() - self._looked_s < FRESH_S
        try:
            page = await self._look(0.0)
        except BaseException:
            await self.close()
            raise
        self._found = page if fresh else None

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def readings(self) -> AsyncIterator[PageRead | Unreadable]:
        loop = asyncio.get_running_loop()
        found, self._found = self._found, None
        while True:
            if found is not None:
                yield found
            next_s = loop.time() + self._options.every_s
            found = await self._look(self._options.wait_s)
            await asyncio.sleep(max(0.0, next_s - loop.time()) if found is None else 0.0)

    async def identify(self) -> str:
        return "answers" if self._client is not None else ""

    async def _look(self, wait_s: float) -> PageRead | Unreadable | None:
        """Ask once; the page if it is a new one.  Raises a DeviceError."""
        if self._client is None:
            raise DeviceUnavailable(self.name, f"{self._options.url} is not open")
        headers = dict(self._known)
        if wait_s:
            headers["Prefer"] = f"wait={wait_s:g}"
        limits = httpx.Timeout(self._options.timeout_s, read=self._options.timeout_s + wait_s)
        request = self._client.build_request("GET", self._options.url, headers=headers, timeout=limits)
        try:
            async with asyncio.timeout(wait_s + self._options.timeout_s + BODY_S):
                response = await self._client.send(request, stream=True)
                try:
                    page = await self._page(response)
                finally:
                    await response.aclose()
        except httpx.HTTPError as error:
            raise self._far_end.lost(error) from error
        except TimeoutError:
            raise DeviceTimeout(
                self.name, f"{self._options.url}: no whole answer in time", hint="is the network slow?"
            ) from None
        self._looked_s = time.monotonic()
        return page

    async def _page(self, response: httpx.Response) -> PageRead | Unreadable | None:
        if response.status_code in (204, 304):
            return None
        self._far_end.check_status(response)
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                raise self._far_end.wrong(f"over {PAGE_BYTES_MAX} bytes")
        fields = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
        self._known = {
            fields[name]: value for name, value in response.headers.items() if name in fields and value
        }
        digest = hashlib.sha256(body).digest()
        if digest == self._last:
            return None
        try:
            frames = frames_in(
                response.headers.get("content-type", ""), bytes(body), infrared=self._options.infrared
            )
            page = page_of(frames)
        except WrongType as error:
            raise self._far_end.wrong(str(error)) from None
        except BadPage:
            # It may have been asked while the scanner wrote: only what is bad twice is bad.
            self._known = {}
            if digest != self._suspect:
                self._suspect = digest
                return None
            page = Unreadable("bad_picture", b"")
        self._last = digest
        return page
