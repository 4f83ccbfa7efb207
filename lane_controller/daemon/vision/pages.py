"""Pages in, documents out, through a child process (`worker.py`) that is started, timed and started again.

Reading a page takes seconds and may hang.  A page that is not read in `READ_S` costs the child its life and
comes out as not read; the next one finds a new child.  While there is none, the readers that give pages are
degraded, and nothing else.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NoReturn

import structlog
from pydantic import ValidationError

from drivers.child import Child, Gone
from drivers.document_reader import PAGE_BYTES_MAX
from lane_controller.daemon.backoff import backoff_s
from lane_controller.daemon.configuration.tables import PagesTable
from lane_controller.messages.parts import Document, PageReading

log = structlog.get_logger()

WORKER = "lane_controller.daemon.vision.worker"
START_S = 30.0
"""For loading the engine on a slow and busy machine."""
READ_S = 20.0
"""A page that takes longer hangs."""
WAITING_MAX = 4
"""Pages that wait while one is read; beyond them the oldest is given up."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page's picture from a device; `passage` is whose it was when it came, `reference` the day, `others`
    further frames of the same page; `infrared` is whether `image` is: then the first of `others` is taken to
    be the visible one."""

    device: str
    image: bytes = field(repr=False)
    reference: date
    passage: int | None
    others: tuple[bytes, ...] = field(default=(), repr=False)
    infrared: bool = False

    @property
    def frames(self) -> tuple[bytes, ...]:
        return (self.image, *self.others)


@dataclass(frozen=True, slots=True)
class Answer:
    """A document, how it was read and its two pictures (JPEG; b"" for none), or why there is none: a reason's
    code."""

    document: Document | None = None
    reason: str = ""
    reading: PageReading | None = None
    picture: bytes = field(default=b"", repr=False)
    crop: bytes = field(default=b"", repr=False)


class EngineFailed(Exception):
    """The engine can't work here at all: a person is needed."""


class PageReader:
    """`told(page, answer)` is called once for each page that was asked.  `lost(yes)` says that no page can be
    read now, or that they can be again.  Both are quick and raise nothing.  `settings` say what reads."""

    def __init__(
        self,
        told: Callable[[Page, Answer], None],
        lost: Callable[[bool], None],
        settings: PagesTable | None = None,
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._told, self._lost, self._chance = told, lost, chance
        self._settings = (settings or PagesTable()).model_dump()
        self._waiting: deque[Page] = deque()
        self._woken = asyncio.Event()
        self._reading: Page | None = None
        self._failures = 0
        self._refused = False

    def prepare(self) -> None:
        """Have a child ready before the first page."""
        self._woken.set()

    def ask(self, page: Page) -> None:
        """Read a page, soon."""
        if sum(len(frame) for frame in page.frames) > PAGE_BYTES_MAX:
            self._told(page, Answer(reason="bad_picture"))
        elif self._refused:
            self._told(page, Answer(reason="page_not_read"))
        else:
            if len(self._waiting) >= WAITING_MAX:
                self._told(self._waiting.popleft(), Answer(reason="page_not_read"))
            self._waiting.append(page)
            self._woken.set()

    async def run(self) -> None:
        """Until cancelled; raises nothing else.  No child is started before it is wanted."""
        await self._woken.wait()
        while True:
            try:
                await self._session()
            except (Gone, OSError, TimeoutError, EngineFailed, ValueError) as error:
                self._failed(error)
            await asyncio.sleep(backoff_s(self._failures, self._chance(), refused=self._refused))

    async def _session(self) -> NoReturn:
        """One child's life.  Raises what ends it."""
        child = await Child.start(WORKER, self._settings)
        try:
            messages = child.messages()
            async with asyncio.timeout(START_S):
                _expect("ready", (await anext(messages))[0])
            if self._failures:
                log.info("pages can be read again", after_failures=self._failures)
                self._lost(False)
            self._refused = False
            number = 0
            while True:
                await self._until_asked(child)
                page, number = self._waiting.popleft(), number + 1
                self._reading = page
                async with asyncio.timeout(READ_S):
                    sizes = [len(frame) for frame in page.frames]
                    order = {
                        "page": number,
                        "bytes": sum(sizes),
                        "frames": sizes,
                        "visible": 1 if page.infrared and page.others else 0,
                        "reference": page.reference.isoformat(),
                    }
                    await child.tell(order, b"".join(page.frames), within_s=READ_S)
                    header, blob = await anext(messages)
                answer = _answer(header, blob, number)
                self._reading, self._failures = None, 0
                self._told(page, answer)
        finally:
            await child.kill()

    async def _until_asked(self, child: Child) -> None:
        """Wait for a page; a child that dies meanwhile is found out at once."""
        while not self._waiting:
            self._woken.clear()
            asked = asyncio.create_task(self._woken.wait())
            ended = asyncio.create_task(child.ended())
            await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
            if ended.done():
                raise Gone(ended.result())
            ended.cancel()

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        self._refused = isinstance(error, EngineFailed)
        text = f"no answer within {READ_S:.0f} s" if isinstance(error, TimeoutError) else str(error)
        tell = log.warning if self._failures == 1 else log.debug
        tell("no page can be read", error=text, failures=self._failures)
        unread = [page for page in (self._reading, *self._waiting) if page is not None]
        self._reading = None
        self._waiting.clear()
        for page in unread:
            self._told(page, Answer(reason="page_not_read"))
        self._lost(True)


def _expect(kind: str, header: dict[str, Any]) -> None:
    if header["kind"] == "failed":
        raise EngineFailed(str(header.get("message")))
    if header["kind"] != kind:
        raise ValueError(f"the page reader sent {header['kind']!r}, expected {kind!r}")


def _answer(header: dict[str, Any], blob: bytes, number: int) -> Answer:
    """Raises EngineFailed, ValueError for what is no answer."""
    _expect("page", header)
    try:
        if header["page"] != number:
            raise ValueError("the page reader answered another page")
        if header["document"] is None:
            return Answer(reason=str(header["reason"]))
        size, rest = header["pictures"]
        if size + rest != len(blob):
            raise ValueError("the page reader sent pictures of another size than it said")
        return Answer(
            Document.model_validate(header["document"]),
            str(header["reason"]),
            PageReading.model_validate(header["reading"]),
            blob[:size],
            blob[size:],
        )
    except (KeyError, TypeError, ValidationError) as error:  # whose text may quote what was read
        raise ValueError(f"the page reader sent nonsense: {type(error).__name__}") from None
