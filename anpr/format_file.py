"""The format table's file: TOML to a checked `formats.Table`, every mistake with its line and its key."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

from anpr.alphabet import INDEX
from anpr.formats import GROUNDS, KINDS, Format, FormatTableError, Marking, Table
from anpr.sequences import NotFinite, groups_of, spell_out

_TEXTS = ("country", "series", "kind", "regex", "source")
_KEYS = {*_TEXTS, "display", "lines", "two_line", "ground", "until", "prior", "digits"}
DIGITS = ("western", "persian")
_MARKS = ("what", "regex", "source")
_REQUIRED = (*_TEXTS, "lines", "ground", "prior")


def read(toml: str) -> Table:
    """See `formats.parse`."""
    try:
        data = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise FormatTableError(f"the plate format table is not TOML: {error}") from error
    mistakes: list[str] = []
    alphabets = _section(data, "alphabets", str, mistakes)
    sources = {"unverified", *_section(data, "sources", str, mistakes)}
    priors = _section(data, "priors", (int, float), mistakes)
    edition = str(data.get("edition", ""))
    try:
        dated = date.fromisoformat(edition)
    except ValueError:
        mistakes.append(f"edition: expected a date such as 2026-11-24, found {edition!r}")
        dated = date.min
    blocks = _blocks(toml, data, "format", mistakes)
    if not blocks:
        mistakes.append("no [[format]] block")
    formats: list[Format] = []
    for one in blocks:
        form = one.format(alphabets, sources, priors)
        mistakes += one.mistakes
        if form is not None:
            formats.append(form)
    markings: list[Marking] = []
    for one in _blocks(toml, data, "marking", mistakes):
        marking = one.marking(sources)
        mistakes += one.mistakes
        if marking is not None:
            markings.append(marking)
    names = [form.name for form in formats]
    mistakes += [
        f"{name}: stands twice" for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if mistakes:
        raise FormatTableError("the plate format table: " + "; ".join(mistakes))
    return Table(dated, tuple(_shared_out(formats, priors)), tuple(markings))


def _blocks(toml: str, data: Mapping[str, Any], name: str, mistakes: list[str]) -> "list[_Block]":
    blocks: Any = data.get(name, [])
    lines = _lines_of(toml, name)
    if not isinstance(blocks, list) or len(cast(list[Any], blocks)) != len(lines):
        mistakes.append(f"each {name} must be a block under [[{name}]]")
        return []
    return [_Block(*each) for each in zip(cast(list[dict[str, Any]], blocks), lines, strict=True)]


def _shared_out(formats: list[Format], priors: Mapping[str, float]) -> list[Format]:
    """A country's frequency divided among its series."""
    sums: dict[str, float] = {}
    for form in formats:
        sums[form.country] = sums.get(form.country, 0.0) + form.prior
    return [
        replace(form, prior=float(priors[form.country]) * form.prior / (sums[form.country] or 1.0))
        for form in formats
    ]


def _section(
    data: Mapping[str, Any], key: str, kind: type | tuple[type, ...], mistakes: list[str]
) -> dict[str, Any]:
    section: Any = data.get(key, {})
    if isinstance(section, dict):
        values = cast(dict[str, Any], section)
        if all(isinstance(value, kind) and not isinstance(value, bool) for value in values.values()):
            return values
    mistakes.append(f"[{key}]: expected names with {'strings' if kind is str else 'numbers'}")
    return {}


def _lines_of(toml: str, name: str) -> list[dict[str, int]]:
    """For each [[name]] block the line of its header (under "") and of each key: TOML readers tell none."""
    found: list[dict[str, int]] = []
    inside = False
    for number, line in enumerate(toml.splitlines(), 1):
        if line.lstrip().startswith("["):
            inside = re.match(rf"\s*\[\[\s*{name}\s*\]\]", line) is not None
            if inside:
                found.append({"": number})
        elif inside and (key := re.match(r"\s*(\w+)\s*=", line)):
            found[-1].setdefault(key[1], number)
    return found


class _Block:
    """One `[[format]]` or `[[marking]]` block under check."""

    def __init__(self, block: Mapping[str, Any], lines: Mapping[str, int]) -> None:
        self.block, self.lines = block, lines
        self.mistakes: list[str] = []
        self.name = block.get("what") or f"{block.get('country', '?')} {block.get('series', '?')}"

    def check(self, good: bool, key: str, message: str) -> None:
        if not good:
            line = self.lines.get(key, self.lines[""])
            self.mistakes.append(f"line {line}: {self.name}: {key + ': ' if key else ''}{message}")

    def format(
        self, alphabets: Mapping[str, str], sources: set[str], priors: Mapping[str, float]
    ) -> Format | None:
        block = self.block
        for key in sorted(set(block) - _KEYS):
            self.check(False, key, "unknown key")
        for key in _REQUIRED:
            self.check(key in block, "", f"{key} is missing")
        for key in (*_TEXTS, "display", "two_line", "until"):
            self.check(isinstance(block.get(key, ""), str), key, "expected a string")
        for key in ("lines", "ground"):
            self.check(isinstance(block.get(key, []), list) and block.get(key) != [], key, "expected a list")
        if self.mistakes:
            return None
        country = block["country"]
        self.check(bool(re.fullmatch("[A-Z]{2}", country)), "country", "must be two capital letters")
        self.check(country in priors, "country", f"[priors] has no {country}")
        self.check(block["kind"] in KINDS, "kind", f"{block['kind']!r} is none of {', '.join(KINDS)}")
        self.check(all(line in (1, 2) for line in block["lines"]), "lines", "must hold 1, 2 or both")
        self.check(all(one in GROUNDS for one in block["ground"]), "ground", f"must be of {GROUNDS}")
        digits = block.get("digits", "western")
        self.check(digits in DIGITS, "digits", f"{digits!r} is none of {', '.join(DIGITS)}")
        self._source_and_prior(sources)
        pattern = self._pattern(alphabets)
        until = self._until()
        if pattern is None or self.mistakes:
            return None
        two_line = self._two_line(pattern.groups)
        display = block.get("display") or " ".join(f"\\{group + 1}" for group in range(pattern.groups))
        if self.mistakes:
            return None
        return Format(
            country=country,
            series=block["series"],
            kind=block["kind"],
            pattern=pattern,
            display=display,
            lines=frozenset(block["lines"]),
            two_line=two_line,
            ground=frozenset(block["ground"]),
            until=until,
            prior=float(block["prior"]),
            source=block["source"],
            persian=digits == "persian",
        )

    def marking(self, sources: set[str]) -> Marking | None:
        block = self.block
        for key in sorted(set(block) - {*_MARKS, "prior"}):
            self.check(False, key, "unknown key")
        for key in _MARKS:
            self.check(isinstance(block.get(key), str), key, "expected a string")
        if self.mistakes:
            return None
        self._source_and_prior(sources)
        pattern = self._pattern({})
        if pattern is None or self.mistakes:
            return None
        return Marking(block["what"], pattern, float(block["prior"]), block["source"])

    def _source_and_prior(self, sources: set[str]) -> None:
        source, prior = self.block["source"], self.block.get("prior")
        self.check(source in sources, "source", f"{source!r} is not under [sources]")
        self.check(
            isinstance(prior, int | float) and not isinstance(prior, bool) and prior >= 0,
            "prior",
            f"expected a number, 0 or more, found {prior!r}",
        )

    def _until(self) -> date | None:
        try:
            return date.fromisoformat(self.block["until"]) if "until" in self.block else None
        except ValueError as error:
            self.check(False, "until", str(error))
            return None

    def _pattern(self, alphabets: Mapping[str, str]) -> re.Pattern[str] | None:
        sets = {name: f"[{letters}]" for name, letters in alphabets.items()}
        regex = re.sub(r"<(\w+)>", lambda found: sets.get(found[1], found[0]), self.block["regex"])
        self.check("<" not in regex, "regex", f"an alphabet that is not under [alphabets]: {regex}")
        try:
            # ASCII: the canonical text has Western digits; a stray Devanagari digit must not pass as one.
            pattern = re.compile(regex, re.ASCII)
            self.check(pattern.groups > 0, "regex", "no group to print")
            if self.block.get("kind") != "catch_all" and "<" not in regex:
                for group in groups_of(regex):
                    spelled = {one for places in spell_out(group) for place in places for one in place}
                    odd = "".join(sorted(spelled - INDEX.keys()))
                    self.check(not odd, "regex", f"characters outside of the plate alphabet: {odd}")
        except (re.error, NotFinite) as error:
            self.check(False, "regex", str(error))
            return None
        return pattern

    def _two_line(self, groups: int) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
        said = self.block.get("two_line")
        self.check((said is not None) == (2 in self.block["lines"]), "two_line", "goes with lines = [2]")
        if said is None:
            return None
        top, _, bottom = said.partition("/")
        try:
            order = tuple(int(one) for one in top.split()), tuple(int(one) for one in bottom.split())
        except ValueError:
            order = (), ()
        every = sorted((*order[0], *order[1]))
        self.check(
            every == list(range(1, groups + 1)),
            "two_line",
            f"expected each of the {groups} groups once, such as '1 / 3 2', found {said!r}",
        )
        return order
