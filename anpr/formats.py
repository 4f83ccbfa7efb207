"""Which legal plate formats a text fits, and which country that leaves.

The formats are data (`formats.toml`: dated, a source or `unverified` for each line).  The text alone does not
name the country: `01123ABC` is a legal plate of Kyrgyzstan and of Uzbekistan.  Where two countries remain the
country is unknown (None), never a guess; a reader that saw the band, the code letters or the colour narrows
the question with `ground`, `lines` and `codes`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources

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
    the series is printed.  `two_line` are the groups on the top and on the bottom line of a two-line plate,
    counted from 1; the bottom is empty where a text runs over both.  `persian` are those whose digits are
    printed as Persian ones, whatever their letters.  `until` is the last day of issue, None
    while the series is issued; such plates stay on the road.  `prior` is how frequent the series is among all
    plates of a lane, in no unit.  `source` says where the line was read, or is `unverified`.
    """

    country: str
    series: str
    kind: str
    pattern: re.Pattern[str]
    display: str
    lines: frozenset[int]
    two_line: tuple[tuple[int, ...], tuple[int, ...]] | None
    ground: frozenset[str]
    until: date | None
    prior: float
    source: str
    persian: bool = False

    @property
    def name(self) -> str:
        """The country and the series: `KZ 2012 private`."""
        return f"{self.country} {self.series}"

    @property
    def specific(self) -> bool:
        """Whether fitting this format says anything: a catch-all fits nearly every text."""
        return self.kind != "catch_all"


@dataclass(frozen=True, slots=True)
class Marking:
    """What is written on vehicles and their loads by another rule, and has the form of a plate.  `pattern` is
    matched against the whole canonical text; `prior` is how frequent it is where a plate may be, on the scale
    of `Format.prior` (0: never)."""

    what: str
    pattern: re.Pattern[str]
    prior: float
    source: str


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
    markings: tuple[Marking, ...] = ()

    def with_priors(self, priors: Mapping[str, float]) -> "Table":
        """The table of a site that knows its traffic: each name is a country (`TJ`) or a series (`KZ 1993
        private`) or what a marking is, each number how many times more frequent it is here than the table
        says; 0: never.

        Raises FormatTableError for a name that the table lacks, and for a negative number.
        """
        names = {form.country for form in self.formats} | {form.name for form in self.formats}
        names |= {one.what for one in self.markings}
        mistakes = [
            f"{name!r} is no country, no series of it and no marking" for name in priors.keys() - names
        ]
        mistakes += [
            f"{name!r}: expected 0 or more, found {much!r}"
            for name, much in priors.items()
            if not 0 <= much < 1e6
        ]
        if mistakes:
            raise FormatTableError("priors of the plate format table: " + "; ".join(sorted(mistakes)))
        return replace(
            self,
            formats=tuple(
                replace(form, prior=form.prior * priors.get(form.country, 1) * priors.get(form.name, 1))
                for form in self.formats
            ),
            markings=tuple(replace(one, prior=one.prior * priors.get(one.what, 1)) for one in self.markings),
        )

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
    """A table from its TOML text; raises FormatTableError with all mistakes at once, each with its line."""
    from anpr.format_file import read

    return read(toml)
