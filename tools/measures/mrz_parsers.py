"""Our parser of zones beside npm's `mrz` and PyPI's, over worked examples, corner cases and drawn zones.

Where one differs from ours, a row of docs/mrz-parsers.md says what it does and why that is wrong, by the
standard's clause.  A difference without such a reason misses the target, and so does a page that no longer
says what was measured.
"""

import json
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measures import Figure, Measurement, at_most, shown
from measures.rigs.environments import NODE, NODE_PINS, PINS, node_package, python_of
from measures.rigs.mrz_differences import REASONS
from measures.rigs.mrz_zones import Zone, zones
from measures.rigs.scratch import ROOT
from mrz.document import Status
from mrz.parsing import parse

PARSERS = ("npm", "pypi")
SCRIPTS = ROOT / "tools" / "proof" / "parsers"
PAGE = ROOT / "docs" / "mrz-parsers.md"
FIELDS = (
    "accepted",
    "checks",
    "number",
    "surname",
    "given_names",
    "birth",
    "expiry",
    "sex",
    "issuer",
    "nationality",
)
NAMES = (
    "mrz-parser-npm-agreement",
    "mrz-parser-pypi-agreement",
    "mrz-parser-unexplained",
    "mrz-parser-page-drift",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a zone that a parser reads otherwise; `field` is `zone` where it reads nothing at all."""

    parser: str
    zone: Zone
    field: str
    ours: str
    theirs: str


def run(full: bool) -> list[Figure]:
    every = zones()
    found = {parser: differences(parser, every) for parser in PARSERS}
    figures: list[Figure] = []
    for name, parser in zip(NAMES[:2], PARSERS, strict=True):
        differing = {one.zone.lines for one in found[parser]}
        share = 1 - len(differing) / len(every)
        what = ", ".join(
            f"{field} {count}" for field, count in Counter(d.field for d in found[parser]).items()
        )
        figures.append(
            shown(name, share, f"of {len(every)} zones read alike", f"differences: {what or 'none'}")
        )
    unexplained = [one for of in found.values() for one in of if _key(one) not in REASONS]
    first = {f"{one.parser}, {one.zone.group}, {one.field}" for one in unexplained}
    figures.append(at_most(NAMES[2], len(unexplained), "differences", 0, "; ".join(sorted(first))))
    stale = not PAGE.exists() or PAGE.read_text("utf-8") != page(len(every), found)
    hint = "write it anew: .venv/bin/python tools/proof/parser_page.py" if stale else ""
    figures.append(at_most(NAMES[3], int(stale), "pages", 0, hint))
    return figures


def differences(parser: str, every: list[Zone]) -> list[Difference]:
    """What `parser` says of the zones that ours does not say."""
    lines = json.dumps([list(zone.lines) for zone in every])
    done = subprocess.run(_command(parser), input=lines, capture_output=True, text=True, check=True)
    found: list[Difference] = []
    for zone, said in zip(every, json.loads(done.stdout), strict=True):
        found += _differences(parser, zone, said)
    return found


def _command(parser: str) -> list[str | Path]:
    if parser == "npm":
        return [NODE, SCRIPTS / "parse_npm.mjs", node_package("mrz-npm")]
    return [python_of("mrz"), SCRIPTS / "parse_pypi.py"]


def _differences(parser: str, zone: Zone, said: Mapping[str, Any]) -> list[Difference]:
    if "error" in said:
        return [Difference(parser, zone, "zone", "read", said["error"])]
    ours = _ours(zone)
    return [
        Difference(parser, zone, field, str(ours[field]), str(said.get(field)))
        for field in FIELDS
        if not _same(field, ours[field], said.get(field))
    ]


def _same(field: str, ours: object, theirs: object) -> bool:
    if field in ("accepted", "checks"):
        return ours is theirs
    said = str(theirs or "")
    # A filler inside a number is printed as a space, or left out, as one likes.
    return ours == said or (field == "number" and _joined(str(ours)) == _joined(said))


def _joined(number: str) -> str:
    return number.replace("<", "").replace(" ", "")


def _ours(zone: Zone) -> dict[str, object]:
    document = parse(zone.lines)
    return {
        "accepted": document.status is Status.VERIFIED,
        "checks": not document.wrong_check_digits,
        "number": document.number.value,
        "surname": document.names.primary,
        "given_names": document.names.secondary,
        "birth": document.birth.printed,
        "expiry": document.expiry.printed if document.expiry else "",
        "sex": document.sex.value,
        "issuer": document.issuer.value,
        "nationality": document.nationality.value,
    }


def _key(one: Difference) -> tuple[str, str, str]:
    return one.parser, one.zone.group, one.field


def page(count: int, found: Mapping[str, list[Difference]]) -> str:
    """The committed table, from what was measured."""
    names = {"npm": f"npm `{NODE_PINS['mrz-npm']}`", "pypi": f"PyPI `{PINS['mrz'][0]}`"}
    text = [
        "# Where other parsers differ",
        "",
        f"Our parser, {names['npm']} and {names['pypi']} over {count} zones: the worked examples of ICAO",
        "Doc 9303-4 to -7, corner cases, and zones drawn by chance in all formats.  Written by",
        "`tools/proof/parser_page.py`; `make measure ONLY=^mrz-parser` fails when a difference has no reason",
        "here, or when this page is stale.",
        "",
        "`accepted` is the parser's verdict on the whole zone (ours: `verified`), `checks` that all check",
        "digits hold; the cells show the first zone of the row.",
    ]
    for parser in PARSERS:
        text += ["", f"## {names[parser]}", "", "| zones | field | how many | ours | theirs | why |"]
        text += ["| --- | --- | --- | --- | --- | --- |"]
        groups: dict[tuple[str, str, str], list[Difference]] = {}
        for one in found[parser]:
            groups.setdefault(_key(one), []).append(one)
        for key in sorted(groups):
            first = groups[key][0]
            cells = [key[1], key[2], str(len(groups[key])), _code(first.ours), _code(first.theirs)]
            text.append(f"| {' | '.join(cells)} | {REASONS.get(key, 'unexplained')} |")
    return "\n".join(text) + "\n"


def _code(value: str) -> str:
    return f"`{value[:60]}`" if value else "nothing"


MEASUREMENTS = [Measurement(NAMES, run)]
