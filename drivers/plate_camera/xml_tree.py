"""XML from a camera, as a small tree.

Anything may stand in it: document types are refused, so that no entity is ever expanded, and size and depth
are bounded.  Names are told without their namespaces, since makers differ in these and not in the names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

BYTES_MAX = 512 * 1024
"""Where the caller says nothing else."""
ELEMENTS_MAX = 5000
DEPTH_MAX = 40


class BadXml(ValueError):
    """Not a whole XML document of sane size; the message says why."""


@dataclass(slots=True)
class Element:
    """One element; `name` and the keys of `attributes` without namespace, `text` what stands in it before and
    between its children, stripped."""

    name: str
    namespace: str = ""
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    children: list["Element"] = field(default_factory=list["Element"])
    text: str = ""

    def walk(self) -> "Iterator[Element]":
        """This element and all below it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, name: str) -> "Element | None":
        """The first element below of this name, at any depth."""
        return next((one for one in self.walk() if one is not self and one.name == name), None)

    def value(self, name: str) -> str:
        """The text of the first element below of this name; "" without one."""
        found = self.find(name)
        return "" if found is None else found.text


class _Builder:
    def __init__(self) -> None:
        self.open: list[tuple[Element, list[str]]] = []
        self.root: Element | None = None
        self.count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > ELEMENTS_MAX or len(self.open) >= DEPTH_MAX:
            raise BadXml(f"more than {ELEMENTS_MAX} elements, or deeper than {DEPTH_MAX}")
        namespace, _, local = name.rpartition(" ")
        element = Element(
            local, namespace, {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        )
        if self.open:
            self.open[-1][0].children.append(element)
        else:
            self.root = element
        self.open.append((element, []))

    def end(self, name: str) -> None:
        element, texts = self.open.pop()
        element.text = "".join(texts).strip()

    def text(self, data: str) -> None:
        if self.open:
            self.open[-1][1].append(data)


def _refuse(*_: object) -> None:
    raise BadXml("it declares a document type, which no camera needs")


def parse(data: bytes, bytes_max: int = BYTES_MAX) -> Element:
    """The document's root.  Raises BadXml."""
    if len(data) > bytes_max:
        raise BadXml(f"{len(data)} bytes; at most {bytes_max}")
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(data.strip(b"\0 \t\r\n"), True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadXml(str(error)) from None
    if builder.root is None:
        raise BadXml("it is empty")
    return builder.root
