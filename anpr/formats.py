"""Which legal plate formats a text fits, and which country that leaves.

The formats are data (`formats.toml`: dated, a source or `unverified` for each line).  The text alone does not
name the country: `01123ABC` is a legal plate of Kyrgyzstan and of Uzbekistan.  Where two countries remain the
country is unknown (None), never a guess; a reader that saw the band, the code letters or the colour narrows
the question with `ground`, `lines` and `codes`.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, cast

GROUNDS = ("white", "yellow", "blue", "green", "red", "black")
KINDS = (
    "private", "organisation", "government", "police", "military", "diplomatic", "foreign", "trailer",
    "motorcycle", "tractor", "taxi", "transit", "temporary", "special", "catch_all",
)  # fmt: skip


class FormatTableError(ValueError):
    """The format table can't be used; the message lists every mistake with its line's country and series."""


@dataclass(frozen=True, slots=True)
class Format:
    """One legal series of one country.

    `pattern` is matched against the whole canonical text, its groups are the groups as printed; `display` is
    the template that `re.Match.expand` takes.  `lines` and `ground` say on how many lines and which colours
    the series is printed.  `until` is the last day of issue, None while the series is issued; such plates
    stay on the road.  `source` says where the line was read, or is `unverified`.
    """

    country: str
    series: str
    kind: str
    pattern: re.Pattern[str]
    display: str
    lines: frozenset[int]
    ground: frozenset[str]
    until: date | None
    source: str

    @property
    def specific(self) -> bool:
        """Whether fitting this format says anything: a catch-all fits nearly every text."""
        return self.kind != "catch_all"


@dataclass(frozen=True, slots=True)
class Match:
    """The formats that one canonical text fits, in the table's order."""

    text: str
    formats: tuple[Format, ...]

    @property
    def known(self) -> bool:
        """True when some country issues plates of this form (a catch-all alone does not count)."""
        return any(form.specific for form in self.formats)

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries left: of the specific formats, or of the catch-alls where no specific one fits."""
        chosen = [form for form in self.formats if form.specific] or self.formats
        return tuple(dict.fromkeys(form.country for form in chosen))

    @property
    def country(self) -> str | None:
        """The only country left of the specific formats; None when there are two or none."""
        countries = self.countries
        return countries[0] if self.known and len(countries) == 1 else None

    @property
    def display(self) -> str:
        """The text as printed, grouped as its first format groups it; the bare text where none fits."""
        chosen = next((form for form in self.formats if form.specific), None)
        found = chosen.pattern.fullmatch(self.text) if chosen else None
        return found.expand(chosen.display).strip() if found and chosen else self.text


@dataclass(frozen=True, slots=True)
class Table:
    """A format table as loaded; `edition` is its date."""

    edition: date
    formats: tuple[Format, ...]

    def match(
        self,
        text: str,
        *,
        lines: int | None = None,
        ground: str | None = None,
        codes: frozenset[str] = frozenset(),
    ) -> Match:
        """The formats that a canonical `text` fits whole.

        `lines` (1 or 2) and `ground` (one of `GROUNDS`) leave out series that are never printed so; `codes`
        are country letters that were seen beside the text (KZ, UZ ...): where one of them is the country of a
        fitting format, the other countries are left out.
        """
        found = tuple(
            form
            for form in self.formats
            if (lines is None or lines in form.lines)
            and (ground is None or ground in form.ground)
            and form.pattern.fullmatch(text)
        )
        confirmed = tuple(form for form in found if form.specific and form.country in codes)
        return Match(text, confirmed or found)


def match(
    text: str, *, lines: int | None = None, ground: str | None = None, codes: frozenset[str] = frozenset()
) -> Match:
    """`Table.match` with the table that ships with the program."""
    return table().match(text, lines=lines, ground=ground, codes=codes)


@cache
def table() -> Table:
    """The table that ships with the program, read once."""
    return parse(resources.files("anpr").joinpath("formats.toml").read_text(encoding="utf-8"))


def parse(toml: str) -> Table:
    """A table from its TOML text; raises FormatTableError with all mistakes at once."""
    try:
        data = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise FormatTableError(f"the plate format table is not TOML: {error}") from error
    mistakes: list[str] = []
    alphabets = {name: f"[{letters}]" for name, letters in _strings(data, "alphabets", mistakes).items()}
    sources = {"unverified", *_strings(data, "sources", mistakes)}
    blocks: Any = data.get("format", [])
    formats = [_format(block, alphabets, sources, mistakes) for block in blocks]
    edition = str(data.get("edition", ""))
    try:
        dated = date.fromisoformat(edition)
    except ValueError:
        mistakes.append(f"edition: expected a date such as 2026-11-24, found {edition!r}")
        dated = date.min
    if not formats:
        mistakes.append("no [[format]] block")
    if mistakes:
        raise FormatTableError("the plate format table: " + "; ".join(mistakes))
    return Table(dated, tuple(form for form in formats if form))


def _strings(data: dict[str, Any], key: str, mistakes: list[str]) -> dict[str, str]:
    section = data.get(key, {})
    if isinstance(section, dict) and all(
        isinstance(value, str) for value in cast(dict[str, object], section).values()
    ):
        return cast(dict[str, str], section)
    mistakes.append(f"[{key}]: expected names with strings")
    return {}


_KEYS = {"country", "series", "kind", "regex", "display", "lines", "ground", "until", "source"}


def _format(
    block: dict[str, Any], alphabets: dict[str, str], sources: set[str], mistakes: list[str]
) -> Format | None:
    where = f"{block.get('country', '?')} {block.get('series', '?')}"
    before = len(mistakes)

    def check(good: bool, message: str) -> None:
        if not good:
            mistakes.append(f"{where}: {message}")

    for key in sorted(set(block) - _KEYS):
        check(False, f"unknown key {key!r}")
    for key in sorted(_KEYS - {"display", "until"} - set(block)):
        check(False, f"{key} is missing")
    if len(mistakes) > before:
        return None
    check(bool(re.fullmatch("[A-Z]{2}", str(block["country"]))), "country must be two capital letters")
    check(block["kind"] in KINDS, f"kind {block['kind']!r} is none of {', '.join(KINDS)}")
    check(block["source"] in sources, f"source {block['source']!r} is not under [sources]")
    check(set(block["lines"]) <= {1, 2} and bool(block["lines"]), "lines must hold 1, 2 or both")
    check(set(block["ground"]) <= set(GROUNDS) and bool(block["ground"]), f"ground must be of {GROUNDS}")
    check(isinstance(block.get("until", "2000-01-01"), str), "until must be a date in quotes")
    regex = re.sub(r"<(\w+)>", lambda found: alphabets.get(found[1], found[0]), str(block["regex"]))
    check("<" not in regex, f"regex names an alphabet that is not under [alphabets]: {block['regex']}")
    try:
        # ASCII: the canonical text has Western digits; a stray Devanagari digit must not pass as one.
        pattern = re.compile(regex, re.ASCII)
        until = date.fromisoformat(block["until"]) if "until" in block else None
    except (re.error, ValueError) as error:
        check(False, f"{error}")
        return None
    check(pattern.groups > 0, "regex has no group to print")
    display = block.get("display") or " ".join(f"\\{group + 1}" for group in range(pattern.groups))
    if len(mistakes) > before:
        return None
    return Format(
        country=block["country"],
        series=block["series"],
        kind=block["kind"],
        pattern=pattern,
        display=display,
        lines=frozenset(block["lines"]),
        ground=frozenset(block["ground"]),
        until=until,
        source=block["source"],
    )
