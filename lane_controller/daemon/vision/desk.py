"""Between the lane and the reader of pages: whose page it was, and what its reading means to whom."""

from collections.abc import Callable, Iterable

import structlog

from drivers.document_reader import DocumentReader, PageRead
from lane_controller.daemon.actions import media_of
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.configuration.tables import PagesTable
from lane_controller.daemon.devices import Watch
from lane_controller.daemon.loop import Media
from lane_controller.daemon.vision.pages import Answer, Page, PageReader
from lane_controller.lane.facts import DocumentRead, Fact
from lane_controller.messages.parts import Reason

log = structlog.get_logger()


class PageDesk:
    """`passage` gives the number of the passage that owns what is read now, None without one."""

    def __init__(
        self,
        clock: Clock,
        post: Callable[[Fact, Media], None],
        passage: Callable[[], int | None],
        settings: PagesTable | None = None,
    ) -> None:
        self._clock, self._post, self._passage = clock, post, passage
        self._readers: dict[str, Watch] = {}
        self._lost = False
        self.pages = PageReader(self._told, self._degrade, settings)

    def prepare(self, watches: Iterable[Watch]) -> None:
        """Have the engine loaded where a device is known to give pages."""
        for watch in watches:
            if isinstance(watch.device, DocumentReader) and watch.device.gives_pages:
                self._readers[watch.device.name] = watch
                self.pages.prepare()

    def seen(self, watch: Watch, page: PageRead) -> None:
        """A device gave a page: it belongs to the passage of this moment, however long reading it takes."""
        name = watch.device.name
        self._readers[name] = watch
        if self._lost:
            watch.freeze(True, "page_reader_lost")
        self.pages.ask(
            Page(name, page.image, self._clock.utc().date(), self._passage(), page.others, page.infrared)
        )

    def _told(self, page: Page, answer: Answer) -> None:
        if page.passage != self._passage():
            log.warning("a page was read when its passage was over: dropped", device=page.device)
            return
        code = Reason(code=answer.reason) if answer.reason else None
        picture, crop = media_of(answer.picture, page.device), media_of(answer.crop, page.device)
        fact = DocumentRead(
            self._clock.stamp(),
            page.device,
            answer.document,
            code,
            picture=picture[0][0] if picture else None,
            crop=crop[0][0] if crop else None,
            page=answer.reading,
        )
        self._post(fact, (*picture, *crop))

    def _degrade(self, lost: bool) -> None:
        self._lost = lost
        for watch in self._readers.values():
            watch.freeze(lost, "page_reader_lost")
