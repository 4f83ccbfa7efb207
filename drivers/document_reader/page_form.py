"""A page's frames in the body of an HTTP message: one picture as it is, or a multipart body.

    Content-Type: image/jpeg                        one frame under white light
    Content-Type: image/png
    Content-Type: multipart/form-data; boundary=B   one part a frame: the one called `infrared` is that, any
                                                    other name is a frame under white light

as `curl -F white=@page.jpg -F infrared=@page_ir.png` sends it.  The body is whole and bounded when it comes
here.
"""

from drivers.document_reader import FRAMES_MAX
from drivers.document_reader.page_frames import BadPage, Frame
from drivers.http_form import BadForm, boundary_of, parts_in

PICTURE_TYPES = ("image/jpeg", "image/png")
INFRARED = "infrared"


class WrongType(ValueError):
    """A Content-Type that no page has; the message says which are taken."""


def kind_of(content_type: str) -> str:
    """`image/jpeg`, `image/png`, or `multipart/...`.  Raises WrongType."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in PICTURE_TYPES or boundary_of(content_type):
        return kind
    raise WrongType(
        f"Content-Type {content_type[:60]!r}; expected {', '.join(PICTURE_TYPES)}"
        " or multipart/form-data with its boundary"
    )


def frames_in(content_type: str, body: bytes, *, infrared: bool = False) -> list[Frame]:
    """The frames of a body; `infrared` says what a single picture is.  Raises WrongType, BadPage."""
    if kind_of(content_type) in PICTURE_TYPES:
        return [Frame(body, infrared)]
    boundary = boundary_of(content_type)
    assert boundary is not None
    try:
        parts = parts_in(boundary, body, FRAMES_MAX)
    except BadForm as error:
        raise BadPage(str(error)) from None
    return [Frame(part.data, part.name == INFRARED) for part in parts]
