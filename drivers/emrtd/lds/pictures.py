"""Pictures outside face records: displayed portrait and signature, DG5 to DG7 (9303-10, 4.7.5 to 4.7.7)."""

from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds.templates import elements, open_group

PICTURES_MAX = 9


def parse(data: bytes, number: int, tag: int) -> tuple[bytes, ...]:
    """The undecoded pictures with this tag, in their order; empty ones are none.  Raises MalformedError."""
    nodes, _ = elements(open_group(data, number).value)
    pictures = tuple(node.value for node in nodes if node.tag == tag and node.value)
    if len(pictures) > PICTURES_MAX:
        raise MalformedError(f"DG{number}: {len(pictures)} pictures, at most {PICTURES_MAX}")
    return pictures
