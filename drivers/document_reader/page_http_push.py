"""Full-page readers whose own software posts each page over HTTP.

Made after: RFC 9110, RFC 9112 (HTTP/1.1), RFC 6750 (bearer tokens), RFC 7578 (forms).  The makers' software
is closed and differs; what it can do is call a URL with the pictures.  What is taken and answered stands in
`page_listener.py`, how frames lie in a body in `page_form.py`:

    curl -H "Authorization: Bearer $TOKEN" -F white=@page.jpg -F infrared=@page_ir.png http://127.0.0.1:8350/pages

One message is one page.  Its infrared frame is read first, the others where that is not enough.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

from pydantic import Field, SecretStr, model_validator

from drivers.device import Grade, Options
from drivers.document_reader import DocumentReader, PageRead, Unreadable
from drivers.document_reader.page_listener import PageListener
from drivers.errors import DeviceUnavailable
from drivers.http_address import is_loopback, split_listen
from drivers.http_listener import ListenOptions

TOKEN_CHARACTERS_MIN = 16
WAITING_MAX = 4
"""Pages that wait for whoever reads them; a further one is answered with 503."""


class PushOptions(ListenOptions):
    """Where pages are posted to, and by whom; beyond loopback only with certificate and key."""

    token: SecretStr = Field(min_length=TOKEN_CHARACTERS_MIN)
    """What the reader's software sends as its bearer token, 16 characters or more."""

    @model_validator(mode="after")
    def _safe(self) -> "PushOptions":
        host, _ = split_listen(self.listen)
        if self.certificate is None and not is_loopback(host):
            raise ValueError(
                "listen: plain HTTP is for loopback only, as pages are personal data; "
                "give certificate and key"
            )
        return self


class Driver(DocumentReader):
    """Yields PageRead, and Unreadable for what its sender took for a page."""

    model: ClassVar[str] = "page reader, pages posted over HTTP"
    grade: ClassVar[Grade] = Grade.SIMULATED
    options_type: ClassVar[type[Options]] = PushOptions
    gives_pages: ClassVar[bool] = True

    def __init__(self, name: str, options: PushOptions) -> None:
        super().__init__(name, options)
        self._options = options
        self._listener: PageListener | None = None
        self._waiting: asyncio.Queue[PageRead | Unreadable] = asyncio.Queue(WAITING_MAX)
        self._at = ""

    async def open(self) -> None:
        await self.close()
        self._waiting = asyncio.Queue(WAITING_MAX)
        listener = PageListener(self.name, self._options.token.get_secret_value(), self._take)
        self._at = await listener.open(self._options)
        self._listener = listener

    async def close(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            await listener.stop()

    async def readings(self) -> AsyncIterator[PageRead | Unreadable]:
        while True:
            if self._listener is None:
                raise DeviceUnavailable(self.name, f"{self._options.listen} is not open")
            yield await self._waiting.get()

    async def identify(self) -> str:
        return self._at if self._listener is not None else ""

    def _take(self, reading: PageRead | Unreadable) -> bool:
        try:
            self._waiting.put_nowait(reading)
        except asyncio.QueueFull:
            return False
        return True
