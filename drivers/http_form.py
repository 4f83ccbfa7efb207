"""The parts of a multipart body that came whole: RFC 2046, 5.1; forms are RFC 7578."""

import re
from dataclasses import dataclass

HEADERS_BYTES_MAX = 2048
_BOUNDARY = re.compile(r'\bboundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_NAME = re.compile(rb'\bname\s*=\s*(?:"([^"]*)"|([^\s;"]+))', re.IGNORECASE)


class BadForm(ValueError):
    """No whole multipart body; the message says why."""


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part; `name` and `kind` (its Content-Type without parameters) in lower case, "" for none."""

    name: str
    kind: str
    data: bytes


def boundary_of(content_type: str) -> str | None:
    """The boundary in the Content-Type of a multipart body; None for any other one."""
    found = _BOUNDARY.search(content_type)
    if found is None or not content_type.strip().lower().startswith("multipart/"):
        return None
    return found[1] or found[2]


def parts_in(boundary: str, body: bytes, parts_max: int) -> list[FormPart]:
    """The parts in their order.  Raises BadForm."""
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    pieces = (b"\r\n" + body).split(delimiter, parts_max + 2)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise BadForm(f"a multipart body that does not end, or of more than {parts_max} parts")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> FormPart:
    """One part: blanks behind the boundary, CR LF, fields, an empty line, the data."""
    start = piece.find(b"\r\n")
    end = piece.find(b"\r\n\r\n", max(start, 0), HEADERS_BYTES_MAX)
    if start < 0 or end < 0 or piece[:start].strip():
        raise BadForm("a part of a multipart body without its fields")
    fields = piece[start:end].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    name = kind = b""
    for line in fields.split(b"\r\n"):
        field, _, value = line.partition(b":")
        if field.lower() == b"content-disposition" and (found := _NAME.search(value)):
            name = found[1] or found[2] or b""
        elif field.lower() == b"content-type":
            kind = value.partition(b";")[0]
    return FormPart(_text(name), _text(kind), piece[end + 4 :])


def _text(field: bytes) -> str:
    return field.decode("utf-8", "replace").strip().lower()
