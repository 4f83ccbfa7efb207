"""The layouts of all series as `countries/*.toml` give them: shapes, and what is printed on them.

A file: `country`, `[letters]` (alphabets by name), `[parts]` (lists of items used in several shapes),
`[shapes.NAME]` with `size` in mm, `lines` and `items`, and `[[series]]` blocks.  A shape that is `of` one of
the `[templates]` is that one with its own values in place of `@row`, `@code` and whatever else it names.  Of
a series: `shapes` and `grounds` it comes in (every combination is a form), `letters` (an alphabet's name),
`groups` (`numbers.py`), `ink`, `format` where the reader's table names it otherwise, `unlisted` where that
table has no such series, `weight` in mixtures.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

GROUNDS: Mapping[str, tuple[str, str]] = {
    "white": ("#F2F2EE", "#0C0C0E"),
    "yellow": ("#F2BE08", "#0C0C0E"),
    "blue": ("#1546A0", "#F4F4F2"),
    "green": ("#1E7A45", "#F4F4F2"),
    "red": ("#B81E2C", "#F4F4F2"),
    "black": ("#141416", "#F4F4F2"),
    "teal": ("#1F8E96", "#F4F4F2"),
    "sand": ("#C8B98A", "#0C0C0E"),
    "cyan": ("#7CC4E4", "#0C0C0E"),
}
"""Colour under the text by name, and the ink that goes with it."""

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """Size in mm, one line or two, what is drawn in order (`drawing.py`), `border` width in mm."""

    name: str
    size: tuple[int, int]
    lines: Literal[1, 2]
    items: tuple[Item, ...]
    border: float = 2.5


@dataclass(frozen=True, slots=True)
class Series:
    """One series of one country, in all its forms."""

    country: str
    name: str
    groups: tuple[str, ...]
    letters: str
    provinces: str
    shapes: tuple[Shape, ...]
    grounds: tuple[str, ...]
    ink: str | None
    display: str
    format: str
    unlisted: str
    weight: float
    former: bool

    @property
    def forms(self) -> tuple[str, ...]:
        """`shape/ground` of every form."""
        return tuple(f"{shape.name}/{ground}" for shape in self.shapes for ground in self.grounds)

    def form(self, name: str) -> tuple[Shape, str]:
        """Shape and ground of a form, of the first one for ""."""
        if not name:
            return self.shapes[0], self.grounds[0]
        shape, _, ground = name.partition("/")
        return next(each for each in self.shapes if each.name == shape), ground


@dataclass(frozen=True, slots=True)
class Country:
    """All series of a country, the present ones first, and the second names printed beside a group."""

    code: str
    series: tuple[Series, ...]
    names: Mapping[str, str] = field(default_factory=dict[str, str])


ORDER = ("KZ", "KG", "UZ", "TJ", "TM", "RU", "CN", "IR", "AF", "TR", "AZ", "GE", "AM", "BY", "UA", "MN", "EU")


@cache
def table() -> Mapping[str, Country]:
    """Every country, in the order of `ORDER`."""
    folder = resources.files("simulators.render.plates").joinpath("countries")
    return {
        code: _country(
            tomllib.loads(folder.joinpath(f"{code.lower()}.toml").read_text(encoding="utf-8"))
        )
        for code in ORDER
    }  # fmt: skip


@cache
def flags() -> Mapping[str, list[list[Any]]]:
    """The shapes of each flag (`drawing.py`)."""
    text = resources.files("simulators.render.plates").joinpath("flags.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["flags"]


def _country(data: dict[str, Any]) -> Country:
    parts: dict[str, list[Item]] = data.get("parts", {})
    templates: dict[str, dict[str, Any]] = data.get("templates", {})
    shapes = {
        name: _shape(name, _filled(templates[block["of"]], block) if "of" in block else block, parts)
        for name, block in data["shapes"].items()
    }
    letters: dict[str, str] = data["letters"]
    provinces = letters.get("provinces", "")
    series = tuple(
        Series(
            country=data["country"],
            name=block["name"],
            groups=tuple(block["groups"]),
            letters=letters[block.get("letters", "main")],
            provinces=provinces,
            shapes=tuple(shapes[name] for name in block["shapes"]),
            grounds=tuple(block.get("grounds", ["white"])),
            ink=block.get("ink"),
            display=block.get("display", " ".join(f"{{{n}}}" for n in range(len(block["groups"])))),
            format=block.get("format", block["name"]),
            unlisted=block.get("unlisted", ""),
            weight=block.get("weight", 1.0),
            former=block.get("former", False),
        )
        for block in data["series"]
    )
    return Country(data["country"], series, data.get("names", {}))


def _filled(template: dict[str, Any], block: dict[str, Any]) -> dict[str, Any]:
    def put(value: Any) -> Any:
        return block[value[1:]] if isinstance(value, str) and value.startswith("@") else value

    items = [
        {key: put(value) for key, value in item.items()} if isinstance(item, dict) else item
        for item in template["items"]
    ]
    return template | {"items": items} | {key: value for key, value in block.items() if key == "size"}


def _shape(name: str, block: dict[str, Any], parts: dict[str, list[Item]]) -> Shape:
    items: list[Item] = []
    for item in block["items"]:
        items.extend(parts[item[1:]] if isinstance(item, str) else [item])
    width, height = block["size"]
    lines: Literal[1, 2] = 2 if block.get("lines", 1) == 2 else 1
    return Shape(name, (width, height), lines, tuple(items), block.get("border", 2.5))
