"""DG11 and DG12 alike: a tag list, then optional elements, some of them grouped (9303-10, 4.7.11 and 4.7.12).

Real files list what they lack, hold what they do not list, leave elements empty and add their own: whatever
can be read is, the rest is kept as it came.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from drivers.emrtd import tlv
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds.templates import TAG_LIST, elements, open_group, tags_in

GROUPED = 0xA0
"""Repeated elements stand within it, after their count."""
ELEMENTS_MAX = 256


@dataclass(frozen=True, slots=True)
class Details:
    """`listed` and `present` are tags in the file's order, empty elements among the present.  `unknown` are
    elements that the standard does not have here; `rest` is what no longer was TLV."""

    listed: tuple[int, ...]
    present: tuple[int, ...]
    values: dict[int, tuple[bytes, ...]] = field(repr=False)
    unknown: tuple[tuple[int, bytes], ...] = field(repr=False)
    rest: bytes = field(repr=False)

    def first(self, tag: int) -> bytes:
        """The first element's value that is not empty, else no bytes."""
        return next(iter(self.all(tag)), b"")

    def all(self, tag: int) -> tuple[bytes, ...]:
        """Values of the elements with this tag, without empty ones."""
        return tuple(value for value in self.values.get(tag, ()) if value)

    @property
    def list_differs(self) -> bool:
        """Whether the tag list names other elements than there are."""
        return set(self.listed) - {GROUPED} != set(self.present)


def parse(data: bytes, number: int, known: Collection[int]) -> Details:
    """Raises MalformedError if the file is not this data group at all."""
    nodes, rest = elements(open_group(data, number).value)
    if rest and not nodes:
        raise MalformedError(f"DG{number}: no element in it")
    listed: tuple[int, ...] = ()
    flat: list[tlv.Node] = []
    for node in nodes:
        if node.tag == TAG_LIST:
            listed = tags_in(node.value)
        elif node.tag == GROUPED:
            flat += [inner for inner in elements(node.value, node.depth + 1)[0] if inner.tag in known]
        else:
            flat.append(node)
    if len(flat) > ELEMENTS_MAX:
        raise MalformedError(f"DG{number}: over {ELEMENTS_MAX} elements")
    values: dict[int, tuple[bytes, ...]] = {}
    for node in flat:
        values[node.tag] = (*values.get(node.tag, ()), node.value)
    unknown = tuple((node.tag, node.value) for node in flat if node.tag not in known)
    return Details(listed, tuple(values), values, unknown, rest)
