"""The listener to which a page reader's software posts pages.

POST /pages        Authorization: Bearer TOKEN; the body as in `page_form.py`

202 {"frames": 2}  taken            408 the body was too slow   415 neither picture nor multipart
400 no HTTP                         413 over 16 MiB             422 no whole picture
401 no or a wrong token             404, 405 not POST /pages    503 not now: post it again
"""

from collections.abc import Callable
from typing import Any, ClassVar

from drivers.document_reader import PAGE_BYTES_MAX, PageRead, Unreadable
from drivers.document_reader.page_form import WrongType, frames_in, kind_of
from drivers.document_reader.page_frames import BadPage, page_of
from drivers.http_exchange import Refused, Request
from drivers.http_guard import Bearer
from drivers.http_listener import HttpListener

PATH = b"/pages"

Take = Callable[[PageRead | Unreadable], bool]


class PageListener(HttpListener):
    """`take` gets each page that came and says whether it could be taken."""

    body_bytes_max: ClassVar[int] = PAGE_BYTES_MAX + 64 * 1024
    """Multipart fields come on top."""
    what: ClassVar[str] = "a page"

    def __init__(self, device: str, token: str, take: Take) -> None:
        super().__init__(device)
        self._guard, self._take = Bearer(token), take

    def prove(self, request: Request) -> None:
        self._guard.check(request)

    def look(self, request: Request) -> None:
        if request.path != PATH:
            raise Refused(404, "pages are posted to /pages")
        if request.method != b"POST":
            raise Refused(405, "pages are posted", headers=[("Allow", "POST")])
        try:
            kind_of(request.content_type)
        except WrongType as error:
            raise Refused(415, str(error)) from None

    def take(self, request: Request, body: bytes) -> tuple[int, dict[str, Any]]:
        infrared = b"light=infrared" in request.query.split(b"&")
        try:
            page = page_of(frames_in(request.content_type, body, infrared=infrared))
        except BadPage as error:
            self._take(Unreadable("bad_picture", b""))
            raise Refused(422, str(error), last=False) from None
        if not self._take(page):
            raise Refused(503, "the lane takes no page now", last=False, headers=[("Retry-After", "1")])
        return 202, {"frames": 1 + len(page.others)}
