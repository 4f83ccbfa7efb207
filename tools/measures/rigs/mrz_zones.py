"""Zones for parsers to agree on: the standard's worked examples, corner cases, and zones drawn by chance.

Each has a group, which is what is special about it; parsers that differ from ours differ by groups.
"""

import sys
from dataclasses import dataclass, replace
from random import Random

from measures.rigs.mrz_pictures import GENERATOR, SORTS
from mrz.layouts import Format, layout_of
from mrz.parsing import parse
from mrz.writing import Fields, format_lines

DRAWN_OF_EACH = 60


@dataclass(frozen=True, slots=True)
class Zone:
    group: str
    lines: tuple[str, ...]


_WORKED = """
P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<< L898902C36UTO7408122F1204159ZE184226B<<<<<10
I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<< D231458907UTO7408122F1204159<<<<<<<6
I<UTOD231458907<<<<<<<<<<<<<<< 7408122F1204159UTO<<<<<<<<<<<6 ERIKSSON<<ANNA<MARIA<<<<<<<<<<
I<UTOD23145890<7349<<<<<<<<<<< 3407127M9507122UTO<<<<<<<<<<<2 STEVENSON<<PETER<JOHN<<<<<<<<<
I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<< D23145890<UTO3407127M95071227349<<<8
V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<< L8988901C4XXX4009078F96121096ZE184226B<<<<<<
P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<< C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4
"""

_ANNA = Fields(
    format=Format.TD3,
    code="P",
    issuer="SWE",
    number="L898902C3",
    nationality="SWE",
    surname="ERIKSSON",
    given_names="ANNA MARIA",
    birth="740812",
    sex="F",
    expiry="120415",
    optional_1="ZE184226B",
)


def zones() -> list[Zone]:
    """The same list every time."""
    worked = [tuple(row.split()) for row in _WORKED.split("\n") if row]
    return [Zone(_group(lines), lines) for lines in worked + _corners() + _drawn()]


def _corners() -> list[tuple[str, ...]]:
    """What the standard allows and parsers trip over, and check digits that do not hold."""
    card = replace(_ANNA, format=Format.TD1, code="I", optional_1="")
    fields = [
        replace(_ANNA, given_names=""),
        replace(_ANNA, surname="O'CONNOR-SMITH"),
        replace(_ANNA, issuer="RKS", nationality="RKS"),
        replace(_ANNA, issuer="SWE", nationality="XXA"),
        replace(_ANNA, issuer="GBD", nationality="GBD"),
        replace(_ANNA, issuer="QQQ", nationality="QQQ"),
        replace(_ANNA, birth="7408<<"),
        replace(_ANNA, birth="74<<<<"),
        replace(_ANNA, birth=""),
        replace(_ANNA, sex=""),
        replace(_ANNA, number="L8989-02"),
        replace(_ANNA, number="L8"),
        replace(_ANNA, optional_1="ABCDEFGHIJKLMN"),
        replace(_ANNA, given_names="ANNA MARIA CHRISTINA WILHELMINA FREDERIKA"),
        replace(_ANNA, surname="ERIKSSON " * 5),
        replace(_ANNA, code="PE"),
        replace(card, number="D2314589"),
        replace(card, number="D2314589073", optional_1="ABC"),
        replace(card, number="D23145890734567890", code="ID"),
        replace(card, code="AC", format=Format.TD1),
        replace(card, code="C", issuer="D", nationality="D"),
        replace(card, format=Format.TD2, number="D231458907", optional_1="A"),
    ]
    right = [format_lines(each) for each in fields]
    first, second = format_lines(_ANNA)
    wrong = [(first, second[:place] + "5" + second[place + 1 :]) for place in (9, 19, 27, 42, 43)]
    return [*right, ("P<SWE<<ERIKSSON".ljust(44, "<"), second), *wrong]


def _drawn() -> list[tuple[str, ...]]:
    sys.path.insert(0, str(GENERATOR))  # the proof set's people
    try:
        from people import person  # pyright: ignore[reportMissingImports]
    finally:
        sys.path.remove(str(GENERATOR))
    random = Random("zones for parsers")
    return [person(random, sort).lines for sort in SORTS for _ in range(DRAWN_OF_EACH)]


def _group(lines: tuple[str, ...]) -> str:
    """What is special about the zone, the rarest first."""
    document = parse(lines)
    layout = layout_of(lines)
    assert layout is not None
    place = next(check.at for check in layout.checks if check.field == "number")
    if document.wrong_check_digits:
        return "a wrong check digit"
    if document.issuer.value == "UTO":
        return "worked example, state UTO"
    if lines[0].startswith("PNRUS"):
        return "Russian internal passport"
    if document.format is Format.FR_ID:
        return "old French card"
    if "<" in document.birth.printed:
        return "unknown parts of the birth date"
    if lines[0].startswith("V"):
        return f"visa, {document.format}"
    if place.of(lines) == "<":
        return f"long number, {document.format}"
    if document.code.value == "AC":
        return "crew member certificate"
    if any(remark.code == "unknown_state" for remark in document.remarks):
        return "a state that is in no list"
    if document.issuer.value in ("RKS", "XXB") or document.nationality.value in ("RKS", "XXB"):
        return "a code in use that ISO has not"
    if not document.names.primary:
        return "surname empty"
    if not document.names.secondary:
        return "one name alone"
    if document.format is Format.TD3 and lines[1][42] == "<":
        return "filler as check digit 43"
    if document.names.truncated:
        return "names that fill their field"
    if document.number.printed.strip("<") != document.number.value:
        return "filler inside the number"
    return f"plain {document.format}"
