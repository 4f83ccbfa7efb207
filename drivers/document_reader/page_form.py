"""A page's frames in the body of an HTTP message: one picture as it is, or a multipart body.

    Content-Type: image/jpeg                        one frame under white light
    Content-Type: image/png
    Content-Type: multipart/form-data; boundary=B   one part a frame: the one called `infrared` is that, any
                                                    other name is a frame under white light

as `curl -F white=@page.jpg -F infrared=@page_ir.png` sends it (RFC 2046, 5.1; RFC 7578).  The body is whole
and bounded when it comes here.
"""

import re

from drivers.document_reader import FRAMES_MAX
from drivers.document_reader.page_frames import BadPage, Frame

PICTURE_TYPES = ("image/jpeg", "image/png")
INFRARED = "infrared"
HEADERS_BYTES_MAX = 2048
_BOUNDARY = re.compile(r'\bboundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_NAME = re.compile(rb'\bname\s*=\s*(?:"([^"]*)"|([^\s;"]+))', re.IGNORECASE)


class WrongType(ValueError):
    """A Content-Type that no page has; the message says which are taken."""


def kind_of(content_type: str) -> str:
    """`image/jpeg`, `image/png`, or `multipart/...`.  Raises WrongType."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in PICTURE_TYPES or (kind.startswith("multipart/") and _BOUNDARY.search(content_type)):
        return kind
    raise WrongType(
        f"Content-Type {content_type[:60]!r}; expected {', '.join(PICTURE_TYPES)}"
        " or multipart/form-data with its boundary"
    )


def frames_in(content_type: str, body: bytes, *, infrared: bool = False) -> list[Frame]:
    """The frames of a body; `infrared` says what a single picture is.  Raises WrongType, BadPage."""
    if kind_of(content_type) in PICTURE_TYPES:
        return [Frame(body, infrared)]
    found = _BOUNDARY.search(content_type)
    assert found is not None
    delimiter = b"\r\n--" + (found[1] or found[2]).encode("latin-1", "replace")
    pieces = (b"\r\n" + body).split(delimiter, FRAMES_MAX + 2)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise BadPage(f"a multipart body that does not end, or of more than {FRAMES_MAX} parts")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Frame:
    """One part: blanks behind the boundary, CR LF, fields, an empty line, the picture."""
    start = piece.find(b"\r\n")
    end = piece.find(b"\r\n\r\n", max(start, 0), HEADERS_BYTES_MAX)
    if start < 0 or end < 0 or piece[:start].strip():
        raise BadPage("a part of a multipart body without its fields")
    fields = piece[start:end].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    name = b""
    for line in fields.split(b"\r\n"):
        if line.lower().startswith(b"content-disposition:") and (found := _NAME.search(line)):
            name = found[1] or found[2] or b""
    return Frame(piece[end + 4 :], name.strip().lower() == INFRARED.encode())
